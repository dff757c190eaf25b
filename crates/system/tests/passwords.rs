//! The rules of the port, over argon2id.
#![expect(clippy::unwrap_used, reason = "a test that cannot hash has failed")]

use std::sync::Arc;

use memcard_domain::ports::Passwords;
use memcard_system::{Argon2Passwords, OsSecrets};
use memcard_testkit::contract::Fresh;

async fn make_passwords() -> Option<Fresh<dyn Passwords>> {
    let passwords: Arc<dyn Passwords> = Arc::new(Argon2Passwords::new(Arc::new(OsSecrets)).unwrap());
    Some(Fresh::new(passwords))
}

memcard_testkit::passwords_contract!(make_passwords);
