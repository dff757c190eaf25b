//! The browser's session cookie. Over https it is `__Host-memcard` and `Secure`: no other host, port scheme or path can
//! set or read it. Over plain http, where browsers refuse both, it is `memcard`.

use actix_web::HttpRequest;
use actix_web::http::header::{COOKIE, HeaderName, HeaderValue, SET_COOKIE};
use memcard_domain::account::BROWSER_ABSOLUTE_LIFE;
use memcard_domain::secret::Secret;

use crate::settings::Settings;

/// The cookie that the request brings.
pub(crate) fn read(request: &HttpRequest, settings: &Settings) -> Option<Secret> {
    let name = name(settings);
    let lines = request.headers().get_all(COOKIE).filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| Secret::new(value)).next()
}

/// The header that gives the browser its cookie.
pub(crate) fn set(cookie: &Secret, settings: &Settings) -> (HeaderName, HeaderValue) {
    header(cookie.expose(), BROWSER_ABSOLUTE_LIFE.num_seconds(), settings)
}

/// The header that takes it away.
pub(crate) fn clear(settings: &Settings) -> (HeaderName, HeaderValue) {
    header("", 0, settings)
}

fn header(value: &str, max_age: i64, settings: &Settings) -> (HeaderName, HeaderValue) {
    let name = name(settings);
    let secure = if settings.is_https() { "; Secure" } else { "" };
    let line = format!("{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}");
    // Name, hexadecimal value and attributes are ASCII without control characters.
    let line = HeaderValue::from_str(&line).unwrap_or_else(|_| HeaderValue::from_static(""));
    (SET_COOKIE, line)
}

fn name(settings: &Settings) -> &'static str {
    if settings.is_https() { "__Host-memcard" } else { "memcard" }
}
