//! What only shows on a connection: bodies of unknown size, clients that hang up, answers without a body.

use serde_json::json;

use crate::support::{BOUNDARY, Connection, Multipart, Server, Story, World, content_uri};

/// The head of an upload; `framing` says how long its body is.
fn upload_head(story: &Story, framing: &str) -> String {
    format!(
        "POST {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n{framing}\r\n\r\n",
        story.upload_uri("slot=autosave"),
        story.player.token
    )
}

fn request(story: &Story, method: &str, uri: &str) -> String {
    format!("{method} {uri} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n", story.player.token)
}

async fn send_chunk(connection: &mut Connection, bytes: &[u8]) -> std::io::Result<()> {
    connection.send(format!("{:x}\r\n", bytes.len())).await?;
    connection.send(bytes).await?;
    connection.send("\r\n").await
}

#[actix_web::test]
async fn a_chunked_body_is_taken_whole() {
    let story = Story::begin().await;
    let server = Server::start(&story.world);
    let mut connection = server.connect().await;
    let body = Multipart::save("a.srm", &[7; 300_000]).build();
    connection.send(upload_head(&story, "Transfer-Encoding: chunked")).await.unwrap();
    for chunk in body.chunks(7_001) {
        send_chunk(&mut connection, chunk).await.unwrap();
    }
    connection.send("0\r\n\r\n").await.unwrap();
    assert!(connection.head().await.starts_with("http/1.1 200"));
    assert_eq!(story.list().await[0]["file_size_bytes"], 300_000);
}

#[actix_web::test]
async fn a_chunked_body_above_the_limit_is_refused_while_it_comes() {
    let story = Story::in_world(World::with(|settings| settings.max_body_bytes = 1_000_000)).await;
    let server = Server::start(&story.world);
    let mut connection = server.connect().await;
    connection.send(upload_head(&story, "Transfer-Encoding: chunked")).await.unwrap();
    send_chunk(&mut connection, &Multipart::save("a.srm", &[7; 900_000]).broken_off()).await.unwrap();
    send_chunk(&mut connection, &[7; 200_000]).await.unwrap();
    assert!(connection.head().await.starts_with("http/1.1 413"), "answered before the body ends");
    assert_eq!(story.world.blobs.begun(), 1);
    story.keeps_nothing().await;
}

#[actix_web::test]
async fn an_announced_body_above_the_limit_is_refused_before_it_is_sent() {
    let story = Story::in_world(World::with(|settings| settings.max_body_bytes = 1_000_000)).await;
    let server = Server::start(&story.world);
    let mut connection = server.connect().await;
    connection.send(upload_head(&story, "Content-Length: 1000001")).await.unwrap();
    assert!(connection.head().await.starts_with("http/1.1 413"));
    assert_eq!(story.world.blobs.begun(), 0);
}

#[actix_web::test]
async fn of_a_client_that_hangs_up_nothing_is_kept() {
    let story = Story::begin().await;
    let server = Server::start(&story.world);
    let body = Multipart::save("a.srm", &[7; 300_000]).build();
    for framing in [format!("Content-Length: {}", body.len()), "Transfer-Encoding: chunked".to_owned()] {
        let mut connection = server.connect().await;
        connection.send(upload_head(&story, &framing)).await.unwrap();
        let half = &body[..150_000];
        match framing.starts_with("Content") {
            true => connection.send(half).await.unwrap(),
            false => send_chunk(&mut connection, half).await.unwrap(),
        }
        drop(connection);
        story.world.blobs.all_closed().await;
        story.keeps_nothing().await;
    }
}

#[actix_web::test]
async fn a_head_request_is_answered_with_the_length_and_no_byte() {
    let story = Story::begin().await;
    let save = story.upload_from(story.handheld, &[7; 300_000]).await.ok();
    let server = Server::start(&story.world);
    let mut connection = server.connect().await;
    let uri = format!("{}?device_id={}", content_uri(&save), story.desk);
    connection.send(request(&story, "HEAD", &uri)).await.unwrap();
    let head = connection.head().await;
    assert!(head.starts_with("http/1.1 200") && head.contains("content-length: 300000\r\n"), "{head}");

    connection.send(request(&story, "GET", "/api/saves/identifiers")).await.unwrap();
    let next = connection.head().await;
    assert!(next.starts_with("http/1.1 200") && next.contains("application/json"), "{next}");
    assert!(!story.is_current(&save, story.desk).await);
}

#[actix_web::test]
async fn the_request_after_a_download_sees_that_the_device_is_current() {
    let story = Story::begin().await;
    let save = story.upload_from(story.handheld, &[7; 300_000]).await.ok();
    let server = Server::start(&story.world);
    let mut connection = server.connect().await;
    let uri = format!("{}?device_id={}", content_uri(&save), story.desk);
    connection.send(request(&story, "GET", &uri)).await.unwrap();
    let head = connection.head().await;
    assert!(head.contains("content-length: 300000\r\n") && !head.contains("content-encoding"), "{head}");
    assert_eq!(connection.body(300_000).await, vec![7; 300_000]);

    let shown = format!("/api/saves/{}?device_id={}", save["id"], story.desk);
    connection.send(request(&story, "GET", &shown)).await.unwrap();
    let head = connection.head().await;
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split('\r').next()).unwrap();
    let shown: serde_json::Value =
        serde_json::from_slice(&connection.body(length.parse().unwrap()).await).unwrap();
    assert_eq!(shown["device_syncs"][0]["is_current"], json!(true));
}

#[actix_web::test]
async fn a_download_that_the_client_breaks_off_is_no_evidence() {
    let story = Story::begin().await;
    let save = story.upload_from(story.handheld, &vec![7; 64 << 20]).await.ok();
    let server = Server::start(&story.world);
    let mut connection = server.connect().await;
    let uri = format!("{}?device_id={}", content_uri(&save), story.desk);
    connection.send(request(&story, "GET", &uri)).await.unwrap();
    connection.head().await;
    connection.body(1_000_000).await;
    drop(connection);
    assert!(!story.is_current(&save, story.desk).await);
}
