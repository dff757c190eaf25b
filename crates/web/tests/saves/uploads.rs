//! Uploads: what is stored, what is refused, and that nothing is left of the latter.

use actix_web::body::BodySize;
use serde_json::{Value, json};

use crate::support::{BOUNDARY, Multipart, Request, Story, World, content_uri};

#[actix_web::test]
async fn an_upload_answers_the_save_with_all_its_members() {
    let story = Story::begin().await;
    let parameters = format!("slot=autosave&emulator=mGBA%200.10&device_id={}", story.handheld);
    let save = story.upload(&parameters, Multipart::save("Game (USA) [!].srm", b"hello")).await.ok();
    let id = save["id"].as_i64().unwrap();
    assert_eq!(
        save,
        json!({
            "id": id,
            "rom_id": story.game.0,
            "user_id": story.player.user.id.0,
            "file_name": "Game (USA) [!] [2026-09-04_10-32-27].srm",
            "file_name_no_tags": "Game",
            "file_name_no_ext": "Game (USA) [!] [2026-09-04_10-32-27]",
            "file_extension": "srm",
            "file_path": format!("users/{}/saves/{}", story.player.user.id, story.game),
            "file_size_bytes": 5,
            "full_path": format!(
                "users/{}/saves/{}/Game (USA) [!] [2026-09-04_10-32-27].srm",
                story.player.user.id, story.game
            ),
            "download_path": format!("/api/saves/{id}/content?timestamp=2026-09-04T10:32:27.123457Z"),
            "missing_from_fs": false,
            "created_at": "2026-09-04T10:32:27.123457+00:00",
            "updated_at": "2026-09-04T10:32:27.123457+00:00",
            "emulator": "mGBA 0.10",
            "slot": "autosave",
            "content_hash": "5d41402abc4b2a76b9719d911017c592",
            "is_public": false,
            "screenshot": null,
            "origin_device_id": story.handheld.to_string(),
            "device_syncs": [{
                "device_id": story.handheld.to_string(),
                "device_name": "handheld",
                "last_synced_at": "2026-09-04T10:32:27.123457+00:00",
                "is_untracked": false,
                "is_current": true,
            }],
        })
    );
}

