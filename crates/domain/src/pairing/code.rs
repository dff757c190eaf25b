//! The two codes of a flow: one that the device keeps, one that a person types.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::account::code::{ALPHABET, LENGTH};
use crate::ports::Secrets;
use crate::secret::{Secret, SecretDigest, random_symbols};

/// The code the device polls with: 256 random bits, 64 hexadecimal digits. Kept as SHA-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCode(pub Secret);

impl DeviceCode {
    /// Makes a new one.
    pub fn generate(secrets: &dyn Secrets) -> Self {
        Self(Secret::random_hex(secrets))
    }

    /// What is kept of it.
    pub fn digest(&self) -> SecretDigest {
        self.0.digest()
    }
}

/// The code a person types: 8 symbols of 31, in normal form (upper case, no separators). Kept as a keyed HMAC, because
/// it is short enough to be guessed from a plain hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserCode(Secret);

impl UserCode {
    /// Makes a new one.
    pub fn generate(secrets: &dyn Secrets) -> Self {
        Self(Secret::new(random_symbols(secrets, ALPHABET, LENGTH)))
    }

    /// Reads what a person typed: any ASCII case, full-width forms, with dashes and spaces anywhere. `None` for what
    /// cannot be a code.
    pub fn parse(typed: &str) -> Option<Self> {
        let mut code = String::with_capacity(LENGTH);
        for symbol in typed.chars().map(narrow) {
            if symbol.is_whitespace() || matches!(symbol, '-' | '‐' | '‑' | '‒' | '–' | '—' | '−')
            {
                continue;
            }
            let symbol = symbol.to_ascii_uppercase();
            let known = u8::try_from(symbol).is_ok_and(|byte| ALPHABET.contains(&byte));
            if !known || code.len() == LENGTH {
                return None;
            }
            code.push(symbol);
        }
        (code.len() == LENGTH).then(|| Self(Secret::new(code)))
    }

    /// The code in normal form, to be shown.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What is kept of it.
    pub fn digest(&self, key: &CodeKey) -> SecretDigest {
        key.digest(self.expose())
    }
}

/// The full-width forms of ASCII (U+FF01 to U+FF5E) as ASCII.
fn narrow(symbol: char) -> char {
    match symbol {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(symbol as u32 - 0xFEE0).unwrap_or(symbol),
        _ => symbol,
    }
}

/// The server's own key for short codes: made at first start, kept outside the database.
#[derive(Clone)]
pub struct CodeKey([u8; 32]);

impl CodeKey {
    /// Takes a key.
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// HMAC-SHA-256 (RFC 2104) of a code in normal form.
    pub fn digest(&self, code: &str) -> SecretDigest {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length");
        mac.update(code.as_bytes());
        SecretDigest(mac.finalize().into_bytes().into())
    }
}

impl std::fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CodeKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_code_reads_in_any_case_with_dashes_spaces_and_full_width_letters() {
        let code = UserCode::parse("ABCD2345").unwrap();
        for typed in ["abcd-2345", " AB CD 23 45 ", "ＡＢＣＤ２３４５", "abcd–2345"] {
            assert_eq!(UserCode::parse(typed), Some(code.clone()), "{typed}");
        }
    }

    #[test]
    fn what_is_no_code_is_none() {
        for typed in ["", "ABCD234", "ABCD23456", "ABCDI345", "ABCD0345", "abcdß345", "ıBCD2345"] {
            assert_eq!(UserCode::parse(typed), None, "{typed}");
        }
    }

    #[test]
    fn what_is_kept_of_a_user_code_depends_on_the_key() {
        let code = UserCode::parse("ABCD2345").unwrap();
        assert_ne!(code.digest(&CodeKey::new([1; 32])), code.digest(&CodeKey::new([2; 32])));
        assert!(!format!("{code:?}").contains("ABCD"));
    }
}
