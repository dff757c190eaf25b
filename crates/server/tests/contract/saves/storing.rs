//! `POST /api/saves`: what is stored, and how it is answered.

use memcard_testkit::{BOUNDARY, Multipart};
use serde_json::{Value, json};

use crate::support::{Home, Story, content_uri, on_every_database};

on_every_database! {
    an_upload_answers_the_save_with_all_its_members,
    bytes_come_back_exactly_as_they_were_sent,
    every_upload_to_a_slot_is_a_new_save_with_a_later_time,
    without_a_slot_the_save_of_that_name_is_updated_in_place,
    the_empty_slot_name_is_a_name,
    an_accepted_upload_sets_when_the_game_was_last_played,
    a_clock_file_lives_in_the_slot_beside_its_save,
}

async fn an_upload_answers_the_save_with_all_its_members(home: &Home) {
    let story = Story::begin(home).await;
    let parameters = format!("slot=autosave&emulator=mGBA%200.10&device_id={}", story.handheld);
    let save = story.upload(&parameters, Multipart::save("Game (USA) [!].srm", b"hello")).await.ok();
    let (id, made) = (&save["id"], save["created_at"].as_str().unwrap());
    // `2026-09-04T10:32:27.123457+00:00`, with or without microseconds.
    let tag = made[..19].replace('T', "_").replace(':', "-");
    let name = format!("Game (USA) [!] [{tag}]");
    let folder = format!("users/{}/saves/{}", story.player.id, story.game);
    let timestamp = made.replace("+00:00", "Z");
    assert_eq!(
        save,
        json!({
            "id": id,
            "rom_id": story.game,
            "user_id": story.player.id,
            "file_name": format!("{name}.srm"),
            "file_name_no_tags": "Game",
            "file_name_no_ext": name,
            "file_extension": "srm",
            "file_path": folder,
            "file_size_bytes": 5,
            "full_path": format!("{folder}/{name}.srm"),
            "download_path": format!("/api/saves/{id}/content?timestamp={timestamp}"),
            "missing_from_fs": false,
            "created_at": made,
            "updated_at": made,
            "emulator": "mGBA 0.10",
            "slot": "autosave",
            "content_hash": "5d41402abc4b2a76b9719d911017c592",
            "is_public": false,
            "screenshot": null,
            "origin_device_id": story.handheld,
            "device_syncs": [{
                "device_id": story.handheld,
                "device_name": "handheld",
                "last_synced_at": made,
                "is_untracked": false,
                "is_current": true,
            }],
        })
    );
    let download_path = save["download_path"].as_str().unwrap();
    assert_eq!(story.get(download_path).await.body, "hello");
}

async fn bytes_come_back_exactly_as_they_were_sent(home: &Home) {
    let story = Story::begin(home).await;
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
        assert_eq!(content.header("content-length"), Some(bytes.len().to_string().as_str()));
    }
}

async fn every_upload_to_a_slot_is_a_new_save_with_a_later_time(home: &Home) {
    let story = Story::begin(home).await;
    let mut before = Value::Null;
    for bytes in [b"1", b"2", b"3"] {
        let save = story.upload_from(&story.handheld, bytes).await.ok();
        assert_ne!(save["id"], before["id"]);
        assert!(save["updated_at"].as_str() > before["updated_at"].as_str());
        before = save;
    }
    assert_eq!(story.list().await.len(), 3);
}

async fn without_a_slot_the_save_of_that_name_is_updated_in_place(home: &Home) {
    let story = Story::begin(home).await;
    let first = story.upload("", Multipart::save("a.srm", b"one")).await.ok();
    let other = story.upload("", Multipart::save("b.srm", b"two")).await.ok();
    let again = story.upload("", Multipart::save("a.srm", b"three")).await.ok();
    assert_eq!((&first["slot"], &first["file_name"]), (&Value::Null, &json!("a.srm")));
    assert_ne!(other["id"], first["id"]);
    assert_eq!((&again["id"], &again["file_name"]), (&first["id"], &json!("a.srm")));
    assert_eq!((&again["file_size_bytes"], &again["created_at"]), (&json!(5), &first["created_at"]));
    assert!(again["updated_at"].as_str() > first["updated_at"].as_str());
    assert_eq!(story.get(&content_uri(&first)).await.body, "three");
    assert_eq!(story.list().await.len(), 2);
}

async fn the_empty_slot_name_is_a_name(home: &Home) {
    let story = Story::begin(home).await;
    let upload = async |device: &str, bytes: &[u8]| {
        let parameters = format!("slot=&device_id={device}");
        story.upload(&parameters, Multipart::save("a.srm", bytes)).await
    };
    let save = upload(&story.handheld, b"1").await.ok();
    assert_eq!(save["slot"], "");
    assert!(save["file_name"].as_str().unwrap().starts_with("a ["), "{}", save["file_name"]);
    upload(&story.desk, b"2").await.is_refused(409, "Slot has a newer save since your last sync");
    let archival = story.upload("", Multipart::save("a.srm", b"3")).await.ok();
    assert_eq!(archival["slot"], Value::Null);
    assert_eq!(story.listed("slot=").await, [save["id"].clone()]);
    assert_eq!(story.listed("").await.len(), 2);
    let plan = story.plan_for(&story.desk).await;
    assert_eq!((&plan["operations"][0]["slot"], &plan["total_download"]), (&json!(""), &json!(1)));
}

async fn an_accepted_upload_sets_when_the_game_was_last_played(home: &Home) {
    let story = Story::begin(home).await;
    let last_played = async || {
        let game = story.get(&format!("/api/roms/{}", story.game)).await.ok();
        game["rom_user"]["last_played"].clone()
    };
    assert_eq!(last_played().await, Value::Null);
    let save = story.upload_from(&story.handheld, b"1").await.ok();
    let first = last_played().await;
    assert_eq!(first, save["created_at"]);
    story.upload_from(&story.desk, b"2").await.is_refused(409, "Slot has a newer save since your last sync");
    assert_eq!(last_played().await, first, "a refused upload is no play");
    let archival = story.upload("", Multipart::save("a.srm", b"3")).await.ok();
    assert_eq!(last_played().await, archival["updated_at"]);
}

async fn a_clock_file_lives_in_the_slot_beside_its_save(home: &Home) {
    let story = Story::begin(home).await;
    let upload = async |name: &str, bytes: &[u8]| {
        let parameters = format!("slot=autosave&device_id={}", story.handheld);
        story.upload(&parameters, Multipart::save(name, bytes)).await.ok()
    };
    let save = upload("game.srm", b"save").await;
    let clock = upload("game.rtc", b"clock").await;
    let next = upload("game.srm", b"save 2").await;
    assert_eq!(story.listed("slot=autosave").await, [&next, &clock, &save].map(|it| it["id"].clone()));
    let times = [&save, &clock, &next].map(|save| save["updated_at"].as_str().unwrap().to_owned());
    assert!(times[0] < times[1] && times[1] < times[2], "{times:?}");
    let plan = story.plan_for(&story.desk).await;
    let heads: Vec<_> = plan["operations"].as_array().unwrap().iter().map(|it| &it["save_id"]).collect();
    assert_eq!(heads.len(), 2);
    assert!(heads.contains(&&next["id"]) && heads.contains(&&clock["id"]), "{heads:?}");
}
