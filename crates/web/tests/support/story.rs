//! The story that most tests of syncing begin with.

use memcard_domain::ids::{DeviceId, GameId};
use serde_json::Value;

use super::{Answer, App, Multipart, Player, Request, World};

/// One player with two devices and a game.
pub(crate) struct Story {
    pub(crate) world: World,
    pub(crate) app: App,
    pub(crate) player: Player,
    pub(crate) handheld: DeviceId,
    pub(crate) desk: DeviceId,
    pub(crate) game: GameId,
}

impl Story {
    pub(crate) async fn begin() -> Self {
        Self::in_world(World::new()).await
    }

    pub(crate) async fn in_world(world: World) -> Self {
        let player = world.a_player("player");
        let handheld = world.a_device(&player.user, "handheld");
        let desk = world.a_device(&player.user, "desk");
        let game = world.a_game();
        let app = world.app().await;
        Self { world, app, player, handheld, desk, game }
    }

    pub(crate) async fn upload(&self, parameters: &str, body: Multipart) -> Answer {
        self.send(Request::post(&self.upload_uri(parameters)).multipart(body)).await
    }

    pub(crate) fn upload_uri(&self, parameters: &str) -> String {
        format!("/api/saves?rom_id={}&{parameters}", self.game)
    }

    /// Uploads to the slot `autosave` from a device.
    pub(crate) async fn upload_from(&self, device: DeviceId, bytes: &[u8]) -> Answer {
        self.upload(&format!("slot=autosave&device_id={device}"), Multipart::save("game.srm", bytes)).await
    }

    pub(crate) async fn get(&self, uri: &str) -> Answer {
        self.send(Request::get(uri)).await
    }

    pub(crate) async fn post(&self, uri: &str, body: &Value) -> Answer {
        self.send(Request::post(uri).json(body)).await
    }

    pub(crate) async fn send(&self, request: Request) -> Answer {
        self.app.send(request.bearer(&self.player.token)).await
    }

    pub(crate) async fn list(&self) -> Vec<Value> {
        self.get("/api/saves").await.ok().as_array().unwrap().clone()
    }

    /// Whether the device's base is the save's version.
    pub(crate) async fn is_current(&self, save: &Value, device: DeviceId) -> bool {
        let shown = self.get(&format!("/api/saves/{}?device_id={device}", save["id"])).await.ok();
        shown["device_syncs"][0]["is_current"].as_bool().unwrap()
    }

    /// Nothing was kept, and nothing is left half done.
    pub(crate) async fn keeps_nothing(&self) {
        assert_eq!(self.world.blobs.open(), 0);
        assert_eq!(self.world.blobs.finished(), 0);
        assert_eq!(self.list().await, Vec::<Value>::new());
    }
}

/// Where a save's bytes are.
pub(crate) fn content_uri(save: &Value) -> String {
    format!("/api/saves/{}/content", save["id"])
}
