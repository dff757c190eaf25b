//! Scopes: what a credential may do (contract § 1).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

macro_rules! scopes {
    ($($variant:ident = $name:literal,)*) => {
        /// One permission. The names are the wire's.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "each variant is its wire name")]
        pub enum Scope { $($variant,)* }

        impl Scope {
            /// Every scope.
            pub const ALL: [Scope; [$($name),*].len()] = [$(Scope::$variant),*];

            /// The name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Scope::$variant => $name,)* }
            }
        }
    };
}

scopes! {
    MeRead = "me.read",
    MeWrite = "me.write",
    RomsRead = "roms.read",
    RomsWrite = "roms.write",
    RomsUserRead = "roms.user.read",
    RomsUserWrite = "roms.user.write",
    PlatformsRead = "platforms.read",
    PlatformsWrite = "platforms.write",
    AssetsRead = "assets.read",
    AssetsWrite = "assets.write",
    DevicesRead = "devices.read",
    DevicesWrite = "devices.write",
    FirmwareRead = "firmware.read",
    FirmwareWrite = "firmware.write",
    CollectionsRead = "collections.read",
    CollectionsWrite = "collections.write",
    PlaylistsRead = "playlists.read",
    PlaylistsWrite = "playlists.write",
    UsersRead = "users.read",
    UsersWrite = "users.write",
    TasksRun = "tasks.run",
    LogsRead = "logs.read",
}

/// A name that is no scope.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("unknown scope `{0}`")]
pub struct UnknownScope(pub String);

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(name: &str) -> Result<Self, UnknownScope> {
        Self::ALL.into_iter().find(|scope| scope.name() == name).ok_or_else(|| UnknownScope(name.to_owned()))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of scopes. As text: the names, sorted, with a space between them (RFC 6749 § 3.3).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ScopeSet(u32);

impl ScopeSet {
    /// No scope.
    pub const EMPTY: Self = Self(0);

    /// Every scope.
    pub const ALL: Self = Self((1 << Scope::ALL.len()) - 1);

    /// The set of the given scopes.
    pub const fn of(scopes: &[Scope]) -> Self {
        let mut bits = 0;
        let mut index = 0;
        while index < scopes.len() {
            bits |= 1 << scopes[index] as u32;
            index += 1;
        }
        Self(bits)
    }

    /// Reads a list of names; duplicates fold.
    ///
    /// # Errors
    /// The first name that is no scope.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownScope> {
        names.into_iter().map(Scope::from_str).collect()
    }

    /// Whether the scope is in the set.
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u32) != 0
    }

    /// Whether nothing is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of this set is in the other.
    pub const fn is_subset_of(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// What is in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The scopes, in the order of their names.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        let mut scopes: Vec<Scope> = Scope::ALL.into_iter().filter(|scope| self.contains(*scope)).collect();
        scopes.sort_by_key(|scope| scope.name());
        scopes.into_iter()
    }

    /// The names, sorted.
    pub fn names(self) -> Vec<&'static str> {
        self.iter().map(Scope::name).collect()
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        scopes.into_iter().fold(Self::EMPTY, |set, scope| set.union(Self::of(&[scope])))
    }
}

impl FromStr for ScopeSet {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Self::parse(text.split_whitespace())
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().join(" "))
    }
}

impl fmt::Debug for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScopeSet({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_22_scopes_and_each_reads_back_from_its_name() {
        assert_eq!(Scope::ALL.len(), 22);
        for scope in Scope::ALL {
            assert_eq!(scope.name().parse(), Ok(scope));
            assert!(ScopeSet::ALL.contains(scope));
        }
    }

    #[test]
    fn a_set_reads_back_from_its_text_sorted_and_without_duplicates() {
        let set: ScopeSet = "roms.read me.read  roms.read".parse().unwrap();
        assert_eq!(set.to_string(), "me.read roms.read");
        assert_eq!("me.read nonsense".parse::<ScopeSet>(), Err(UnknownScope("nonsense".to_owned())));
    }

    #[test]
    fn set_algebra_holds() {
        let read = ScopeSet::of(&[Scope::MeRead, Scope::RomsRead]);
        let write = ScopeSet::of(&[Scope::MeWrite, Scope::RomsRead]);
        assert_eq!(read.intersection(write), ScopeSet::of(&[Scope::RomsRead]));
        assert_eq!(read.difference(write), ScopeSet::of(&[Scope::MeRead]));
        assert!(read.is_subset_of(read.union(write)));
        assert!(!read.is_subset_of(write));
    }
}
