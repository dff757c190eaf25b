//! `PUT /api/saves/{id}`: edits in place.

use futures_util::future::join_all;
use memcard_testkit::Multipart;
use serde_json::{Value, json};

use super::{edit_uri, ids, not_found, save_uri, states};
use crate::support::{Home, Story, content_uri, on_every_database};

on_every_database! {
    an_edited_save_keeps_id_and_name_and_has_other_bytes_hash_and_time,
    an_edited_older_save_is_the_slot_s_newest_and_its_head,
    clients_switch_versions_by_putting_a_save_s_own_bytes,
    updated_at_increases_over_all_files_of_a_slot,
    a_device_that_does_not_hold_the_head_is_answered_409_as_on_upload,
    of_racing_edits_from_one_base_one_is_stored_and_all_are_kept,
    bytes_that_the_head_has_are_taken_from_every_device,
    without_a_device_an_edit_is_always_done_and_the_head_it_replaces_is_set_aside,
    a_bound_token_stands_for_no_device_here,
    an_archival_save_is_guarded_as_on_upload,
    the_bytes_that_are_replaced_stay_in_the_history,
    a_picture_stays_with_the_version_it_was_sent_for,
    device_then_save_are_checked_before_the_body,
    a_fork_is_not_edited_open_or_dismissed,
    a_body_above_the_limit_is_refused,
    editing_needs_assets_write_and_devices_write_where_a_device_is_named,
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

async fn an_edited_save_keeps_id_and_name_and_has_other_bytes_hash_and_time(home: &Home) {
    let story = Story::begin(home).await;
    let uri = format!("slot=autosave&emulator=mGBA&device_id={}", story.handheld);
    let before = story.upload(&uri, Multipart::save("Game (USA).srm", b"before")).await.ok();
    let after = story.edit(&before, Some(&story.handheld), b"hello").await.ok();
    for member in
        ["id", "file_name", "file_extension", "slot", "emulator", "created_at", "rom_id", "is_public"]
    {
        assert_eq!(after[member], before[member], "{member}");
    }
    assert_eq!(after["content_hash"], "5d41402abc4b2a76b9719d911017c592");
    assert_eq!(after["file_size_bytes"], 5);
    assert!(after["updated_at"].as_str() > before["updated_at"].as_str(), "{after}");
    assert_ne!(after["download_path"], before["download_path"], "no cache may keep the old bytes");
    assert_eq!(after["origin_device_id"], *story.handheld);
    let sync = &after["device_syncs"][0];
    assert_eq!((&sync["device_id"], &sync["is_current"]), (&json!(story.handheld), &json!(true)));
    assert_eq!(story.get(after["download_path"].as_str().unwrap()).await.text(), "hello");
}

async fn an_edited_older_save_is_the_slot_s_newest_and_its_head(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_from(&story.handheld, b"1").await.ok();
    let two = story.upload_from(&story.handheld, b"2").await.ok();
    story.edit(&one, Some(&story.handheld), b"3").await.ok();
    assert_eq!(ids(&story.list().await), [&one["id"], &two["id"]]);
    assert_eq!(story.plan(&story.desk).await, [(json!("download"), one["id"].clone())]);
    assert_eq!(story.plan(&story.handheld).await, [], "it holds what it put");
    let next = story.upload_from(&story.handheld, b"4").await.ok();
    assert_eq!(ids(&story.list().await), [&next["id"], &one["id"], &two["id"]]);
}

async fn clients_switch_versions_by_putting_a_save_s_own_bytes(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_from(&story.handheld, b"1").await.ok();
    let two = story.upload_from(&story.handheld, b"2").await.ok();
    story.confirm(&two, &story.desk).await;
    let switched = story.edit(&one, Some(&story.handheld), b"1").await.ok();
    assert_eq!(switched["content_hash"], one["content_hash"]);
    assert!(switched["updated_at"].as_str() > two["updated_at"].as_str());
    assert_eq!(ids(&story.list().await), [&one["id"], &two["id"]]);
    assert_eq!(story.plan(&story.desk).await, [(json!("download"), one["id"].clone())]);

    let again = story.edit(&one, Some(&story.handheld), b"1").await.ok();
    assert!(again["updated_at"].as_str() > switched["updated_at"].as_str(), "also on the head itself");
    assert_eq!(again["device_syncs"][0]["is_current"], true);
}

async fn updated_at_increases_over_all_files_of_a_slot(home: &Home) {
    let story = Story::begin(home).await;
    let send = async |name: &str, bytes: &[u8]| {
        story.upload("slot=autosave", Multipart::save(name, bytes)).await.ok()
    };
    let main = send("game.srm", b"1").await;
    let clock = send("game.rtc", b"1").await;
    let mut times = vec![main["updated_at"].clone(), clock["updated_at"].clone()];
    for number in 0..10u8 {
        let save = if number % 2 == 0 { &main } else { &clock };
        times.push(story.edit(save, None, &[number]).await.ok()["updated_at"].clone());
    }
    let increasing = times.windows(2).all(|pair| pair[0].as_str() < pair[1].as_str());
    assert!(increasing, "{times:?}");
    assert_eq!(ids(&story.list().await), [&clock["id"], &main["id"]], "each is edited in its own place");
}

async fn a_device_that_does_not_hold_the_head_is_answered_409_as_on_upload(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_from(&story.handheld, b"1").await.ok();
    story.confirm(&one, &story.desk).await;
    let synced = story.get(&edit_uri(&one, Some(&story.desk))).await.ok();
    let two = story.upload_from(&story.handheld, b"2").await.ok();

    let answer = story.edit(&one, Some(&story.desk), b"3").await;
    answer.is_refused(409, "Slot has a newer save since your last sync");
    let refused = answer.json();
    assert_eq!(refused["error"], "conflict");
    assert!(refused["message"].is_string());
    assert_eq!(refused["save_id"], two["id"]);
    assert_eq!(refused["current_save_time"], two["updated_at"]);
    assert_eq!(refused["device_sync_time"], synced["device_syncs"][0]["last_synced_at"]);
    assert_eq!(refused["head"]["id"], two["id"]);
    let fork = &refused["fork"];
    assert_eq!(fork["state"], "fork_open");
    assert_eq!(fork["origin_device_id"], *story.desk);
    assert_eq!(story.get(&content_uri(fork)).await.text(), "3", "the bytes are kept");
    assert_eq!(story.get(&content_uri(&one)).await.text(), "1", "the save is what it was");
    let list = story.list().await;
    assert_eq!(ids(&list), [&two["id"], &one["id"]]);
    assert_eq!(list[1]["updated_at"], one["updated_at"]);

    let unsynced = story.server.add_device(&story.player, "a third").await;
    let first_contact = story.edit(&one, Some(&unsynced), b"4").await;
    assert_eq!((first_contact.status, &first_contact.json()["device_sync_time"]), (409, &Value::Null));
    let old_bytes = story.edit(&one, Some(&story.desk), b"1").await;
    assert_eq!((old_bytes.status, &old_bytes.json()["fork"]["id"]), (409, &one["id"]), "kept already");
}

async fn of_racing_edits_from_one_base_one_is_stored_and_all_are_kept(home: &Home) {
    let story = Story::begin(home).await;
    let base = story.upload_from(&story.handheld, b"base").await.ok();
    let older = story.edit(&base, Some(&story.handheld), b"edited").await.ok();
    let mut devices = Vec::new();
    for number in 0..6 {
        let device = story.server.add_device(&story.player, &format!("device {number}")).await;
        story.confirm(&older, &device).await;
        devices.push(device);
    }
    let edits = devices.iter().enumerate().map(async |(number, device)| {
        let bytes = format!("from {number}");
        let answer = story.edit(&base, Some(device), bytes.as_bytes()).await;
        (bytes, answer)
    });
    let answers = join_all(edits).await;
    assert_eq!(answers.iter().filter(|(_, answer)| answer.status == 200).count(), 1);
    for (bytes, answer) in answers {
        let told = answer.json();
        let kept = if answer.status == 200 { &told } else { &told["fork"] };
        assert_eq!(story.get(&content_uri(kept)).await.text(), bytes);
    }
    assert_eq!(ids(&story.list().await), [&base["id"]]);
    assert_eq!(story.history().await.len(), 8);
}

async fn bytes_that_the_head_has_are_taken_from_every_device(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_from(&story.handheld, b"1").await.ok();
    story.upload_from(&story.handheld, b"2").await.ok();
    let edited = story.edit(&one, Some(&story.desk), b"2").await.ok();
    assert_eq!(edited["device_syncs"][0]["is_current"], true);
    assert_eq!(story.list().await[0]["id"], one["id"]);
    assert_eq!(story.states().await, states(&[("2", "head"), ("2", "line"), ("1", "replaced")]));
}

async fn without_a_device_an_edit_is_always_done_and_the_head_it_replaces_is_set_aside(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_from(&story.handheld, b"1").await.ok();
    story.upload_from(&story.handheld, b"2").await.ok();
    let edited = story.edit(&one, None, b"3").await.ok();
    assert_eq!((&edited["origin_device_id"], &edited["device_syncs"]), (&Value::Null, &json!([])));
    assert_eq!(story.states().await, states(&[("3", "head"), ("2", "set_aside"), ("1", "replaced")]));
    story.edit(&one, Some(""), b"4").await.ok();
}

async fn a_bound_token_stands_for_no_device_here(home: &Home) {
    let story = Story::begin(home).await;
    let device = story.server.pair(&story.player, "paired").await;
    let one = story.upload_from(&story.handheld, b"1").await.ok();
    let body = Multipart::save("a.srm", b"2");
    let edited = story.server.put(&save_uri(&one)).by(&device).multipart(body).await.ok();
    assert_eq!(edited["origin_device_id"], Value::Null);
    assert_eq!(edited["device_syncs"], json!([]));
}

async fn an_archival_save_is_guarded_as_on_upload(home: &Home) {
    let story = Story::begin(home).await;
    let uri = format!("device_id={}", story.handheld);
    let save = story.upload(&uri, Multipart::save("game.srm", b"1")).await.ok();
    story.edit(&save, Some(&story.desk), b"2").await.ok();
    let refused = story.edit(&save, Some(&story.handheld), b"3").await;
    refused.is_refused(409, "Save has been updated since your last sync");
    assert_eq!(story.get(&content_uri(&refused.json()["fork"])).await.text(), "3");
    assert_eq!(ids(&story.list().await), [&save["id"]]);
    assert_eq!(story.get(&content_uri(&save)).await.text(), "2");
}

async fn the_bytes_that_are_replaced_stay_in_the_history(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_from(&story.handheld, b"1").await.ok();
    let version = story.version_of(&one).await;
    story.edit(&one, Some(&story.handheld), b"2").await.ok();
    let history = story.history().await;
    let [edited, replaced] = history.as_slice() else { panic!("{history:?}") };
    assert_eq!(edited["kind"], "edit_in_place");
    assert_eq!(edited["parent_id"], version["version_id"]);
    assert_eq!(replaced["version_id"], version["version_id"]);
    assert_eq!(replaced["updated_at"], one["updated_at"]);
    assert_ne!(replaced["id"], one["id"], "it has a row of its own");
    assert_eq!(story.get(&content_uri(replaced)).await.text(), "1");
}

async fn a_picture_stays_with_the_version_it_was_sent_for(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_from(&story.handheld, b"1").await.ok();
    let edit = async |body: Multipart| story.put(&save_uri(&one)).multipart(body).await.ok();
    let alone = edit(Multipart::default().screenshot("alone.png", PNG)).await;
    assert_eq!(alone["screenshot"]["file_name"], "alone.png");
    assert_eq!(alone["updated_at"], one["updated_at"], "no bytes, no version");
    let both = edit(Multipart::save("a.srm", b"2").screenshot("both.png", PNG)).await;
    assert_eq!(both["screenshot"]["file_name"], "both.png");
    let bytes = edit(Multipart::save("a.srm", b"3")).await;
    assert_eq!(bytes["screenshot"], Value::Null);

    let names: Vec<Value> =
        story.history().await.iter().map(|version| version["screenshot"]["file_name"].clone()).collect();
    assert_eq!(names, [Value::Null, json!("both.png"), json!("alone.png")]);
    let refused = story.put(&edit_uri(&one, Some(&story.desk)));
    let refused = refused.multipart(Multipart::save("a.srm", b"4").screenshot("fork.png", PNG)).await.json();
    assert_eq!(refused["fork"]["screenshot"]["file_name"], "fork.png");
}

async fn device_then_save_are_checked_before_the_body(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_from(&story.handheld, b"1").await.ok();
    let unknown = json!({"id": 9999});
    let nobody = "00000000-0000-4000-8000-000000000000";
    let no_device = format!("Device with ID {nobody} not found");
    let put = async |uri: String| story.put(&uri).multipart(Multipart::default()).await;
    put(edit_uri(&unknown, Some(nobody))).await.is_refused(404, &no_device);
    put(edit_uri(&unknown, Some(&story.desk))).await.is_refused(404, &not_found(&unknown));
    put(edit_uri(&one, Some(&story.desk))).await.is_invalid_at(&json!(["body", "saveFile"]));
    put("/api/saves/first".to_owned()).await.is_invalid_at(&json!(["path", "id"]));
    let nameless = Multipart::default().part(r#"name="saveFile"; filename="""#, b"x");
    story.put(&save_uri(&one)).multipart(nameless).await.is_refused(400, "Save file has no filename");

    let stranger = story.stranger().await;
    let as_stranger = async |uri: String| {
        story.server.put(&uri).by(&stranger).multipart(Multipart::save("a.srm", b"x")).await
    };
    as_stranger(edit_uri(&one, None)).await.is_refused(404, &not_found(&one));
    let no_device = format!("Device with ID {} not found", story.desk);
    as_stranger(edit_uri(&one, Some(&story.desk))).await.is_refused(404, &no_device);
    assert_eq!(story.show(&one).await.ok()["updated_at"], one["updated_at"]);
}

async fn a_fork_is_not_edited_open_or_dismissed(home: &Home) {
    let story = Story::begin(home).await;
    story.upload_from(&story.handheld, b"1").await.ok();
    let fork = story.fork_from(&story.desk, b"2").await;
    assert_eq!(story.edit(&fork, Some(&story.desk), b"3").await.status, 409);
    story.delete_saves(&[&fork["id"]]).await.ok();
    assert_eq!(story.edit(&fork, None, b"3").await.status, 409);
    assert_eq!(story.get(&content_uri(&fork)).await.text(), "2");
    assert_eq!(story.history().await.len(), 2);
}

async fn a_body_above_the_limit_is_refused(home: &Home) {
    let story = Story::on(home.serve_with(&["--max-body-bytes", "10000"])).await;
    let one = story.upload_from(&story.handheld, b"1").await.ok();
    let text = "Request body exceeds the maximum allowed size of 10000 bytes";
    story.edit(&one, None, &[7; 10_000]).await.is_refused(413, text);
    assert_eq!(story.get(&content_uri(&one)).await.text(), "1");
}

async fn editing_needs_assets_write_and_devices_write_where_a_device_is_named(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_from(&story.handheld, b"1").await.ok();
    let body = || Multipart::save("a.srm", b"2");
    story.server.put(&save_uri(&one)).multipart(body()).await.is_refused(401, "Not authenticated");
    let reader = story.server.token_without(&story.player, &["assets.write"]).await;
    story.server.put(&save_uri(&one)).by(&reader).multipart(body()).await.is_refused(403, "Forbidden");
    let writer = story.server.token_without(&story.player, &["devices.write"]).await;
    let named = edit_uri(&one, Some(&story.handheld));
    story.server.put(&named).by(&writer).multipart(body()).await.is_refused(403, "Forbidden");
    story.server.put(&save_uri(&one)).by(&writer).multipart(body()).await.ok();
}
