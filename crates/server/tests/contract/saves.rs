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

use crate::support::Story;

impl Story {
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
