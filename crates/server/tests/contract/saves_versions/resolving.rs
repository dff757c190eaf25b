//! `POST /api/saves/forks/{version_id}/resolve`.

use futures_util::future::join_all;
use memcard_testkit::Multipart;
use serde_json::{Value, json};

use super::{ids, resolve_uri, save_uri, states};
use crate::support::{Home, Story, content_uri, on_every_database};

on_every_database! {
    keeping_the_head_closes_the_fork_and_moves_nothing,
    keeping_the_fork_makes_its_content_the_head_and_sets_the_old_one_aside,
    keeping_both_gives_the_fork_a_slot_of_its_own_that_syncs_nowhere_until_it_is_tracked,
    a_slot_of_its_own_takes_a_name_that_was_never_used,
    the_same_choice_again_is_answered_the_same_and_another_is_refused,
    to_delete_a_fork_is_to_keep_the_head,
    of_racing_choices_one_is_made,
    a_fork_that_an_overwrite_closed_is_resolved_by_it,
    only_the_owner_s_forks_are_resolved,
    the_choice_is_one_of_three,
    resolving_needs_assets_write,
}

/// A head `1` of the handheld's and a fork `2` of the desk's: the head's save and the fork's version.
async fn conflict(story: &Story) -> (Value, Value) {
    let head = story.upload_from(&story.handheld, b"1").await.ok();
    (head, story.fork_from(&story.desk, b"2").await)
}

/// What a device is told that has these bytes in a slot: action and save.
async fn told(story: &Story, device: &str, slot: &str, hash: &Value) -> (Value, Value) {
    let file = json!({
        "rom_id": story.game, "file_name": "game.srm", "slot": slot, "content_hash": hash,
        "updated_at": "2026-01-01T00:00:00Z", "file_size_bytes": 1,
    });
    let asked = json!({"device_id": device, "saves": [file]});
    let plan = story.post("/api/sync/negotiate").json(&asked).await.ok();
    let operation = &plan["operations"][0];
    (operation["action"].clone(), operation["save_id"].clone())
}

async fn keeping_the_head_closes_the_fork_and_moves_nothing(home: &Home) {
    let story = Story::begin(home).await;
    let (head, fork) = conflict(&story).await;
    let before = story.list().await;
    let resolved = story.resolve(&fork, "head").await.ok();
    assert_eq!(resolved["keep"], "head");
    assert_eq!(resolved["fork"]["version_id"], fork["version_id"]);
    assert_eq!(resolved["fork"]["state"], "fork_kept_head");
    assert_eq!(resolved["head"]["id"], head["id"]);
    assert_eq!(resolved["copy"], Value::Null);
    assert_eq!(story.list().await, before);
    assert_eq!(story.states().await, states(&[("2", "fork_kept_head"), ("1", "head")]));
    let of_desk = told(&story, &story.desk, "autosave", &fork["content_hash"]).await;
    assert_eq!(of_desk, (json!("download"), head["id"].clone()));
}

async fn keeping_the_fork_makes_its_content_the_head_and_sets_the_old_one_aside(home: &Home) {
    let story = Story::begin(home).await;
    let (one, fork) = conflict(&story).await;
    let resolved = story.resolve(&fork, "fork").await.ok();
    let head = &resolved["head"];
    assert_eq!(resolved["fork"]["state"], "fork_kept_fork");
    assert_eq!((&head["kind"], &head["parent_id"]), (&json!("merge"), &fork["version_id"]));
    assert_eq!(head["origin_device_id"], *story.desk);
    assert_ne!(head["id"], fork["id"]);
    assert_eq!(ids(&story.list().await), [&head["id"], &one["id"]]);
    assert_eq!(story.states().await, states(&[("2", "head"), ("2", "fork_kept_fork"), ("1", "set_aside")]));
    let of_desk = told(&story, &story.desk, "autosave", &fork["content_hash"]).await;
    assert_eq!(of_desk, (json!("no_op"), head["id"].clone()), "it has that content");
    let of_handheld = told(&story, &story.handheld, "autosave", &one["content_hash"]).await;
    assert_eq!(of_handheld, (json!("download"), head["id"].clone()));
}

