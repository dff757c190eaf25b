use std::future::poll_fn;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::task::Poll;

use argon2::CustomizedPasswordHasher as _;

use super::*;
use crate::OsSecrets;

fn passwords() -> Argon2Passwords {
    Argon2Passwords::new(Arc::new(OsSecrets)).unwrap()
}

fn secret(text: &str) -> Secret {
    Secret::new(text)
}

#[tokio::test]
async fn a_hash_says_what_it_was_made_with() {
    let hash = passwords().hash(secret("hunter2")).await.unwrap();
    assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.0);
}

#[tokio::test]
async fn the_longest_and_the_shortest_password_can_be_right() {
    let passwords = passwords();
    for text in ["", &"x".repeat(MAX_PASSWORD_BYTES)] {
        let hash = passwords.hash(secret(text)).await.unwrap();
        let verdict = passwords.verify(secret(text), Some(hash)).await.unwrap();
        assert_eq!(verdict, PasswordVerdict::Right, "{} bytes", text.len());
    }
}

#[tokio::test]
async fn a_hash_made_elsewhere_is_understood() {
    // From the reference implementation's README and tests. Both salts are shorter than ours.
    let passwords = passwords();
    for hash in [
        "$argon2i$v=19$m=65536,t=2,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG",
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
    ] {
        let verdict = async |password| {
            passwords.verify(secret(password), Some(PasswordHash(hash.to_owned()))).await.unwrap()
        };
        assert!(matches!(verdict("password").await, PasswordVerdict::Outdated(_)), "{hash}");
        assert_eq!(verdict("passwort").await, PasswordVerdict::Wrong, "{hash}");
    }
}

#[tokio::test]
async fn a_right_password_with_a_weaker_hash_comes_with_a_new_one() {
    struct Case {
        what: &'static str,
        algorithm: &'static str,
        version: u32,
        params: [u32; 3],
        output: usize,
        salt: &'static [u8],
    }
    const TODAY: Case = Case {
        what: "as today",
        algorithm: "argon2id",
        version: 19,
        params: [MEMORY, PASSES, LANES],
        output: OUTPUT,
        salt: &[7; SALT],
    };
    let current = [
        TODAY,
        Case { what: "more memory", params: [MEMORY + 1, PASSES, LANES], ..TODAY },
        Case { what: "more passes", params: [MEMORY, PASSES + 1, LANES], ..TODAY },
        Case { what: "more lanes", params: [MEMORY, PASSES, 2], ..TODAY },
    ];
    let outdated = [
        Case { what: "less memory", params: [MEMORY - 1, PASSES, LANES], ..TODAY },
        Case { what: "less memory, more passes", params: [MEMORY / 2, PASSES + 2, LANES], ..TODAY },
        Case { what: "fewer passes", params: [MEMORY, PASSES - 1, LANES], ..TODAY },
        Case { what: "argon2i", algorithm: "argon2i", ..TODAY },
        Case { what: "argon2d", algorithm: "argon2d", ..TODAY },
        Case { what: "version 16", version: 16, ..TODAY },
        Case { what: "a shorter hash", output: 16, ..TODAY },
        Case { what: "a shorter salt", salt: &[7; 8], ..TODAY },
    ];
    let passwords = passwords();
    let hash = |case: &Case| {
        let [memory, passes, lanes] = case.params;
        let params = Params::new(memory, passes, lanes, Some(case.output)).unwrap();
        let hash = argon2id().hash_password_customized(
            b"hunter2",
            case.salt,
            Some(case.algorithm),
            Some(case.version),
            params,
        );
        PasswordHash(hash.unwrap().to_string())
    };
    for case in current {
        let verdict = passwords.verify(secret("hunter2"), Some(hash(&case))).await.unwrap();
        assert_eq!(verdict, PasswordVerdict::Right, "{}", case.what);
    }
    for case in outdated {
        let verdict = passwords.verify(secret("hunter2"), Some(hash(&case))).await.unwrap();
        let PasswordVerdict::Outdated(renewed) = verdict else { panic!("{}: {verdict:?}", case.what) };
        let again = passwords.verify(secret("hunter2"), Some(renewed)).await.unwrap();
        assert_eq!(again, PasswordVerdict::Right, "{}", case.what);
        let wrong = passwords.verify(secret("hunter3"), Some(hash(&case))).await.unwrap();
        assert_eq!(wrong, PasswordVerdict::Wrong, "{}", case.what);
    }
}

