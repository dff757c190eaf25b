//! Devices, where it matters what the store holds (contract § 3).

mod support;

use serde_json::json;
use support::{Request, World};

#[actix_web::test]
async fn a_mask_written_back_keeps_the_secret() {
    let world = World::new();
    let player = world.a_player("player");
    let app = world.app().await;
    let config = json!({"ssh_host": "deck", "ssh_password": "hunter2"});
    let new = json!({"sync_mode": "push_pull", "sync_config": config});
    let new = app.send(Request::post("/api/devices").bearer(&player.token).json(&new)).await.json();
    let uri = format!("/api/devices/{}", new["device_id"].as_str().unwrap());
    let shown = app.send(Request::get(&uri).bearer(&player.token)).await.ok();
    let back = Request::put(&uri).bearer(&player.token).json(&json!({"sync_config": shown["sync_config"]}));
    assert_eq!(app.send(back).await.ok()["sync_config"], shown["sync_config"]);
    let kept = world.keep(|tx| tx.devices().list(player.user.id));
    assert_eq!(kept[0].details.sync_config.as_ref().unwrap().members()["ssh_password"], "hunter2");
}
