//! Saves (contract § 4): uploading, the guard, names, hashes, lists, downloads, what devices hold, tracking, deleting.

mod cleanup;
mod conflicts;
mod connections;
mod content_hash;
mod deleting;
mod downloading;
mod evidence;
mod inferring;
mod listing;
mod names;
mod permission;
mod refusals;
mod storing;

use serde_json::{Value, json};

use crate::support::{Request, Story};

impl Story {
    /// One of a device's calls about a save: `downloaded`, `track`, `untrack`.
    fn tell(&self, call: &str, save: &Value, device: &str) -> Request {
        self.post(&format!("/api/saves/{}/{call}", save["id"])).json(&json!({"device_id": device}))
    }

    /// The save as it is shown to a device.
    async fn shown_to(&self, device: &str, save: &Value) -> Value {
        self.get(&format!("/api/saves/{}?device_id={device}", save["id"])).await.ok()
    }

    /// The ids that a query lists.
    async fn listed(&self, query: &str) -> Vec<Value> {
        let saves = self.get(&format!("/api/saves?{query}")).await.ok();
        saves.as_array().unwrap().iter().map(|save| save["id"].clone()).collect()
    }

    /// A plan for a device that names no file.
    async fn plan_for(&self, device: &str) -> Value {
        self.negotiate(device, json!([])).await
    }
}
