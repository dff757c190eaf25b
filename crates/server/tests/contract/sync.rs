//! `POST /api/sync/negotiate` (contract § 5).

use memcard_testkit::Multipart;
use memcard_testkit::builders::content_of;
use serde_json::{Value, json};

use crate::support::{Home, Story, on_every_database};

on_every_database! {
    a_plan_has_one_operation_per_file_in_order_and_then_downloads,
    a_device_s_files_are_judged_by_what_it_held,
    what_no_file_names_is_downloaded_once,
    two_files_may_name_one_slot,
    files_without_a_slot_are_uploaded_and_the_server_s_never_appear,
    an_untracked_save_is_left_alone,
    a_client_that_names_the_head_s_hash_is_current,
    a_hash_that_is_none_says_nothing,
    the_device_is_the_named_one_or_the_bound_token_s,
    a_device_has_to_be_named_and_known,
    entries_that_do_not_fit_are_named,
    a_plan_is_made_of_one_game_s_slots_and_no_other_s,
    two_devices_end_on_the_same_save,
    negotiating_needs_both_its_scopes,
}

impl Story {
    /// A file of a device's, as it names it.
    fn file(&self, slot: Option<&str>, content: Option<&str>) -> Value {
        json!({
            "rom_id": self.game,
            "file_name": "game.srm",
            "slot": slot,
            "emulator": "RetroArch",
            "content_hash": content.map(|content| content_of(content.as_bytes()).content_hash.unwrap().to_string()),
            "updated_at": "2026-09-04T11:12:27.5+02:00",
            "file_size_bytes": content.map_or(5, str::len),
        })
    }
}

async fn a_plan_has_one_operation_per_file_in_order_and_then_downloads(home: &Home) {
    let story = Story::begin(home).await;
    let upload = async |slot: &str, name: &str, bytes: &[u8]| {
        let parameters = format!("slot={slot}&emulator=mGBA&device_id={}", story.handheld);
        story.upload(&parameters, Multipart::save(name, bytes)).await.ok()
    };
    let same = upload("same", "a.srm", b"hello").await;
    let differs = upload("differs", "b.srm", b"server").await;
    let unnamed = upload("unnamed", "c.srm", b"server").await;

    let mut shouted = story.file(Some("same"), Some("hello"));
    shouted["content_hash"] = json!(shouted["content_hash"].as_str().unwrap().to_uppercase());
    let plan = story
        .negotiate(
            &story.desk,
            json!([
                story.file(Some("new"), Some("hello")),
                shouted,
                story.file(Some("differs"), Some("hello")),
                story.file(None, None),
            ]),
        )
        .await;
    let operation = |action: &str, slot: Option<&str>, head: Option<&Value>| {
        let of_head = |member: &str| head.map(|head| head[member].clone());
        let reason = plan["operations"].as_array().unwrap().iter().find(|it| it["slot"] == json!(slot));
        json!({
            "action": action,
            "rom_id": story.game,
            "save_id": of_head("id"),
            "file_name": of_head("file_name").unwrap_or(json!("game.srm")),
            "slot": slot,
            "emulator": of_head("emulator").unwrap_or(json!("RetroArch")),
            "reason": reason.unwrap()["reason"],
            "server_updated_at": of_head("updated_at"),
            "server_content_hash": of_head("content_hash"),
        })
    };
    assert_eq!(
        plan,
        json!({
            "session_id": plan["session_id"],
            "operations": [
                operation("upload", Some("new"), None),
                operation("no_op", Some("same"), Some(&same)),
                operation("conflict", Some("differs"), Some(&differs)),
                operation("upload", None, None),
                operation("download", Some("unnamed"), Some(&unnamed)),
            ],
            "total_upload": 2,
            "total_download": 1,
            "total_conflict": 1,
            "total_no_op": 1,
        })
    );
    assert!(plan["session_id"].is_i64());
    let operations = plan["operations"].as_array().unwrap();
    assert!(operations.iter().all(|operation| operation["reason"].is_string()));
}

