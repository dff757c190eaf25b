//! Lists, identifiers, summaries, one save, and what they show of devices.

use memcard_testkit::Multipart;
use serde_json::{Value, json};

use crate::support::{Home, Story, on_every_database};

on_every_database! {
    lists_are_bare_newest_first_and_filtered,
    devices_are_shown_only_where_one_asks_and_the_asking_one_first,
    identifiers_and_summary_tell_the_listed_saves,
    one_save_is_shown_as_in_the_list,
}

async fn lists_are_bare_newest_first_and_filtered(home: &Home) {
    let story = Story::begin(home).await;
    assert_eq!(story.get("/api/saves").await.ok(), json!([]));
    let game = json!({"platform_slug": "snes", "file_name": "Other.sfc"});
    let other_game = story.post("/api/roms/declare").json(&game).await.ok();
    let mine = story.upload_from(&story.handheld, b"1").await.ok();
    let uri = format!("/api/saves?rom_id={}&slot=b", other_game["id"]);
    let other = story.post(&uri).multipart(Multipart::save("b.srm", b"2")).await.ok();
    let newest = story.upload_from(&story.handheld, b"3").await.ok();

    let [mine, other, newest] = [mine, other, newest].map(|save| save["id"].clone());
    assert_eq!(story.listed("").await, [newest.clone(), other.clone(), mine.clone()]);
    let of_game = story.listed(&format!("rom_id={}", story.game)).await;
    assert_eq!(of_game, [newest.clone(), mine.clone()]);
    let of_platform = story.listed(&format!("platform_id={}", other_game["platform_id"])).await;
    assert_eq!(of_platform, std::slice::from_ref(&other));
    assert_eq!(story.listed("slot=b").await, std::slice::from_ref(&other));
    assert_eq!(story.listed(&format!("rom_id={}&slot=autosave", story.game)).await, [newest, mine]);
    assert_eq!(story.listed("rom_id=999").await, Vec::<Value>::new());
    assert_eq!(story.listed("slot=").await, Vec::<Value>::new());
}

async fn devices_are_shown_only_where_one_asks_and_the_asking_one_first(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"1").await.ok();
    assert_eq!(story.list().await[0]["device_syncs"], json!([]));
    assert_eq!(story.get("/api/saves?device_id=").await.ok()[0]["device_syncs"], json!([]));
    assert_eq!(story.get(&format!("/api/saves/{}", save["id"])).await.ok()["device_syncs"], json!([]));

    let of_handheld = save["device_syncs"][0].clone();
    let placeholder = json!({
        "device_id": story.desk,
        "device_name": "desk",
        "last_synced_at": save["updated_at"],
        "is_untracked": false,
        "is_current": false,
    });
    let query = format!("rom_id={}&device_id={}", story.game, story.desk);
    let asked = story.get(&format!("/api/saves?{query}")).await.ok();
    assert_eq!(asked[0]["device_syncs"], json!([placeholder, of_handheld]));
    assert_eq!(story.shown_to(&story.desk, &save).await["device_syncs"], json!([placeholder, of_handheld]));
    let by_handheld = story.shown_to(&story.handheld, &save).await;
    assert_eq!(by_handheld["device_syncs"], json!([of_handheld]));
    story.get("/api/saves?device_id=x").await.is_refused(404, "Device with ID x not found");
}

async fn identifiers_and_summary_tell_the_listed_saves(home: &Home) {
    let story = Story::begin(home).await;
    let none = story.get(&format!("/api/saves/summary?rom_id={}", story.game)).await.ok();
    assert_eq!(none, json!({"total_count": 0, "slots": []}));
    story.upload_from(&story.handheld, b"1").await.ok();
    let save = story.upload_from(&story.handheld, b"2").await.ok();
    let clock = story.upload("slot=autosave", Multipart::save("game.rtc", b"clock")).await.ok();
    let archival = story.upload("", Multipart::save("a.srm", b"3")).await.ok();
    story
        .upload_from(&story.desk, b"fork")
        .await
        .is_refused(409, "Slot has a newer save since your last sync");

    let ids = story.get("/api/saves/identifiers").await.ok();
    assert_eq!(ids.as_array().unwrap().len(), 4);
    assert_eq!((&ids[0], &ids[1]), (&archival["id"], &clock["id"]));

    let summary = story.get(&format!("/api/saves/summary?rom_id={}", story.game)).await.ok();
    assert_eq!(summary["total_count"], 4);
    let slots = summary["slots"].as_array().unwrap();
    assert_eq!(slots.len(), 2);
    assert_eq!((&slots[0]["slot"], &slots[0]["count"]), (&Value::Null, &json!(1)));
    assert_eq!((&slots[1]["slot"], &slots[1]["count"]), (&json!("autosave"), &json!(3)));
    assert_eq!(slots[1]["latest"]["id"], save["id"], "the latest is the main save, not the clock file");
    story.get("/api/saves/summary").await.is_invalid_at(&json!(["query", "rom_id"]));
}

async fn one_save_is_shown_as_in_the_list(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"1").await.ok();
    let listed = story.get(&format!("/api/saves?device_id={}", story.handheld)).await.ok();
    assert_eq!(story.shown_to(&story.handheld, &save).await, listed[0]);
    assert_eq!(listed[0], save);
}
