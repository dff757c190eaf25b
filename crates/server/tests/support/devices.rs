//! Devices and how they come to their tokens.

use memcard_testkit::Multipart;
use serde_json::{Value, json};

use super::people::text;
use super::{Answer, Caller, Person, Server};

/// What a paired device asks for and gets.
pub(crate) const PAIRED_SCOPES: [&str; 8] = [
    "assets.read",
    "assets.write",
    "devices.read",
    "devices.write",
    "platforms.read",
    "roms.read",
    "roms.user.read",
    "roms.user.write",
];

/// A paired device, with the token that stands for it.
pub(crate) struct Device {
    pub(crate) id: String,
    pub(crate) token: String,
}

impl Caller for Device {
    fn token(&self) -> &str {
        &self.token
    }
}

impl Server {
    /// Registers a device that calls with its owner's token.
    pub(crate) async fn add_device(&self, owner: &Person, name: &str) -> String {
        let made = self.post("/api/devices").by(owner).json(&json!({"name": name})).await.created();
        text(&made["device_id"])
    }

    /// Pairs a device: begins, approves as the person, fetches the token.
    pub(crate) async fn pair(&self, person: &Person, identifier: &str) -> Device {
        self.pair_with(person, identifier, &PAIRED_SCOPES).await
    }

    /// Pairs a device that may do just this.
    pub(crate) async fn pair_with(&self, person: &Person, identifier: &str, scopes: &[&str]) -> Device {
        let begun = self.begin_pairing_for(identifier, scopes).await;
        let approval = json!({"user_code": begun["user_code"], "approved_scopes": scopes});
        let approved = self.post("/api/auth/device/approve").in_person(person).json(&approval).await.ok();
        let poll = json!({"device_code": begun["device_code"]});
        let token = self.post("/api/auth/device/token").json(&poll).await.ok();
        assert_eq!(token["device_id"], approved["device_id"]);
        Device { id: text(&token["device_id"]), token: text(&token["access_token"]) }
    }

    /// What a device is told that asks to be paired.
    pub(crate) async fn begin_pairing(&self, identifier: &str) -> Value {
        self.begin_pairing_for(identifier, &PAIRED_SCOPES).await
    }

    async fn begin_pairing_for(&self, identifier: &str, scopes: &[&str]) -> Value {
        let request = json!({
            "client_device_identifier": identifier,
            "name": identifier,
            "client": "grout",
            "requested_scopes": scopes,
        });
        self.post("/api/auth/device/init").json(&request).await.created()
    }

    /// A game that a client declares.
    pub(crate) async fn declare_game(&self, caller: &impl Caller, file: &str) -> i64 {
        let game = json!({"platform_slug": "gba", "file_name": file});
        let declared = self.post("/api/roms/declare").by(caller).json(&game).await.ok();
        declared["id"].as_i64().expect("an id")
    }

    /// Uploads bytes to the slot `autosave` from a paired device.
    pub(crate) async fn upload(&self, device: &Device, game: i64, bytes: &[u8]) -> Answer {
        let uri = format!("/api/saves?rom_id={game}&slot=autosave&device_id={}", device.id);
        self.post(&uri).by(device).multipart(Multipart::save("Game (USA).srm", bytes)).await
    }

    /// A save's bytes, as a paired device gets them that confirms what it downloads.
    pub(crate) async fn content(&self, device: &Device, save: &Value) -> Vec<u8> {
        let uri = format!("/api/saves/{save}/content?device_id={}&optimistic=false", device.id);
        let answer = self.get(&uri).by(device).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.body.to_vec()
    }

    /// The saves of a game.
    pub(crate) async fn list(&self, caller: &impl Caller, game: i64) -> Vec<Value> {
        let list = self.get(&format!("/api/saves?rom_id={game}")).by(caller).await.ok();
        list.as_array().expect("a list").clone()
    }
}
