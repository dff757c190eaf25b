//! Who and what there is in a season: the application, owners, devices, games.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use memcard_domain::account::ScopeSet;
use memcard_domain::ids::DeviceId;
use memcard_domain::pairing::CodeKey;
use memcard_domain::ports::{Clock as _, Ports, StoreError};
use memcard_explorer::Client;
use memcard_store_memory::{
    MemoryBlobs, MemoryCounter, MemoryEvents, MemoryLibrary, MemoryPairCodes, MemoryPairings, MemoryScans,
    MemoryStore,
};
use memcard_testkit::builders::{a_device, a_game, a_token, a_user, at};
use memcard_testkit::{FixedClock, QuickPasswords, SeededSecrets};
use memcard_web::{AppState, Settings};
use uuid::Uuid;

use crate::SimulationError;
use crate::device::{Card, Device, DeviceClock};
use crate::wire::Wire;

/// The slot of every game that devices sync.
pub(crate) const SLOT: &str = "autosave";
/// What the file is called on every device.
pub(crate) const FILE_NAME: &str = "Moon Garden (USA).srm";

const OWNERS: usize = 2;
const GAMES: usize = 2;

/// The devices of each owner.
const CLIENTS: [[Client; 4]; OWNERS] = [
    [Client::Hashing, Client::Optimistic, Client::Adopting, Client::Hashing],
    [Client::Optimistic, Client::Hashless, Client::Hashing, Client::Adopting],
];

/// The server, and what it knows from the beginning.
pub(crate) struct House {
    pub(crate) wire: Wire,
    /// A token of each owner's that is bound to no device: what the web interface has.
    pub(crate) owners: Vec<String>,
    /// The games' ids.
    pub(crate) games: Vec<i32>,
    clock: Arc<FixedClock>,
    began: DateTime<Utc>,
}

impl House {
    /// A server without saves, and the devices that are known to it.
    pub(crate) async fn furnish(seed: u64) -> Result<(Self, Vec<Device>), SimulationError> {
        let store = MemoryStore::new();
        let began = at(0);
        let clock = Arc::new(FixedClock::new(began));
        let Household { owners, games, devices } = inhabit(&store)?;
        let ports = Ports {
            store: Arc::new(store),
            blobs: Arc::new(MemoryBlobs::default()),
            events: Arc::new(MemoryEvents::new(&SeededSecrets::new(seed.wrapping_add(1)))),
            pairings: Arc::new(MemoryPairings::new()),
            pair_codes: Arc::new(MemoryPairCodes::new()),
            counter: Arc::new(MemoryCounter::new()),
            passwords: Arc::new(QuickPasswords::new()),
            library: Arc::new(MemoryLibrary::new()),
            scans: Arc::new(MemoryScans::new()),
            ssh: None,
            clock: Arc::<FixedClock>::clone(&clock),
            secrets: Arc::new(SeededSecrets::new(seed)),
            code_key: CodeKey::new([7; 32]),
        };
        let wire = Wire::new(&AppState::new(ports, Settings::new("0.1.0"))).await;
        Ok((Self { wire, owners, games, clock, began }, devices))
    }

    /// Time goes by.
    pub(crate) fn wait(&self, seconds: usize) {
        self.clock.advance(Duration::seconds(i64::try_from(seconds).unwrap_or(i64::MAX)));
    }

    /// The time by a device's clock.
    pub(crate) fn time_on(&self, clock: DeviceClock) -> DateTime<Utc> {
        clock.shows(self.clock.now(), self.began)
    }
}

/// Who and what the store knows.
struct Household {
    owners: Vec<String>,
    games: Vec<i32>,
    devices: Vec<Device>,
}

fn inhabit(store: &MemoryStore) -> Result<Household, SimulationError> {
    let furnished = store.transact_now(|tx| {
        let mut games = Vec::new();
        for number in 0..GAMES {
            let game = a_game().named(&format!("Moon Garden {number}")).in_file(&format!("{number}.gba"));
            games.push(game.insert(tx)?.id.0);
        }
        let (mut owners, mut devices) = (Vec::new(), Vec::new());
        for (owner, clients) in CLIENTS.iter().enumerate() {
            let user = a_user().named(&format!("player{owner}")).insert(tx)?;
            let token = secret(1000 + owner);
            a_token(user.id, &token).with_scopes(ScopeSet::ALL).insert(tx)?;
            owners.push(token);
            for client in clients {
                let device = describe(owner, devices.len(), *client);
                a_device(user.id, &device.mac_address)
                    .with_id(DeviceId(device.id))
                    .running(client.name())
                    .with_mac(&device.mac_address)
                    .insert(tx)?;
                let token = a_token(user.id, &device.token).with_scopes(ScopeSet::ALL);
                token.bound_to(DeviceId(device.id)).insert(tx)?;
                devices.push(device);
            }
        }
        Ok::<_, StoreError>(Household { owners, games, devices })
    });
    furnished.map_err(|error| SimulationError(error.to_string()))
}

fn describe(owner: usize, number: usize, client: Client) -> Device {
    Device {
        id: Uuid::from_u128(number as u128 + 1),
        owner,
        token: secret(number),
        client,
        clock: DeviceClock::of(client, number),
        mac_address: format!("02:00:00:00:00:{number:02x}"),
        cards: vec![Card::default(); GAMES],
        cycle: None,
    }
}

fn secret(number: usize) -> String {
    format!("rmm_{number:064x}")
}
