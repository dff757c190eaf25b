//! Client tokens: long-lived credentials for devices and programs (`rmm_…` on the wire).

use chrono::Duration;
use thiserror::Error;

use super::ScopeSet;
use crate::ids::{DeviceId, PairingId, TokenId, UserId};
use crate::ports::Secrets;
use crate::secret::{Secret, SecretDigest};
use crate::time::Timestamp;

/// How many live client tokens a user may have.
pub const MAX_LIVE_TOKENS: usize = 25;

/// A client token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientToken {
    /// Its id.
    pub id: TokenId,
    /// Whose it is.
    pub user: UserId,
    /// What the owner calls it, 1 to 255 characters.
    pub name: String,
    /// What it may do, as far as its owner still may.
    pub scopes: ScopeSet,
    /// Digest of the secret.
    pub digest: SecretDigest,
    /// The device it stands for, when it came from a pairing.
    pub device: Option<DeviceId>,
    /// The pairing it came from: unique, so that a pairing is redeemed once.
    pub pairing: Option<PairingId>,
    /// When it ends; `None` is never.
    pub expires_at: Option<Timestamp>,
    /// When it was last used (kept to the nearest five minutes).
    pub last_used_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl ClientToken {
    /// Whether it is good at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// A client token to be inserted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewClientToken {
    /// Whose it is.
    pub user: UserId,
    /// What the owner calls it.
    pub name: String,
    /// What it may do.
    pub scopes: ScopeSet,
    /// Digest of the secret.
    pub digest: SecretDigest,
    /// The device it stands for.
    pub device: Option<DeviceId>,
    /// The pairing it came from.
    pub pairing: Option<PairingId>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// Now.
    pub created_at: Timestamp,
}

/// Makes a new secret: `rmm_` and 64 lower-case hexadecimal digits (256 random bits).
pub fn generate_token(secrets: &dyn Secrets) -> Secret {
    Secret::new(format!("rmm_{}", Secret::random_hex(secrets).expose()))
}

/// How long a token shall live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenExpiry {
    /// 30 days.
    Days30,
    /// 90 days.
    Days90,
    /// 365 days.
    Year,
    /// For ever.
    #[default]
    Never,
}

impl TokenExpiry {
    /// Every choice.
    pub const ALL: [Self; 4] = [Self::Days30, Self::Days90, Self::Year, Self::Never];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Days30 => "30d",
            Self::Days90 => "90d",
            Self::Year => "1y",
            Self::Never => "never",
        }
    }

    /// When a token made at `now` ends.
    pub fn from(self, now: Timestamp) -> Option<Timestamp> {
        let days = match self {
            Self::Days30 => 30,
            Self::Days90 => 90,
            Self::Year => 365,
            Self::Never => return None,
        };
        Some(now + Duration::days(days))
    }
}

/// A text that is no choice of expiry.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("Invalid expires_in value: {0}. Valid values: 30d, 90d, 1y, never")]
pub struct InvalidExpiry(pub String);

impl std::str::FromStr for TokenExpiry {
    type Err = InvalidExpiry;

    fn from_str(name: &str) -> Result<Self, InvalidExpiry> {
        Self::ALL
            .into_iter()
            .find(|expiry| expiry.name() == name)
            .ok_or_else(|| InvalidExpiry(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_expiry_names_the_valid_ones() {
        assert_eq!(
            "2w".parse::<TokenExpiry>().unwrap_err().to_string(),
            "Invalid expires_in value: 2w. Valid values: 30d, 90d, 1y, never"
        );
        for expiry in TokenExpiry::ALL {
            assert_eq!(expiry.name().parse(), Ok(expiry));
        }
    }
}
