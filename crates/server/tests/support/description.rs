//! The API's description, held against every answer of every test.

use std::sync::LazyLock;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, Response};
use serde_json::Value;

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::to_value(memcard_web::openapi()).expect("a document"));

/// Demands that the description names an answer's status and media type. What it does not speak of (pages, unknown
/// routes, methods that a route does not have) is passed over.
pub(super) fn must_name(method: &Method, path: &str, answer: &Response) {
    let Some((template, operations)) = described(path) else { return };
    let Some(operation) = operations.get(method.as_str().to_ascii_lowercase()) else { return };
    let status = answer.status().as_u16();
    let named = &operation["responses"][status.to_string()];
    assert!(!named.is_null(), "{method} {template} answers {status}, which is not described");
    let Some(content) = resolved(named)["content"].as_object() else { return };
    let Some(media_type) = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return;
    };
    let media_type = media_type.split(';').next().unwrap_or_default();
    assert!(
        content.keys().any(|known| fits(media_type, known)),
        "{method} {template} answers {status} with {media_type}, which is not described"
    );
}

/// The path's operations; where a segment could be a parameter or itself, it is itself.
fn described(path: &str) -> Option<(&'static String, &'static Value)> {
    let segments: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    let paths = DOCUMENT["paths"].as_object().expect("paths").iter();
    paths
        .filter(|(template, _)| {
            let template: Vec<&str> = template.split('/').collect();
            template.len() == segments.len()
                && template.iter().zip(&segments).all(|(known, sent)| known.starts_with('{') || known == sent)
        })
        .min_by_key(|(template, _)| template.matches('{').count())
}

fn resolved(response: &'static Value) -> &'static Value {
    match response["$ref"].as_str() {
        Some(reference) => DOCUMENT.pointer(reference.trim_start_matches('#')).expect(reference),
        None => response,
    }
}

/// Whether a media type is the one that is described, or of the kind (`image/*`).
fn fits(media_type: &str, described: &str) -> bool {
    match described.strip_suffix('*') {
        Some(kind) => media_type.starts_with(kind),
        None => media_type == described,
    }
}
