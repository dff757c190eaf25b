//! What a program without async runtime does with the store.

use memcard_domain::ports::StoreError;
use memcard_store_memory::MemoryStore;
use memcard_testkit::builders::a_user;

#[derive(Debug, PartialEq)]
enum Refusal {
    SecondThoughts,
    Store(String),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error.to_string())
    }
}

#[test]
fn a_use_case_borrows_from_its_surroundings_and_gives_its_own_error() {
    let store = MemoryStore::new();
    let name = String::from("Player");
    let insert = || store.transact_now(|tx| Ok::<_, Refusal>(a_user().named(&name).insert(tx)?.username));
    assert_eq!(insert().unwrap().as_str(), name);
    assert_eq!(insert(), Err(Refusal::Store("conflict with user name".to_owned())));
}

#[test]
fn an_error_rolls_back() {
    let store = MemoryStore::new();
    let answer: Result<(), Refusal> = store.transact_now(|tx| {
        a_user().insert(tx)?;
        Err(Refusal::SecondThoughts)
    });
    assert_eq!(answer, Err(Refusal::SecondThoughts));
    assert_eq!(store.read_now(|tx| tx.users().count()).unwrap(), 0);
}

#[test]
fn clones_share_what_is_kept() {
    let store = MemoryStore::new();
    let clone = store.clone();
    let player = store.transact_now(|tx| a_user().named("Player").insert(tx)).unwrap();
    assert_eq!(clone.read_now(|tx| tx.users().find(player.id)).unwrap(), Some(player));
}

#[test]
fn an_id_is_never_given_twice() {
    let store = MemoryStore::new();
    let insert = || store.transact_now(|tx| a_user().insert(tx)).unwrap().id;
    let first = insert();
    assert!(store.transact_now(|tx| tx.users().delete(first)).unwrap());
    assert_ne!(insert(), first);
}