/// What happens in a slot before the desk negotiates.
#[derive(Clone, Copy)]
enum Step {
    /// The handheld uploads that.
    Handheld(&'static str),
    /// The desk downloads the head and confirms it.
    DeskTakes,
    /// The desk uploads that, whatever comes of it.
    Desk(&'static str),
    /// The head is deleted.
    Delete,
}

async fn a_device_s_files_are_judged_by_what_it_held(home: &Home) {
    use Step::{Delete, Desk, DeskTakes, Handheld};
    let story = Story::begin(home).await;
    let cases: [(&str, &[Step], Option<&str>, &str); 15] = [
        ("empty slot", &[], Some("a"), "upload"),
        ("no hash, first contact", &[Handheld("a")], None, "conflict"),
        ("no hash, base is head", &[Handheld("a"), DeskTakes], None, "upload"),
        ("no hash, base is not head", &[Handheld("a"), DeskTakes, Handheld("b")], None, "conflict"),
        ("the head", &[Handheld("a")], Some("a"), "no_op"),
        (
            "its base, and the head is newer",
            &[Handheld("a"), DeskTakes, Handheld("b")],
            Some("a"),
            "download",
        ),
        ("its base, deleted", &[Handheld("a"), Handheld("b"), DeskTakes, Delete], Some("b"), "conflict"),
        (
            "newer than its base",
            &[Handheld("a"), DeskTakes, Handheld("b"), Handheld("c")],
            Some("b"),
            "download",
        ),
        ("older than its base", &[Handheld("a"), Handheld("b"), DeskTakes], Some("a"), "conflict"),
        ("an older save, never synced", &[Handheld("a"), Handheld("b")], Some("a"), "download"),
        ("an open fork", &[Handheld("a"), Desk("b")], Some("b"), "conflict"),
        ("changed here", &[Handheld("a"), DeskTakes], Some("b"), "upload"),
        (
            "changed here after the server went back",
            &[Handheld("a"), Desk("a"), Desk("b"), Delete],
            Some("c"),
            "upload",
        ),
        ("both changed", &[Handheld("a"), DeskTakes, Handheld("b")], Some("c"), "conflict"),
        ("unrelated", &[Handheld("a")], Some("b"), "conflict"),
    ];
    for (slot, steps, ..) in &cases {
        for step in *steps {
            story.take(slot, *step).await;
        }
    }
    let files: Value = cases.iter().map(|(slot, _, content, _)| story.file(Some(slot), *content)).collect();
    let plan = story.negotiate(&story.desk, files).await;
    for ((case, _, _, action), operation) in cases.iter().zip(plan["operations"].as_array().unwrap()) {
        assert_eq!(operation["action"], *action, "{case}: {}", operation["reason"]);
    }
    assert_eq!(plan["operations"].as_array().unwrap().len(), cases.len());
}

impl Story {
    async fn take(&self, slot: &str, step: Step) {
        let upload = async |device: &str, content: &str| {
            let parameters = format!("slot={}&device_id={device}", slot.replace(' ', "%20"));
            self.upload(&parameters, Multipart::save("game.srm", content.as_bytes())).await
        };
        let slot_query = format!("slot={}", slot.replace(' ', "%20"));
        match step {
            Step::Handheld(content) => {
                upload(&self.handheld, content).await;
            }
            Step::Desk(content) => {
                upload(&self.desk, content).await;
            }
            Step::DeskTakes => {
                let head = self.get(&format!("/api/saves?{slot_query}")).await.ok()[0].clone();
                let uri = format!("/api/saves/{}/downloaded", head["id"]);
                self.post(&uri).json(&json!({"device_id": self.desk})).await.ok();
            }
            Step::Delete => {
                let head = self.get(&format!("/api/saves?{slot_query}")).await.ok()[0].clone();
                self.post("/api/saves/delete").json(&json!({"saves": [head["id"]]})).await.ok();
            }
        }
    }
}

async fn what_no_file_names_is_downloaded_once(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"1").await.ok();
    let plan = story.negotiate(&story.desk, json!([])).await;
    assert_eq!(
        (&plan["operations"][0]["action"], &plan["operations"][0]["save_id"]),
        (&json!("download"), &save["id"])
    );
    let uri = format!("/api/saves/{}/downloaded", save["id"]);
    story.post(&uri).json(&json!({"device_id": story.desk})).await.ok();
    let plan = story.negotiate(&story.desk, json!([])).await;
    assert_eq!(plan["operations"], json!([]), "deleted there on purpose");
    story.upload_from(&story.handheld, b"2").await.ok();
    assert_eq!(story.negotiate(&story.desk, json!([])).await["total_download"], 1);
}

async fn two_files_may_name_one_slot(home: &Home) {
    let story = Story::begin(home).await;
    let files = json!([story.file(Some("new"), Some("a")), story.file(Some("new"), Some("b"))]);
    let plan = story.negotiate(&story.desk, files).await;
    let operations = plan["operations"].as_array().unwrap();
    let actions: Vec<_> = operations.iter().map(|operation| operation["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["upload", "conflict"], "one upload a slot");

    story.upload("slot=old", Multipart::save("game.srm", b"a")).await.ok();
    let files = json!([story.file(Some("old"), Some("a")), story.file(Some("old"), Some("a"))]);
    assert_eq!(story.negotiate(&story.desk, files).await["total_no_op"], 2);
}

async fn files_without_a_slot_are_uploaded_and_the_server_s_never_appear(home: &Home) {
    let story = Story::begin(home).await;
    story.upload("", Multipart::save("game.srm", b"a")).await.ok();
    let plan = story.negotiate(&story.desk, json!([story.file(None, Some("a"))])).await;
    let operations = plan["operations"].as_array().unwrap();
    assert_eq!(operations.len(), 1);
    assert_eq!((&operations[0]["action"], &operations[0]["save_id"]), (&json!("upload"), &Value::Null));
    assert_eq!(story.negotiate(&story.desk, json!([])).await["operations"], json!([]));
}

async fn an_untracked_save_is_left_alone(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"1").await.ok();
    let uri = format!("/api/saves/{}/untrack", save["id"]);
    story.post(&uri).json(&json!({"device_id": story.desk})).await.ok();
    let plan = story.negotiate(&story.desk, json!([story.file(Some("autosave"), Some("2"))])).await;
    assert_eq!(
        plan["operations"],
        json!([{
            "action": "no_op",
            "rom_id": story.game,
            "save_id": save["id"],
            "file_name": save["file_name"],
            "slot": "autosave",
            "emulator": null,
            "reason": "Save is untracked on this device",
            "server_updated_at": null,
            "server_content_hash": null,
        }])
    );
    assert_eq!(story.negotiate(&story.desk, json!([])).await["operations"], json!([]));
}

async fn a_client_that_names_the_head_s_hash_is_current(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"hello").await.ok();
    assert!(!story.is_current(&save, &story.desk).await);
    story.negotiate(&story.desk, json!([story.file(Some("autosave"), Some("hello"))])).await;
    assert!(story.is_current(&save, &story.desk).await);
}

async fn a_hash_that_is_none_says_nothing(home: &Home) {
    let story = Story::begin(home).await;
    story.upload_from(&story.handheld, b"hello").await.ok();
    for hash in ["", "xyz", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"] {
        let mut file = story.file(Some("autosave"), None);
        file["content_hash"] = json!(hash);
        let plan = story.negotiate(&story.desk, json!([file])).await;
        assert_eq!(plan["operations"][0]["action"], "conflict", "{hash:?}");
    }
}

async fn the_device_is_the_named_one_or_the_bound_token_s(home: &Home) {
    let story = Story::begin(home).await;
    let bound = story.server.pair(&story.player, "card-1").await;
    for (body, device) in [
        (json!({"saves": []}), &bound.id),
        (json!({"saves": [], "device_id": null}), &bound.id),
        (json!({"saves": [], "device_id": ""}), &bound.id),
        (json!({"saves": [], "device_id": story.desk}), &story.desk),
    ] {
        let plan = story.server.post("/api/sync/negotiate").by(&bound).json(&body).await.ok();
        let session = story.get(&format!("/api/sync/sessions/{}", plan["session_id"])).await.ok();
        assert_eq!(session["device_id"], **device, "{body}");
    }
}

async fn a_device_has_to_be_named_and_known(home: &Home) {
    let story = Story::begin(home).await;
    let missing = story.post("/api/sync/negotiate").json(&json!({"saves": []})).await;
    assert_eq!(missing.status, 400);
    let detail = missing.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.starts_with("device_id is required"), "{detail}");
    let unknown = "00000000-0000-4000-8000-000000000000";
    let body = json!({"device_id": unknown, "saves": []});
    let answer = story.post("/api/sync/negotiate").json(&body).await;
    answer.is_refused(404, &format!("Device with ID {unknown} not found"));
}

