//! The example that the README names does what it says.

use std::process::Command;

#[test]
fn first_sync_pairs_two_devices_and_carries_a_save_between_them() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let output = Command::new("bash")
        .arg("examples/first-sync.sh")
        .current_dir(root)
        .env("MEMCARD_SERVER", env!("CARGO_BIN_EXE_memcard-server"))
        .output()
        .expect("bash runs");
    let told = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{complaints}");
    assert!(told.contains("Both changes are kept"), "{told}");
}
