//! What happens, while it happens: `GET /api/events`.

use std::time::{Duration, Instant};

use memcard_testkit::Multipart;
use serde_json::{Value, json};

use crate::support::{Browser, Home, Listener, Story, on_every_database};

on_every_database! {
    a_sync_is_seen_from_elsewhere,
    a_conflict_is_told_where_it_is_planned_and_where_it_is_met,
    what_becomes_of_a_save_is_told,
    what_becomes_of_a_device_is_told,
    what_becomes_of_a_pairing_is_told_to_who_holds_it,
    what_was_refused_or_failed_is_not_told,
    nobody_hears_what_is_another_s,
    who_comes_back_hears_what_came_after_the_last_event_they_heard,
    who_missed_what_is_not_known_any_more_is_told_so_and_goes_on,
    devices_read_and_assets_read_are_needed,
    it_is_a_stream_that_nothing_between_holds_back,
    it_ends_with_the_token,
    it_ends_with_the_browser_s_session,
    a_server_that_stops_does_not_wait_for_who_listens,
}

impl Story {
    /// Somebody with a token who listens, from now on.
    async fn listen(&self, token: &str) -> Listener {
        let mut listener = Listener::begin(self.server.get("/api/events").by(token)).await;
        let ready = listener.next().await;
        assert_eq!((ready.name.as_str(), &ready.data), ("ready", &json!({})));
        listener
    }

    /// The player listens again, after that event.
    async fn listen_after(&self, id: &str) -> Listener {
        Listener::begin(self.get("/api/events").header("last-event-id", id)).await
    }

    /// Something that is told as one event.
    async fn rename_desk(&self, name: &str) {
        self.put(&format!("/api/devices/{}", self.desk)).json(&json!({"name": name})).await.ok();
    }

    fn desk_updated(&self) -> (String, Value) {
        told("device:updated", json!({"device_id": self.desk}))
    }
}

fn told(name: &str, data: Value) -> (String, Value) {
    (name.to_owned(), data)
}

fn file(story: &Story, hash: Option<&str>) -> Value {
    json!({
        "rom_id": story.game,
        "file_name": "game.srm",
        "slot": "autosave",
        "content_hash": hash,
        "updated_at": "2026-09-04T11:12:27+00:00",
        "file_size_bytes": 5,
    })
}

async fn a_sync_is_seen_from_elsewhere(home: &Home) {
    let story = Story::begin(home).await;
    let mut listener = story.listen(&story.player.token).await;
    let (device, game) = (&story.handheld, story.game);
    let plan = story.negotiate(device, json!([file(&story, None)])).await;
    let session = &plan["session_id"];
    let parameters = format!("slot=autosave&device_id={device}&session_id={session}");
    let save = story.upload(&parameters, Multipart::save("game.srm", b"first")).await.ok();
    let done = json!({"operations_completed": 1, "operations_failed": 0});
    story.post(&format!("/api/sync/sessions/{session}/complete")).json(&done).await.ok();

    let sync = |more: Value| {
        let mut data = json!({"device_id": device, "session_id": session});
        data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        data
    };
    assert_eq!(
        listener.hear(4).await,
        [
            told("sync:started", sync(json!({"sync_mode": "api"}))),
            told(
                "save:uploaded",
                json!({
                    "save_id": save["id"],
                    "rom_id": game,
                    "slot": "autosave",
                    "file_name": save["file_name"],
                    "device_id": device,
                }),
            ),
            told("sync:progress", sync(json!({"completed": 1, "planned": 1, "current_file": "game.srm"})),),
            told("sync:completed", sync(json!({"operations_completed": 1, "operations_failed": 0}))),
        ]
    );

    let plan = story.negotiate(&story.desk, json!([])).await;
    let uri = format!("/api/saves/{}/content?device_id={}", save["id"], story.desk);
    story.get(&format!("{uri}&session_id={}", plan["session_id"])).await;
    let heard = listener.hear(2).await;
    assert_eq!((heard[0].0.as_str(), heard[1].0.as_str()), ("sync:started", "sync:progress"));
    assert_eq!((&heard[1].1["completed"], &heard[1].1["planned"]), (&json!(1), &json!(1)));
}

async fn a_conflict_is_told_where_it_is_planned_and_where_it_is_met(home: &Home) {
    let story = Story::begin(home).await;
    story.upload_from(&story.handheld, b"first").await.ok();
    let mut listener = story.listen(&story.player.token).await;
    let other = "00000000000000000000000000000000";
    let plan = story.negotiate(&story.desk, json!([file(&story, Some(other))])).await;
    let refused = story.upload_from(&story.desk, b"other").await;
    assert_eq!(refused.status, 409);
    let conflict = |session: &Value, name: &Value, reason: &Value| {
        let data = json!({
            "device_id": story.desk,
            "session_id": session,
            "file_name": name,
            "rom_id": story.game,
            "reason": reason,
        });
        told("sync:conflict", data)
    };
    let planned = &plan["operations"][0];
    assert_eq!(planned["action"], "conflict");
    let heard = listener.hear(3).await;
    assert_eq!(heard[0].0, "sync:started");
    assert_eq!(heard[1], conflict(&plan["session_id"], &planned["file_name"], &planned["reason"]));
    assert_eq!(heard[2], conflict(&json!(null), &json!("game.srm"), &refused.json()["message"]));
}

