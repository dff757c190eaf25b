//! The application behind a socket, for what only shows there.

use std::net::SocketAddr;

use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::World;

/// A running server; it ends with the test.
pub(crate) struct Server {
    address: SocketAddr,
    _handle: ServerHandle,
}

impl Server {
    /// Serves the world on a port of its own.
    pub(crate) fn start(world: &World) -> Self {
        let state = world.state.clone();
        let server = HttpServer::new(move || memcard_web::app(&state)).workers(1).disable_signals();
        let server = server.bind(("127.0.0.1", 0)).unwrap();
        let address = server.addrs()[0];
        let running = server.run();
        let handle = running.handle();
        actix_web::rt::spawn(running);
        Self { address, _handle: handle }
    }

    /// A connection to it.
    pub(crate) async fn connect(&self) -> Connection {
        Connection { stream: TcpStream::connect(self.address).await.unwrap(), unread: Vec::new() }
    }
}

/// A connection on which bytes are sent as they are.
pub(crate) struct Connection {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Connection {
    /// Sends bytes. An error means that the server no longer listens, which some tests are about.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        self.stream.write_all(bytes.as_ref()).await
    }

    /// The status line and the headers of the next answer.
    pub(crate) async fn head(&mut self) -> String {
        loop {
            if let Some(end) = self.unread.windows(4).position(|window| window == b"\r\n\r\n") {
                let head: Vec<u8> = self.unread.drain(..end + 4).collect();
                return String::from_utf8(head).unwrap().to_ascii_lowercase();
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
        let read = self.stream.read(&mut chunk).await.unwrap();
        assert!(read > 0, "the server closed the connection: {}", String::from_utf8_lossy(&self.unread));
        self.unread.extend_from_slice(&chunk[..read]);
    }
}
