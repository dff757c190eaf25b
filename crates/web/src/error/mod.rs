//! Errors on the wire: one type, and one mapping from the errors of the use cases to it (contract § 0, rules 1 to 3
//! and 10). Handlers say `?`; what status and text an error has stands in this folder, one file per concept.

mod account;
mod api_error;
mod blob;
mod catalogue;
mod device;
mod event;
mod pairing;
mod play;
mod save;
mod screenshot;
mod state;
mod store;
mod sync;

pub(crate) use api_error::{ApiError, invalid_at, invalid_member, invalid_parameter};
pub(crate) use play::refused_report;
