//! Users, devices, games, and what the application keeps of them.

use std::cell::Cell;
use std::sync::Arc;

use memcard_domain::account::{Role, ScopeSet, User};
use memcard_domain::ids::{DeviceId, GameId};
use memcard_domain::pairing::CodeKey;
use memcard_domain::ports::{Ports, StoreError, Transaction};
use memcard_store_memory::{
    MemoryCounter, MemoryEvents, MemoryLibrary, MemoryPairCodes, MemoryPairings, MemoryScans, MemoryStore,
};
use memcard_testkit::builders::{GameBuilder, a_device, a_game, a_token, a_user, at};
use memcard_testkit::{FixedClock, QuickPasswords, SeededSecrets};
use memcard_web::{AppState, Settings};

use super::{App, WatchedBlobs};

/// Everything behind the application.
pub(crate) struct World {
    pub(crate) store: MemoryStore,
    pub(crate) blobs: WatchedBlobs,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) library: Arc<MemoryLibrary>,
    pub(crate) scans: Arc<MemoryScans>,
    pub(crate) state: AppState,
    tokens: Cell<u32>,
}

/// A user with a token that may do all that the user may.
pub(crate) struct Player {
    pub(crate) user: User,
    pub(crate) token: String,
}

impl World {
    /// With the default settings.
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// With other settings.
    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let store = MemoryStore::new();
        let blobs = WatchedBlobs::default();
        let clock = Arc::new(FixedClock::new(at(0)));
        let library = Arc::new(MemoryLibrary::new());
        let scans = Arc::new(MemoryScans::new());
        let mut settings = Settings::new("0.1.0");
        change(&mut settings);
        let ports = Ports {
            store: Arc::new(store.clone()),
            blobs: Arc::new(blobs.clone()),
            pairings: Arc::new(MemoryPairings::new()),
            pair_codes: Arc::new(MemoryPairCodes::new()),
            counter: Arc::new(MemoryCounter::new()),
            events: Arc::new(MemoryEvents::new(&SeededSecrets::new(2))),
            passwords: Arc::new(QuickPasswords::new()),
            library: Arc::<MemoryLibrary>::clone(&library),
            scans: Arc::<MemoryScans>::clone(&scans),
            ssh: None,
            clock: Arc::<FixedClock>::clone(&clock),
            secrets: Arc::new(SeededSecrets::new(1)),
            code_key: CodeKey::new([7; 32]),
        };
        let state = AppState::new(ports, settings);
        Self { store, blobs, clock, library, scans, state, tokens: Cell::new(0) }
    }

    /// The application over all this.
    pub(crate) async fn app(&self) -> App {
        App::new(&self.state).await
    }

    /// Runs a piece of work on the store.
    pub(crate) fn keep<T>(&self, work: impl FnOnce(&mut dyn Transaction) -> Result<T, StoreError>) -> T {
        self.store.transact_now(work).unwrap()
    }

    /// A user with a token.
    pub(crate) fn a_player(&self, name: &str) -> Player {
        self.a_player_with(name, Role::User)
    }

    /// A user of that role with a token.
    pub(crate) fn a_player_with(&self, name: &str, role: Role) -> Player {
        let user = self.keep(|tx| a_user().named(name).with_role(role).insert(tx));
        let token = self.a_token(&user, ScopeSet::ALL, None);
        Player { user, token }
    }

    /// Another token of the user.
    pub(crate) fn a_token(&self, user: &User, scopes: ScopeSet, device: Option<DeviceId>) -> String {
        self.tokens.set(self.tokens.get() + 1);
        let secret = format!("rmm_{:064x}", self.tokens.get());
        let token = a_token(user.id, &secret).with_scopes(scopes);
        let token = device.map_or(token.clone(), |device| token.bound_to(device));
        self.keep(|tx| token.insert(tx));
        secret
    }

    /// A device of the user.
    pub(crate) fn a_device(&self, user: &User, name: &str) -> DeviceId {
        self.keep(|tx| a_device(user.id, name).insert(tx)).id
    }

    /// A game.
    pub(crate) fn a_game(&self) -> GameId {
        self.a_game_like(a_game())
    }

    /// A game of that kind.
    pub(crate) fn a_game_like(&self, game: GameBuilder) -> GameId {
        self.keep(|tx| game.insert(tx)).id
    }
}
