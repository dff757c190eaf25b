//! The rules of each port. Every rule is one async function over a fresh port; every suite has a macro that makes one
//! named `#[test]` per rule, so that an adapter's test list reads as the port's specification.
//!
//! ```
//! use std::sync::Arc;
//! use memcard_domain::ports::UnitOfWork;
//! use memcard_testkit::contract::Fresh;
//!
//! async fn make_store() -> Option<Fresh<dyn UnitOfWork>> {
//!     # struct MyStore;
//!     # impl MyStore { fn open_in<T>(_: &T) -> Arc<dyn UnitOfWork> { unimplemented!() } }
//!     # fn temp_dir() {}
//!     let folder = temp_dir();
//!     let store: Arc<dyn UnitOfWork> = MyStore::open_in(&folder);
//!     Some(Fresh::new(store).kept_by(folder))
//! }
//!
//! memcard_testkit::store_contract!(make_store); // every suite over UnitOfWork, each in a module of its own
//! # fn main() {} // keeps the items above where a test has them
//! ```
//!
//! Rules are private to their suite and listed in it; one that is not listed is dead code, which does not compile
//! under the workspace's lints.

mod harness;
mod store;

pub mod bases;
pub mod blob_upkeep;
pub mod blobs;
pub mod catalogue;
pub mod counter;
pub mod devices;
pub mod events;
pub mod logins;
pub mod pair_codes;
pub mod pairings;
pub mod passwords;
pub mod plays;
pub mod saves;
pub mod screenshots;
pub mod sessions;
pub mod tokens;
pub mod unit_of_work;
pub mod upkeep;
pub mod users;

pub use harness::{Fresh, Rule, check, race};
pub use store::{Store, attempt, look, write};

/// Makes a suite of rules: the macro that hooks it, and [`rules`](users::rules), where it finds them. Takes a dollar
/// sign first, because a macro cannot write one.
macro_rules! suite {
    ($d:tt $(#[$doc:meta])* $macro:ident: $module:ident over $port:ty { $($rule:ident),* $(,)? }) => {
        $(#[$doc])*
        #[macro_export]
        macro_rules! $macro {
            ($d make:expr) => {
                $(
                    #[test]
                    fn $rule() {
                        $crate::contract::check($d make, $crate::contract::$module::rules::$rule);
                    }
                )*
            };
        }

        /// The rules, each over a fresh port.
        pub mod rules {
            $(
                #[doc = concat!("Rule: `", stringify!($rule), "`.")]
                pub fn $rule(
                    port: ::std::sync::Arc<$port>,
                ) -> ::memcard_domain::ports::BoxFuture<'static, ()> {
                    Box::pin(super::$rule(port))
                }
            )*
        }
    };
}
use suite;

/// Every suite over [`UnitOfWork`](memcard_domain::ports::UnitOfWork), each in a module of its own. Takes the name of
/// the factory: an async function without arguments that gives
/// `Option<`[`Fresh`](crate::contract::Fresh)`<dyn UnitOfWork>>`.
#[macro_export]
macro_rules! store_contract {
    ($make:ident) => {
        mod unit_of_work {
            use super::$make;
            $crate::unit_of_work_contract!($make);
        }
        mod users {
            use super::$make;
            $crate::user_repository_contract!($make);
        }
        mod logins {
            use super::$make;
            $crate::login_repository_contract!($make);
        }
        mod tokens {
            use super::$make;
            $crate::token_repository_contract!($make);
        }
        mod devices {
            use super::$make;
            $crate::device_repository_contract!($make);
        }
        mod catalogue {
            use super::$make;
            $crate::catalogue_repository_contract!($make);
        }
        mod saves {
            use super::$make;
            $crate::save_repository_contract!($make);
        }
        mod screenshots {
            use super::$make;
            $crate::screenshot_repository_contract!($make);
        }
        mod bases {
            use super::$make;
            $crate::base_repository_contract!($make);
        }
        mod sessions {
            use super::$make;
            $crate::session_repository_contract!($make);
        }
        mod plays {
            use super::$make;
            $crate::play_repository_contract!($make);
        }
        mod upkeep {
            use super::$make;
            $crate::upkeep_repository_contract!($make);
        }
    };
}
