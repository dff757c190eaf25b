//! The story that most tests of syncing begin with.

use memcard_testkit::Multipart;
use serde_json::{Value, json};

use super::{Answer, Home, Person, Request, Server};

/// A player with two devices and a game. Both devices call with the player's token and name themselves.
pub(crate) struct Story {
    pub(crate) server: Server,
    pub(crate) admin: Person,
    pub(crate) player: Person,
    pub(crate) handheld: String,
    pub(crate) desk: String,
    pub(crate) game: i64,
}

impl Story {
    pub(crate) async fn begin(home: &Home) -> Self {
        Self::on(home.serve()).await
    }

    /// On a server that was started with options of its own.
    pub(crate) async fn on(server: Server) -> Self {
        let admin = server.set_up("admin").await;
        let player = server.add_person(&admin, "player", "user").await;
        let handheld = server.add_device(&player, "handheld").await;
        let desk = server.add_device(&player, "desk").await;
        let game = server.declare_game(&player, "Game (USA).gba").await;
        Self { server, admin, player, handheld, desk, game }
    }

    /// Somebody else.
    pub(crate) async fn stranger(&self) -> Person {
        self.server.add_person(&self.admin, "stranger", "user").await
    }

    /// `GET` by the player.
    pub(crate) fn get(&self, uri: &str) -> Request {
        self.server.get(uri).by(&self.player)
    }

    /// `POST` by the player.
    pub(crate) fn post(&self, uri: &str) -> Request {
        self.server.post(uri).by(&self.player)
    }

    /// `PUT` by the player.
    pub(crate) fn put(&self, uri: &str) -> Request {
        self.server.put(uri).by(&self.player)
    }

    /// `DELETE` by the player.
    pub(crate) fn delete(&self, uri: &str) -> Request {
        self.server.delete(uri).by(&self.player)
    }

    /// Uploads for the game.
    pub(crate) async fn upload(&self, parameters: &str, body: Multipart) -> Answer {
        self.post(&self.upload_uri(parameters)).multipart(body).await
    }

    pub(crate) fn upload_uri(&self, parameters: &str) -> String {
        format!("/api/saves?rom_id={}&{parameters}", self.game)
    }

    /// Uploads to the slot `autosave` from a device.
    pub(crate) async fn upload_from(&self, device: &str, bytes: &[u8]) -> Answer {
        self.upload(&format!("slot=autosave&device_id={device}"), Multipart::save("game.srm", bytes)).await
    }

    /// A plan for a device that names those files.
    pub(crate) async fn negotiate(&self, device: &str, files: Value) -> Value {
        let body = json!({"device_id": device, "saves": files});
        self.post("/api/sync/negotiate").json(&body).await.ok()
    }

    /// One of a device's calls about a save: `downloaded`, `track`, `untrack`.
    pub(crate) fn tell(&self, call: &str, save: &Value, device: &str) -> Request {
        self.post(&format!("/api/saves/{}/{call}", save["id"])).json(&json!({"device_id": device}))
    }

    /// Every save of the player's.
    pub(crate) async fn list(&self) -> Vec<Value> {
        self.get("/api/saves").await.ok().as_array().expect("a list").clone()
    }

    /// Whether the device's base is the save's version.
    pub(crate) async fn is_current(&self, save: &Value, device: &str) -> bool {
        let shown = self.get(&format!("/api/saves/{}?device_id={device}", save["id"])).await.ok();
        shown["device_syncs"][0]["is_current"].as_bool().expect("an answer")
    }
}

/// Where a save's bytes are.
pub(crate) fn content_uri(save: &Value) -> String {
    format!("/api/saves/{}/content", save["id"])
}
