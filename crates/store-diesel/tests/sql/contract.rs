//! The contract suites of every port that this crate serves, against each database.

/// A factory as the suites take it: the database as one of its ports.
macro_rules! factory {
    ($make:ident, $database:ident, $port:ident) => {
        async fn $make() -> Option<Fresh<dyn $port>> {
            let opened: Opened = support::$database().await?;
            Some(opened.into_fresh(|database| Arc::new(database) as Arc<dyn $port>))
        }
    };
}

/// Every suite over one way to open a database.
macro_rules! suites {
    ($database:ident) => {
        mod $database {
            use std::sync::Arc;

            use memcard_domain::ports::{EventCounter, PairCodes, PairingStore, UnitOfWork};
            use memcard_testkit::contract::Fresh;

            use crate::support::{self, Opened};

            factory!(make_store, $database, UnitOfWork);
            factory!(make_pairings, $database, PairingStore);
            factory!(make_pair_codes, $database, PairCodes);
            factory!(make_counter, $database, EventCounter);

            memcard_testkit::store_contract!(make_store);

            mod pairings {
                use super::make_pairings;
                memcard_testkit::pairing_store_contract!(make_pairings);
            }

            mod pair_codes {
                use super::make_pair_codes;
                memcard_testkit::pair_codes_contract!(make_pair_codes);
            }

            mod counter {
                use super::make_counter;
                memcard_testkit::event_counter_contract!(make_counter);
            }
        }
    };
}

suites!(sqlite_file);
suites!(sqlite_memory);
suites!(postgres);
