//! A connection on which bytes are sent as they are.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The connection, and what was read of it ahead.
pub(crate) struct Connection {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Connection {
    pub(super) async fn to(address: &str) -> Self {
        Self { stream: TcpStream::connect(address).await.expect("a connection"), unread: Vec::new() }
    }

    /// Sends bytes. An error means that the server no longer listens, which some tests are about.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        self.stream.write_all(bytes.as_ref()).await
    }

    /// The status line and the headers of the next answer, in lower case.
    pub(crate) async fn head(&mut self) -> String {
        loop {
            if let Some(end) = self.unread.windows(4).position(|window| window == b"\r\n\r\n") {
                let head: Vec<u8> = self.unread.drain(..end + 4).collect();
                return String::from_utf8(head).expect("text").to_ascii_lowercase();
            }
            self.read_more().await;
        }
    }

    /// The next bytes of a body.
    pub(crate) async fn body(&mut self, length: usize) -> Vec<u8> {
        while self.unread.len() < length {
            self.read_more().await;
        }
        self.unread.drain(..length).collect()
    }

    async fn read_more(&mut self) {
        let mut chunk = [0; 64 * 1024];
        let read = self.stream.read(&mut chunk).await.expect("bytes");
        assert!(read > 0, "the server closed the connection: {}", String::from_utf8_lossy(&self.unread));
        self.unread.extend_from_slice(&chunk[..read]);
    }
}
