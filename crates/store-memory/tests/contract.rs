//! The contract suites, against the in-memory adapters.

use std::sync::Arc;

use memcard_domain::ports::{
    BlobStore, BlobUpkeep, EventCounter, Events, PairCodes, PairingStore, UnitOfWork,
};
use memcard_store_memory::{
    MemoryBlobs, MemoryCounter, MemoryEvents, MemoryPairCodes, MemoryPairings, MemoryStore,
};
use memcard_testkit::SeededSecrets;
use memcard_testkit::contract::Fresh;

async fn make_store() -> Option<Fresh<dyn UnitOfWork>> {
    let store: Arc<dyn UnitOfWork> = Arc::new(MemoryStore::new());
    Some(Fresh::new(store))
}

memcard_testkit::store_contract!(make_store);

mod pairings {
    use super::*;

    async fn make_pairings() -> Option<Fresh<dyn PairingStore>> {
        let pairings: Arc<dyn PairingStore> = Arc::new(MemoryPairings::new());
        Some(Fresh::new(pairings))
    }

    memcard_testkit::pairing_store_contract!(make_pairings);
}

mod pair_codes {
    use super::*;

    async fn make_pair_codes() -> Option<Fresh<dyn PairCodes>> {
        let pair_codes: Arc<dyn PairCodes> = Arc::new(MemoryPairCodes::new());
        Some(Fresh::new(pair_codes))
    }

    memcard_testkit::pair_codes_contract!(make_pair_codes);
}

mod counter {
    use super::*;

    async fn make_counter() -> Option<Fresh<dyn EventCounter>> {
        let counter: Arc<dyn EventCounter> = Arc::new(MemoryCounter::new());
        Some(Fresh::new(counter))
    }

    memcard_testkit::event_counter_contract!(make_counter);
}

mod events {
    use super::*;

    async fn make_events() -> Option<Fresh<dyn Events>> {
        let events: Arc<dyn Events> = Arc::new(MemoryEvents::new(&SeededSecrets::new(1)));
        Some(Fresh::new(events))
    }

    memcard_testkit::events_contract!(make_events);
}

mod blobs {
    use super::*;

    async fn make_blobs() -> Option<Fresh<dyn BlobStore>> {
        let blobs: Arc<dyn BlobStore> = Arc::new(MemoryBlobs::new());
        Some(Fresh::new(blobs))
    }

    memcard_testkit::blob_store_contract!(make_blobs);

    async fn make_upkeep() -> Option<Fresh<dyn BlobUpkeep>> {
        let blobs: Arc<dyn BlobUpkeep> = Arc::new(MemoryBlobs::new());
        Some(Fresh::new(blobs))
    }

    memcard_testkit::blob_upkeep_contract!(make_upkeep);
}
