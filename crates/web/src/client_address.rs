//! Whom a request comes from: the socket's address, unless that is a trusted proxy's; then `X-Forwarded-For`, walked
//! from the right to the first address that is not trusted. IPv4 in IPv6 counts as IPv4.

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::dev::Payload;
use actix_web::http::header::HeaderMap;
use actix_web::{FromRequest, HttpRequest};
use ipnet::IpNet;
use memcard_domain::limit::network;

use crate::error::ApiError;
use crate::openapi::{Extractor, Refusals};
use crate::state::State;

const FORWARDED_FOR: &str = "x-forwarded-for";
/// Stands for an address where a connection has none (a Unix socket).
const UNKNOWN: &str = "unknown";

/// The client's address as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClientAddress(String);

impl ClientAddress {
    /// The address of the client that sent the request.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let peer = request.peer_addr().map(|peer| peer.ip());
        let trusted = request.app_data::<State>().map_or(&[][..], |state| &state.settings.trusted_proxies);
        let address = peer.map(|peer| walk(peer, &forwarded_for(request.headers()), trusted));
        Self(address.map_or_else(|| UNKNOWN.to_owned(), |address| address.to_string()))
    }

    /// The address.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both look like one household's: the same address, or private ones of one IPv4 /24, or one IPv6 /64. A
    /// hint for a person, never a reason to decide.
    pub(crate) fn shares_network_with(&self, other: &str) -> bool {
        if network(&self.0) == network(other) {
            return true;
        }
        match (self.0.parse(), other.parse()) {
            (Ok(IpAddr::V4(one)), Ok(IpAddr::V4(two))) => {
                one.is_private() && one.octets()[..3] == two.octets()[..3]
            }
            _ => false,
        }
    }
}

impl Extractor for ClientAddress {
    fn note(_: &mut Refusals) {}
}

impl FromRequest for ClientAddress {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

fn forwarded_for(headers: &HeaderMap) -> Vec<&str> {
    let lines = headers.get_all(FORWARDED_FOR).map(|line| line.to_str().unwrap_or_default());
    lines.flat_map(|line| line.split(',')).map(str::trim).collect()
}

/// An entry that is no address ends the walk: what stands left of it was not checked by anybody trusted.
fn walk(peer: IpAddr, forwarded: &[&str], trusted: &[IpNet]) -> IpAddr {
    let mut address = peer.to_canonical();
    let mut entries = forwarded.iter().rev();
    while trusted.iter().any(|network| network.contains(&address)) {
        let Some(entry) = entries.next().and_then(|entry| parse_entry(entry)) else { break };
        address = entry;
    }
    address
}

/// Proxies write addresses bare, with a port, or bracketed.
fn parse_entry(entry: &str) -> Option<IpAddr> {
    let bare = entry.parse::<IpAddr>().ok();
    let with_port = || entry.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    bare.or_else(with_port).or_else(bracketed).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walked(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        walk(peer.parse().unwrap(), forwarded, &trusted).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_s_word_is_taken() {
        for (peer, forwarded, trusted, expected) in [
            ("192.0.2.1", &["203.0.113.9"][..], &[][..], "192.0.2.1"),
            ("10.0.0.2", &["203.0.113.9"], &["10.0.0.0/8"], "203.0.113.9"),
            ("10.0.0.2", &["198.51.100.7", "203.0.113.9"], &["10.0.0.0/8"], "203.0.113.9"),
            ("10.0.0.2", &["203.0.113.9", "10.0.0.3"], &["10.0.0.0/8"], "203.0.113.9"),
            ("10.0.0.2", &["203.0.113.9", "nonsense", "10.0.0.3"], &["10.0.0.0/8"], "10.0.0.3"),
            ("10.0.0.2", &[], &["10.0.0.0/8"], "10.0.0.2"),
            ("::ffff:10.0.0.2", &["203.0.113.9:4711"], &["10.0.0.0/8"], "203.0.113.9"),
            ("10.0.0.2", &["[2001:db8::1]:4711"], &["10.0.0.0/8"], "2001:db8::1"),
            ("::ffff:192.0.2.1", &[], &[], "192.0.2.1"),
        ] {
            assert_eq!(walked(peer, forwarded, trusted), expected, "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn one_household_s_addresses_share_a_network() {
        for (one, two, shared) in [
            ("203.0.113.9", "203.0.113.9", true),
            ("203.0.113.9", "203.0.113.10", false),
            ("192.168.1.20", "192.168.1.77", true),
            ("192.168.1.20", "192.168.2.20", false),
            ("2001:db8:1:2::1", "2001:db8:1:2::9", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
        ] {
            assert_eq!(ClientAddress(one.to_owned()).shares_network_with(two), shared, "{one} {two}");
        }
    }
}