async fn what_becomes_of_a_save_is_told(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"first").await.ok();
    let mut listener = story.listen(&story.player.token).await;
    for act in ["downloaded", "untrack", "track"] {
        let uri = format!("/api/saves/{}/{act}", save["id"]);
        story.post(&uri).json(&json!({"device_id": story.desk})).await.ok();
    }
    story.post("/api/saves/delete").json(&json!({"saves": [save["id"]]})).await.ok();
    let heard = listener.hear(4).await;
    for (heard, name) in heard.iter().zip(["save:downloaded", "save:untracked", "save:tracked"]) {
        assert_eq!(heard.0, name);
        assert_eq!((&heard.1["save_id"], &heard.1["device_id"]), (&save["id"], &json!(story.desk)));
    }
    assert_eq!(heard[3], told("save:deleted", json!({"save_id": save["id"]})));
}

async fn what_becomes_of_a_device_is_told(home: &Home) {
    let story = Story::begin(home).await;
    let mut listener = story.listen(&story.player.token).await;
    let card = json!({"name": "card", "mac_address": "02:00:00:00:00:01"});
    let device = story.post("/api/devices").json(&card).await.created()["device_id"].clone();
    story.post("/api/devices").json(&card).await.ok();
    let uri = format!("/api/devices/{}", device.as_str().unwrap());
    story.put(&uri).json(&json!({"name": "another"})).await.ok();
    story.delete(&uri).await.is_done();
    let of_device = |name: &str| told(name, json!({"device_id": device}));
    assert_eq!(
        listener.hear(4).await,
        ["device:registered", "device:updated", "device:updated", "device:deleted"].map(of_device)
    );
}

async fn what_becomes_of_a_pairing_is_told_to_who_holds_it(home: &Home) {
    let story = Story::begin(home).await;
    let mut listener = story.listen(&story.player.token).await;
    let begun = story.server.begin_pairing("denied").await;
    let code = begun["user_code"].as_str().unwrap();
    let pending = format!("/api/auth/device/pending/{code}");
    for _ in 0..2 {
        story.server.get(&pending).in_person(&story.player).await.ok();
    }
    let deny = story.server.post("/api/auth/device/deny").in_person(&story.player);
    deny.json(&json!({"user_code": code})).await.ok();
    let device = story.server.pair(&story.player, "approved").await;

    let heard = listener.hear(4).await;
    let names: Vec<&str> = heard.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["pairing:opened", "pairing:denied", "pairing:approved", "pairing:completed"]);
    assert_eq!(heard[0].1, heard[1].1);
    assert_eq!(heard[2].1["pairing_id"], heard[3].1["pairing_id"]);
    assert_ne!(heard[1].1["pairing_id"], heard[2].1["pairing_id"]);
    assert_eq!(heard[2].1["device_id"], json!(null));
    assert_eq!(heard[3].1["device_id"], device.id);
}

async fn what_was_refused_or_failed_is_not_told(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"first").await.ok();
    let mut listener = story.listen(&story.player.token).await;
    let unknown = json!({"saves": [save["id"], 7_000_000]});
    assert_eq!(story.post("/api/saves/delete").json(&unknown).await.status, 404);
    let nobody = format!("slot=autosave&device_id={}", story.handheld.replace('-', "") + "0");
    assert_ne!(story.upload(&nobody, Multipart::save("game.srm", b"second")).await.status, 200);
    assert_eq!(story.upload_from(&story.handheld, b"first").await.ok()["id"], save["id"]);
    story.rename_desk("told").await;
    assert_eq!(listener.hear(1).await, [story.desk_updated()]);
}

async fn nobody_hears_what_is_another_s(home: &Home) {
    let story = Story::begin(home).await;
    let stranger = story.stranger().await;
    let mut of_stranger = story.listen(&stranger.token).await;
    let mut of_admin = story.listen(&story.admin.token).await;
    story.upload_from(&story.handheld, b"first").await.ok();
    story.negotiate(&story.desk, json!([])).await;
    for (person, listener) in [(&stranger, &mut of_stranger), (&story.admin, &mut of_admin)] {
        let device = story.server.add_device(person, "their own").await;
        assert_eq!(
            listener.hear(1).await,
            [told("device:registered", json!({"device_id": device}))],
            "{}",
            person.name
        );
    }
}

