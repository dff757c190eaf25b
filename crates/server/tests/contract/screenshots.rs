//! Screenshots (contract § 4): of saves and states, kept with their versions, and those that stand alone.

use memcard_testkit::Multipart;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Home, Story, on_every_database};

on_every_database! {
    a_save_s_screenshot_is_shown_with_all_its_members,
    lists_show_each_save_s_own_screenshot,
    a_part_without_name_and_bytes_is_no_screenshot,
    the_head_s_content_again_brings_its_newer_screenshot,
    of_a_refused_upload_the_screenshot_goes_with_the_fork,
    what_a_screenshot_is_is_told_by_its_bytes,
    a_screenshot_is_served_as_an_attachment_whole_or_in_part,
    a_deleted_save_s_or_state_s_screenshot_is_not_found,
    unknown_and_other_users_screenshots_are_not_found,
    a_picture_becomes_that_of_the_state_or_the_save_of_its_name_or_stands_alone,
    a_picture_is_at_most_16_mib,
    adding_checks_the_game_and_then_the_picture,
    reading_needs_assets_read_and_adding_assets_write,
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

async fn add(story: &Story, name: &str, bytes: &[u8]) -> Value {
    add_body(story, Multipart::default().screenshot(name, bytes)).await.ok()
}

async fn add_body(story: &Story, body: Multipart) -> Answer {
    story.post(&format!("/api/screenshots?rom_id={}", story.game)).multipart(body).await
}

fn uri(screenshot: &Value) -> String {
    format!("/api/screenshots/{}", screenshot["id"])
}

fn content(screenshot: &Value) -> String {
    format!("{}/content", uri(screenshot))
}

async fn a_save_s_screenshot_is_shown_with_all_its_members(home: &Home) {
    let story = Story::begin(home).await;
    let body = Multipart::save("Game.srm", b"save").screenshot("Game (USA) [1].png", PNG);
    let save = story.upload("slot=a", body).await.ok();
    let shown = &save["screenshot"];
    let (id, at) = (&shown["id"], &shown["created_at"]);
    let folder = format!("users/{}/screenshots/{}", story.player.id, story.game);
    let download_path = shown["download_path"].as_str().unwrap();
    assert!(download_path.starts_with(&content(shown)), "{download_path}");
    assert_eq!(
        *shown,
        json!({
            "id": id,
            "rom_id": story.game,
            "user_id": story.player.id,
            "file_name": "Game (USA) [1].png",
            "file_name_no_tags": "Game",
            "file_name_no_ext": "Game (USA) [1]",
            "file_extension": "png",
            "file_path": folder,
            "file_size_bytes": PNG.len(),
            "full_path": format!("{folder}/Game (USA) [1].png"),
            "download_path": download_path,
            "missing_from_fs": false,
            "created_at": at,
            "updated_at": at,
            "is_gallery": false,
            "is_public": false,
        })
    );
    assert_eq!(story.get(&uri(shown)).await.ok(), *shown);
    assert_eq!(&story.get(download_path).await.body[..], PNG);
}

async fn lists_show_each_save_s_own_screenshot(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload("slot=a", Multipart::save("a.srm", b"1").screenshot("a.png", PNG)).await.ok();
    let two = story.upload("slot=a", Multipart::save("a.srm", b"2")).await.ok();
    assert_eq!(two["screenshot"], Value::Null, "a screenshot is kept with its version");
    assert_eq!(story.list().await, [two, one.clone()]);
    let summary = story.get(&format!("/api/saves/summary?rom_id={}", story.game)).await.ok();
    assert_eq!(summary["slots"][0]["latest"]["screenshot"], Value::Null);
    assert_eq!(story.get(&format!("/api/saves/{}", one["id"])).await.ok()["screenshot"], one["screenshot"]);
}

async fn a_part_without_name_and_bytes_is_no_screenshot(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload("slot=a", Multipart::save("a.srm", b"1").screenshot("", b"")).await.ok();
    assert_eq!(save["screenshot"], Value::Null);
    let nameless = Multipart::save("a.srm", b"2").screenshot("", PNG);
    story.upload("slot=a", nameless).await.is_refused(400, "Screenshot file has no filename");
}

async fn the_head_s_content_again_brings_its_newer_screenshot(home: &Home) {
    let story = Story::begin(home).await;
    let send = async |picture: &[u8]| {
        story.upload("slot=a", Multipart::save("a.srm", b"1").screenshot("a.png", picture)).await.ok()
    };
    let (one, two) = (send(b"older").await, send(b"newer").await);
    assert_eq!(one["id"], two["id"]);
    assert_ne!(one["screenshot"]["id"], two["screenshot"]["id"]);
    assert_eq!(story.get(&content(&two["screenshot"])).await.text(), "newer");
    assert_eq!(story.get(&content(&one["screenshot"])).await.text(), "older", "nothing is lost");
    assert_eq!(send(b"newer").await, two, "a replay changes nothing");
}

async fn of_a_refused_upload_the_screenshot_goes_with_the_fork(home: &Home) {
    let story = Story::begin(home).await;
    story.upload_from(&story.handheld, b"1").await.ok();
    let body = Multipart::save("game.srm", b"2").screenshot("fork.png", PNG);
    let refused = story.upload(&format!("slot=autosave&device_id={}", story.desk), body).await;
    assert_eq!(refused.status, 409);
    let refused = refused.json();
    assert_eq!(refused["head"]["screenshot"], Value::Null);
    let shown = &refused["fork"]["screenshot"];
    assert_eq!(shown["file_name"], "fork.png");
    assert_eq!(&story.get(&content(shown)).await.body[..], PNG);
    let fork = story.get(&format!("/api/saves/{}", refused["fork"]["id"])).await.ok();
    assert_eq!(fork["screenshot"], *shown);
}

async fn what_a_screenshot_is_is_told_by_its_bytes(home: &Home) {
    let story = Story::begin(home).await;
    for (name, bytes, media_type) in [
        ("1.txt", PNG, "image/png"),
        ("2.png", b"\xff\xd8\xff\xe0\0\x10JFIF\0".as_slice(), "image/jpeg"),
        ("3.png", b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        ("4.png", b"GIF89a\x01\0\x01\0", "image/gif"),
        ("5.png", b"BM\x46\0\0\0\0\0\0\0", "image/bmp"),
        ("6.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "application/octet-stream"),
        ("7.png", b"<!DOCTYPE html><script>alert(1)</script>", "application/octet-stream"),
        ("8.png", b"", "application/octet-stream"),
    ] {
        let shown = add(&story, name, bytes).await;
        let answer = story.get(&content(&shown)).await;
        assert_eq!((answer.header("content-type"), &answer.body[..]), (Some(media_type), bytes), "{name}");
    }
}

async fn a_screenshot_is_served_as_an_attachment_whole_or_in_part(home: &Home) {
    let story = Story::begin(home).await;
    let shown = add(&story, "a.png", PNG).await;
    let whole = story.get(&content(&shown)).await;
    for (name, value) in [
        ("content-disposition", r#"attachment; filename="a.png""#),
        ("content-security-policy", "sandbox"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(whole.header(name), Some(value), "{name}");
    }
    let part = story.get(&content(&shown)).header("range", "bytes=1-3").await;
    assert_eq!(
        (part.status, &part.body[..], part.header("content-type")),
        (206, &b"PNG"[..], Some("image/png"))
    );
    let known = story.get(&content(&shown)).header("if-none-match", whole.header("etag").unwrap()).await;
    assert_eq!(known.status, 304);
    let measured = story.server.request(Method::HEAD, &content(&shown)).by(&story.player).begin().await;
    assert_eq!(measured.headers()["content-length"], PNG.len().to_string().as_str());
    assert_eq!(measured.headers()["content-type"], "image/png");
}

async fn a_deleted_save_s_or_state_s_screenshot_is_not_found(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload("slot=a", Multipart::save("a.srm", b"1").screenshot("a.png", PNG)).await.ok();
    let body = Multipart::state("a.state", b"1").screenshot("a.png", PNG);
    let state = story.post(&format!("/api/states?rom_id={}", story.game)).multipart(body).await.ok();
    story.post("/api/saves/delete").json(&json!({"saves": [save["id"]]})).await.ok();
    story.post("/api/states/delete").json(&json!({"states": [state["id"]]})).await.ok();
    for shown in [&save["screenshot"], &state["screenshot"]] {
        for path in [uri(shown), content(shown)] {
            story.get(&path).await.is_refused(404, "Screenshot not found");
        }
    }
}

async fn unknown_and_other_users_screenshots_are_not_found(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload("slot=a", Multipart::save("a.srm", b"1").screenshot("a.png", PNG)).await.ok();
    let alone = add(&story, "alone.png", PNG).await;
    let stranger = story.stranger().await;
    for shown in [&save["screenshot"], &alone] {
        for path in [uri(shown), content(shown)] {
            story.server.get(&path).by(&stranger).await.is_refused(404, "Screenshot not found");
            assert_eq!(story.get(&path).await.status, 200);
        }
    }
    for path in ["/api/screenshots/9999", "/api/screenshots/9999/content"] {
        story.get(path).await.is_refused(404, "Screenshot not found");
    }
}

async fn a_picture_becomes_that_of_the_state_or_the_save_of_its_name_or_stands_alone(home: &Home) {
    let story = Story::begin(home).await;
    let alone = add(&story, "Game.png", b"1").await;
    assert_eq!(alone["is_gallery"], true);
    let save = story.upload("", Multipart::save("Game.srm", b"save")).await.ok();
    let of_save = add(&story, "Game.png", b"2").await;
    assert_eq!(of_save["is_gallery"], false);
    assert_eq!(story.list().await[0]["screenshot"], of_save);

    let body = Multipart::state("Game.state", b"state").screenshot("first.png", b"3");
    let state = story.post(&format!("/api/states?rom_id={}", story.game)).multipart(body).await.ok();
    let of_state = add(&story, "Game.png", b"4").await;
    let shown = story.get(&format!("/api/states/{}", state["id"])).await.ok();
    assert_eq!(shown["screenshot"], of_state, "it replaces the one there was");
    let saved = story.get(&format!("/api/saves/{}", save["id"])).await.ok();
    assert_eq!((&saved["screenshot"], &saved["updated_at"]), (&of_save, &save["updated_at"]));
    assert_eq!(add(&story, "Other.png", b"5").await["is_gallery"], true);
    assert_eq!(story.get(&content(&alone)).await.text(), "1");
}

async fn a_picture_is_at_most_16_mib(home: &Home) {
    let story = Story::begin(home).await;
    let mut bytes = vec![7; 16 << 20];
    assert_eq!(add(&story, "a.png", &bytes).await["file_size_bytes"], 16 << 20);
    bytes.push(7);
    let text = "Screenshot file exceeds the maximum allowed size of 16777216 bytes";
    let alone = Multipart::default().screenshot("b.png", &bytes);
    add_body(&story, alone).await.is_refused(413, text);
    let with_a_save = Multipart::save("a.srm", b"1").screenshot("b.png", &bytes);
    story.upload("slot=a", with_a_save).await.is_refused(413, text);
    assert_eq!(story.list().await, Vec::<Value>::new());
}

async fn adding_checks_the_game_and_then_the_picture(home: &Home) {
    let story = Story::begin(home).await;
    let unknown = story.post("/api/screenshots?rom_id=9999").multipart_bytes(b"no multipart".to_vec()).await;
    unknown.is_refused(404, "Rom with id '9999' not found");
    let no_game = Multipart::default().screenshot("a.png", PNG);
    story.post("/api/screenshots").multipart(no_game).await.is_invalid_at(&json!(["query", "rom_id"]));
    let missing = json!(["body", "screenshotFile"]);
    add_body(&story, Multipart::save("a.srm", b"x")).await.is_invalid_at(&missing);
    add_body(&story, Multipart::default().screenshot("", b"")).await.is_invalid_at(&missing);
    let nameless = Multipart::default().screenshot("..", PNG);
    add_body(&story, nameless).await.is_refused(400, "Screenshot file has no filename");
}

async fn reading_needs_assets_read_and_adding_assets_write(home: &Home) {
    let story = Story::begin(home).await;
    let shown = add(&story, "a.png", PNG).await;
    let blind = story.server.token_without(&story.player, &["assets.read"]).await;
    for path in [uri(&shown), content(&shown)] {
        story.server.get(&path).by(&blind).await.is_refused(403, "Forbidden");
        story.server.get(&path).await.is_refused(401, "Not authenticated");
    }
    let reader = story.server.token_without(&story.player, &["assets.write"]).await;
    let body = Multipart::default().screenshot("a.png", PNG);
    let path = format!("/api/screenshots?rom_id={}", story.game);
    story.server.post(&path).by(&reader).multipart(body).await.is_refused(403, "Forbidden");
}
