//! Lists, identifiers, summaries.

use memcard_testkit::builders::a_game;
use serde_json::{Value, json};

use crate::support::{Multipart, Request, Story};

#[actix_web::test]
async fn lists_are_filtered_and_show_devices_only_where_one_asks() {
    let story = Story::begin().await;
    let other_game = story.world.a_game_like(a_game().named("Other").on("snes"));
    let mine = story.upload_from(story.handheld, b"1").await.ok();
    let uri = format!("/api/saves?rom_id={other_game}&slot=b");
    let other = story.send(Request::post(&uri).multipart(Multipart::save("b.srm", b"2"))).await.ok();
    let platform = story.get("/api/platforms").await.ok();
    let snes = platform.as_array().unwrap().iter().find(|platform| platform["slug"] == "snes").unwrap();

    let ids = async |query: &str| {
        let saves = story.get(&format!("/api/saves?{query}")).await.ok();
        saves.as_array().unwrap().iter().map(|save| save["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids("").await.len(), 2);
    assert_eq!(ids(&format!("rom_id={}", story.game)).await, [mine["id"].clone()]);
    assert_eq!(ids(&format!("platform_id={}", snes["id"])).await, [other["id"].clone()]);
    assert_eq!(ids("slot=b").await, [other["id"].clone()]);
    assert_eq!(ids("rom_id=999").await, Vec::<Value>::new());
    assert_eq!(story.get("/api/saves/").await.ok().as_array().unwrap().len(), 2);

    let asked = story.get(&format!("/api/saves?rom_id={}&device_id={}", story.game, story.desk)).await.ok();
    let syncs = &asked[0]["device_syncs"];
    assert_eq!(syncs[0]["device_id"], story.desk.to_string());
    assert_eq!((&syncs[0]["is_current"], &syncs[0]["last_synced_at"]), (&json!(false), &mine["updated_at"]));
    assert_eq!(syncs[1]["device_id"], story.handheld.to_string());
    assert_eq!(syncs[1]["is_current"], true);
    assert_eq!(story.get("/api/saves?device_id=").await.ok()[0]["device_syncs"], json!([]));
    story.get("/api/saves?device_id=x").await.is_refused(404, "Device with ID x not found");
}

#[actix_web::test]
async fn identifiers_and_summary_tell_the_listed_saves() {
    let story = Story::begin().await;
    story.upload_from(story.handheld, b"1").await.ok();
    let save = story.upload_from(story.handheld, b"2").await.ok();
    let uri = "slot=autosave";
    let clock = story.upload(uri, Multipart::save("game.rtc", b"clock")).await.ok();
    let archival = story.upload("", Multipart::save("a.srm", b"3")).await.ok();
    story.upload_from(story.desk, b"fork").await;

    let ids = story.get("/api/saves/identifiers").await.ok();
    assert_eq!(ids.as_array().unwrap().len(), 4);
    assert_eq!(ids[0], archival["id"]);
    assert_eq!(ids[1], clock["id"]);

    let summary = story.get(&format!("/api/saves/summary?rom_id={}", story.game)).await.ok();
    assert_eq!(summary["total_count"], 4);
    let slots = summary["slots"].as_array().unwrap();
    assert_eq!(slots.len(), 2);
    assert_eq!((&slots[0]["slot"], &slots[0]["count"]), (&json!(null), &json!(1)));
    assert_eq!((&slots[1]["slot"], &slots[1]["count"]), (&json!("autosave"), &json!(3)));
    assert_eq!(slots[1]["latest"]["id"], save["id"], "the latest is the main save, not the clock file");
    story.get("/api/saves/summary").await.is_invalid_at(&json!(["query", "rom_id"]));
}