async fn entries_that_do_not_fit_are_named(home: &Home) {
    let story = Story::begin(home).await;
    let whole = story.file(Some("a"), None);
    let negotiate = async |saves: Value| {
        story.post("/api/sync/negotiate").json(&json!({"device_id": story.desk, "saves": saves})).await
    };
    for member in ["rom_id", "file_name", "updated_at", "file_size_bytes"] {
        let mut entry = whole.clone();
        entry.as_object_mut().unwrap().remove(member);
        let refused = negotiate(json!([whole, entry])).await;
        refused.is_invalid_at(&json!(["body", "saves", 1, member]));
        assert_eq!(refused.json()["detail"][0]["type"], "missing");
    }
    for (member, value) in [
        ("rom_id", json!("x")),
        ("rom_id", json!(99_999_999_999_i64)),
        ("file_name", json!("")),
        ("updated_at", json!("yesterday")),
        ("file_size_bytes", json!(-1)),
        ("slot", json!("s".repeat(256))),
    ] {
        let mut entry = whole.clone();
        entry[member] = value;
        negotiate(json!([entry])).await.is_invalid_at(&json!(["body", "saves", 0, member]));
    }
    let no_saves = story.post("/api/sync/negotiate").json(&json!({"device_id": story.desk})).await;
    no_saves.is_invalid_at(&json!(["body", "saves"]));
}

