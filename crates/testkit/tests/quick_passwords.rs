//! Quick passwords keep the rules of the slow ones.

use std::sync::Arc;

use memcard_domain::ports::Passwords;
use memcard_testkit::QuickPasswords;
use memcard_testkit::contract::Fresh;

async fn make_passwords() -> Option<Fresh<dyn Passwords>> {
    let passwords: Arc<dyn Passwords> = Arc::new(QuickPasswords::new());
    Some(Fresh::new(passwords))
}

memcard_testkit::passwords_contract!(make_passwords);
