//! Devices (contract § 3).

mod keeping;
mod registering;

use serde_json::Value;

use crate::support::{Answer, Story};

impl Story {
    async fn register(&self, device: Value) -> Answer {
        self.post("/api/devices").json(&device).await
    }

    async fn show_device(&self, id: &Value) -> Value {
        self.get(&device_uri(id)).await.ok()
    }
}

fn device_uri(id: &Value) -> String {
    format!("/api/devices/{}", id.as_str().unwrap())
}
