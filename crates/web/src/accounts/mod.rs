//! Accounts and tokens (contract § 1).

mod access_tokens;
mod client_tokens;
mod conversion;
mod login;
mod pair_codes;
mod users;

use crate::routing::Endpoints;

pub(crate) use conversion::{read_expiry, read_scopes};
pub(crate) use login::{log_in, setup_token_matches};

/// The section's endpoints.
pub(crate) fn endpoints(endpoints: &mut Endpoints) {
    access_tokens::endpoints(endpoints);
    login::endpoints(endpoints);
    users::endpoints(endpoints);
    client_tokens::endpoints(endpoints);
    pair_codes::endpoints(endpoints);
}
