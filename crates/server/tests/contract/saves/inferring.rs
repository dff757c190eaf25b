//! Which device an upload comes from (contract § 1, "A device-bound token stands for its device").

use memcard_testkit::Multipart;
use serde_json::json;

use crate::support::{Home, Story, content_uri, on_every_database};

on_every_database! {
    a_bound_token_stands_for_its_device_in_uploads,
    inferring_asks_for_no_other_scope_and_naming_does,
    an_explicit_device_wins_over_the_bound_one,
    reading_infers_no_device,
}

async fn a_bound_token_stands_for_its_device_in_uploads(home: &Home) {
    let story = Story::begin(home).await;
    let bound = story.server.pair(&story.player, "card-1").await;
    let upload = async |parameters: &str, bytes: &[u8]| {
        let uri = story.upload_uri(&format!("slot=autosave{parameters}"));
        story.server.post(&uri).by(&bound).multipart(Multipart::save("a.srm", bytes)).await
    };
    let save = upload("", b"1").await.ok();
    assert_eq!(save["origin_device_id"], bound.id);
    assert_eq!(save["device_syncs"][0]["device_id"], bound.id);
    assert!(story.is_current(&save, &bound.id).await);
    assert_eq!(upload("&device_id=", b"2").await.ok()["origin_device_id"], bound.id);
    story.upload("slot=autosave", Multipart::save("a.srm", b"3")).await.ok();
    upload("", b"4").await.is_refused(409, "Slot has a newer save since your last sync");
}

async fn inferring_asks_for_no_other_scope_and_naming_does(home: &Home) {
    let story = Story::begin(home).await;
    let bound = story.server.pair_with(&story.player, "card-1", &["assets.read", "assets.write"]).await;
    let upload = async |parameters: String| {
        let uri = story.upload_uri(&format!("slot=autosave{parameters}"));
        story.server.post(&uri).by(&bound).multipart(Multipart::save("a.srm", b"1")).await
    };
    assert_eq!(upload(String::new()).await.ok()["origin_device_id"], bound.id);
    upload(format!("&device_id={}", bound.id)).await.is_refused(403, "Forbidden");
}

async fn an_explicit_device_wins_over_the_bound_one(home: &Home) {
    let story = Story::begin(home).await;
    let bound = story.server.pair(&story.player, "card-1").await;
    let uri = story.upload_uri(&format!("slot=a&device_id={}", story.desk));
    let save = story.server.post(&uri).by(&bound).multipart(Multipart::save("a.srm", b"1")).await.ok();
    assert_eq!(save["origin_device_id"], story.desk);
}

async fn reading_infers_no_device(home: &Home) {
    let story = Story::begin(home).await;
    let bound = story.server.pair(&story.player, "card-1").await;
    let save = story.upload_from(&story.handheld, b"1").await.ok();
    let get = |uri: &str| story.server.get(uri).by(&bound);
    assert_eq!(get("/api/saves").await.ok()[0]["device_syncs"], json!([]));
    assert_eq!(get(&format!("/api/saves/{}", save["id"])).await.ok()["device_syncs"], json!([]));
    assert_eq!(get(&content_uri(&save)).await.body, "1");
    assert!(!story.is_current(&save, &bound.id).await, "reading content infers no device");
}
