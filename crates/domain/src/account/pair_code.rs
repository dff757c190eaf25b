//! Pair codes: a short code, good once and for a minute, that hands an existing client token to a device.

use chrono::Duration;

use super::code::{ALPHABET, LENGTH};
use crate::ids::{TokenId, UserId};
use crate::ports::Secrets;
use crate::secret::{Secret, random_symbols};

/// How long a pair code is good.
pub const PAIR_CODE_LIFE: Duration = Duration::seconds(60);

/// What a pair code stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairCode {
    /// The token it hands out.
    pub token: TokenId,
    /// The token's owner.
    pub user: UserId,
}

impl PairCode {
    /// Makes a new code: 8 symbols of 31.
    pub fn generate(secrets: &dyn Secrets) -> Secret {
        Secret::new(random_symbols(secrets, ALPHABET, LENGTH))
    }
}
