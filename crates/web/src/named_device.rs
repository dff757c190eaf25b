//! The device that a request names. One that it does not name may be the one its token is bound to; whether it is
//! differs by endpoint (contract § 1), so that handlers ask for it.

use memcard_domain::account::{Caller, Scope};
use memcard_domain::ids::DeviceId;
use uuid::Uuid;

use crate::error::ApiError;
use crate::input::FromPath as _;

/// The device of that name; an empty name is none.
///
/// # Errors
/// 404 for a text that can be no device's id.
pub(crate) fn named_device(text: Option<&str>) -> Result<Option<DeviceId>, ApiError> {
    text.filter(|text| !text.is_empty()).map(DeviceId::from_path).transpose()
}

/// The device of that name, for what takes a device that is unknown as none.
pub(crate) fn mentioned_device(text: Option<&str>) -> Option<DeviceId> {
    text.and_then(|text| Uuid::try_parse(text).ok()).map(DeviceId)
}

/// As [`named_device`], for what needs another scope once a device is named.
///
/// # Errors
/// 403 where one is named without that scope.
pub(crate) fn named_device_with(
    caller: &Caller,
    scope: Scope,
    text: Option<&str>,
) -> Result<Option<DeviceId>, ApiError> {
    if text.is_some_and(|text| !text.is_empty()) {
        caller.require(scope)?;
    }
    named_device(text)
}
