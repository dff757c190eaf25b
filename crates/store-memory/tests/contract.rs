//! The contract suites, against the in-memory adapters.

use std::sync::Arc;

use memcard_domain::ports::UnitOfWork;
use memcard_store_memory::MemoryStore;
use memcard_testkit::contract::Fresh;

async fn make_store() -> Option<Fresh<dyn UnitOfWork>> {
    let store: Arc<dyn UnitOfWork> = Arc::new(MemoryStore::new());
    Some(Fresh::new(store))
}

memcard_testkit::store_contract!(make_store);
