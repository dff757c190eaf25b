//! What the administrator decides about HTTP.

use std::fmt;
use std::str::FromStr;

use actix_web::http::Uri;
use ipnet::IpNet;
use memcard_domain::secret::SecretDigest;
use thiserror::Error;

/// Settings of the web surface. [`Settings::new`] has the defaults.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where people reach the server from outside. It decides whether cookies are `Secure` and whether pairing answers
    /// absolute addresses; nothing is ever derived from the `Host` header.
    pub public_url: Option<PublicUrl>,
    /// Networks whose `X-Forwarded-For` is believed. Empty: nobody's.
    pub trusted_proxies: Vec<IpNet>,
    /// Largest request body in bytes.
    pub max_body_bytes: u64,
    /// The server's own version, for the heartbeat.
    pub version: String,
    /// Digest of the token that the first account needs; `None` closes that way in.
    pub setup_token: Option<SecretDigest>,
}

impl Settings {
    /// The defaults: no public address, no trusted proxy, bodies of 512 MiB, no way to set up over HTTP.
    pub fn new(version: impl Into<String>) -> Self {
        Self {
            public_url: None,
            trusted_proxies: Vec::new(),
            max_body_bytes: 512 * 1024 * 1024,
            version: version.into(),
            setup_token: None,
        }
    }

    /// Whether people reach the server by https.
    pub fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(PublicUrl::is_https)
    }
}

/// The server's address as people type it: scheme and authority, without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    scheme: Scheme,
    authority: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

impl PublicUrl {
    /// Whether the scheme is https.
    pub fn is_https(&self) -> bool {
        self.scheme == Scheme::Https
    }

    /// Host and, where it is not the scheme's own, port.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Whether a `Host` header names this address, given its scheme.
    pub(crate) fn is_at(&self, host: &str) -> bool {
        let scheme = if self.is_https() { "https" } else { "http" };
        format!("{scheme}://{host}").parse().is_ok_and(|named: Self| named == *self)
    }

    /// The address of a path on this server.
    pub fn join(&self, path: &str) -> String {
        format!("{self}{path}")
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        write!(f, "{scheme}://{}", self.authority)
    }
}

/// A text that is no public address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is no public address: expected http(s)://host or http(s)://host:port, without a path")]
pub struct InvalidPublicUrl(pub String);

impl FromStr for PublicUrl {
    type Err = InvalidPublicUrl;

    fn from_str(text: &str) -> Result<Self, InvalidPublicUrl> {
        let invalid = || InvalidPublicUrl(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| invalid())?;
        let (scheme, own_port) = match uri.scheme_str() {
            Some("http") => (Scheme::Http, 80),
            Some("https") => (Scheme::Https, 443),
            _ => return Err(invalid()),
        };
        let authority = uri.authority().ok_or_else(invalid)?;
        let is_bare = matches!(uri.path(), "" | "/") && uri.query().is_none();
        if !is_bare || authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(invalid());
        }
        let host = authority.host().to_ascii_lowercase();
        let authority = match authority.port_u16() {
            Some(port) if port != own_port => format!("{host}:{port}"),
            _ => host,
        };
        Ok(Self { scheme, authority })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_address_is_an_origin() {
        for (text, origin) in [
            ("https://games.example", "https://games.example"),
            ("https://Games.Example/", "https://games.example"),
            ("https://games.example:443", "https://games.example"),
            ("http://192.0.2.7:8080", "http://192.0.2.7:8080"),
            ("http://[2001:db8::1]:8080", "http://[2001:db8::1]:8080"),
        ] {
            assert_eq!(text.parse::<PublicUrl>().map(|url| url.to_string()), Ok(origin.to_owned()), "{text}");
        }
        for text in
            ["games.example", "ftp://games.example", "https://games.example/memcard", "https://a@b", ""]
        {
            assert_eq!(text.parse::<PublicUrl>(), Err(InvalidPublicUrl(text.to_owned())));
        }
    }
}