async fn keeping_both_gives_the_fork_a_slot_of_its_own_that_syncs_nowhere_until_it_is_tracked(home: &Home) {
    let story = Story::begin(home).await;
    let (head, fork) = conflict(&story).await;
    let resolved = story.resolve(&fork, "both").await.ok();
    let copy = &resolved["copy"];
    assert_eq!(resolved["fork"]["state"], "fork_kept_both");
    assert_eq!(resolved["head"]["id"], head["id"]);
    assert_eq!((&copy["state"], &copy["slot"]), (&json!("head"), &json!("autosave (desk)")));
    assert_eq!(story.get(&content_uri(copy)).await.text(), "2");
    assert_eq!(ids(&story.list().await), [&copy["id"], &head["id"]]);

    let newcomer = story.server.add_device(&story.player, "a third").await;
    let told_of = async |device: &str| -> Vec<Value> {
        story.plan(device).await.into_iter().map(|(_, save)| save).collect()
    };
    for device in [&story.handheld, &story.desk, &newcomer] {
        assert!(!told_of(device).await.contains(&copy["id"]), "{device}");
        let shown = story.get(&format!("{}?device_id={device}", save_uri(copy))).await.ok();
        assert_eq!(shown["device_syncs"][0]["is_untracked"], true, "{device}");
        let named = told(&story, device, "autosave (desk)", &copy["content_hash"]).await;
        assert_eq!(named.0, "no_op", "{device}");
    }
    story.tell("track", copy, &newcomer).await.ok();
    assert!(told_of(&newcomer).await.contains(&copy["id"]));
    assert!(!told_of(&story.handheld).await.contains(&copy["id"]), "each device for itself");
}

async fn a_slot_of_its_own_takes_a_name_that_was_never_used(home: &Home) {
    let story = Story::begin(home).await;
    let (_, fork) = conflict(&story).await;
    let first = story.resolve(&fork, "both").await.ok()["copy"].clone();
    story.delete_saves(&[&first["id"]]).await.ok();
    let other = story.fork_from(&story.desk, b"3").await;
    let second = story.resolve(&other, "both").await.ok()["copy"].clone();
    assert_eq!((&first["slot"], &second["slot"]), (&json!("autosave (desk)"), &json!("autosave (desk 2)")));

    let upload = async |device: &str, bytes: &[u8]| {
        story.upload(&format!("device_id={device}"), Multipart::save("Game.srm", bytes)).await
    };
    let archival = upload(&story.handheld, b"1").await.ok();
    upload(&story.desk, b"2").await.ok();
    let fork = upload(&story.handheld, b"3").await.json()["fork"].clone();
    let copy = story.resolve(&fork, "both").await.ok()["copy"].clone();
    assert_eq!((&copy["slot"], &copy["file_name"]), (&Value::Null, &json!("Game (handheld).srm")));
    assert_ne!(copy["id"], archival["id"]);
}

async fn the_same_choice_again_is_answered_the_same_and_another_is_refused(home: &Home) {
    let story = Story::begin(home).await;
    story.upload_from(&story.handheld, b"1").await.ok();
    let choices = ["head", "fork", "both"];
    for (number, first) in choices.iter().enumerate() {
        let stranger = story.server.add_device(&story.player, first).await;
        let fork = story.fork_from(&stranger, format!("fork {number}").as_bytes()).await;
        let answer = story.resolve(&fork, first).await.ok();
        let before = story.history().await;
        for again in choices {
            let replay = story.resolve(&fork, again).await;
            match again == *first {
                true => assert_eq!(replay.ok(), answer, "{first}"),
                false => assert_eq!(replay.status, 409, "{first}, then {again}"),
            }
        }
        assert_eq!(story.history().await, before, "{first}");
    }
}

