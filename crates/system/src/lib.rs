//! The machine Memcard runs on, as ports of the domain: its clock, its randomness, and hashing that is meant to be slow.
//!
//! Invariants:
//! - the only code of the project that reads the machine's clock or draws its randomness is here;
//! - at most two passwords are hashed at once, whoever asks, and never on a thread of the async runtime;
//! - a login with an unknown name costs what one with a known name does.
#![deny(missing_docs)]

mod clock;
mod passwords;
mod secrets;

pub use clock::SystemClock;
pub use passwords::Argon2Passwords;
pub use secrets::OsSecrets;
