//! How long a device's texts may be (contract §§ 2, 3).

use thiserror::Error;

use super::DeviceDetails;

/// A text is too short or too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{member} must have {least} to {most} characters")]
pub struct InvalidLength {
    /// Which member, as the wire names it.
    pub member: &'static str,
    /// The fewest characters.
    pub least: usize,
    /// The most characters.
    pub most: usize,
}

/// Counts characters, not bytes.
pub(crate) fn check_length(
    member: &'static str,
    text: &str,
    least: usize,
    most: usize,
) -> Result<(), InvalidLength> {
    let length = text.chars().count();
    if (least..=most).contains(&length) { Ok(()) } else { Err(InvalidLength { member, least, most }) }
}

impl DeviceDetails {
    /// Whether every text is short enough.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check(&self) -> Result<(), InvalidLength> {
        let texts = [
            ("name", self.name.as_deref(), 255),
            ("platform", self.platform.as_deref(), 50),
            ("client", self.client.as_deref(), 50),
            ("client_version", self.client_version.as_deref(), 50),
            ("ip_address", self.ip_address.as_deref(), 45),
            ("mac_address", self.mac_address.as_ref().map(super::MacAddress::as_str), 17),
            ("hostname", self.hostname.as_deref(), 255),
        ];
        texts.into_iter().try_for_each(|(member, text, most)| {
            text.map_or(Ok(()), |text| check_length(member, text, 0, most))
        })
    }
}
