//! Devices.

use actix_web::http::StatusCode;
use memcard_api::devices::ExistingDevice;
use memcard_domain::device::{DeviceError, DeviceNotFound, InvalidLength, RegisterError};
use memcard_domain::ids::DeviceId;

use super::{ApiError, invalid_member};

impl From<DeviceNotFound> for ApiError {
    fn from(error: DeviceNotFound) -> Self {
        Self::not_found(error)
    }
}

impl From<InvalidLength> for ApiError {
    fn from(error: InvalidLength) -> Self {
        invalid_member(error.member, error)
    }
}

impl From<DeviceError> for ApiError {
    fn from(error: DeviceError) -> Self {
        match error {
            DeviceError::Forbidden(error) => error.into(),
            DeviceError::NotFound(error) => error.into(),
            DeviceError::Invalid(error) => error.into(),
            DeviceError::Store(error) => error.into(),
        }
    }
}

impl From<RegisterError> for ApiError {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Forbidden(error) => error.into(),
            RegisterError::Invalid(error) => error.into(),
            RegisterError::Exists(device) => exists(device, &error.to_string()),
            RegisterError::Store(error) => error.into(),
        }
    }
}

fn exists(device: DeviceId, message: &str) -> ApiError {
    let detail = ExistingDevice {
        error: "device_exists".to_owned(),
        message: message.to_owned(),
        device_id: device.0,
    };
    ApiError::with_object(StatusCode::CONFLICT, detail)
}
