//! What a device is known to hold, and what it tracks.

use memcard_testkit::Multipart;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Home, Story, content_uri, eventually, on_every_database};

on_every_database! {
    an_optimistic_download_makes_the_device_current,
    an_empty_body_is_whole_as_soon_as_it_is_answered,
    a_confirmed_download_counts_only_once_it_is_confirmed,
    downloaded_confirms_the_version_that_was_served_under_that_id,
    heads_parts_and_other_devices_bodies_are_no_evidence,
    a_device_is_current_for_the_head_alone,
    untracking_a_save_that_was_never_synced_makes_the_record,
    untracking_holds_until_the_device_takes_the_slot_again,
    evidence_needs_a_device_and_a_save_that_are_there,
}

async fn an_optimistic_download_makes_the_device_current(home: &Home) {
    let story = Story::begin(home).await;
    for (slot, parameters) in [("a", ""), ("b", "&optimistic=true"), ("c", "&optimistic=1")] {
        let save = story.upload(&format!("slot={slot}"), Multipart::save("a.srm", b"1")).await.ok();
        let uri = format!("{}?device_id={}{parameters}", content_uri(&save), story.desk);
        assert_eq!(story.get(&uri).await.body, "1");
        eventually(async || story.is_current(&save, &story.desk).await).await;
    }
}

async fn an_empty_body_is_whole_as_soon_as_it_is_answered(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload("slot=a", Multipart::save("a.srm", b"")).await.ok();
    story.get(&format!("{}?device_id={}", content_uri(&save), story.desk)).await;
    assert!(story.is_current(&save, &story.desk).await);
}

async fn a_confirmed_download_counts_only_once_it_is_confirmed(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"1").await.ok();
    story.get(&format!("{}?device_id={}&optimistic=false", content_uri(&save), story.desk)).await;
    assert!(!story.is_current(&save, &story.desk).await);
    for _ in 0..2 {
        let answer = story.tell("downloaded", &save, &story.desk).await.ok();
        assert_eq!(answer["id"], save["id"]);
        assert_eq!(answer["device_syncs"][0]["device_id"], story.desk);
        assert_eq!(answer["device_syncs"][0]["is_current"], true);
    }
}

async fn downloaded_confirms_the_version_that_was_served_under_that_id(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"1").await.ok();
    story.get(&format!("{}?device_id={}&optimistic=false", content_uri(&save), story.desk)).await;
    let newer = story.upload_from(&story.handheld, b"2").await.ok();
    let confirmed = story.tell("downloaded", &save, &story.desk).await.ok();
    assert_eq!(confirmed["device_syncs"][0]["is_current"], true);
    assert!(!story.is_current(&newer, &story.desk).await, "what was served is what the device holds");
    story.upload_from(&story.desk, b"3").await.is_refused(409, "Slot has a newer save since your last sync");

    // An archival save keeps its id while its content changes.
    let archival = story.upload("", Multipart::save("a.srm", b"old")).await.ok();
    story.get(&format!("{}?device_id={}&optimistic=false", content_uri(&archival), story.desk)).await;
    story.upload("", Multipart::save("a.srm", b"new")).await.ok();
    story.tell("downloaded", &archival, &story.desk).await.ok();
    assert!(!story.is_current(&archival, &story.desk).await);
}

async fn heads_parts_and_other_devices_bodies_are_no_evidence(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"hello").await.ok();
    let uri = format!("{}?device_id={}", content_uri(&save), story.desk);
    story.server.request(Method::HEAD, &uri).by(&story.player).await;
    story.get(&uri).header("range", "bytes=0-").await;
    story.get(&content_uri(&save)).await;
    assert!(!story.is_current(&save, &story.desk).await);
}

async fn a_device_is_current_for_the_head_alone(home: &Home) {
    let story = Story::begin(home).await;
    let older = story.upload_from(&story.handheld, b"1").await.ok();
    assert!(story.is_current(&older, &story.handheld).await);
    let head = story.upload_from(&story.handheld, b"2").await.ok();
    assert!(story.is_current(&head, &story.handheld).await);
    assert!(!story.is_current(&older, &story.handheld).await);
}

async fn untracking_a_save_that_was_never_synced_makes_the_record(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"1").await.ok();
    let entry = |answer: &Value| answer["device_syncs"][0].clone();
    let tracked = story.tell("track", &save, &story.desk).await.ok();
    assert_eq!(entry(&tracked)["is_untracked"], false);
    let by_handheld = story.shown_to(&story.handheld, &save).await;
    assert_eq!(by_handheld["device_syncs"].as_array().unwrap().len(), 1, "tracking it made no record");
    let untracked = story.tell("untrack", &save, &story.desk).await.ok();
    assert_eq!(
        (&entry(&untracked)["is_untracked"], &entry(&untracked)["device_id"]),
        (&json!(true), &json!(story.desk))
    );
    let by_handheld = story.shown_to(&story.handheld, &save).await;
    assert_eq!(by_handheld["device_syncs"].as_array().unwrap().len(), 2);
}

async fn untracking_holds_until_the_device_takes_the_slot_again(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"1").await.ok();
    let is_untracked = async || {
        let shown = story.shown_to(&story.desk, &save).await;
        shown["device_syncs"][0]["is_untracked"].as_bool().unwrap()
    };
    for how in ["track", "downloaded", "optimistic download", "upload"] {
        story.tell("untrack", &save, &story.desk).await.ok();
        assert!(is_untracked().await, "{how}");
        assert_eq!(story.plan_for(&story.desk).await["operations"], json!([]), "{how}");
        match how {
            "optimistic download" => {
                story.get(&format!("{}?device_id={}", content_uri(&save), story.desk)).await;
                eventually(async || !is_untracked().await).await;
            }
            "upload" => {
                story.upload_from(&story.desk, b"1").await.ok();
            }
            call => {
                story.tell(call, &save, &story.desk).await.ok();
            }
        }
        assert!(!is_untracked().await, "{how}");
    }
    story.tell("untrack", &save, &story.desk).await.ok();
    story.get(&format!("{}?device_id={}&optimistic=false", content_uri(&save), story.desk)).await;
    assert!(is_untracked().await, "a download that is yet to be confirmed");
    let newer = story.upload_from(&story.handheld, b"2").await.ok();
    let shown = story.shown_to(&story.desk, &newer).await;
    assert_eq!(shown["device_syncs"][0]["is_untracked"], true, "it holds for the slot");
}

async fn evidence_needs_a_device_and_a_save_that_are_there(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"1").await.ok();
    for call in ["downloaded", "track", "untrack"] {
        let uri = format!("/api/saves/{}/{call}", save["id"]);
        story.tell(call, &save, "x").await.is_refused(404, "Device with ID x not found");
        story.post(&uri).json(&json!({})).await.is_invalid_at(&json!(["body", "device_id"]));
        let unknown = story.tell(call, &json!({"id": 999}), &story.desk).await;
        unknown.is_refused(404, "Save with ID 999 not found");
    }
}
