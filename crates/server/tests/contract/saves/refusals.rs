//! Uploads that are refused outright: nothing of them is kept.

use memcard_testkit::{BOUNDARY, Multipart};
use serde_json::{Value, json};

use crate::support::{Home, Story, files_below, on_every_database};

on_every_database! {
    device_and_game_are_checked_before_the_body_is_read,
    parameters_that_do_not_fit_are_named,
    a_save_without_a_file_name_is_refused,
    a_body_without_a_save_is_unprocessable,
    a_broken_body_is_refused,
    a_body_above_the_limit_is_refused_with_the_limit,
}

async fn keeps_nothing(home: &Home, story: &Story) {
    assert_eq!(story.list().await, Vec::<Value>::new());
    for folder in ["blobs", "incoming"] {
        assert_eq!(files_below(&home.data().join(folder)), Vec::<std::path::PathBuf>::new(), "{folder}");
    }
}

async fn device_and_game_are_checked_before_the_body_is_read(home: &Home) {
    let story = Story::begin(home).await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    let send = async |query: String| {
        let request = story.post(&format!("/api/saves?{query}"));
        request.multipart_bytes(b"no multipart".to_vec()).await
    };
    let both = send(format!("rom_id=999&device_id={nobody}")).await;
    both.is_refused(404, &format!("Device with ID {nobody} not found"));
    let no_id = send(format!("rom_id={}&device_id=handheld", story.game)).await;
    no_id.is_refused(404, "Device with ID handheld not found");
    send("rom_id=999".to_owned()).await.is_refused(404, "Rom with id '999' not found");
    keeps_nothing(home, &story).await;
}

async fn parameters_that_do_not_fit_are_named(home: &Home) {
    let story = Story::begin(home).await;
    for (query, parameter) in [
        ("", "rom_id"),
        ("rom_id=x", "rom_id"),
        ("rom_id=99999999999", "rom_id"),
        ("rom_id=1&overwrite=maybe", "overwrite"),
        ("rom_id=1&autocleanup=maybe", "autocleanup"),
        ("rom_id=1&autocleanup_limit=x", "autocleanup_limit"),
        ("rom_id=1&session_id=x", "session_id"),
    ] {
        let request = story.post(&format!("/api/saves?{query}")).multipart(Multipart::save("a.srm", b"x"));
        request.await.is_invalid_at(&json!(["query", parameter]));
    }
    keeps_nothing(home, &story).await;
}

async fn a_save_without_a_file_name_is_refused(home: &Home) {
    let story = Story::begin(home).await;
    for parameters in [
        r#"name="saveFile""#,
        r#"name="saveFile"; filename="""#,
        r#"name="saveFile"; filename="saves/""#,
        r#"name="saveFile"; filename=".." "#,
    ] {
        let answer = story.upload("slot=a", Multipart::default().part(parameters, b"x")).await;
        answer.is_refused(400, "Save file has no filename");
    }
    keeps_nothing(home, &story).await;
}

async fn a_body_without_a_save_is_unprocessable(home: &Home) {
    let story = Story::begin(home).await;
    let missing = json!(["body", "saveFile"]);
    story.upload("", Multipart::default()).await.is_invalid_at(&missing);
    let other = Multipart::default().part(r#"name="somethingElse"; filename="a.png""#, b"png");
    story.upload("", other).await.is_invalid_at(&missing);
    let no_body = story.post(&story.upload_uri("")).await;
    no_body.is_invalid_at(&missing);
    assert_eq!(no_body.json()["detail"][0]["type"], "missing");
    let no_form = story.post(&story.upload_uri("")).json(&json!({"saveFile": "x"})).await;
    no_form.is_invalid_at(&missing);
    keeps_nothing(home, &story).await;
}

async fn a_broken_body_is_refused(home: &Home) {
    let story = Story::begin(home).await;
    let whole = Multipart::save("a.srm", b"some bytes").build();
    let broken_off = Multipart::save("a.srm", b"some bytes").broken_off();
    let twice = Multipart::save("a.srm", b"one").part(r#"name="saveFile"; filename="b.srm""#, b"two");
    let nameless = Multipart::default().part(r#"filename="a.srm""#, b"x");
    let other_boundary = String::from_utf8(whole.clone()).unwrap().replace(BOUNDARY, "other");
    let many = (0..50).fold(Multipart::default(), |body, _| body.part(r#"name="x""#, b""));
    for (what, body) in [
        ("cut in a head", whole[..40].to_vec()),
        ("cut in the bytes", broken_off[..140].to_vec()),
        ("cut before the end", broken_off),
        ("another boundary", other_boundary.into_bytes()),
        ("no multipart", b"just bytes".to_vec()),
        ("a part without disposition", Multipart::default().part_with("X-Y: z\r\n", b"x").build()),
        ("a part without name", nameless.build()),
        ("two saves", twice.build()),
        ("many parts", many.build()),
        ("an endless head", [format!("--{BOUNDARY}\r\nX: ").as_bytes(), &[b'x'; 200_000]].concat()),
    ] {
        let answer = story.post(&story.upload_uri("slot=a")).multipart_bytes(body).await;
        assert!(matches!(answer.status, 400 | 422), "{what}: {}", answer.status);
        assert!(!answer.json()["detail"].is_null(), "{what}");
    }
    keeps_nothing(home, &story).await;
}

async fn a_body_above_the_limit_is_refused_with_the_limit(home: &Home) {
    let text = "Request body exceeds the maximum allowed size of 10000 bytes";
    let story = Story::on(home.serve_with(&["--max-body-bytes", "10000"])).await;
    story.upload("slot=a", Multipart::save("a.srm", &[7; 10_000])).await.is_refused(413, text);
    let picture = Multipart::save("a.srm", b"x").part(r#"name="screenshotFile"; filename="a""#, &[7; 10_000]);
    story.upload("slot=a", picture).await.is_refused(413, text);
    keeps_nothing(home, &story).await;
    story.upload("slot=a", Multipart::save("a.srm", &[7; 9_000])).await.ok();
}
