//! Save states: uploaded, listed, edited, deleted and downloaded as saves are, but outside everything that syncs.

use memcard_testkit::Multipart;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Home, Story, on_every_database};

on_every_database! {
    an_upload_answers_the_state_with_all_its_members,
    the_same_emulator_and_name_is_updated_in_place,
    states_of_two_emulators_or_names_are_two,
    states_are_listed_newest_first_for_a_game_or_a_platform,
    the_game_is_checked_first_and_then_the_parts,
    a_body_above_the_limit_is_refused,
    an_edit_puts_other_bytes_or_another_picture_under_the_same_id,
    all_of_the_named_states_are_deleted_or_none,
    content_is_served_byte_for_byte_whole_or_in_part,
    a_state_is_no_save,
    a_save_is_no_state,
    states_are_not_part_of_a_sync,
    another_user_s_states_are_not_there,
    reading_needs_assets_read_and_writing_assets_write,
    an_acknowledged_state_and_its_picture_are_there_after_a_kill,
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

async fn upload(story: &Story, parameters: &str, body: Multipart) -> Answer {
    story.post(&format!("/api/states?rom_id={}&{parameters}", story.game)).multipart(body).await
}

async fn uploaded(story: &Story, emulator: &str, name: &str, bytes: &[u8]) -> Value {
    upload(story, &format!("emulator={emulator}"), Multipart::state(name, bytes)).await.ok()
}

async fn listed(story: &Story, query: &str) -> Vec<Value> {
    story.get(&format!("/api/states?{query}")).await.ok().as_array().expect("a list").clone()
}

fn uri(state: &Value) -> String {
    format!("/api/states/{}", state["id"])
}

async fn an_upload_answers_the_state_with_all_its_members(home: &Home) {
    let story = Story::begin(home).await;
    let body = Multipart::state("Game (USA) [!].state1", b"hello").screenshot("shot.png", PNG);
    let state = upload(&story, "emulator=mGBA%200.10", body).await.ok();
    let (id, at, picture) = (&state["id"], &state["updated_at"], &state["screenshot"]);
    let folder = format!("users/{}/states/{}", story.player.id, story.game);
    let download_path = state["download_path"].as_str().unwrap();
    assert!(download_path.starts_with(&format!("/api/states/{id}/content?timestamp=")), "{download_path}");
    assert_eq!(picture["file_name"], "shot.png");
    assert_eq!(
        state,
        json!({
            "id": id,
            "rom_id": story.game,
            "user_id": story.player.id,
            "file_name": "Game (USA) [!].state1",
            "file_name_no_tags": "Game",
            "file_name_no_ext": "Game (USA) [!]",
            "file_extension": "state1",
            "file_path": folder,
            "file_size_bytes": 5,
            "full_path": format!("{folder}/Game (USA) [!].state1"),
            "download_path": download_path,
            "missing_from_fs": false,
            "created_at": at,
            "updated_at": at,
            "emulator": "mGBA 0.10",
            "content_hash": "5d41402abc4b2a76b9719d911017c592",
            "is_public": false,
            "screenshot": picture,
        })
    );
    assert_eq!(story.get(&uri(&state)).await.ok(), state);
}

async fn the_same_emulator_and_name_is_updated_in_place(home: &Home) {
    let story = Story::begin(home).await;
    let one = uploaded(&story, "mGBA", "a.state", b"one").await;
    let two = uploaded(&story, "mGBA", "a.state", b"two").await;
    assert_eq!(two["id"], one["id"]);
    assert_eq!(two["created_at"], one["created_at"]);
    assert!(two["updated_at"].as_str() >= one["updated_at"].as_str());
    assert_eq!(story.get(&format!("{}/content", uri(&one))).await.text(), "two");
    assert_eq!(listed(&story, "").await, std::slice::from_ref(&two));
    let again = uploaded(&story, "mGBA", "a.state", b"two").await;
    assert_eq!(again, two, "the same bytes again change nothing");
}

async fn states_of_two_emulators_or_names_are_two(home: &Home) {
    let story = Story::begin(home).await;
    let states = [
        uploaded(&story, "mGBA", "a.state", b"1").await,
        uploaded(&story, "VBA-M", "a.state", b"1").await,
        uploaded(&story, "", "a.state", b"1").await,
        uploaded(&story, "mGBA", "a.state1", b"1").await,
    ];
    assert_eq!(states[2]["emulator"], Value::Null, "an empty emulator is none");
    let mut ids: Vec<i64> = states.iter().map(|state| state["id"].as_i64().unwrap()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 4);
    assert_eq!(listed(&story, "").await.len(), 4);
}

async fn states_are_listed_newest_first_for_a_game_or_a_platform(home: &Home) {
    let story = Story::begin(home).await;
    assert_eq!(listed(&story, "").await, Vec::<Value>::new());
    let other = story.server.declare_game(&story.player, "Other.gba").await;
    uploaded(&story, "mGBA", "a.state", b"1").await;
    let body = Multipart::state("b.state", b"2");
    let elsewhere = story.post(&format!("/api/states?rom_id={other}")).multipart(body).await.ok();
    let two = uploaded(&story, "mGBA", "c.state", b"3").await;
    // What was written last comes first, though its row is the oldest.
    let one = uploaded(&story, "mGBA", "a.state", b"4").await;
    assert_eq!(listed(&story, "").await, [one.clone(), two.clone(), elsewhere.clone()]);
    assert_eq!(listed(&story, &format!("rom_id={}", story.game)).await, [one.clone(), two.clone()]);
    let platform = story.get(&format!("/api/roms/{}", story.game)).await.ok()["platform_id"].clone();
    assert_eq!(listed(&story, &format!("platform_id={platform}")).await.len(), 3);
    assert_eq!(listed(&story, "platform_id=9999").await.len(), 0);
    let ids = story.get("/api/states/identifiers").await.ok();
    assert_eq!(ids, json!([one["id"], two["id"], elsewhere["id"]]));
}

async fn the_game_is_checked_first_and_then_the_parts(home: &Home) {
    let story = Story::begin(home).await;
    let unknown = story.post("/api/states?rom_id=9999").multipart_bytes(b"no multipart".to_vec()).await;
    unknown.is_refused(404, "Rom with id '9999' not found");
    let nameless = Multipart::default().part(r#"name="stateFile"; filename="""#, b"x");
    upload(&story, "", nameless).await.is_refused(400, "State file has no filename");
    let no_state = Multipart::save("a.srm", b"x");
    upload(&story, "", no_state).await.is_invalid_at(&json!(["body", "stateFile"]));
    let body = || Multipart::state("a.state", b"x");
    story.post("/api/states").multipart(body()).await.is_invalid_at(&json!(["query", "rom_id"]));
    let long = format!("emulator={}", "e".repeat(51));
    upload(&story, &long, body()).await.is_invalid_at(&json!(["query", "emulator"]));
    assert_eq!(listed(&story, "").await.len(), 0);
}

async fn a_body_above_the_limit_is_refused(home: &Home) {
    let story = Story::on(home.serve_with(&["--max-body-bytes", "10000"])).await;
    let text = "Request body exceeds the maximum allowed size of 10000 bytes";
    upload(&story, "", Multipart::state("a.state", &[7; 10_000])).await.is_refused(413, text);
    assert_eq!(listed(&story, "").await.len(), 0);
}

async fn an_edit_puts_other_bytes_or_another_picture_under_the_same_id(home: &Home) {
    let story = Story::begin(home).await;
    let one = uploaded(&story, "mGBA", "a.state", b"one").await;
    let edit = async |body: Multipart| story.put(&uri(&one)).multipart(body).await;
    let two = edit(Multipart::state("another name.state", b"two")).await.ok();
    assert_eq!(
        (&two["id"], &two["file_name"], &two["emulator"]),
        (&one["id"], &json!("a.state"), &json!("mGBA"))
    );
    assert_ne!(two["content_hash"], one["content_hash"]);
    assert_eq!(story.get(&format!("{}/content", uri(&one))).await.text(), "two");

    let pictured = edit(Multipart::default().screenshot("shot.png", PNG)).await.ok();
    assert_eq!(pictured["screenshot"]["file_name"], "shot.png");
    assert_eq!(pictured["updated_at"], two["updated_at"]);
    let both = edit(Multipart::state("a.state", b"three").screenshot("other.png", PNG)).await.ok();
    assert_eq!(
        (&both["screenshot"]["file_name"], &both["file_size_bytes"]),
        (&json!("other.png"), &json!(5))
    );
    assert_eq!(listed(&story, "").await, [both]);

    edit(Multipart::default()).await.is_invalid_at(&json!(["body", "stateFile"]));
    let unknown = story.put("/api/states/9999").multipart(Multipart::state("a.state", b"x")).await;
    unknown.is_refused(404, "State with ID 9999 not found");
}

async fn all_of_the_named_states_are_deleted_or_none(home: &Home) {
    let story = Story::begin(home).await;
    let one = uploaded(&story, "mGBA", "a.state", b"1").await;
    let two = uploaded(&story, "mGBA", "b.state", b"2").await;
    let delete = async |ids: Value| story.post("/api/states/delete").json(&json!({ "states": ids })).await;
    delete(json!([])).await.is_refused(400, "No states were provided");
    delete(json!([one["id"], 9999])).await.is_refused(404, "State with ID 9999 not found");
    assert_eq!(listed(&story, "").await.len(), 2);
    assert_eq!(delete(json!([one["id"], two["id"]])).await.ok(), json!([one["id"], two["id"]]));
    assert_eq!(listed(&story, "").await.len(), 0);
    let text = format!("State with ID {} not found", one["id"]);
    for path in [uri(&one), format!("{}/content", uri(&one))] {
        story.get(&path).await.is_refused(404, &text);
    }
    delete(json!([one["id"]])).await.is_refused(404, &text);
    let again = uploaded(&story, "mGBA", "a.state", b"1").await;
    assert_ne!(again["id"], one["id"]);
}

async fn content_is_served_byte_for_byte_whole_or_in_part(home: &Home) {
    let story = Story::begin(home).await;
    let bytes: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
    let state = uploaded(&story, "mGBA", "Pokémon.state", &bytes).await;
    let content = format!("{}/content", uri(&state));
    let whole = story.get(&content).await;
    assert!(whole.body == bytes, "the bytes come back changed");
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        (
            "content-disposition",
            r#"attachment; filename="Pok_mon.state"; filename*=UTF-8''Pok%C3%A9mon.state"#,
        ),
        ("content-security-policy", "sandbox"),
        ("x-content-type-options", "nosniff"),
        ("accept-ranges", "bytes"),
    ] {
        assert_eq!(whole.header(name), Some(value), "{name}");
    }
    let part = story.get(&content).header("range", "bytes=10-19").await;
    assert_eq!((part.status, &part.body[..]), (206, &bytes[10..20]));
    let tag = whole.header("etag").unwrap();
    let known = story.get(&content).header("if-none-match", tag).await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    assert_eq!(story.get(&content).header("range", "bytes=999999-").await.status, 416);
    let measured = story.server.request(Method::HEAD, &content).by(&story.player).begin().await;
    assert_eq!(measured.headers()["content-length"], bytes.len().to_string().as_str());
}

async fn a_state_is_no_save(home: &Home) {
    let story = Story::begin(home).await;
    let state = uploaded(&story, "mGBA", "a.state", b"1").await;
    let id = &state["id"];
    assert_eq!(story.list().await, Vec::<Value>::new());
    assert_eq!(story.get("/api/saves/identifiers").await.ok(), json!([]));
    let summary = story.get(&format!("/api/saves/summary?rom_id={}", story.game)).await.ok();
    assert_eq!(summary, json!({"total_count": 0, "slots": []}));
    let text = format!("Save with ID {id} not found");
    for path in [format!("/api/saves/{id}"), format!("/api/saves/{id}/content")] {
        story.get(&path).await.is_refused(404, &text);
    }
    for act in ["downloaded", "track", "untrack"] {
        let named = json!({ "device_id": story.handheld });
        story.post(&format!("/api/saves/{id}/{act}")).json(&named).await.is_refused(404, &text);
    }
    story.post("/api/saves/delete").json(&json!({"saves": [id]})).await.is_refused(404, &text);
    assert_eq!(listed(&story, "").await, [state]);
}

async fn a_save_is_no_state(home: &Home) {
    let story = Story::begin(home).await;
    let slot = story.upload_from(&story.handheld, b"1").await.ok();
    let archival = story.upload("", Multipart::save("a.state", b"2")).await.ok();
    assert_eq!(listed(&story, "").await, Vec::<Value>::new());
    for save in [slot, archival] {
        let text = format!("State with ID {} not found", save["id"]);
        for path in [uri(&save), format!("{}/content", uri(&save))] {
            story.get(&path).await.is_refused(404, &text);
        }
        story.put(&uri(&save)).multipart(Multipart::state("a.state", b"x")).await.is_refused(404, &text);
        story.post("/api/states/delete").json(&json!({"states": [save["id"]]})).await.is_refused(404, &text);
    }
    let state = uploaded(&story, "", "a.state", b"3").await;
    assert_eq!(listed(&story, "").await, [state], "the archival save of that name is another");
    assert_eq!(story.list().await.len(), 2);
}

async fn states_are_not_part_of_a_sync(home: &Home) {
    let story = Story::begin(home).await;
    uploaded(&story, "mGBA", "a.state", b"1").await;
    let asked = json!({"device_id": story.handheld, "saves": []});
    let plan = story.post("/api/sync/negotiate").json(&asked).await.ok();
    assert_eq!(plan["operations"], json!([]));
}

async fn another_user_s_states_are_not_there(home: &Home) {
    let story = Story::begin(home).await;
    let state = uploaded(&story, "mGBA", "a.state", b"1").await;
    let stranger = story.stranger().await;
    let text = format!("State with ID {} not found", state["id"]);
    for path in [uri(&state), format!("{}/content", uri(&state))] {
        story.server.get(&path).by(&stranger).await.is_refused(404, &text);
    }
    let edit =
        story.server.put(&uri(&state)).by(&stranger).multipart(Multipart::state("a.state", b"x")).await;
    edit.is_refused(404, &text);
    let named = json!({"states": [state["id"]]});
    story.server.post("/api/states/delete").by(&stranger).json(&named).await.is_refused(404, &text);
    assert_eq!(story.server.get("/api/states").by(&stranger).await.ok(), json!([]));
    assert_eq!(listed(&story, "").await, [state]);
}

async fn reading_needs_assets_read_and_writing_assets_write(home: &Home) {
    let story = Story::begin(home).await;
    let state = uploaded(&story, "mGBA", "a.state", b"1").await;
    let blind = story.server.token_without(&story.player, &["assets.read"]).await;
    let content = format!("{}/content", uri(&state));
    for path in ["/api/states", "/api/states/identifiers", &uri(&state), &content] {
        story.server.get(path).by(&blind).await.is_refused(403, "Forbidden");
        story.server.get(path).await.is_refused(401, "Not authenticated");
    }
    let reader = story.server.token_without(&story.player, &["assets.write"]).await;
    let body = || Multipart::state("a.state", b"x");
    let add = format!("/api/states?rom_id={}", story.game);
    story.server.post(&add).by(&reader).multipart(body()).await.is_refused(403, "Forbidden");
    story.server.put(&uri(&state)).by(&reader).multipart(body()).await.is_refused(403, "Forbidden");
    let named = json!({"states": [state["id"]]});
    story.server.post("/api/states/delete").by(&reader).json(&named).await.is_refused(403, "Forbidden");
}

async fn an_acknowledged_state_and_its_picture_are_there_after_a_kill(home: &Home) {
    let Story { server, player, game, .. } = Story::begin(home).await;
    let bytes: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
    let body = Multipart::state("a.state", &bytes).screenshot("a.png", PNG);
    let state = server.post(&format!("/api/states?rom_id={game}")).by(&player).multipart(body).await.ok();
    server.kill();

    let server = home.serve();
    assert_eq!(server.get(&uri(&state)).by(&player).await.ok(), state);
    assert!(server.get(&format!("{}/content", uri(&state))).by(&player).await.body == bytes);
    let picture = format!("/api/screenshots/{}/content", state["screenshot"]["id"]);
    assert_eq!(&server.get(&picture).by(&player).await.body[..], PNG);
}
