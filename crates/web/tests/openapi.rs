//! The API's description: what it is, and how the server gives it away.

mod support;

use memcard_web::openapi;
use serde_json::Value;
use support::{App, Request, World};

async fn app() -> (World, App) {
    let world = World::new();
    let app = world.app().await;
    (world, app)
}

#[test]
fn operations_have_names_of_their_own_and_the_document_is_always_the_same() {
    let document = serde_json::to_value(openapi()).unwrap();
    assert_eq!(document, serde_json::to_value(openapi()).unwrap());
    let mut names = Vec::new();
    for item in document["paths"].as_object().unwrap().values() {
        names.extend(item.as_object().unwrap().values().map(|operation| operation["operationId"].clone()));
    }
    let distinct: std::collections::BTreeSet<String> = names.iter().map(Value::to_string).collect();
    assert_eq!(distinct.len(), names.len());
}

#[test]
fn everything_that_the_document_refers_to_is_in_it() {
    let document = serde_json::to_value(openapi()).unwrap();
    let text = document.to_string();
    let references: Vec<&str> =
        text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    for kind in ["/components/schemas/", "/components/responses/"] {
        assert!(references.iter().any(|reference| reference.starts_with(kind)), "nothing refers to {kind}");
    }
    for reference in references {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}

#[actix_web::test]
async fn anybody_may_read_the_description() {
    let (_world, app) = app().await;
    let answer = app.send(Request::get("/api/openapi.json")).await;
    assert_eq!(answer.ok(), serde_json::to_value(openapi()).unwrap());
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[actix_web::test]
async fn a_description_that_is_known_is_not_sent_again() {
    let (_world, app) = app().await;
    let tag = app.send(Request::get("/api/openapi.json")).await.header("etag").unwrap().to_owned();
    for known in [tag.as_str(), "*", &format!("\"other\", {tag}"), tag.trim_start_matches("W/")] {
        let again = app.send(Request::get("/api/openapi.json").header("if-none-match", known)).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{known}");
    }
    let older = app.send(Request::get("/api/openapi.json").header("if-none-match", "\"older\"")).await;
    assert_eq!(older.status, 200);
}

#[actix_web::test]
async fn the_page_that_shows_it_has_all_it_loads_from_the_server_itself() {
    let (_world, app) = app().await;
    let page = app.send(Request::get("/api/docs")).await;
    assert_eq!(page.status, 200);
    let attributes = page.text().split([' ', '>']);
    let loaded: Vec<&str> = attributes
        .filter_map(|attribute| attribute.strip_prefix("src=").or_else(|| attribute.strip_prefix("href=")))
        .map(|value| value.trim_matches('"'))
        .filter(|address| address.starts_with("/static/"))
        .collect();
    assert_eq!(loaded.len(), 4, "{}", page.text());
    for address in loaded {
        let answer = app.send(Request::get(address)).await;
        let kind = if address.ends_with(".css") { "text/css" } else { "text/javascript" };
        assert_eq!(answer.status, 200, "{address}");
        assert!(answer.header("content-type").unwrap().starts_with(kind), "{address}");
        // gzip's own magic number (RFC 1952 § 2.3.1), where the header says that it is.
        assert_eq!(answer.body.starts_with(&[0x1f, 0x8b]), answer.header("content-encoding") == Some("gzip"));
    }
}
