//! The guard: who may move a slot's head, and what a 409 carries.

use memcard_testkit::Multipart;
use serde_json::{Value, json};

use crate::support::{Answer, Home, Story, content_uri, on_every_database};

on_every_database! {
    a_device_that_holds_the_head_or_finds_the_slot_empty_is_accepted,
    a_device_that_never_synced_a_slot_is_refused,
    a_refusal_carries_head_fork_and_times,
    the_head_s_content_is_answered_with_the_head_and_the_device_is_current,
    content_of_an_older_save_or_of_a_fork_is_refused_and_kept_once,
    overwriting_is_an_explicit_act,
    an_overwrite_with_a_fork_s_content_closes_it,
    an_upload_without_a_device_always_succeeds,
    an_archival_save_that_changed_since_is_refused,
    a_fork_is_in_no_list_and_no_plan_and_fetched_by_its_id,
    a_fork_cannot_be_synced_and_can_be_dismissed,
}

const IN_SLOT: &str = "Slot has a newer save since your last sync";
const WITHOUT_SLOT: &str = "Save has been updated since your last sync";

impl Story {
    async fn download(&self, save: &Value, device: &str) {
        let content = format!("{}?device_id={device}&optimistic=false", content_uri(save));
        assert_eq!(self.get(&content).await.status, 200);
        self.tell("downloaded", save, device).await.ok();
    }

    async fn overwrite_from(&self, device: &str, bytes: &[u8]) -> Answer {
        let parameters = format!("slot=autosave&overwrite=true&device_id={device}");
        self.upload(&parameters, Multipart::save("game.srm", bytes)).await
    }
}

async fn a_device_that_holds_the_head_or_finds_the_slot_empty_is_accepted(home: &Home) {
    let story = Story::begin(home).await;
    let first = story.upload_from(&story.handheld, b"1").await.ok();
    story.download(&first, &story.desk).await;
    let second = story.upload_from(&story.desk, b"2").await.ok();
    story.upload_from(&story.handheld, b"3").await.is_refused(409, IN_SLOT);
    story.upload_from(&story.desk, b"4").await.ok();
    assert_ne!(first["id"], second["id"]);
    let elsewhere = format!("slot=other&device_id={}", story.handheld);
    story.upload(&elsewhere, Multipart::save("game.srm", b"5")).await.ok();
}

async fn a_device_that_never_synced_a_slot_is_refused(home: &Home) {
    let story = Story::begin(home).await;
    story.upload_from(&story.handheld, b"1").await.ok();
    let conflict = story.upload_from(&story.desk, b"2").await;
    conflict.is_refused(409, IN_SLOT);
    assert_eq!(conflict.json()["device_sync_time"], Value::Null);
}

async fn a_refusal_carries_head_fork_and_times(home: &Home) {
    let story = Story::begin(home).await;
    let base = story.upload_from(&story.handheld, b"first").await.ok();
    story.download(&base, &story.desk).await;
    let synced = story.shown_to(&story.desk, &base).await["device_syncs"][0]["last_synced_at"].clone();
    let head = story.upload_from(&story.handheld, b"from the handheld").await.ok();

    let refused = story.upload_from(&story.desk, b"from the desk").await;
    refused.is_refused(409, IN_SLOT);
    let conflict = refused.json();
    let fork = &conflict["fork"];
    assert_eq!(
        conflict,
        json!({
            "detail": IN_SLOT,
            "error": "conflict",
            "message": conflict["message"],
            "save_id": head["id"],
            "current_save_time": head["updated_at"],
            "device_sync_time": synced,
            "head": conflict["head"],
            "fork": fork,
        })
    );
    assert!(conflict["message"].is_string() && synced.is_string());
    assert_eq!(conflict["head"]["id"], head["id"]);
    assert_eq!(conflict["head"]["device_syncs"][0]["device_id"], story.desk);
    assert_eq!(conflict["head"]["device_syncs"][0]["is_current"], false);
    let members = |save: &Value| save.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(members(&conflict["head"]), members(&head));
    assert!(members(&head).iter().all(|member| fork.get(member).is_some()), "{fork}");
    assert!(fork["version_id"].is_i64(), "what it is resolved by");
    assert_eq!((&fork["origin_device_id"], &fork["slot"]), (&json!(story.desk), &json!("autosave")));
    assert_eq!(story.get(&content_uri(fork)).await.body, "from the desk");
}

async fn the_head_s_content_is_answered_with_the_head_and_the_device_is_current(home: &Home) {
    let story = Story::begin(home).await;
    let older = story.upload_from(&story.handheld, b"1").await.ok();
    story.download(&older, &story.desk).await;
    let head = story.upload_from(&story.handheld, b"2").await.ok();
    for device in [&story.desk, &story.handheld, &story.server.add_device(&story.player, "third").await] {
        let same = story.upload_from(device, b"2").await.ok();
        assert_eq!(same["id"], head["id"]);
        assert_eq!(same["updated_at"], head["updated_at"]);
        assert_eq!(same["device_syncs"][0]["device_id"], **device);
        assert_eq!(same["device_syncs"][0]["is_current"], true);
    }
    assert_eq!(story.list().await.len(), 2);
}

