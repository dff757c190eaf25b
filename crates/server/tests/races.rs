//! Many at once, over HTTP, on the real binary.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod support;

use std::sync::Arc;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use support::{Device, Home, Server, body, on_every_database};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

const WRITERS: usize = 8;

on_every_database! {
    of_many_devices_with_one_base_exactly_one_wins_and_every_byte_is_kept,
    of_many_approvals_and_polls_of_one_pairing_exactly_one_succeeds,
}

async fn of_many_devices_with_one_base_exactly_one_wins_and_every_byte_is_kept(home: &Home) {
    let server = Arc::new(home.serve_with_account().await);
    let game = server.declare_game("Game (USA).gba").await;
    let mut devices = Vec::new();
    for index in 0..WRITERS {
        devices.push(Arc::new(server.pair(&format!("device {index}")).await));
    }
    let first = body(server.upload(&devices[0], game, "base").await, StatusCode::OK).await;
    for device in &devices[1..] {
        confirm(&server, device, &first).await;
    }

    let outcomes = at_once(&devices, |index, device| {
        let server = Arc::clone(&server);
        async move {
            let answer = server.upload(&device, game, format!("from {index}")).await;
            let status = answer.status();
            (index, device, status, answer.json::<Value>().await.unwrap())
        }
    })
    .await;

    let won = outcomes.iter().filter(|(_, _, status, _)| *status == StatusCode::OK).count();
    assert_eq!(won, 1);
    for (index, device, status, answer) in &outcomes {
        let kept = if *status == StatusCode::OK { answer } else { &answer["fork"] };
        assert_eq!(server.content(device, &kept["id"]).await, format!("from {index}").into_bytes());
    }
    assert_eq!(server.list(&devices[0], game).await.len(), 2);
}

async fn of_many_approvals_and_polls_of_one_pairing_exactly_one_succeeds(home: &Home) {
    let server = Arc::new(home.serve_with_account().await);
    let request = json!({
        "client_device_identifier": "handheld", "name": "Handheld", "client": "grout",
        "requested_scopes": ["assets.read"],
    });
    let begun = server.client.post(server.url("/api/auth/device/init")).json(&request).send().await.unwrap();
    let begun = body(begun, StatusCode::CREATED).await;
    let numbers: Vec<_> = (0..WRITERS).map(Arc::new).collect();

    let approval = json!({"user_code": begun["user_code"], "approved_scopes": ["assets.read"]});
    let approvals = at_once(&numbers, |_, _| {
        let request = server.account(Method::POST, "/api/auth/device/approve").json(&approval);
        async move { request.send().await.unwrap().status() }
    })
    .await;
    assert_eq!(approvals.iter().filter(|status| **status == StatusCode::OK).count(), 1, "{approvals:?}");

    let poll = json!({"device_code": begun["device_code"]});
    let polls = at_once(&numbers, |_, _| {
        let request = server.client.post(server.url("/api/auth/device/token")).json(&poll);
        async move { request.send().await.unwrap().status() }
    })
    .await;
    assert_eq!(polls.iter().filter(|status| **status == StatusCode::OK).count(), 1, "{polls:?}");
    let tokens = server.account(Method::GET, "/api/client-tokens").send().await.unwrap();
    assert_eq!(body(tokens, StatusCode::OK).await.as_array().unwrap().len(), 1);
}

async fn confirm(server: &Server, device: &Device, save: &Value) {
    let path = format!("/api/saves/{}/downloaded", save["id"]);
    let request = server.device(device, Method::POST, &path).json(&json!({"device_id": device.id}));
    body(request.send().await.unwrap(), StatusCode::OK).await;
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
