//! Roles and the scopes they carry (contract § 1).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::{Scope, ScopeSet};

/// What kind of user one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Keeps their own saves and devices.
    User,
    /// May also change the catalogue.
    Editor,
    /// May do everything.
    Admin,
}

const USER_SCOPES: ScopeSet = ScopeSet::of(&[
    Scope::MeRead,
    Scope::MeWrite,
    Scope::RomsRead,
    Scope::RomsUserRead,
    Scope::RomsUserWrite,
    Scope::PlatformsRead,
    Scope::AssetsRead,
    Scope::AssetsWrite,
    Scope::DevicesRead,
    Scope::DevicesWrite,
    Scope::FirmwareRead,
    Scope::CollectionsRead,
    Scope::CollectionsWrite,
    Scope::PlaylistsRead,
    Scope::PlaylistsWrite,
]);

const EDITOR_SCOPES: ScopeSet =
    USER_SCOPES.union(ScopeSet::of(&[Scope::RomsWrite, Scope::PlatformsWrite, Scope::FirmwareWrite]));

impl Role {
    /// Every scope the role carries.
    pub const fn scopes(self) -> ScopeSet {
        match self {
            Role::User => USER_SCOPES,
            Role::Editor => EDITOR_SCOPES,
            Role::Admin => ScopeSet::ALL,
        }
    }

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Role::User => "user",
            Role::Editor => "editor",
            Role::Admin => "admin",
        }
    }
}

/// A name that is no role.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("unknown role `{0}`, expected user, editor or admin")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;

    /// Reads a role's name; `viewer`, which some clients send, is a user.
    fn from_str(name: &str) -> Result<Self, UnknownRole> {
        match name.to_ascii_lowercase().as_str() {
            "user" | "viewer" => Ok(Role::User),
            "editor" => Ok(Role::Editor),
            "admin" => Ok(Role::Admin),
            _ => Err(UnknownRole(name.to_owned())),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_carries_the_scopes_of_the_one_below() {
        assert!(Role::User.scopes().is_subset_of(Role::Editor.scopes()));
        assert!(Role::Editor.scopes().is_subset_of(Role::Admin.scopes()));
        assert!(!Role::User.scopes().contains(Scope::UsersRead));
        assert!(!Role::Editor.scopes().contains(Scope::LogsRead));
        assert_eq!(Role::Admin.scopes(), ScopeSet::ALL);
    }

    #[test]
    fn a_viewer_is_a_user_and_nonsense_is_an_error() {
        assert_eq!("viewer".parse(), Ok(Role::User));
        assert_eq!("ADMIN".parse(), Ok(Role::Admin));
        assert!("owner".parse::<Role>().is_err());
    }
}
