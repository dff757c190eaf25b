//! Many at once, over HTTP, on the real binary.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod support;

use std::sync::Arc;

use serde_json::{Value, json};
use support::{Device, Home, Server, on_every_database};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

const WRITERS: usize = 8;

on_every_database! {
    of_many_devices_with_one_base_exactly_one_wins_and_every_byte_is_kept,
    of_many_approvals_and_polls_of_one_pairing_exactly_one_succeeds,
}

async fn of_many_devices_with_one_base_exactly_one_wins_and_every_byte_is_kept(home: &Home) {
    let (server, player) = home.serve_with_account().await;
    let game = server.declare_game(&player, "Game (USA).gba").await;
    let mut devices = Vec::new();
    for index in 0..WRITERS {
        devices.push(Arc::new(server.pair(&player, &format!("device {index}")).await));
    }
    let first = server.upload(&devices[0], game, b"base").await.ok();
    for device in &devices[1..] {
        confirm(&server, device, &first).await;
    }

    let server = Arc::new(server);
    let outcomes = at_once(&devices, |index, device| {
        let server = Arc::clone(&server);
        async move {
            let answer = server.upload(&device, game, format!("from {index}").as_bytes()).await;
            (index, device, answer)
        }
    })
    .await;

    let won = outcomes.iter().filter(|(_, _, answer)| answer.status == 200).count();
    assert_eq!(won, 1);
    for (index, device, answer) in &outcomes {
        let told = answer.json();
        let kept = if answer.status == 200 { &told } else { &told["fork"] };
        assert_eq!(server.content(device, &kept["id"]).await, format!("from {index}").into_bytes());
    }
    assert_eq!(server.list(&*devices[0], game).await.len(), 2);
}

async fn of_many_approvals_and_polls_of_one_pairing_exactly_one_succeeds(home: &Home) {
    let (server, player) = home.serve_with_account().await;
    let begun = server.begin_pairing("handheld").await;
    let numbers: Vec<_> = (0..WRITERS).map(Arc::new).collect();

    let approval = json!({"user_code": begun["user_code"], "approved_scopes": ["assets.read"]});
    let approvals = at_once(&numbers, |_, _| {
        let request = server.post("/api/auth/device/approve").in_person(&player).json(&approval);
        async move { request.await.status }
    })
    .await;
    assert_eq!(approvals.iter().filter(|status| **status == 200).count(), 1, "{approvals:?}");

    let poll = json!({"device_code": begun["device_code"]});
    let polls = at_once(&numbers, |_, _| {
        let request = server.post("/api/auth/device/token").json(&poll);
        async move { request.await.status }
    })
    .await;
    assert_eq!(polls.iter().filter(|status| **status == 200).count(), 1, "{polls:?}");
    let tokens = server.get("/api/client-tokens").by(&player).await.ok();
    let bound = tokens.as_array().unwrap().iter().filter(|token| token["device_id"].is_string()).count();
    assert_eq!(bound, 1);
}

async fn confirm(server: &Server, device: &Device, save: &Value) {
    let uri = format!("/api/saves/{}/downloaded", save["id"]);
    server.post(&uri).by(device).json(&json!({"device_id": device.id})).await.ok();
}

/// Runs one task per item, all released by one barrier.
async fn at_once<I, T, F>(items: &[Arc<I>], work: impl Fn(usize, Arc<I>) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(items.len()));
    let mut tasks = JoinSet::new();
    for (index, item) in items.iter().enumerate() {
        let work = work(index, Arc::clone(item));
        let barrier = Arc::clone(&barrier);
        tasks.spawn(async move {
            barrier.wait().await;
            work.await
        });
    }
    tasks.join_all().await
}
