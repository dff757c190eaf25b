//! A whole server without HTTP: every port in memory, a clock that stands still, and people in front of it.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part of it")]

mod interleaved;
pub mod passwords;

use std::sync::Arc;

use chrono::Duration;
use memcard_domain::account::{Caller, ClientToken, Credential, Role, ScopeSet, User};
use memcard_domain::device::Device;
use memcard_domain::ids::DeviceId;
use memcard_domain::pairing::CodeKey;
use memcard_domain::ports::{Clock as _, Ports, StoreError, Transaction};
use memcard_domain::secret::Secret;
use memcard_domain::time::Timestamp;
use memcard_store_memory::{
    MemoryBlobs, MemoryCounter, MemoryEvents, MemoryLibrary, MemoryPairCodes, MemoryPairings, MemoryScans,
    MemoryStore,
};
use memcard_testkit::builders::{a_token, a_user, at};
use memcard_testkit::{FixedClock, SeededSecrets};

use interleaved::{Interleaved, Turns};
use passwords::WrittenDown;

/// Where requests come from unless a test says otherwise.
pub const HOME: &str = "192.0.2.7";

pub struct Server {
    pub ports: Ports,
    pub store: MemoryStore,
    pub clock: Arc<FixedClock>,
    pub library: Arc<MemoryLibrary>,
}

impl Server {
    pub fn new() -> Self {
        let store = MemoryStore::new();
        let clock = Arc::new(FixedClock::new(at(0)));
        let library = Arc::new(MemoryLibrary::new());
        let ports = Ports {
            store: Arc::new(store.clone()),
            blobs: Arc::new(MemoryBlobs::new()),
            pairings: Arc::new(MemoryPairings::new()),
            pair_codes: Arc::new(MemoryPairCodes::new()),
            counter: Arc::new(MemoryCounter::new()),
            events: Arc::new(MemoryEvents::new(&SeededSecrets::new(2))),
            passwords: Arc::new(WrittenDown::taking(0)),
            library: library.clone(),
            scans: Arc::new(MemoryScans::new()),
            ssh: None,
            clock: clock.clone(),
            secrets: Arc::new(SeededSecrets::new(7)),
            code_key: CodeKey::new([9; 32]),
        };
        Self { ports, store, clock, library }
    }

    /// A server whose callers take turns at every step that leaves the domain: in an order that follows from the seed,
    /// and is another one for another seed.
    pub fn interleaved(seed: u64) -> Self {
        let server = Self::new();
        let turns = Arc::new(Turns::new(seed));
        let ports = Ports {
            store: Arc::new(Interleaved::new(server.ports.store.clone(), &turns)),
            pairings: Arc::new(Interleaved::new(server.ports.pairings.clone(), &turns)),
            pair_codes: Arc::new(Interleaved::new(server.ports.pair_codes.clone(), &turns)),
            counter: Arc::new(Interleaved::new(server.ports.counter.clone(), &turns)),
            passwords: Arc::new(WrittenDown::taking(50)),
            ..server.ports
        };
        Self { ports, ..server }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn wait(&self, seconds: i64) {
        self.clock.advance(Duration::seconds(seconds));
    }

    pub fn tx<T, E>(&self, use_case: impl FnOnce(&mut dyn Transaction) -> Result<T, E>) -> Result<T, E> {
        self.store.transact_now(use_case)
    }

    pub fn fresh_device(&self) -> DeviceId {
        DeviceId(self.ports.secrets.uuid())
    }

    /// A new user, logged in by name and password.
    pub fn person(&self, name: &str, role: Role) -> Caller {
        let user = self.tx(|tx| a_user().named(name).with_role(role).insert(tx)).unwrap();
        Caller { user, credential: Credential::Basic }
    }

    pub fn player(&self) -> Caller {
        self.person("player", Role::User)
    }

    /// The same user by a client token with these scopes.
    pub fn by_token(&self, caller: &Caller, secret: &str, scopes: ScopeSet) -> Caller {
        let token = a_token(caller.user.id, secret).with_scopes(scopes);
        let token = self.tx(|tx| token.insert(tx)).unwrap();
        Caller {
            user: caller.user.clone(),
            credential: Credential::ClientToken { token: token.id, scopes, device: None },
        }
    }

    /// Changes a user behind everybody's back.
    pub fn change_user(&self, caller: &Caller, change: impl FnOnce(&mut User)) {
        self.tx(|tx| -> Result<_, StoreError> {
            let mut user = tx.users().find(caller.user.id)?.unwrap();
            change(&mut user);
            tx.users().update(&user)
        })
        .unwrap();
    }

    pub fn tokens(&self, caller: &Caller) -> Vec<ClientToken> {
        self.tx(|tx| tx.tokens().list_of_user(caller.user.id)).unwrap()
    }

    pub fn devices(&self, caller: &Caller) -> Vec<Device> {
        self.tx(|tx| tx.devices().list(caller.user.id)).unwrap()
    }

    pub fn is_good_token(&self, secret: &Secret) -> bool {
        let found = self.tx(|tx| tx.tokens().find_by_digest(secret.digest())).unwrap();
        found.is_some_and(|token| token.is_live(self.now()))
    }
}
