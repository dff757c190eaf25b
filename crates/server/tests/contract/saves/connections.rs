//! What only shows on a connection: bodies of unknown size, clients that hang up, the order of answers.

use memcard_testkit::{BOUNDARY, Multipart};
use serde_json::{Value, json};

use crate::support::{Connection, Home, Story, content_uri, files_below, on_every_database};

on_every_database! {
    a_chunked_body_is_taken_whole,
    a_chunked_body_above_the_limit_is_refused_while_it_comes,
    a_body_is_512_mib_at_most_and_refused_by_what_it_announces,
    the_request_after_a_download_sees_that_the_device_is_current,
    a_download_that_the_client_breaks_off_is_no_evidence,
}

/// The head of an upload; `framing` says how long its body is.
fn upload_head(story: &Story, framing: &str) -> String {
    format!(
        "POST {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n{framing}\r\n\r\n",
        story.upload_uri("slot=autosave"),
        story.player.token
    )
}

fn get(story: &Story, uri: &str) -> String {
    format!("GET {uri} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n", story.player.token)
}

async fn send_chunk(connection: &mut Connection, bytes: &[u8]) -> std::io::Result<()> {
    connection.send(format!("{:x}\r\n", bytes.len())).await?;
    connection.send(bytes).await?;
    connection.send("\r\n").await
}

async fn a_chunked_body_is_taken_whole(home: &Home) {
    let story = Story::begin(home).await;
    let mut connection = story.server.connect().await;
    let body = Multipart::save("a.srm", &[7; 300_000]).build();
    connection.send(upload_head(&story, "Transfer-Encoding: chunked")).await.unwrap();
    for chunk in body.chunks(7_001) {
        send_chunk(&mut connection, chunk).await.unwrap();
    }
    connection.send("0\r\n\r\n").await.unwrap();
    assert!(connection.head().await.starts_with("http/1.1 200"));
    assert_eq!(story.list().await[0]["file_size_bytes"], 300_000);
}

async fn a_chunked_body_above_the_limit_is_refused_while_it_comes(home: &Home) {
    let story = Story::on(home.serve_with(&["--max-body-bytes", "1000000"])).await;
    let mut connection = story.server.connect().await;
    connection.send(upload_head(&story, "Transfer-Encoding: chunked")).await.unwrap();
    send_chunk(&mut connection, &Multipart::save("a.srm", &[7; 900_000]).broken_off()).await.unwrap();
    send_chunk(&mut connection, &[7; 200_000]).await.unwrap();
    assert!(connection.head().await.starts_with("http/1.1 413"), "answered before the body ends");
    assert_eq!(story.list().await, Vec::<Value>::new());
    assert_eq!(files_below(&home.data().join("blobs")).len(), 0);
}

async fn a_body_is_512_mib_at_most_and_refused_by_what_it_announces(home: &Home) {
    let story = Story::begin(home).await;
    let mut connection = story.server.connect().await;
    connection.send(upload_head(&story, "Content-Length: 536870913")).await.unwrap();
    assert!(connection.head().await.starts_with("http/1.1 413"));
    let told = json!({"detail": "Request body exceeds the maximum allowed size of 536870912 bytes"});
    assert_eq!(connection.body(told.to_string().len()).await, told.to_string().as_bytes());
}

async fn the_request_after_a_download_sees_that_the_device_is_current(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, &[7; 300_000]).await.ok();
    let mut connection = story.server.connect().await;
    let uri = format!("{}?device_id={}", content_uri(&save), story.desk);
    connection.send(get(&story, &uri)).await.unwrap();
    let head = connection.head().await;
    assert!(head.contains("content-length: 300000\r\n") && !head.contains("content-encoding"), "{head}");
    assert_eq!(connection.body(300_000).await, vec![7; 300_000]);

    let shown = format!("/api/saves/{}?device_id={}", save["id"], story.desk);
    connection.send(get(&story, &shown)).await.unwrap();
    let head = connection.head().await;
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split('\r').next()).unwrap();
    let shown: Value = serde_json::from_slice(&connection.body(length.parse().unwrap()).await).unwrap();
    assert_eq!(shown["device_syncs"][0]["is_current"], json!(true));
}

async fn a_download_that_the_client_breaks_off_is_no_evidence(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, &vec![7; 64 << 20]).await.ok();
    let mut connection = story.server.connect().await;
    let uri = format!("{}?device_id={}", content_uri(&save), story.desk);
    connection.send(get(&story, &uri)).await.unwrap();
    connection.head().await;
    connection.body(1_000_000).await;
    drop(connection);
    assert!(!story.is_current(&save, &story.desk).await);
}
