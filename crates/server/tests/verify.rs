//! `verify`, and the sweep of a running server.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod support;

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

use bytes::Bytes;
use memcard_blobs::FolderBlobs;
use memcard_domain::ports::BlobStore as _;
use memcard_testkit::Multipart;
use serde_json::{Value, json};
use support::{Home, eventually, files_below, on_every_database};

on_every_database! {
    what_a_server_keeps_is_sound,
    a_save_whose_bytes_are_damaged_or_gone_is_named_and_the_exit_code_says_so,
    bytes_that_nothing_names_are_removed_after_their_grace_when_asked_to_repair,
    a_server_collects_what_nothing_names_when_it_starts_and_nothing_else,
    what_cannot_be_checked_is_an_error_of_its_own,
}

/// Longer than anything is kept without a name.
const LONG_AGO: Duration = Duration::from_secs(3 * 24 * 60 * 60);

fn verify(home: &Home, options: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_memcard-server"));
    command.args(["--log", "error", "verify", "--data"]).arg(home.data());
    if let Some(url) = home.database_url() {
        command.args(["--database", url]);
    }
    command.args(options).output().unwrap()
}

/// The exit code, and what was printed, line by line.
fn verify_for_programs(home: &Home, options: &[&str]) -> (i32, Vec<Value>) {
    let output = verify(home, &[options, &["--json"]].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// Blobs that no row names, written long ago.
async fn write_unused(home: &Home, contents: &[&[u8]]) -> Vec<String> {
    let blobs = FolderBlobs::open(home.data()).unwrap();
    let mut digests = Vec::new();
    for content in contents {
        let mut writer = blobs.writer().await.unwrap();
        writer.write(Bytes::copy_from_slice(content)).await.unwrap();
        digests.push(writer.finish().await.unwrap().digest.to_string());
    }
    for digest in &digests {
        let file = File::open(blob_file(home, digest)).unwrap();
        file.set_modified(file.metadata().unwrap().modified().unwrap() - LONG_AGO).unwrap();
    }
    digests
}

fn blob_file(home: &Home, digest: &str) -> PathBuf {
    home.data().join("blobs").join(&digest[..2]).join(format!("{digest}.blob"))
}

/// Bytes that look like noise, of a size that is stored in chunks.
fn large(seed: u32) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
        (state >> 24) as u8
    };
    (0..300_000).map(|_| next()).collect()
}

/// Uploads, a conflict, an archival save, a state with its picture, a deletion: something of everything.
async fn something_of_everything(home: &Home) {
    let (server, player) = home.serve_with_account().await;
    let game = server.declare_game(&player, "Game (USA).gba").await;
    let handheld = server.pair(&player, "handheld").await;
    let desk = server.pair(&player, "desk").await;
    server.upload(&handheld, game, b"one").await.ok();
    server.upload(&handheld, game, &large(1)).await.ok();
    assert_eq!(server.upload(&desk, game, b"fork").await.status, 409);
    let last = server.upload(&handheld, game, b"three").await.ok();
    let ids = json!({ "saves": [last["id"]] });
    server.post("/api/saves/delete").by(&handheld).json(&ids).await.ok();
    let archival = format!("/api/saves?rom_id={game}");
    server.post(&archival).by(&handheld).multipart(Multipart::save("old.srm", b"old")).await.ok();
    let state = Multipart::state("a.state", b"state").screenshot("a.png", b"\x89PNG\r\n\x1a\n");
    let states = format!("/api/states?rom_id={game}&emulator=mgba");
    server.post(&states).by(&handheld).multipart(state).await.ok();
    assert!(server.stop().success());
}

async fn what_a_server_keeps_is_sound(home: &Home) {
    something_of_everything(home).await;
    let (code, lines) = verify_for_programs(home, &[]);
    assert_eq!((code, lines.len()), (0, 1), "{lines:?}");
    let checked = &lines[0]["checked"];
    assert_eq!((&checked["slots"], &checked["versions"]), (&json!(3), &json!(6)));
    assert_eq!(checked["contents"], 7, "the picture counts");
    assert_eq!((&lines[0]["wrong"], &lines[0]["removed"]), (&json!(0), &Value::Null));

    let output = verify(home, &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.starts_with("Checked 3 slots with 6 versions") && text.ends_with("Nothing is wrong.\n"),
        "{text}"
    );
}