async fn content_of_an_older_save_or_of_a_fork_is_refused_and_kept_once(home: &Home) {
    let story = Story::begin(home).await;
    let older = story.upload_from(&story.handheld, b"1").await.ok();
    story.upload_from(&story.handheld, b"2").await.ok();
    let rolled_back = story.upload_from(&story.handheld, b"1").await;
    rolled_back.is_refused(409, IN_SLOT);
    assert_eq!(story.get(&content_uri(&rolled_back.json()["fork"])).await.body, "1");
    assert_eq!(story.get(&content_uri(&older)).await.body, "1");

    let forked = story.upload_from(&story.desk, b"3").await.json()["fork"].clone();
    for _ in 0..2 {
        let again = story.upload_from(&story.desk, b"3").await;
        again.is_refused(409, IN_SLOT);
        assert_eq!(again.json()["fork"]["id"], forked["id"]);
    }
}

async fn overwriting_is_an_explicit_act(home: &Home) {
    let story = Story::begin(home).await;
    let replaced = story.upload_from(&story.handheld, b"1").await.ok();
    let head = story.overwrite_from(&story.desk, b"2").await.ok();
    assert_eq!(story.list().await[0]["id"], head["id"]);
    assert!(story.is_current(&head, &story.desk).await && !story.is_current(&head, &story.handheld).await);
    assert_eq!(story.get(&content_uri(&replaced)).await.body, "1");
    let rolled_back = story.overwrite_from(&story.desk, b"1").await.ok();
    assert_eq!(story.get(&content_uri(&rolled_back)).await.body, "1");
    assert_eq!(story.list().await[0]["id"], rolled_back["id"]);
}

async fn an_overwrite_with_a_fork_s_content_closes_it(home: &Home) {
    let story = Story::begin(home).await;
    story.upload_from(&story.handheld, b"1").await.ok();
    story.upload_from(&story.desk, b"2").await.is_refused(409, IN_SLOT);
    let kept = story.overwrite_from(&story.desk, b"2").await.ok();
    assert_eq!(story.list().await[0]["id"], kept["id"]);
    let plan = story.plan_for(&story.handheld).await;
    assert_eq!((&plan["total_download"], &plan["operations"][0]["save_id"]), (&json!(1), &kept["id"]));
}

async fn an_upload_without_a_device_always_succeeds(home: &Home) {
    let story = Story::begin(home).await;
    let replaced = story.upload_from(&story.handheld, b"1").await.ok();
    let save = story.upload("slot=autosave", Multipart::save("a.srm", b"2")).await.ok();
    assert_eq!((&save["origin_device_id"], &save["device_syncs"]), (&json!(null), &json!([])));
    assert_eq!(story.list().await[0]["id"], save["id"]);
    assert_eq!(story.get(&content_uri(&replaced)).await.body, "1");
}

async fn an_archival_save_that_changed_since_is_refused(home: &Home) {
    let story = Story::begin(home).await;
    let upload = async |device: &str, bytes: &[u8]| {
        story.upload(&format!("device_id={device}"), Multipart::save("a.srm", bytes)).await
    };
    upload(&story.handheld, b"1").await.ok();
    let by_a_stranger_to_it = upload(&story.desk, b"2").await.ok();
    let refused = upload(&story.handheld, b"3").await;
    refused.is_refused(409, WITHOUT_SLOT);
    assert_eq!(refused.json()["save_id"], by_a_stranger_to_it["id"]);
    assert_eq!(story.get(&content_uri(&refused.json()["fork"])).await.body, "3");
    upload(&story.desk, b"4").await.ok();
}

async fn a_fork_is_in_no_list_and_no_plan_and_fetched_by_its_id(home: &Home) {
    let story = Story::begin(home).await;
    let head = story.upload_from(&story.handheld, b"1").await.ok();
    let fork = story.upload_from(&story.desk, b"2").await.json()["fork"].clone();
    assert_eq!(story.listed("").await, [head["id"].clone()]);
    assert_eq!(story.get("/api/saves/identifiers").await.ok(), json!([head["id"]]));
    let summary = story.get(&format!("/api/saves/summary?rom_id={}", story.game)).await.ok();
    assert_eq!((&summary["total_count"], &summary["slots"][0]["latest"]["id"]), (&json!(1), &head["id"]));
    let plan = story.plan_for(&story.desk).await;
    assert_eq!(plan["operations"].as_array().unwrap().len(), 1);
    assert_eq!(plan["operations"][0]["save_id"], head["id"]);
    let shown = story.get(&format!("/api/saves/{}", fork["id"])).await.ok();
    assert_eq!((&shown["id"], &shown["slot"]), (&fork["id"], &json!("autosave")));
    assert_eq!(story.get(&content_uri(&fork)).await.body, "2");
}

async fn a_fork_cannot_be_synced_and_can_be_dismissed(home: &Home) {
    let story = Story::begin(home).await;
    story.upload_from(&story.handheld, b"1").await.ok();
    let fork = story.upload_from(&story.desk, b"2").await.json()["fork"].clone();
    for call in ["downloaded", "track", "untrack"] {
        assert_eq!(story.tell(call, &fork, &story.desk).await.status, 409, "{call}");
    }
    let dismissed = story.post("/api/saves/delete").json(&json!({"saves": [fork["id"]]})).await.ok();
    assert_eq!(dismissed, json!([fork["id"]]));
    assert_eq!(story.get(&format!("/api/saves/{}", fork["id"])).await.ok()["id"], fork["id"]);
    assert_eq!(story.get(&content_uri(&fork)).await.body, "2", "a dismissed fork stays by its id");
}
