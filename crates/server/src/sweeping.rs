//! Collecting bytes that nothing names, at start and once a day.

use std::sync::Arc;
use std::time::Duration;

use memcard_domain::ports::{BlobUpkeep, Swept, UnitOfWork};
use memcard_domain::upkeep;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Sweeps now and every day, for ever. A sweep that fails is told of in the log, and tried again the next day.
pub(crate) async fn daily(store: Arc<dyn UnitOfWork>, blobs: Arc<dyn BlobUpkeep>, grace: Duration) {
    loop {
        match upkeep::sweep(store.as_ref(), blobs.as_ref(), grace).await {
            Ok(swept) => tell(&swept),
            Err(error) => tracing::error!(%error, "unused bytes could not be collected"),
        }
        tokio::time::sleep(DAY).await;
    }
}

fn tell(swept: &Swept) {
    for digest in &swept.damaged {
        tracing::error!(%digest, "damaged; nothing it may share is collected (see `memcard-server verify`)");
    }
    let Swept { blobs, bytes, .. } = swept;
    if *blobs > 0 || *bytes > 0 {
        tracing::info!(blobs, bytes, "unused bytes collected");
    }
}
