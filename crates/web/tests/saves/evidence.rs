//! What a device is known to hold.

use std::future::poll_fn;
use std::pin::Pin;

use actix_web::body::{BoxBody, MessageBody as _};
use actix_web::http::Method;
use actix_web::web::Bytes;
use serde_json::json;

use crate::support::{Multipart, Request, Story, content_uri};

#[actix_web::test]
async fn a_device_is_current_once_the_whole_body_was_taken_and_not_before() {
    let story = Story::begin().await;
    let save = story.upload_from(story.handheld, &[7; 300_000]).await.ok();
    let uri = format!("{}?device_id={}", content_uri(&save), story.desk);

    let begun = story.app.begin(Request::get(&uri).bearer(&story.player.token)).await;
    assert!(!story.is_current(&save, story.desk).await, "a download that began is no evidence");
    let mut body = begun.into_body();
    for _ in 0..3 {
        next_chunk(&mut body).await.unwrap();
        assert!(!story.is_current(&save, story.desk).await, "a part of a body is no evidence");
    }
    drop(body);
    assert!(!story.is_current(&save, story.desk).await, "a body that broke off is no evidence");

    assert_eq!(story.get(&uri).await.body.len(), 300_000);
    assert!(story.is_current(&save, story.desk).await);
}

#[actix_web::test]
async fn an_empty_body_is_whole_as_soon_as_it_is_answered() {
    let story = Story::begin().await;
    let save = story.upload("slot=a", Multipart::save("a.srm", b"")).await.ok();
    story.get(&format!("{}?device_id={}", content_uri(&save), story.desk)).await;
    assert!(story.is_current(&save, story.desk).await);
}

#[actix_web::test]
async fn a_confirmed_download_counts_only_once_it_is_confirmed() {
    let story = Story::begin().await;
    let save = story.upload_from(story.handheld, b"1").await.ok();
    let uri = format!("{}?device_id={}&optimistic=false", content_uri(&save), story.desk);
    story.get(&uri).await;
    assert!(!story.is_current(&save, story.desk).await);

    let newer = story.upload_from(story.handheld, b"2").await.ok();
    let downloaded = format!("/api/saves/{}/downloaded", save["id"]);
    for _ in 0..2 {
        let answer = story.post(&downloaded, &json!({"device_id": story.desk})).await.ok();
        assert_eq!(answer["id"], save["id"]);
        assert_eq!(answer["device_syncs"][0]["is_current"], true);
    }
    assert!(!story.is_current(&newer, story.desk).await, "what was served is what the device holds");
}

#[actix_web::test]
async fn heads_parts_and_other_devices_bodies_are_no_evidence() {
    let story = Story::begin().await;
    let save = story.upload_from(story.handheld, b"hello").await.ok();
    let uri = format!("{}?device_id={}", content_uri(&save), story.desk);

    let head = story.send(Request::new(Method::HEAD, &uri)).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    assert_eq!(head.header("etag").map(str::len), Some(66));
    story.send(Request::get(&uri).header("range", "bytes=0-")).await;
    story.get(&content_uri(&save)).await;
    assert!(!story.is_current(&save, story.desk).await);
}

#[actix_web::test]
async fn untracking_holds_until_the_device_takes_the_slot_again() {
    let story = Story::begin().await;
    let save = story.upload_from(story.handheld, b"1").await.ok();
    let call = async |call: &str| {
        let uri = format!("/api/saves/{}/{call}", save["id"]);
        story.post(&uri, &json!({"device_id": story.desk})).await.ok()["device_syncs"][0]["is_untracked"]
            .clone()
    };
    assert_eq!(call("track").await, false);
    assert_eq!(call("untrack").await, true);
    let plan = story.post("/api/sync/negotiate", &json!({"device_id": story.desk, "saves": []})).await.ok();
    assert_eq!(plan["operations"], json!([]));
    assert_eq!(call("track").await, false);
    call("untrack").await;
    assert_eq!(call("downloaded").await, false);
    call("untrack").await;
    story.get(&format!("{}?device_id={}", content_uri(&save), story.desk)).await;
    let shown = story.get(&format!("/api/saves/{}?device_id={}", save["id"], story.desk)).await.ok();
    assert_eq!(shown["device_syncs"][0]["is_untracked"], false);
}

#[actix_web::test]
async fn evidence_needs_a_device_that_is_there() {
    let story = Story::begin().await;
    let save = story.upload_from(story.handheld, b"1").await.ok();
    for call in ["downloaded", "track", "untrack"] {
        let uri = format!("/api/saves/{}/{call}", save["id"]);
        story.post(&uri, &json!({"device_id": "x"})).await.is_refused(404, "Device with ID x not found");
        story.post(&uri, &json!({})).await.is_invalid_at(&json!(["body", "device_id"]));
        let unknown = format!("/api/saves/999/{call}");
        let answer = story.post(&unknown, &json!({"device_id": story.desk})).await;
        answer.is_refused(404, "Save with ID 999 not found");
    }
}

/// The next bytes of a body; `None` at its end, and where it broke off.
async fn next_chunk(body: &mut BoxBody) -> Option<Bytes> {
    let mut body = Pin::new(body);
    poll_fn(|context| body.as_mut().poll_next(context)).await?.ok()
}