async fn a_save_whose_bytes_are_damaged_or_gone_is_named_and_the_exit_code_says_so(home: &Home) {
    something_of_everything(home).await;
    let chunk = files_below(&home.data().join("chunks")).remove(0);
    let right = fs::read(&chunk).unwrap();
    let mut wrong = right.clone();
    *wrong.last_mut().unwrap() ^= 1;
    fs::write(&chunk, wrong).unwrap();
    let one = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";
    fs::remove_file(blob_file(home, one)).unwrap();

    for options in [&[][..], &["--repair"]] {
        let (code, lines) = verify_for_programs(home, options);
        assert_eq!((code, lines.len()), (1, 3), "{lines:?}");
        let found = |name: &str| lines.iter().find(|line| line["finding"] == name).unwrap();
        assert_eq!(found("missing")["digest"], one);
        assert_eq!(found("missing")["named_by"], json!([{ "save": 1 }]));
        assert_eq!(found("damaged")["named_by"], json!([{ "save": 2 }]));
        assert_eq!(lines[2]["wrong"], 2, "nothing is taken for mended that is lost");
    }
    let output = verify(home, &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("save 1 is missing: 7692c3ad") && text.contains("save 2 is damaged: "), "{text}");
    assert!(text.ends_with("2 things are wrong.\n"), "{text}");

    fs::write(&chunk, right).unwrap();
    assert_eq!(verify_for_programs(home, &[]).1[1]["wrong"], 1);
}

async fn bytes_that_nothing_names_are_removed_after_their_grace_when_asked_to_repair(home: &Home) {
    something_of_everything(home).await;
    let mut unused = write_unused(home, &[b"nobody's", &large(2)]).await;
    unused.sort();
    let before = files_below(&home.data().join("chunks")).len();

    let (code, lines) = verify_for_programs(home, &[]);
    assert_eq!((code, lines.len()), (1, 3), "{lines:?}");
    let found: Vec<&Value> = lines[..2].iter().map(|line| &line["digest"]).collect();
    assert_eq!(found, unused.iter().collect::<Vec<_>>());
    assert!(lines[0]["finding"] == "unused" && lines[0]["age_seconds"].as_u64() >= Some(LONG_AGO.as_secs()));
    assert_eq!(verify_for_programs(home, &["--grace", "100"]).0, 0, "they are kept for 100 hours");

    let (code, lines) = verify_for_programs(home, &["--repair"]);
    assert_eq!((code, &lines[2]["wrong"], &lines[2]["removed"]["contents"]), (0, &json!(0), &json!(2)));
    assert!(files_below(&home.data().join("chunks")).len() < before);
    assert_eq!(verify_for_programs(home, &[]).1.len(), 1, "all else is as it was");
}

async fn a_server_collects_what_nothing_names_when_it_starts_and_nothing_else(home: &Home) {
    something_of_everything(home).await;
    let unused = write_unused(home, &[b"nobody's", &large(2)]).await;
    let server = home.serve();
    eventually(async || unused.iter().all(|digest| !blob_file(home, digest).exists())).await;
    server.get("/api/heartbeat").await.ok();
    assert!(server.stop().success());
    let (code, lines) = verify_for_programs(home, &[]);
    assert_eq!((code, &lines[0]["disk"]["contents"]), (0, &json!(7)), "{lines:?}");
}

async fn what_cannot_be_checked_is_an_error_of_its_own(home: &Home) {
    let (_server, _) = home.serve_with_account().await;
    let output = verify(home, &[]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("another server runs on the data folder"), "{told}");
    assert_eq!((output.status.code(), output.stdout), (Some(2), Vec::new()));
}
