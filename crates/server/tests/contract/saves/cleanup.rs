//! Autocleanup: hides a slot's older saves, never the one that a device holds.

use memcard_testkit::Multipart;
use serde_json::Value;

use crate::support::{Home, Story, content_uri, on_every_database};

on_every_database! {
    autocleanup_keeps_the_newest_saves_in_the_lists,
    what_a_device_holds_stays_in_the_lists,
    what_is_hidden_is_not_destroyed,
    other_slots_and_companions_are_left_alone,
}

impl Story {
    async fn upload_numbered(&self, parameters: &str, number: u32) -> Value {
        let body = Multipart::save("a.srm", number.to_string().as_bytes());
        self.upload(&format!("slot=a&{parameters}"), body).await.ok()
    }
}

async fn autocleanup_keeps_the_newest_saves_in_the_lists(home: &Home) {
    let story = Story::begin(home).await;
    for number in 0..12 {
        story.upload_numbered("autocleanup=false&autocleanup_limit=1", number).await;
    }
    assert_eq!(story.list().await.len(), 12);
    story.upload_numbered("autocleanup=1", 12).await;
    assert_eq!(story.list().await.len(), 10, "the default limit");
    for number in 13..104 {
        story.upload_numbered("", number).await;
    }
    story.upload_numbered("autocleanup=true&autocleanup_limit=500", 104).await;
    assert_eq!(story.list().await.len(), 100, "a limit above 100 is 100");
    story.upload_numbered("autocleanup=yes&autocleanup_limit=3", 105).await;
    assert_eq!(story.list().await.len(), 3);
    let newest = story.upload_numbered("autocleanup=on&autocleanup_limit=-5", 106).await;
    assert_eq!(story.listed("").await, [newest["id"].clone()], "a limit below 1 is 1");
}

async fn what_a_device_holds_stays_in_the_lists(home: &Home) {
    let story = Story::begin(home).await;
    let of_desk = story.upload_numbered(&format!("device_id={}", story.desk), 0).await;
    story.upload_numbered("", 1).await;
    let head = story.upload_numbered("autocleanup=true&autocleanup_limit=1", 2).await;
    assert_eq!(story.listed("").await, [head["id"].clone(), of_desk["id"].clone()]);
}

async fn what_is_hidden_is_not_destroyed(home: &Home) {
    let story = Story::begin(home).await;
    let hidden = story.upload_numbered("", 0).await;
    let head = story.upload_numbered("autocleanup=true&autocleanup_limit=1", 1).await;
    assert_eq!(story.listed("").await, [head["id"].clone()]);
    let content = story.get(&content_uri(&hidden)).await;
    assert_eq!((content.status, content.body.as_ref()), (200, b"0".as_slice()));
}

async fn other_slots_and_companions_are_left_alone(home: &Home) {
    let story = Story::begin(home).await;
    let elsewhere = story.upload("slot=b", Multipart::save("a.srm", b"x")).await.ok();
    let upload_clock = async |bytes: &[u8]| {
        let parameters = "slot=a&autocleanup=true&autocleanup_limit=1";
        story.upload(parameters, Multipart::save("a.rtc", bytes)).await.ok()
    };
    let (older_clock, clock) = (upload_clock(b"1").await, upload_clock(b"2").await);
    story.upload_numbered("", 0).await;
    let head = story.upload_numbered("autocleanup=true&autocleanup_limit=1", 1).await;
    let expected = [&head, &clock, &older_clock, &elsewhere].map(|save| save["id"].clone());
    assert_eq!(story.listed("").await, expected);
}
