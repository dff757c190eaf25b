//! Secrets that pass through the domain: never shown by `Debug`, kept only as digests.

use std::fmt;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

use crate::ports::Secrets;

/// Text that must not be logged: a token, a code, a password. `Debug` shows no part of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a text as secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// 256 random bits as 64 lower-case hexadecimal digits.
    pub fn random_hex(secrets: &dyn Secrets) -> Self {
        let mut bytes = [0; 32];
        secrets.fill(&mut bytes);
        Self(hex(&bytes))
    }

    /// The text itself, for the one answer that hands it out or the one comparison that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is kept instead of the secret. Enough for secrets of 128 random bits or more; passwords and short codes
    /// need a slow or a keyed hash.
    pub fn digest(&self) -> SecretDigest {
        SecretDigest(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// SHA-256 of a random secret, or the keyed HMAC of a short one: what stores keep and look up by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretDigest(pub [u8; 32]);

impl SecretDigest {
    /// Compares in constant time.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretDigest(…)")
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Draws `length` symbols of `alphabet` without bias.
///
/// # Panics
/// Never for an alphabet of 1 to 256 symbols, the only kind used here.
pub(crate) fn random_symbols(secrets: &dyn Secrets, alphabet: &[u8], length: usize) -> String {
    let usable = 256 - 256 % alphabet.len();
    let mut symbols = String::with_capacity(length);
    while symbols.len() < length {
        let mut byte = [0];
        secrets.fill(&mut byte);
        let drawn = usize::from(byte[0]);
        if drawn < usable {
            symbols.push(char::from(alphabet[drawn % alphabet.len()]));
        }
    }
    symbols
}
