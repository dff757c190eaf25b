//! Clients that hang up while they upload.

use crate::support::{BOUNDARY, Connection, Multipart, Server, Story};

/// The head of an upload; `framing` says how long its body is.
fn upload_head(story: &Story, framing: &str) -> String {
    format!(
        "POST {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n{framing}\r\n\r\n",
        story.upload_uri("slot=autosave"),
        story.player.token
    )
}

async fn send_chunk(connection: &mut Connection, bytes: &[u8]) -> std::io::Result<()> {
    connection.send(format!("{:x}\r\n", bytes.len())).await?;
    connection.send(bytes).await?;
    connection.send("\r\n").await
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
