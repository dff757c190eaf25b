//! `GET /api/saves/history`, `GET /api/saves/versions/{id}/content`.

use memcard_testkit::Multipart;
use reqwest::Method;
use serde_json::{Value, json};

use super::{save_uri, states, version_content_uri};
use crate::support::{Home, Story, on_every_database};

on_every_database! {
    a_version_is_a_save_object_and_what_is_said_of_the_version,
    the_history_has_every_version_newest_first_whatever_became_of_it,
    a_version_s_parent_is_what_its_writer_held,
    the_history_of_a_slot_has_its_companions_and_nothing_of_others,
    each_user_and_game_has_a_history_of_its_own,
    the_bytes_of_every_version_are_served_to_their_owner,
    a_version_s_bytes_are_served_whole_or_in_part,
    fetching_a_version_says_nothing_of_devices,
    unknown_and_other_users_versions_are_not_found,
    the_history_needs_a_game,
    reading_needs_assets_read,
}

fn history_uri(story: &Story, query: &str) -> String {
    format!("/api/saves/history?rom_id={}{query}", story.game)
}

async fn a_version_is_a_save_object_and_what_is_said_of_the_version(home: &Home) {
    let story = Story::begin(home).await;
    let mut one = story.upload_from(&story.handheld, b"1").await.ok();
    let history = story.history().await;
    let id = &history[0]["version_id"];
    assert!(id.is_i64(), "{id}");
    one["device_syncs"] = json!([]);
    let of_version = json!({
        "version_id": id,
        "parent_id": null,
        "kind": "upload",
        "state": "head",
        "held": true,
        "pinned": false,
        "label": null,
    });
    one.as_object_mut().unwrap().extend(of_version.as_object().unwrap().clone());
    assert_eq!(history, [one]);
}

async fn the_history_has_every_version_newest_first_whatever_became_of_it(home: &Home) {
    let story = Story::begin(home).await;
    let deleted = story.upload_from(&story.handheld, b"1").await.ok();
    let cleaned = story.upload_from(&story.handheld, b"2").await.ok();
    story.upload_from(&story.handheld, b"3").await.ok();
    story.fork_from(&story.desk, b"4").await;
    let edited = story.upload_by_hand(b"5").await;
    story.edit(&edited, None, b"6").await.ok();
    story.delete_saves(&[&deleted["id"]]).await.ok();
    let cleanup = "slot=autosave&autocleanup=true&autocleanup_limit=3";
    story.upload(cleanup, Multipart::save("game.srm", b"7")).await.ok();
    assert_eq!(
        story.states().await,
        states(&[
            ("7", "head"),
            ("6", "set_aside"),
            ("5", "set_aside"),
            ("4", "fork_open"),
            ("3", "set_aside"),
            ("2", "cleaned"),
            ("1", "deleted"),
        ])
    );
    let times: Vec<Value> = story.history().await.iter().map(|one| one["updated_at"].clone()).collect();
    assert!(times.windows(2).all(|pair| pair[0].as_str() > pair[1].as_str()), "{times:?}");
    assert!(story.list().await.iter().all(|save| save["id"] != cleaned["id"]));
    assert_eq!(story.show(&cleaned).await.ok()["id"], cleaned["id"], "hidden, and there by its id");
}

async fn a_version_s_parent_is_what_its_writer_held(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_from(&story.handheld, b"1").await.ok();
    story.confirm(&one, &story.desk).await;
    story.upload_from(&story.handheld, b"2").await.ok();
    story.fork_from(&story.desk, b"3").await;
    let overwrite = format!("slot=autosave&overwrite=true&device_id={}", story.desk);
    story.upload(&overwrite, Multipart::save("game.srm", b"4")).await.ok();
    story.upload_by_hand(b"5").await;
    let history = story.history().await;
    let first = history[4]["version_id"].clone();
    let told: Vec<_> = history.iter().map(|one| (one["kind"].clone(), one["parent_id"].clone())).collect();
    assert_eq!(
        told,
        [
            (json!("web_upload"), Value::Null),
            (json!("overwrite"), first.clone()),
            (json!("upload"), first.clone()),
            (json!("upload"), first),
            (json!("upload"), Value::Null),
        ]
    );
}