#[actix_web::test]
async fn bytes_come_back_exactly_as_they_were_sent() {
    let story = Story::begin().await;
    let looks_like_a_boundary = format!("\r\n--{}\r\n--\r\n\r\n--\r", &BOUNDARY[..BOUNDARY.len() - 1]);
    let large: Vec<u8> =
        (0..1_000_000_u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for (index, bytes) in [
        b"".as_slice(),
        b"\0",
        b"\r\n",
        b"--\r\n\r\n--",
        &[0xFF; 4096],
        looks_like_a_boundary.as_bytes(),
        &b"\r".repeat(100_000),
        &b"\r\n--".repeat(20_000),
        &large,
    ]
    .into_iter()
    .enumerate()
    {
        let save = story.upload(&format!("slot=s{index}"), Multipart::save("a.srm", bytes)).await.ok();
        assert_eq!(save["file_size_bytes"], bytes.len());
        let content = story.get(&content_uri(&save)).await;
        assert_eq!(content.status, 200);
        assert!(content.body == bytes, "case {index} comes back changed");
        assert_eq!(content.announced, BodySize::Sized(bytes.len() as u64));
    }
}

#[actix_web::test]
async fn a_large_save_goes_to_the_blob_store_in_small_pieces() {
    let story = Story::begin().await;
    story.upload("slot=a", Multipart::save("a.srm", &vec![7; 8 << 20])).await.ok();
    assert!(story.world.blobs.largest_write() <= 256 * 1024, "{}", story.world.blobs.largest_write());
    story.upload("slot=b", Multipart::save("a.srm", &b"\r\n--".repeat(1 << 18))).await.ok();
    assert!(story.world.blobs.writes() < 200, "{} writes", story.world.blobs.writes());
}

#[actix_web::test]
async fn file_names_are_read_in_every_encoding_in_use() {
    let story = Story::begin().await;
    for (parameters, stem) in [
        (r#"filename="Pokémon – ポケモン.srm""#, "Pokémon – ポケモン"),
        (r#"filename="a \"b\".srm""#, r#"a "b""#),
        (r#"filename="a %22b%22.srm""#, r#"a "b""#),
        ("filename*=UTF-8''Pok%C3%A9mon.srm", "Pokémon"),
        (r#"filename="x.srm"; filename*=utf-8''%E3%83%9D.srm"#, "ポ"),
        (r#"filename="../../etc/passwd.srm""#, "passwd"),
        (r#"filename="C:\saves\game.srm""#, "game"),
        ("filename=token.srm", "token"),
    ] {
        let body = Multipart::default().part(&format!(r#"name="saveFile"; {parameters}"#), b"x");
        let save = story.upload("", body).await.ok();
        assert_eq!(save["file_name"], format!("{stem}.srm"), "{parameters}");
    }
}

#[actix_web::test]
async fn a_save_without_a_file_name_is_refused_and_not_kept() {
    let story = Story::begin().await;
    for parameters in [
        r#"name="saveFile""#,
        r#"name="saveFile"; filename="""#,
        r#"name="saveFile"; filename="saves/""#,
        r#"name="saveFile"; filename=".." "#,
    ] {
        let answer = story.upload("slot=a", Multipart::default().part(parameters, b"x")).await;
        answer.is_refused(400, "Save file has no filename");
    }
    story.keeps_nothing().await;
}

#[actix_web::test]
async fn a_body_without_a_save_is_unprocessable() {
    let story = Story::begin().await;
    let missing = json!(["body", "saveFile"]);
    story.upload("", Multipart::default()).await.is_invalid_at(&missing);
    let other = Multipart::default().part(r#"name="other"; filename="a.srm""#, b"bytes");
    story.upload("", other).await.is_invalid_at(&missing);
    let no_body = story.send(Request::post(&story.upload_uri(""))).await;
    no_body.is_invalid_at(&missing);
    assert_eq!(no_body.json()["detail"][0]["type"], "missing");
    let no_form = story.send(Request::post(&story.upload_uri("")).json(&json!({"saveFile": "x"}))).await;
    no_form.is_invalid_at(&missing);
    story.keeps_nothing().await;
}

#[actix_web::test]
async fn a_broken_body_is_refused_and_nothing_of_it_is_kept() {
    let story = Story::begin().await;
    let whole = Multipart::save("a.srm", b"some bytes").build();
    let twice = Multipart::save("a.srm", b"one").part(r#"name="saveFile"; filename="b.srm""#, b"two");
    let nameless = Multipart::default().part(r#"filename="a.srm""#, b"x");
    let broken = [
        ("cut in a head", whole[..40].to_vec()),
        ("cut in the bytes", Multipart::save("a.srm", b"some bytes").broken_off()[..140].to_vec()),
        ("cut before the end", Multipart::save("a.srm", b"some bytes").broken_off()),
        (
            "another boundary",
            String::from_utf8(whole.clone()).unwrap().replace(BOUNDARY, "other").into_bytes(),
        ),
        ("no multipart", b"just bytes".to_vec()),
        ("a part without disposition", Multipart::default().part_with("X-Y: z\r\n", b"x").build()),
        ("a part without name", nameless.build()),
        ("two saves", twice.build()),
        ("many parts", (0..50).fold(Multipart::default(), |body, _| body.part(r#"name="x""#, b"")).build()),
        ("an endless head", [b"--memcard-test-boundary\r\nX: ".as_slice(), &[b'x'; 200_000]].concat()),
    ];
    for (what, body) in broken {
        let answer = story.send(Request::post(&story.upload_uri("slot=a")).multipart_bytes(body)).await;
        assert!(matches!(answer.status.as_u16(), 400 | 422), "{what}: {}", answer.status);
        assert!(!answer.json()["detail"].is_null(), "{what}");
    }
    story.keeps_nothing().await;
}

#[actix_web::test]
async fn nothing_of_a_body_is_kept_where_its_picture_is_refused() {
    let story = Story::begin().await;
    let too_large = vec![9; (16 << 20) + 1];
    let save = || Multipart::save("a.srm", b"save");
    for (what, status, body) in [
        ("too large", 413, save().screenshot("a.png", &too_large)),
        ("too large, first", 413, Multipart::default().screenshot("a.png", &too_large)),
        ("twice", 422, save().screenshot("a.png", b"1").screenshot("b.png", b"2")),
        ("without a name", 400, save().part(r#"name="screenshotFile""#, b"png")),
        ("with a folder for a name", 400, save().screenshot("a/", b"png")),
        ("without a save", 422, Multipart::default().screenshot("a.png", b"png")),
    ] {
        assert_eq!(story.upload("slot=a", body).await.status, status, "{what}");
    }
    story.keeps_nothing().await;
    assert!(story.world.blobs.largest_write() <= 256 * 1024);
}

#[actix_web::test]
async fn a_body_above_the_limit_is_refused_announced_or_not() {
    let text = "Request body exceeds the maximum allowed size of 10000 bytes";
    let story = Story::in_world(World::with(|settings| settings.max_body_bytes = 10_000)).await;
    let body = Multipart::save("a.srm", &[7; 10_000]).build();
    let announced = Request::post(&story.upload_uri("slot=a"))
        .header("content-length", &body.len().to_string())
        .multipart_bytes(body.clone());
    story.send(announced).await.is_refused(413, text);
    assert_eq!(story.world.blobs.begun(), 0, "an announced size is refused before the body is read");

    let unannounced = Request::post(&story.upload_uri("slot=a")).multipart_bytes(body);
    story.send(unannounced).await.is_refused(413, text);
    let picture = Multipart::save("a.srm", b"x").screenshot("a", &[7; 10_000]);
    story.upload("slot=a", picture).await.is_refused(413, text);
    story.keeps_nothing().await;

    story.upload("slot=a", Multipart::save("a.srm", &[7; 9_000])).await.ok();
}

#[actix_web::test]
async fn device_and_game_are_checked_before_the_body_is_read() {
    let story = Story::begin().await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    let send =
        async |uri: String| story.send(Request::post(&uri).multipart_bytes(b"no multipart".to_vec())).await;
    let both = send(format!("/api/saves?rom_id=999&device_id={nobody}")).await;
    both.is_refused(404, &format!("Device with ID {nobody} not found"));
    let no_id = send(format!("/api/saves?rom_id={}&device_id=handheld", story.game)).await;
    no_id.is_refused(404, "Device with ID handheld not found");
    send("/api/saves?rom_id=999".to_owned()).await.is_refused(404, "Rom with id '999' not found");
    assert_eq!(story.world.blobs.begun(), 0);
}

#[actix_web::test]
async fn parameters_that_do_not_fit_are_named() {
    let story = Story::begin().await;
    let long = "é".repeat(256);
    for (query, parameter) in [
        ("".to_owned(), "rom_id"),
        ("rom_id=x".to_owned(), "rom_id"),
        ("rom_id=99999999999".to_owned(), "rom_id"),
        ("rom_id=1&overwrite=maybe".to_owned(), "overwrite"),
        ("rom_id=1&autocleanup_limit=x".to_owned(), "autocleanup_limit"),
        ("rom_id=1&session_id=x".to_owned(), "session_id"),
        (format!("rom_id=1&emulator={}", "e".repeat(51)), "emulator"),
        (format!("rom_id=1&slot={}", urlencode(&long)), "slot"),
    ] {
        let request = Request::post(&format!("/api/saves?{query}")).multipart(Multipart::save("a.srm", b"x"));
        story.send(request).await.is_invalid_at(&json!(["query", parameter]));
    }
    let longest = urlencode(&"é".repeat(255));
    let save = story.upload(&format!("slot={longest}"), Multipart::save("a.srm", b"x")).await.ok();
    assert_eq!(save["slot"].as_str().unwrap().chars().count(), 255);
}

#[actix_web::test]
async fn the_empty_slot_name_is_a_name_and_no_slot_is_an_archival_save() {
    let story = Story::begin().await;
    let empty = story.upload("slot=", Multipart::save("a.srm", b"1")).await.ok();
    assert_eq!((&empty["slot"], &empty["file_name"]), (&json!(""), &json!("a [2026-09-04_10-32-27].srm")));
    let archival = story.upload("", Multipart::save("a.srm", b"2")).await.ok();
    assert_eq!((&archival["slot"], &archival["file_name"]), (&json!(null), &json!("a.srm")));
    let again = story.upload("", Multipart::save("a.srm", b"3")).await.ok();
    assert_eq!(again["id"], archival["id"]);

    let listed = async |query: &str| {
        let saves = story.get(&format!("/api/saves?{query}")).await.ok();
        saves.as_array().unwrap().iter().map(|save| save["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(listed("slot=").await, [empty["id"].clone()]);
    assert_eq!(listed("").await.len(), 2);
}

#[actix_web::test]
async fn every_upload_to_a_slot_is_a_new_save_with_a_later_time() {
    let story = Story::begin().await;
    let mut before = Value::Null;
    for bytes in [b"1", b"2", b"3"] {
        let save = story.upload_from(story.handheld, bytes).await.ok();
        assert_ne!(save["id"], before["id"]);
        assert!(save["updated_at"].as_str() > before["updated_at"].as_str());
        before = save;
    }
    assert_eq!(story.list().await.len(), 3);
}

#[actix_web::test]
async fn the_head_s_content_is_answered_with_the_head() {
    let story = Story::begin().await;
    let head = story.upload_from(story.handheld, b"1").await.ok();
    let same = story.upload_from(story.desk, b"1").await.ok();
    assert_eq!(same["id"], head["id"]);
    assert_eq!(same["device_syncs"][0]["device_id"], story.desk.to_string());
    assert_eq!(same["device_syncs"][0]["is_current"], true);
    assert_eq!(story.list().await.len(), 1);
}

#[actix_web::test]
async fn autocleanup_keeps_the_newest_saves_in_the_lists() {
    let story = Story::begin().await;
    let upload = async |parameters: &str, index: u32| {
        let body = Multipart::save("a.srm", index.to_string().as_bytes());
        story.upload(&format!("slot=a&{parameters}"), body).await.ok()
    };
    for index in 0..12 {
        upload("autocleanup=false&autocleanup_limit=1", index).await;
    }
    assert_eq!(story.list().await.len(), 12);
    upload("autocleanup=1", 12).await;
    assert_eq!(story.list().await.len(), 10);
    upload("autocleanup=yes&autocleanup_limit=3", 13).await;
    assert_eq!(story.list().await.len(), 3);
    let newest = upload("autocleanup=on&autocleanup_limit=-5", 14).await;
    assert_eq!(story.list().await, [story.get(&format!("/api/saves/{}", newest["id"])).await.ok()]);
}

fn urlencode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
