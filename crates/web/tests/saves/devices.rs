//! Which device an upload comes from.

use memcard_domain::account::{Scope, ScopeSet};
use serde_json::json;

use crate::support::{Multipart, Request, Story, content_uri};

#[actix_web::test]
async fn a_bound_token_stands_for_its_device_in_uploads_only() {
    let story = Story::begin().await;
    let scopes = ScopeSet::of(&[Scope::AssetsRead, Scope::AssetsWrite]);
    let token = story.world.a_token(&story.player.user, scopes, Some(story.handheld));
    let upload = async |parameters: &str, bytes: &[u8]| {
        let request = Request::post(&story.upload_uri(parameters)).multipart(Multipart::save("a.srm", bytes));
        story.app.send(request.bearer(&token)).await
    };
    let save = upload("slot=autosave", b"1").await.ok();
    assert_eq!(save["origin_device_id"], story.handheld.to_string());
    assert!(story.is_current(&save, story.handheld).await);
    upload("slot=autosave&device_id=", b"2").await.ok();

    upload(&format!("slot=autosave&device_id={}", story.desk), b"3").await.is_refused(403, "Forbidden");
    story.upload_from(story.desk, b"3").await.is_refused(409, "Slot has a newer save since your last sync");

    let read = story.app.send(Request::get("/api/saves").bearer(&token)).await.ok();
    assert_eq!(read[0]["device_syncs"], json!([]));
    let head = &story.list().await[0];
    story.upload_from(story.desk, b"4").await;
    let bound_desk = story.world.a_token(&story.player.user, scopes, Some(story.desk));
    story.app.send(Request::get(&content_uri(head)).bearer(&bound_desk)).await;
    assert!(!story.is_current(head, story.desk).await, "reading content infers no device");
}

#[actix_web::test]
async fn an_explicit_device_wins_over_the_bound_one() {
    let story = Story::begin().await;
    let token = story.world.a_token(&story.player.user, ScopeSet::ALL, Some(story.handheld));
    let uri = story.upload_uri(&format!("slot=a&device_id={}", story.desk));
    let request = Request::post(&uri).multipart(Multipart::save("a.srm", b"1")).bearer(&token);
    assert_eq!(story.app.send(request).await.ok()["origin_device_id"], story.desk.to_string());
}

#[actix_web::test]
async fn an_upload_without_a_device_always_succeeds() {
    let story = Story::begin().await;
    story.upload_from(story.handheld, b"1").await.ok();
    let save = story.upload("slot=autosave", Multipart::save("a.srm", b"2")).await.ok();
    assert_eq!((&save["origin_device_id"], &save["device_syncs"]), (&json!(null), &json!([])));
}
