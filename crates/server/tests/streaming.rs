//! Large saves: memory stays flat, the bytes come back identical.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod support;

use std::fs;
use std::path::PathBuf;

use reqwest::Body;
use reqwest::multipart::{Form, Part};
use support::{Home, files_below};

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
        assert!(bytes.iter().zip(at..).all(|(byte, place)| *byte == byte_at(place)), "from {at} on");
        at += bytes.len();
    }
    assert_eq!(at as u64, size);
    let grown = peak_memory_kib(server.pid()) - before;
    assert!(grown < ALLOWED_GROWTH_KIB, "peak memory grew by {grown} KiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_a_save_reads_that_part_alone_and_damage_breaks_a_download_off() {
    let home = Home::with_sqlite();
    let (server, player) = home.serve_with_account().await;
    let game = server.declare_game(&player, "Game (USA).gba").await;
    let handheld = server.pair(&player, "handheld").await;
    let bytes: Vec<u8> = (0..3_000_000).map(byte_at).collect();
    let save = server.upload(&handheld, game, &bytes).await.ok();
    let holds_the_end = |file: &PathBuf| fs::read(file).unwrap().ends_with(&bytes[2_999_900..]);
    let last = files_below(&home.data().join("chunks")).into_iter().find(holds_the_end);
    fs::remove_file(last.unwrap()).unwrap();

    let content = format!("/api/saves/{}/content", save["id"]);
    let part = server.get(&content).by(&handheld).header("range", "bytes=1000000-2000000").begin().await;
    assert_eq!((part.status().as_u16(), part.content_length()), (206, Some(1_000_001)));
    assert!(part.bytes().await.unwrap() == bytes[1_000_000..=2_000_000]);
    let whole = server.get(&content).by(&handheld).begin().await;
    assert_eq!((whole.status().as_u16(), whole.content_length()), (200, Some(3_000_000)));
    assert!(whole.bytes().await.is_err(), "what is not there is not made up");
    let end = server.get(&content).by(&handheld).header("range", "bytes=-10").await;
    end.is_refused(500, "The stored bytes are damaged");
}

fn chunk(index: usize) -> Vec<u8> {
    (index * CHUNK..(index + 1) * CHUNK).map(byte_at).collect()
}

/// Bytes that look like noise, so that nothing of them is equal or can be packed, and a chunk out of place shows.
fn byte_at(position: usize) -> u8 {
    let mixed = (position as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed ^ mixed >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 56) as u8
}

/// The most memory the process ever had resident, as Linux counts it.
fn peak_memory_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
