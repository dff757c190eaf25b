//! Fingerprints: how a device that registers again is recognised (contract § 3).

use super::{Device, DeviceDetails};

/// A hardware address: kept as sent, compared in normal form (case, and `-` or `:`, do not count).
#[derive(Debug, Clone, Eq)]
pub struct MacAddress(String);

impl MacAddress {
    /// Takes an address as it was sent; an empty one is none.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// As it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form by which addresses are compared: lower case, separators dropped.
    pub fn normal_form(&self) -> String {
        self.0.chars().filter(|symbol| !matches!(symbol, ':' | '-')).flat_map(char::to_lowercase).collect()
    }
}

impl PartialEq for MacAddress {
    fn eq(&self, other: &Self) -> bool {
        self.normal_form() == other.normal_form()
    }
}

/// What a device is recognised by, strongest first. Of several matches the one seen last counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fingerprint {
    /// By hardware address.
    pub mac: Option<MacAddress>,
    /// By host name and platform, where the hardware address finds none.
    pub host: Option<(String, Option<String>)>,
    /// By network address and platform, only where neither hardware address nor host name was sent.
    pub address: Option<(String, Option<String>)>,
}

impl Fingerprint {
    /// The fingerprint of what a device says of itself.
    pub fn of(details: &DeviceDetails) -> Self {
        let present = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let mac = details.mac_address.clone();
        let host = present(&details.hostname).map(|host| (host, details.platform.clone()));
        let address = match (&mac, &host) {
            (None, None) => present(&details.ip_address).map(|address| (address, details.platform.clone())),
            _ => None,
        };
        Self { mac, host, address }
    }

    /// The device that shows this fingerprint, of `candidates` with the one seen last first: the first that matches by
    /// the strongest part that any matches by.
    pub fn recognise(&self, candidates: Vec<Device>) -> Option<Device> {
        let parts = [Self::matches_mac, Self::matches_host, Self::matches_address];
        let possible: Vec<Device> =
            candidates.into_iter().filter(|known| self.may_be(&known.details)).collect();
        let place = parts
            .into_iter()
            .find_map(|matches| possible.iter().position(|known| matches(self, &known.details)))?;
        possible.into_iter().nth(place)
    }

    fn matches_mac(&self, known: &DeviceDetails) -> bool {
        self.mac.is_some() && self.mac == known.mac_address
    }

    fn matches_host(&self, known: &DeviceDetails) -> bool {
        self.host.as_ref().is_some_and(|(host, platform)| {
            known.hostname.as_ref() == Some(host) && known.platform == *platform
        })
    }

    fn matches_address(&self, known: &DeviceDetails) -> bool {
        self.address.as_ref().is_some_and(|(address, platform)| {
            known.ip_address.as_ref() == Some(address) && known.platform == *platform
        })
    }

    /// Whether a known device may be the one that shows this fingerprint: one whose own hardware address is known and
    /// differs never is.
    pub fn may_be(&self, known: &DeviceDetails) -> bool {
        match (&self.mac, &known.mac_address) {
            (Some(shown), Some(known)) => shown == known,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hardware_addresses_are_compared_in_normal_form() {
        assert_eq!(MacAddress::new("AA:BB:CC:00:11:22"), MacAddress::new("aa-bb-cc-00-11-22"));
        assert_eq!(MacAddress::new("  "), None);
    }

    #[test]
    fn the_network_address_counts_only_where_nothing_better_was_sent() {
        let mut details =
            DeviceDetails { ip_address: Some("10.0.0.5".to_owned()), ..DeviceDetails::default() };
        assert!(Fingerprint::of(&details).address.is_some());
        details.hostname = Some("handheld".to_owned());
        assert_eq!(Fingerprint::of(&details).address, None);
    }
}
