//! Turning templates and paths into answers.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, LOCATION};
use askama::Template;

use crate::error::ApiError;

/// A page with status 200.
pub(super) fn page(template: &impl Template) -> HttpResponse {
    page_with(StatusCode::OK, template)
}

/// A page with a status of its own.
pub(super) fn page_with(status: StatusCode, template: &impl Template) -> HttpResponse {
    match template.render() {
        Ok(html) => HttpResponse::build(status).content_type(ContentType::html()).body(html),
        Err(error) => actix_web::ResponseError::error_response(&ApiError::internal(&error)),
    }
}

/// Sends the browser on to one of our own paths, as GET.
pub(super) fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, path)).finish()
}

/// The path if it is one of ours, otherwise the start page. `//host` and `/\host` are other servers to a browser.
pub(super) fn local_path(path: Option<&str>) -> &str {
    let is_local = |path: &&str| {
        path.starts_with('/')
            && !path[1..].starts_with(['/', '\\'])
            && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    path.filter(is_local).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_paths_are_gone_on_to() {
        for (path, expected) in [
            (Some("/pair/device?user_code=ABCD2345"), "/pair/device?user_code=ABCD2345"),
            (Some("/"), "/"),
            (None, "/"),
            (Some(""), "/"),
            (Some("//evil.example/"), "/"),
            (Some("/\\evil.example/"), "/"),
            (Some("/\t/evil.example/"), "/"),
            (Some("https://evil.example/"), "/"),
            (Some("javascript:alert(1)"), "/"),
            (Some("/a\r\nSet-Cookie: x=y"), "/"),
        ] {
            assert_eq!(local_path(path), expected, "{path:?}");
        }
    }
}
