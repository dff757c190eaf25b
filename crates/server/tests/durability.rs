//! What was acknowledged is there after any crash; what was broken off leaves nothing.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod support;

use std::io::Write as _;
use std::net::TcpStream;

use support::{Device, Home, Server, files_below, on_every_database};

on_every_database! {
    an_acknowledged_upload_is_there_byte_for_byte_after_a_kill,
    a_connection_dropped_halfway_leaves_no_row_and_no_file,
    a_file_left_unfinished_by_a_kill_is_gone_after_the_next_start,
    a_server_that_is_told_to_stop_ends_cleanly_and_starts_again,
}

async fn an_acknowledged_upload_is_there_byte_for_byte_after_a_kill(home: &Home) {
    let (server, player) = home.serve_with_account().await;
    let game = server.declare_game(&player, "Game (USA).gba").await;
    let handheld = server.pair(&player, "handheld").await;
    let bytes: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
    let save = server.upload(&handheld, game, &bytes).await.ok();
    server.kill();

    let server = home.serve();
    assert_eq!(server.content(&handheld, &save["id"]).await, bytes);
    assert_eq!(server.list(&handheld, game).await[0]["id"], save["id"]);
}

async fn a_connection_dropped_halfway_leaves_no_row_and_no_file(home: &Home) {
    let (server, player) = home.serve_with_account().await;
    let game = server.declare_game(&player, "Game (USA).gba").await;
    let handheld = server.pair(&player, "handheld").await;

    let mut connection = half_an_upload(&server, &handheld, game);
    wait_for_unfinished(home.data(), 1).await;
    connection.flush().unwrap();
    drop(connection);
    wait_for_unfinished(home.data(), 0).await;
    assert!(server.list(&handheld, game).await.is_empty());
    assert!(stored_blobs(home.data()).is_empty());
}

async fn a_file_left_unfinished_by_a_kill_is_gone_after_the_next_start(home: &Home) {
    let (server, player) = home.serve_with_account().await;
    let game = server.declare_game(&player, "Game (USA).gba").await;
    let handheld = server.pair(&player, "handheld").await;
    let _connection = half_an_upload(&server, &handheld, game);
    wait_for_unfinished(home.data(), 1).await;
    server.kill();
    assert_eq!(unfinished(home.data()), 1);

    let server = home.serve();
    assert_eq!(unfinished(home.data()), 0);
    assert!(server.list(&handheld, game).await.is_empty());
}

async fn a_server_that_is_told_to_stop_ends_cleanly_and_starts_again(home: &Home) {
    let (server, player) = home.serve_with_account().await;
    assert!(server.stop().success());
    let server = home.serve();
    assert_eq!(server.get("/api/users/me").by(&player).await.ok()["username"], player.name);
}

/// Sends the head and the first half of an upload of 1 MiB, and keeps the connection open. Its bytes are equal, so that they
/// make one chunk.
fn half_an_upload(server: &Server, device: &Device, game: i64) -> TcpStream {
    let address = &server.address;
    let mut connection = TcpStream::connect(address).unwrap();
    let part = "--cut\r\nContent-Disposition: form-data; name=\"saveFile\"; filename=\"a.srm\"\r\n\r\n";
    write!(
        connection,
        "POST /api/saves?rom_id={game}&slot=autosave HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: multipart/form-data; boundary=cut\r\nContent-Length: {}\r\n\r\n{part}",
        device.token,
        part.len() + (1 << 20),
    )
    .unwrap();
    connection.write_all(&vec![7; 512 * 1024]).unwrap();
    connection
}

fn unfinished(data: &std::path::Path) -> usize {
    files_below(&data.join("incoming")).len()
}

fn stored_blobs(data: &std::path::Path) -> Vec<std::path::PathBuf> {
    files_below(&data.join("blobs"))
}

/// Waits until so many uploads are unfinished; the test's own time limit ends a wait in vain.
async fn wait_for_unfinished(data: &std::path::Path, expected: usize) {
    while unfinished(data) != expected {
        tokio::task::yield_now().await;
    }
}