async fn to_delete_a_fork_is_to_keep_the_head(home: &Home) {
    let story = Story::begin(home).await;
    let (head, fork) = conflict(&story).await;
    assert_eq!(story.delete_saves(&[&fork["id"]]).await.ok(), json!([fork["id"]]));
    assert_eq!(story.states().await, states(&[("2", "fork_dismissed"), ("1", "head")]));
    assert_eq!(story.get(&content_uri(&fork)).await.text(), "2", "it stays by its id");
    assert_eq!(story.resolve(&fork, "head").await.ok()["head"]["id"], head["id"]);
    for other in ["fork", "both"] {
        assert_eq!(story.resolve(&fork, other).await.status, 409, "{other}");
    }
    story.restore(&fork["version_id"]).await.ok();
    assert_eq!(story.states().await[0], ("2".to_owned(), "head".to_owned()), "and can be restored");
}

async fn of_racing_choices_one_is_made(home: &Home) {
    let story = Story::begin(home).await;
    let (_, fork) = conflict(&story).await;
    let choices = ["fork", "both", "head", "fork", "both", "head"];
    let answers = join_all(choices.map(|keep| story.resolve(&fork, keep))).await;
    let made: Vec<&str> = choices
        .into_iter()
        .zip(&answers)
        .filter_map(|(keep, answer)| (answer.status == 200).then_some(keep))
        .collect();
    assert_eq!(made.len(), 2, "{made:?}");
    assert_eq!(made[0], made[1]);
    assert!(answers.iter().all(|answer| [200, 409].contains(&answer.status)));
    let added = if made[0] == "head" { 2 } else { 3 };
    assert_eq!(story.history().await.len(), added, "{}", made[0]);
}

async fn a_fork_that_an_overwrite_closed_is_resolved_by_it(home: &Home) {
    let story = Story::begin(home).await;
    let (_, fork) = conflict(&story).await;
    let overwrite = format!("slot=autosave&overwrite=true&device_id={}", story.desk);
    let head = story.upload(&overwrite, Multipart::save("game.srm", b"2")).await.ok();
    assert_eq!(story.list().await[0]["id"], head["id"]);
    let resolved = story.resolve(&fork, "fork").await.ok();
    assert_eq!(resolved["head"]["id"], head["id"]);
    assert_eq!(story.resolve(&fork, "head").await.status, 409);
}

async fn only_the_owner_s_forks_are_resolved(home: &Home) {
    let story = Story::begin(home).await;
    let (head, fork) = conflict(&story).await;
    let version = story.version_of(&head).await["version_id"].clone();
    for id in [&json!(9999), &version] {
        let text = format!("Fork with ID {id} not found");
        let asked = story.post(&resolve_uri(id)).json(&json!({"keep": "head"})).await;
        asked.is_refused(404, &text);
    }
    let text = format!("Fork with ID {} not found", fork["version_id"]);
    for person in [&story.stranger().await, &story.admin] {
        let asked = story.server.post(&resolve_uri(&fork["version_id"])).by(person);
        asked.json(&json!({"keep": "fork"})).await.is_refused(404, &text);
    }
    assert_eq!(story.states().await, states(&[("2", "fork_open"), ("1", "head")]));
}

async fn the_choice_is_one_of_three(home: &Home) {
    let story = Story::begin(home).await;
    let (_, fork) = conflict(&story).await;
    for body in [json!({}), json!({"keep": null}), json!({"keep": "mine"}), json!({"keep": "Head"})] {
        let asked = story.post(&resolve_uri(&fork["version_id"])).json(&body).await;
        asked.is_invalid_at(&json!(["body", "keep"]));
    }
}

async fn resolving_needs_assets_write(home: &Home) {
    let story = Story::begin(home).await;
    let (_, fork) = conflict(&story).await;
    let uri = resolve_uri(&fork["version_id"]);
    let choice = json!({"keep": "head"});
    story.server.post(&uri).json(&choice).await.is_refused(401, "Not authenticated");
    let reader = story.server.token_without(&story.player, &["assets.write"]).await;
    story.server.post(&uri).by(&reader).json(&choice).await.is_refused(403, "Forbidden");
}
