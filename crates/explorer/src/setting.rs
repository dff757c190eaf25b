//! What is explored: which clients, what may happen to them, and how far.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

/// What a device's client does; each is a kind that is met in the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Client {
    /// Hashes its file, and confirms with `downloaded`.
    Hashing,
    /// Hashes its file, and lets the server take a body that was sent for one that arrived.
    Optimistic,
    /// Sends the hash that it last adopted, whatever its file holds by now, and confirms.
    Adopting,
    /// Sends no hash, only size and file time, and confirms.
    Hashless,
}

impl Client {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Hashing, Self::Optimistic, Self::Adopting, Self::Hashless];

    /// The letter it goes by.
    pub const fn letter(self) -> char {
        match self {
            Self::Hashing => 'a',
            Self::Optimistic => 'b',
            Self::Adopting => 'c',
            Self::Hashless => 'd',
        }
    }

    /// The name it gives to the server, which knows the habits of some.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hashing => "grout",
            Self::Optimistic => "optimistic",
            Self::Adopting => "argosy-launcher",
            Self::Hashless => "hashless",
        }
    }

    /// Whether it says `downloaded`.
    pub const fn confirms(self) -> bool {
        !matches!(self, Self::Optimistic)
    }

    /// Whether its entries carry the hash of its file.
    pub const fn hashes_file(self) -> bool {
        matches!(self, Self::Hashing | Self::Optimistic)
    }

    /// Whether its file times differ. The handhelds of those that hash may have no clock: every file is of one time.
    pub(crate) const fn has_clock(self) -> bool {
        !self.hashes_file()
    }
}

/// The clients of one exploration, in the order of their letters: `ab`, `aac`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clients(Vec<Client>);

/// Letters that name no clients.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("clients are 1 to 3 letters of a, b, c, d; not {0:?}")]
pub struct InvalidClients(String);

impl Clients {
    /// Every choice of so many clients, without regard to order.
    pub fn choices(devices: usize) -> Vec<Self> {
        let mut choices = vec![Vec::new()];
        for _ in 0..devices {
            let longer = choices.iter().flat_map(|choice: &Vec<Client>| {
                let from = choice.last().copied().unwrap_or(Client::Hashing);
                Client::ALL.into_iter().filter(move |client| *client >= from).map(|client| {
                    let mut longer = choice.clone();
                    longer.push(client);
                    longer
                })
            });
            choices = longer.collect();
        }
        choices.into_iter().map(Self).collect()
    }

    /// The kinds.
    pub fn kinds(&self) -> &[Client] {
        &self.0
    }
}

impl FromStr for Clients {
    type Err = InvalidClients;

    fn from_str(letters: &str) -> Result<Self, InvalidClients> {
        let known = |letter| Client::ALL.into_iter().find(|client| client.letter() == letter);
        let kinds: Option<Vec<Client>> = letters.chars().map(known).collect();
        let mut kinds = kinds
            .filter(|kinds| (1..=3).contains(&kinds.len()))
            .ok_or_else(|| InvalidClients(letters.to_owned()))?;
        kinds.sort_unstable();
        Ok(Self(kinds))
    }
}

