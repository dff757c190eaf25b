//! The example that the README names does what it says.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod support;

use std::process::Command;

use support::{Home, on_every_database};

on_every_database! {
    first_sync_pairs_two_devices_and_carries_a_save_between_them,
}

async fn first_sync_pairs_two_devices_and_carries_a_save_between_them(home: &Home) {
    let mut example = Command::new("bash");
    example
        .arg("examples/first-sync.sh")
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .env("MEMCARD_SERVER", env!("CARGO_BIN_EXE_memcard-server"));
    if let Some(url) = home.database_url() {
        example.env("MEMCARD_DATABASE", url);
    }
    let output = tokio::task::spawn_blocking(move || example.output().expect("bash runs")).await.unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{complaints}");
    assert!(told.contains("Both changes are kept"), "{told}");
}