async fn the_history_of_a_slot_has_its_companions_and_nothing_of_others(home: &Home) {
    let story = Story::begin(home).await;
    let send = async |query: &str, name: &str| {
        story.upload(query, Multipart::save(name, name.as_bytes())).await.ok();
    };
    send("slot=a", "main.srm").await;
    send("slot=a", "main.rtc").await;
    send("slot=", "empty.srm").await;
    send("slot=b%20c", "other.srm").await;
    send("", "archival.srm").await;
    for (query, expected) in [
        ("&slot=a", vec!["main.rtc", "main.srm"]),
        ("&slot=", vec!["empty.srm"]),
        ("&slot=b%20c", vec!["other.srm"]),
        ("&slot=c", vec![]),
        ("", vec!["archival.srm", "other.srm", "empty.srm", "main.rtc", "main.srm"]),
    ] {
        let answer = story.get(&history_uri(&story, query)).await.ok();
        let mut told = Vec::new();
        for version in answer.as_array().unwrap() {
            told.push(story.get(&version_content_uri(&version["version_id"])).await.text());
        }
        assert_eq!(told, expected, "{query}");
        assert!(answer.as_array().unwrap().iter().all(|version| version["state"] == "head"), "{query}");
    }
    let long = format!("&slot={}", "s".repeat(256));
    story.get(&history_uri(&story, &long)).await.is_invalid_at(&json!(["query", "slot"]));
}

async fn each_user_and_game_has_a_history_of_its_own(home: &Home) {
    let story = Story::begin(home).await;
    story.upload_by_hand(b"1").await;
    let stranger = story.stranger().await;
    let of_stranger = story.server.get(&history_uri(&story, "")).by(&stranger).await;
    assert_eq!(of_stranger.ok(), json!([]));
    let other = story.server.declare_game(&story.player, "Other.gba").await;
    assert_eq!(story.get(&format!("/api/saves/history?rom_id={other}")).await.ok(), json!([]));
}

async fn the_bytes_of_every_version_are_served_to_their_owner(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_from(&story.handheld, b"replaced").await.ok();
    story.edit(&one, Some(&story.handheld), b"deleted").await.ok();
    story.fork_from(&story.desk, b"fork").await;
    story.upload_from(&story.handheld, b"head").await.ok();
    story.delete_saves(&[&one["id"]]).await.ok();
    assert_eq!(
        story.states().await,
        states(&[("head", "head"), ("fork", "fork_open"), ("deleted", "deleted"), ("replaced", "replaced")])
    );
}

async fn a_version_s_bytes_are_served_whole_or_in_part(home: &Home) {
    let story = Story::begin(home).await;
    let bytes: Vec<u8> = (0..50_000u32).flat_map(u32::to_le_bytes).collect();
    let save = story.upload("slot=a", Multipart::save("game.srm", &bytes)).await.ok();
    let uri = version_content_uri(&story.version_of(&save).await["version_id"]);
    let whole = story.get(&uri).await;
    assert!(whole.body == bytes, "the bytes come back changed");
    let part = story.get(&uri).header("range", "bytes=10-19").await;
    assert_eq!((part.status, &part.body[..]), (206, &bytes[10..20]));
    assert_eq!(story.get(&uri).header("range", "bytes=999999-").await.status, 416);
    let known = story.get(&uri).header("if-none-match", whole.header("etag").unwrap()).await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    let measured = story.server.request(Method::HEAD, &uri).by(&story.player).begin().await;
    assert_eq!(measured.headers()["content-length"], bytes.len().to_string().as_str());
}

async fn fetching_a_version_says_nothing_of_devices(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"1").await.ok();
    let device = story.server.pair(&story.player, "paired").await;
    let uri = version_content_uri(&story.version_of(&save).await["version_id"]);
    let named = format!("{uri}?device_id={}&optimistic=true", device.id);
    assert_eq!(story.server.get(&named).by(&device).await.text(), "1");
    let shown = story.get(&format!("{}?device_id={}", save_uri(&save), device.id)).await.ok();
    assert_eq!(shown["device_syncs"][0]["is_current"], false);
}

async fn unknown_and_other_users_versions_are_not_found(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_by_hand(b"1").await;
    let version = story.version_of(&save).await["version_id"].clone();
    story.get(&version_content_uri(&json!(9999))).await.is_refused(404, "Version with ID 9999 not found");
    let text = format!("Version with ID {version} not found");
    for person in [&story.stranger().await, &story.admin] {
        story.server.get(&version_content_uri(&version)).by(person).await.is_refused(404, &text);
    }
    story.get("/api/saves/versions/first/content").await.is_invalid_at(&json!(["path", "id"]));
}

async fn the_history_needs_a_game(home: &Home) {
    let story = Story::begin(home).await;
    for uri in ["/api/saves/history", "/api/saves/history?rom_id=first"] {
        story.get(uri).await.is_invalid_at(&json!(["query", "rom_id"]));
    }
}

async fn reading_needs_assets_read(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_by_hand(b"1").await;
    let version = version_content_uri(&story.version_of(&save).await["version_id"]);
    let blind = story.server.token_without(&story.player, &["assets.read"]).await;
    for uri in [history_uri(&story, ""), version] {
        story.server.get(&uri).by(&blind).await.is_refused(403, "Forbidden");
        story.server.get(&uri).await.is_refused(401, "Not authenticated");
    }
}
