//! Large saves: memory stays flat, the bytes come back identical.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod support;

use reqwest::Body;
use reqwest::multipart::{Form, Part};
use support::Home;

const CHUNK: usize = 64 * 1024;
const CHUNKS: usize = 8 * 1000;

/// What the server may use beyond what it used before: far less than the 500 MB that pass through it.
const ALLOWED_GROWTH_KIB: u64 = 64 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_500_mb_passes_both_ways_in_flat_memory() {
    let home = Home::with_sqlite();
    let (server, player) = home.serve_with_account().await;
    let game = server.declare_game(&player, "Game (USA).gba").await;
    let handheld = server.pair(&player, "handheld").await;
    let before = peak_memory_kib(server.pid());

    let chunks = futures_util::stream::iter((0..CHUNKS).map(|index| Ok::<_, std::io::Error>(chunk(index))));
    let size = (CHUNK * CHUNKS) as u64;
    let part = Part::stream_with_length(Body::wrap_stream(chunks), size).file_name("Game (USA).srm");
    let uri = format!("/api/saves?rom_id={game}&slot=autosave&device_id={}", handheld.id);
    let save = server.post(&uri).by(&handheld).form_data(Form::new().part("saveFile", part)).await.ok();
    assert_eq!(save["file_size_bytes"], size);

    let uri = format!("/api/saves/{}/content?device_id={}", save["id"], handheld.id);
    let mut download = server.get(&uri).by(&handheld).begin().await;
    assert_eq!((download.status().as_u16(), download.content_length()), (200, Some(size)));
    let mut at = 0;
    while let Some(bytes) = download.chunk().await.unwrap() {
        for (offset, byte) in bytes.iter().enumerate() {
            assert_eq!(*byte, byte_at(at + offset), "at {}", at + offset);
        }
        at += bytes.len();
    }
    assert_eq!(at as u64, size);
    let grown = peak_memory_kib(server.pid()) - before;
    assert!(grown < ALLOWED_GROWTH_KIB, "peak memory grew by {grown} KiB");
}

fn chunk(index: usize) -> Vec<u8> {
    (index * CHUNK..(index + 1) * CHUNK).map(byte_at).collect()
}

/// Bytes that repeat in no power of two, so that a chunk out of place shows.
fn byte_at(position: usize) -> u8 {
    (position % 251) as u8
}

/// The most memory the process ever had resident, as Linux counts it.
fn peak_memory_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
