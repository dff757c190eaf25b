//! Which browser sent a request, by its `User-Agent` (RFC 9110 § 10.1.5). Programs name themselves there too: what is
//! not known as a browser is none.

use actix_web::HttpRequest;
use actix_web::http::header::USER_AGENT;
use memcard_domain::device::Browser;
use woothee::parser::{Parser, WootheeResult};

use crate::client_address::ClientAddress;

const UNKNOWN: &str = "UNKNOWN";

/// The browser that sent the request, if a browser did.
pub(crate) fn browser_of(request: &HttpRequest) -> Option<Browser> {
    let agent = request.headers().get(USER_AGENT)?.to_str().ok()?;
    let parsed = Parser::new().parse(agent).filter(is_browser)?;
    Some(Browser {
        name: name(parsed.name).to_owned(),
        system: system(parsed.os).map(str::to_owned),
        major_version: parsed.version.split('.').next().and_then(|major| major.parse().ok()),
        address: ClientAddress::of(request).as_str().to_owned(),
    })
}

fn is_browser(parsed: &WootheeResult<'_>) -> bool {
    parsed.browser_type == "browser" && parsed.name != UNKNOWN
}

fn name(parsed: &str) -> &str {
    match parsed {
        "SamsungBrowser" => "Samsung Internet",
        name => name,
    }
}

/// A system as people call it, whatever its version: browsers no longer tell that truly.
fn system(parsed: &str) -> Option<&str> {
    match parsed {
        UNKNOWN => None,
        "Mac OSX" => Some("macOS"),
        "iPhone" | "iPad" | "iPod" => Some("iOS"),
        name if name.starts_with("Windows") => Some("Windows"),
        name => Some(name),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn browser(agent: &str) -> Option<(String, Option<u32>)> {
        let request = TestRequest::default().insert_header((USER_AGENT, agent)).to_http_request();
        browser_of(&request).map(|browser| (browser.label(), browser.major_version))
    }

    #[test]
    fn browsers_in_use_are_known_with_system_and_major_version() {
        let chromium = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36";
        let webkit = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
        for (agent, label, version) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0".to_owned(),
                "Firefox on Linux",
                128,
            ),
            (
                "Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0".to_owned(),
                "Firefox on Android",
                127,
            ),
            (format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {chromium}"), "Chrome on Windows", 126),
            (
                format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {chromium} Edg/127.0.0.0"),
                "Edge on Windows",
                127,
            ),
            (
                format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {chromium} OPR/112.0.0.0"),
                "Opera on Windows",
                112,
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 \
                 Chrome/121.0.0.0 Mobile Safari/537.36"
                    .to_owned(),
                "Samsung Internet on Android",
                25,
            ),
            (format!("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {chromium}"), "Chrome on ChromeOS", 126),
            (
                format!(
                    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {webkit} Version/17.5 Safari/605.1.15"
                ),
                "Safari on macOS",
                17,
            ),
            (
                format!(
                    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) {webkit} Version/17.5 \
                     Mobile/15E148 Safari/604.1"
                ),
                "Safari on iOS",
                17,
            ),
            (
                format!("Mozilla/5.0 (PlayStation; PlayStation 5/2.26) {webkit} Version/13.0 Safari/605.1.15"),
                "Safari",
                13,
            ),
        ] {
            assert_eq!(browser(&agent), Some((label.to_owned(), Some(version))), "{agent}");
        }
    }

    #[test]
    fn programs_are_no_browsers() {
        for agent in [
            "",
            "Mozilla/5.0",
            "curl/8.8.0",
            "Wget/1.24.5",
            "python-requests/2.32.3",
            "python-httpx/0.27.0",
            "Go-http-client/1.1",
            "okhttp/4.12.0",
            "Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8)",
            "argosy-launcher/1.0 (Android 14)",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        ] {
            assert_eq!(browser(agent), None, "{agent}");
        }
        assert_eq!(browser_of(&TestRequest::default().to_http_request()), None);
    }
}
