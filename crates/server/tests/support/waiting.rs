//! Waiting for what the server does once it has answered.

use std::time::Duration;

/// Asks again until the answer is yes. What a body shows is noted after its last byte was sent, so that a request on
/// another connection may come before the note.
pub(crate) async fn eventually(mut ask: impl AsyncFnMut() -> bool) {
    for _ in 0..1000 {
        if ask().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the answer stays no");
}
