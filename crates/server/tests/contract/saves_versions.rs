//! Saves (contract § 4), what becomes of their versions: edits in place, who may fetch a save, deletion, the history,
//! restoring, pins and labels, and resolving forks. Uploads, lists and downloads have a module of their own.

mod deleting;
mod editing;
mod history;
mod marking;
mod resolving;
mod restoring;
mod sharing;

use memcard_testkit::Multipart;
use serde_json::{Value, json};

use crate::support::{Answer, Story};

impl Story {
    /// Puts bytes in a save's place, with or without a device.
    async fn edit(&self, save: &Value, device: Option<&str>, bytes: &[u8]) -> Answer {
        self.put(&edit_uri(save, device)).multipart(Multipart::save("other name.sav", bytes)).await
    }

    /// An upload that sets the head aside: no device is named.
    async fn upload_by_hand(&self, bytes: &[u8]) -> Value {
        self.upload("slot=autosave", Multipart::save("game.srm", bytes)).await.ok()
    }

    /// The fork that a device's bytes become, because it does not hold the head.
    async fn fork_from(&self, device: &str, bytes: &[u8]) -> Value {
        let refused = self.upload_from(device, bytes).await;
        assert_eq!(refused.status, 409, "{}", refused.text());
        refused.json()["fork"].clone()
    }

    /// A save by its id.
    async fn show(&self, save: &Value) -> Answer {
        self.get(&save_uri(save)).await
    }

    /// Every version of the game, newest first.
    async fn history(&self) -> Vec<Value> {
        let uri = format!("/api/saves/history?rom_id={}", self.game);
        self.get(&uri).await.ok().as_array().expect("a list").clone()
    }

    /// What the versions of the game are, newest first: their bytes and their states.
    async fn states(&self) -> Vec<(String, String)> {
        let mut states = Vec::new();
        for version in self.history().await {
            let bytes = self.get(&version_content_uri(&version["version_id"])).await;
            states.push((bytes.text(), version["state"].as_str().expect("a state").to_owned()));
        }
        states
    }

    /// A save's version in the history.
    async fn version_of(&self, save: &Value) -> Value {
        let history = self.history().await;
        history.into_iter().find(|version| version["id"] == save["id"]).expect("a version")
    }

    /// What a device is told to do that names no file: action and save.
    async fn plan(&self, device: &str) -> Vec<(Value, Value)> {
        let asked = json!({"device_id": device, "saves": []});
        let plan = self.post("/api/sync/negotiate").json(&asked).await.ok();
        let operations = plan["operations"].as_array().expect("a list");
        operations.iter().map(|told| (told["action"].clone(), told["save_id"].clone())).collect()
    }

    /// A device confirms that it holds a save.
    async fn confirm(&self, save: &Value, device: &str) {
        self.tell("downloaded", save, device).await.ok();
    }

    async fn delete_saves(&self, ids: &[&Value]) -> Answer {
        self.post("/api/saves/delete").json(&json!({"saves": ids})).await
    }

    async fn resolve(&self, fork: &Value, keep: &str) -> Answer {
        self.post(&resolve_uri(&fork["version_id"])).json(&json!({"keep": keep})).await
    }

    async fn restore(&self, version: &Value) -> Answer {
        self.post(&format!("/api/saves/versions/{version}/restore")).await
    }
}

fn states(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(bytes, state)| ((*bytes).to_owned(), (*state).to_owned())).collect()
}

fn save_uri(save: &Value) -> String {
    format!("/api/saves/{}", save["id"])
}

fn edit_uri(save: &Value, device: Option<&str>) -> String {
    match device {
        Some(device) => format!("{}?device_id={device}", save_uri(save)),
        None => save_uri(save),
    }
}

fn version_content_uri(version: &Value) -> String {
    format!("/api/saves/versions/{version}/content")
}

fn resolve_uri(version: &Value) -> String {
    format!("/api/saves/forks/{version}/resolve")
}

fn not_found(save: &Value) -> String {
    format!("Save with ID {} not found", save["id"])
}

fn ids(saves: &[Value]) -> Vec<&Value> {
    saves.iter().map(|save| &save["id"]).collect()
}