#[tokio::test]
async fn without_a_user_every_password_is_wrong_and_costs_the_same() {
    let passwords = passwords();
    assert_eq!(passwords.verify(secret("hunter2"), None).await.unwrap(), PasswordVerdict::Wrong);
    // The same code runs with or without a user, so what it costs is what the hash says.
    assert!(passwords.nobody.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}

#[tokio::test]
async fn an_overlong_password_is_neither_hashed_nor_right() {
    let drawn = Arc::new(CountingSecrets::default());
    let passwords = Argon2Passwords::new(Arc::clone(&drawn) as Arc<dyn Secrets>).unwrap();
    let drawn_at_start = drawn.draws();
    let overlong = "x".repeat(MAX_PASSWORD_BYTES + 1);
    assert!(passwords.hash(secret(&overlong)).await.is_err());
    assert_eq!(drawn.draws(), drawn_at_start);
    assert_eq!(passwords.verify(secret(&overlong), None).await.unwrap(), PasswordVerdict::Wrong);
}

#[tokio::test]
async fn a_hash_of_another_kind_is_an_error() {
    let passwords = passwords();
    let bcrypt = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW";
    let scrypt = "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E";
    for hash in ["", "plain text", bcrypt, scrypt] {
        let verdict = passwords.verify(secret("hunter2"), Some(PasswordHash(hash.to_owned()))).await;
        assert!(verdict.is_err(), "{hash:?}: {verdict:?}");
    }
}

/// Counts how often something was drawn.
#[derive(Default)]
struct CountingSecrets(AtomicUsize);

impl CountingSecrets {
    fn draws(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Secrets for CountingSecrets {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.fetch_add(1, Ordering::SeqCst);
        OsSecrets.fill(bytes);
    }
}

/// A runtime whose one blocking thread takes work in the order it came: once later work is done, so is earlier.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).build().unwrap()
}

async fn everything_handed_over_is_done() {
    tokio::task::spawn_blocking(|| ()).await.unwrap();
}

/// Polls a future once, which it must not be ready for.
async fn begin<T>(future: &mut BoxFuture<'_, T>) {
    poll_fn(|context| {
        assert!(future.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
}

#[test]
fn a_third_hash_waits_for_one_of_two_to_end() {
    let secrets = Arc::new(CountingSecrets::default());
    let passwords = Argon2Passwords::new(Arc::clone(&secrets) as Arc<dyn Secrets>).unwrap();
    let drawn_at_start = secrets.draws();
    runtime().block_on(async {
        let two = Arc::clone(&passwords.permits).try_acquire_many_owned(2).unwrap();
        assert_eq!(passwords.permits.available_permits(), 0, "two at once and no more");

        let mut third = passwords.hash(secret("hunter2"));
        begin(&mut third).await;
        everything_handed_over_is_done().await;
        assert_eq!(secrets.draws(), drawn_at_start, "it has not begun");
        drop(two);
        third.await.unwrap();
        assert_eq!(secrets.draws(), drawn_at_start + 1);
    });
}

/// Draws when it is told to.
struct GatedSecrets(Mutex<mpsc::Receiver<()>>);

impl Secrets for GatedSecrets {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap().recv().unwrap();
        OsSecrets.fill(bytes);
    }
}

#[test]
fn a_hash_that_nobody_waits_for_any_more_counts_until_it_is_done() {
    let (open, gate) = mpsc::channel();
    open.send(()).unwrap();
    open.send(()).unwrap();
    let passwords = Argon2Passwords::new(Arc::new(GatedSecrets(Mutex::new(gate)))).unwrap();
    // Owns the gate's other side, so that a failure opens the gate instead of hanging before it.
    runtime().block_on(async move {
        let mut given_up = passwords.hash(secret("hunter2"));
        begin(&mut given_up).await;
        drop(given_up);
        assert_eq!(passwords.permits.available_permits(), 1);
        open.send(()).unwrap();
        everything_handed_over_is_done().await;
        assert_eq!(passwords.permits.available_permits(), 2);
    });
}