async fn who_comes_back_hears_what_came_after_the_last_event_they_heard(home: &Home) {
    let story = Story::begin(home).await;
    let mut listener = Listener::begin(story.get("/api/events")).await;
    let ready = listener.next().await;
    story.rename_desk("first").await;
    let first = listener.next().await;
    assert_eq!((first.name.clone(), first.data.clone()), story.desk_updated());
    drop(listener);
    story.delete(&format!("/api/devices/{}", story.handheld)).await.is_done();

    let deleted = told("device:deleted", json!({"device_id": story.handheld}));
    let mut again = story.listen_after(&first.id).await;
    assert_eq!(again.hear(1).await, std::slice::from_ref(&deleted));
    story.rename_desk("second").await;
    assert_eq!(again.hear(1).await, [story.desk_updated()]);

    let mut from_the_start = story.listen_after(&ready.id).await;
    assert_eq!(from_the_start.hear(3).await, [story.desk_updated(), deleted, story.desk_updated()]);
}

async fn who_missed_what_is_not_known_any_more_is_told_so_and_goes_on(home: &Home) {
    let story = Story::begin(home).await;
    let mut listener = Listener::begin(story.get("/api/events")).await;
    let before = listener.next().await.id;
    let Story { server, admin, player, handheld, desk, game } = story;
    assert!(server.stop().success());
    let story = Story { server: home.serve(), admin, player, handheld, desk, game };

    for unknown in [before.as_str(), "nonsense", "7"] {
        let mut listener = story.listen_after(unknown).await;
        let reset = listener.next().await;
        assert_eq!((reset.name.as_str(), &reset.data), ("reset", &json!({})), "{unknown}");
        story.rename_desk(unknown).await;
        assert_eq!(listener.hear(1).await, [story.desk_updated()], "{unknown}");
        let mut again = story.listen_after(&reset.id).await;
        assert_eq!(again.hear(1).await, [story.desk_updated()], "{unknown}");
    }
}

async fn devices_read_and_assets_read_are_needed(home: &Home) {
    let story = Story::begin(home).await;
    for scope in ["devices.read", "assets.read"] {
        let token = story.server.token_without(&story.player, &[scope]).await;
        story.server.get("/api/events").by(&token).await.is_refused(403, "Forbidden");
    }
    let token = story.server.token_of(&story.player, &["devices.read", "assets.read"]).await;
    story.listen(&token).await;
    story.server.get("/api/events").await.is_refused(401, "Not authenticated");
}

async fn it_is_a_stream_that_nothing_between_holds_back(home: &Home) {
    let story = Story::begin(home).await;
    let request = story.get("/api/events").header("accept-encoding", "gzip, br, zstd");
    let mut listener = Listener::begin(request).await;
    for (name, expected) in [
        ("content-type", "text/event-stream"),
        ("cache-control", "private, no-store"),
        ("x-accel-buffering", "no"),
        ("content-encoding", "identity"),
    ] {
        assert_eq!(listener.header(name), Some(expected), "{name}");
    }
    assert_eq!(listener.block().await.as_deref(), Some("retry: 3000"));
    let ready = listener.block().await.unwrap();
    let lines: Vec<&str> = ready.lines().map(|line| line.split_once(": ").unwrap().0).collect();
    assert_eq!(lines, ["id", "event", "data"]);
}

async fn it_ends_with_the_token(home: &Home) {
    let story = Story::begin(home).await;
    let scopes = ["devices.read", "assets.read"];
    for is_silent in [true, false] {
        let token = json!({"name": "lost", "scopes": scopes});
        let made = story.server.post("/api/client-tokens").in_person(&story.player).json(&token);
        let made = made.await.created();
        let listener = story.listen(made["raw_token"].as_str().unwrap()).await;
        let uri = format!("/api/client-tokens/{}", made["id"]);
        let revoked = story.server.delete(&uri).in_person(&story.player).await;
        assert!([200, 204].contains(&revoked.status), "{}", revoked.status);
        if !is_silent {
            story.rename_desk("not for thieves").await;
        }
        listener.end().await;
    }
}

async fn it_ends_with_the_browser_s_session(home: &Home) {
    let story = Story::begin(home).await;
    let browser = Browser::of("player", &story.server).await;
    let mut listener = Listener::begin(browser.cookie_on(story.server.get("/api/events"))).await;
    assert_eq!(listener.next().await.name, "ready");
    let out = browser.script(story.server.post("/api/logout")).await;
    assert_eq!(out.status, 200, "{}", out.text());
    listener.end().await;
}

async fn a_server_that_stops_does_not_wait_for_who_listens(home: &Home) {
    let story = Story::begin(home).await;
    let mut listeners = Vec::new();
    for _ in 0..3 {
        listeners.push(story.listen(&story.player.token).await);
    }
    let asked = Instant::now();
    let stopped = tokio::task::spawn_blocking(move || story.server.stop()).await.unwrap();
    assert!(stopped.success());
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    for listener in listeners {
        listener.end().await;
    }
}