impl fmt::Display for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|client| write!(f, "{}", client.letter()))
    }
}

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// Something that may happen beside playing and syncing.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Event { $($(#[$doc])* $name,)* }

        impl Event {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word it goes by.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

events! {
    /// A card goes back to the file it had before.
    Rollback = "rollback",
    /// A card loses its files; the device keeps its identity.
    Loss = "loss",
    /// A device registers again without its token, or as one that starts anew.
    Registration = "registration",
    /// The network delivers a request a second time, later.
    Copies = "copies",
    /// The network delivers a request for the first time, after its client gave up.
    Delays = "delays",
    /// A row is deleted.
    Deletion = "deletion",
    /// The bytes of a version that nothing protects are let go.
    Retention = "retention",
    /// A slot is taken out of a device's sync, and back in.
    Tracking = "tracking",
    /// A save is uploaded without a device.
    WebUpload = "web-upload",
}

/// A set of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Events(u32);

/// A word that names no event.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no event")]
pub struct InvalidEvents(String);

impl Events {
    /// None: devices play and sync, and break off.
    pub const NONE: Self = Self(0);

    /// Every event but [`Delays`](Event::Delays), which break more than the design promises.
    pub fn promised() -> Self {
        Event::ALL
            .iter()
            .filter(|event| **event != Event::Delays)
            .fold(Self::NONE, |all, event| all.with(*event))
    }

    /// These and one more.
    #[must_use]
    pub const fn with(self, event: Event) -> Self {
        Self(self.0 | 1 << event as u32)
    }

    /// Whether it may happen.
    pub const fn contains(self, event: Event) -> bool {
        self.0 >> event as u32 & 1 == 1
    }
}

impl FromStr for Events {
    type Err = InvalidEvents;

    /// Reads words with commas between.
    fn from_str(words: &str) -> Result<Self, InvalidEvents> {
        let words = words.split(',').filter(|word| !word.is_empty());
        words
            .map(|word| {
                Event::ALL
                    .iter()
                    .find(|event| event.word() == word)
                    .ok_or_else(|| InvalidEvents(word.to_owned()))
            })
            .try_fold(Self::NONE, |events, event| Ok(events.with(*event?)))
    }
}

impl fmt::Display for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> =
            Event::ALL.iter().filter(|event| self.contains(**event)).map(|event| event.word()).collect();
        f.write_str(&words.join(","))
    }
}

/// From where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The server has no save, no device has a file.
    Empty,
    /// Every device holds the head, and the server knows.
    InSync,
}

impl Start {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Empty, Self::InSync];
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "empty",
            Self::InSync => "in sync",
        })
    }
}

/// One exploration.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The devices' clients.
    pub clients: Clients,
    /// From where it begins.
    pub start: Start,
    /// What may happen beside playing and syncing.
    pub events: Events,
    /// After how many events a path ends.
    pub depth: u32,
    /// How many versions there may be at most; a path that needs more ends.
    pub versions: usize,
    /// How many different contents there may be at one time; nobody plays on where there are more.
    pub contents: usize,
    /// How many requests the network may hold back at one time.
    pub copies: usize,
    /// When to stop in any case.
    pub time: Option<Duration>,
    /// How many threads explore.
    pub threads: usize,
    /// What is broken on purpose.
    pub ablation: Option<Ablation>,
}

impl Setting {
    /// As the design promises it, with every event, up to that depth.
    pub fn new(clients: Clients, start: Start, depth: u32) -> Self {
        Self {
            clients,
            start,
            events: Events::promised(),
            depth,
            versions: 6,
            contents: 5,
            copies: 1,
            time: None,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            ablation: None,
        }
    }
}

/// A rule to be left out, to see that the exploration would notice. The rules themselves know nothing of it: what goes
/// into them, or what they left in the store, is perturbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ablation {
    /// The guard: each upload claims to be told to overwrite.
    Guard,
    /// The difference between supposed and known: what a device was sent counts as held.
    Provisional,
    /// The distrust of hashes that are not the file's: the server does not know the client for what it is.
    AdoptedHashes,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_chosen_without_regard_to_order() {
        let pairs: Vec<String> = Clients::choices(2).iter().map(ToString::to_string).collect();
        assert_eq!(pairs, ["aa", "ab", "ac", "ad", "bb", "bc", "bd", "cc", "cd", "dd"]);
        assert_eq!(Clients::choices(3).len(), 20);
        assert_eq!("ba".parse::<Clients>().unwrap().to_string(), "ab");
        assert!("".parse::<Clients>().is_err() && "ax".parse::<Clients>().is_err());
    }

    #[test]
    fn events_read_as_they_print() {
        let events = Events::promised();
        assert_eq!(events.to_string().parse(), Ok(events));
        assert!(!events.contains(Event::Delays) && events.contains(Event::Loss));
        assert_eq!("flood".parse::<Events>(), Err(InvalidEvents("flood".to_owned())));
    }
}
