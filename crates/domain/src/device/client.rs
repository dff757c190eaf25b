//! What is known of the clients in the field, by the name they give.

/// Whether a device's named hashes are those of its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashHabit {
    /// It hashes the file before it negotiates.
    HashesFile,
    /// It names the hash it last adopted from the server, whatever the file holds by now.
    NamesAdopted,
}

/// After so many uploads that contradict the named hash, a client is treated as [`HashHabit::NamesAdopted`].
pub const CONTRADICTIONS_TO_DISTRUST: u32 = 2;

/// A client of which something is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownClient {
    /// The name it gives as `client`.
    pub name: &'static str,
    /// The platform it runs on, filled in where it names none.
    pub platform: Option<&'static str>,
    /// What its hashes mean.
    pub hashes: HashHabit,
}

const KNOWN: &[KnownClient] = &[
    KnownClient { name: "web", platform: Some("Web"), hashes: HashHabit::HashesFile },
    KnownClient { name: "grout", platform: Some("muOS"), hashes: HashHabit::HashesFile },
    KnownClient { name: "argosy-launcher", platform: Some("Android"), hashes: HashHabit::NamesAdopted },
    KnownClient { name: "cannoli", platform: None, hashes: HashHabit::NamesAdopted },
];

/// What is known of the client of that name (without regard to case).
pub fn known_client(name: &str) -> Option<&'static KnownClient> {
    KNOWN.iter().find(|client| client.name.eq_ignore_ascii_case(name))
}