async fn a_plan_is_made_of_one_game_s_slots_and_no_other_s(home: &Home) {
    let story = Story::begin(home).await;
    let other = story.server.declare_game(&story.player, "Other.gba").await;
    story.upload_from(&story.handheld, b"hello").await.ok();
    let mut file = story.file(Some("autosave"), Some("hello"));
    file["rom_id"] = json!(other);
    let plan = story.negotiate(&story.desk, json!([file])).await;
    let told = |index: usize| {
        (plan["operations"][index]["action"].clone(), plan["operations"][index]["rom_id"].clone())
    };
    assert_eq!([told(0), told(1)], [(json!("upload"), json!(other)), (json!("download"), json!(story.game))]);
}

async fn two_devices_end_on_the_same_save(home: &Home) {
    let story = Story::begin(home).await;
    let head = story.upload_from(&story.handheld, b"hello").await.ok();
    let plan = story.negotiate(&story.desk, json!([])).await;
    assert_eq!(plan["operations"][0]["save_id"], head["id"]);
    let content = format!("/api/saves/{}/content", head["id"]);
    let query = format!("device_id={}&session_id={}", story.desk, plan["session_id"]);
    assert_eq!(story.get(&format!("{content}?{query}")).await.body, "hello");
    let complete = format!("/api/sync/sessions/{}/complete", plan["session_id"]);
    story.post(&complete).json(&json!({"operations_completed": 1})).await.ok();
    for device in [&story.handheld, &story.desk] {
        let plan = story.negotiate(device, json!([story.file(Some("autosave"), Some("hello"))])).await;
        assert_eq!(plan["total_no_op"], 1);
        assert_eq!(plan["operations"].as_array().unwrap().len(), 1);
    }
}

async fn negotiating_needs_both_its_scopes(home: &Home) {
    let story = Story::begin(home).await;
    let body = json!({"device_id": story.desk, "saves": []});
    let by = async |token: String| story.server.post("/api/sync/negotiate").by(&token).json(&body).await;
    for missing in ["assets.read", "devices.read"] {
        let token = story.server.token_without(&story.player, &[missing]).await;
        by(token).await.is_refused(403, "Forbidden");
    }
    by(story.server.token_of(&story.player, &["assets.read", "devices.read"]).await).await.ok();
}
