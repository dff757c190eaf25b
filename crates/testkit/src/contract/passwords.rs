//! Rules of [`Passwords`].

use std::sync::Arc;

use memcard_domain::account::PasswordHash;
use memcard_domain::ports::{PasswordVerdict, Passwords};
use memcard_domain::secret::Secret;

use super::suite;
use crate::builders::ODD_TEXT;

suite! { $
    /// Hooks the rules of [`Passwords`](memcard_domain::ports::Passwords). Takes an async factory of
    /// `Option<`[`Fresh`](crate::contract::Fresh)`<dyn Passwords>>`.
    passwords_contract: passwords over dyn memcard_domain::ports::Passwords {
        a_password_is_right_for_its_hash,
        any_other_password_is_wrong,
        without_a_hash_every_password_is_wrong,
        each_hash_has_a_salt_of_its_own,
        a_hash_is_a_phc_string_that_does_not_show_the_password,
    }
}

async fn hash(passwords: &Arc<dyn Passwords>, password: &str) -> PasswordHash {
    passwords.hash(Secret::new(password)).await.expect("it can be hashed")
}

async fn verify(passwords: &Arc<dyn Passwords>, password: &str, hash: &PasswordHash) -> PasswordVerdict {
    passwords.verify(Secret::new(password), Some(hash.clone())).await.expect("it can be compared")
}

async fn a_password_is_right_for_its_hash(passwords: Arc<dyn Passwords>) {
    for password in ["hunter2", " ", ODD_TEXT, "\u{0}", &"é".repeat(512)] {
        let hash = hash(&passwords, password).await;
        assert_eq!(verify(&passwords, password, &hash).await, PasswordVerdict::Right, "{password:?}");
    }
}

async fn any_other_password_is_wrong(passwords: Arc<dyn Passwords>) {
    let hash = hash(&passwords, "Hunter2é").await;
    for password in ["", "hunter2é", "Hunter2", "Hunter2é ", "Hunter2e\u{301}", "Hunter2é\u{0}", &hash.0] {
        assert_eq!(verify(&passwords, password, &hash).await, PasswordVerdict::Wrong, "{password:?}");
    }
}

async fn without_a_hash_every_password_is_wrong(passwords: Arc<dyn Passwords>) {
    for password in ["hunter2", ""] {
        let verdict = passwords.verify(Secret::new(password), None).await.expect("it can be compared");
        assert_eq!(verdict, PasswordVerdict::Wrong);
    }
}

async fn each_hash_has_a_salt_of_its_own(passwords: Arc<dyn Passwords>) {
    let (one, two) = (hash(&passwords, "hunter2").await, hash(&passwords, "hunter2").await);
    assert_ne!(one, two);
    for hash in [one, two] {
        assert_eq!(verify(&passwords, "hunter2", &hash).await, PasswordVerdict::Right);
    }
}

async fn a_hash_is_a_phc_string_that_does_not_show_the_password(passwords: Arc<dyn Passwords>) {
    let hash = hash(&passwords, "hunter2").await;
    assert!(hash.0.starts_with('$') && hash.0.is_ascii(), "{}", hash.0);
    assert!(!hash.0.contains("hunter2"), "{}", hash.0);
}
