//! A running server.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

use reqwest::{Client, Method, redirect};

use super::{Connection, Home, Request};

/// A server's process. Killed when dropped.
pub(crate) struct Server {
    process: Child,
    /// `127.0.0.1` and the port.
    pub(crate) address: String,
    /// What the link for the first account carries, while there is no account.
    pub(crate) setup_token: Option<String>,
    pub(super) set_up_mark: PathBuf,
    client: Client,
}

impl Server {
    /// Starts the binary and waits until it says that it is ready.
    pub(super) fn start(home: &Home, options: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_memcard-server"));
        command.args(["--log", "warn", "serve", "--listen", "127.0.0.1:0", "--data"]).arg(home.data());
        if let Some(url) = home.database_url() {
            command.args(["--database", url]);
        }
        let mut process = command.args(options).stdout(Stdio::piped()).spawn().expect("the server starts");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let ready = lines.next().expect("a line").expect("text");
        let setup_token = (!home.is_set_up()).then(|| {
            let link = lines.next().expect("a second line").expect("text");
            link.split_once("token=").expect(&link).1.to_owned()
        });
        // Reading on keeps the pipe open; the server says nothing more.
        std::thread::spawn(move || lines.for_each(drop));
        let client = Client::builder().redirect(redirect::Policy::none()).no_proxy();
        Self {
            process,
            address: address_in(&ready),
            setup_token,
            set_up_mark: home.set_up_mark(),
            client: client.build().expect("a client"),
        }
    }

    /// The process's id.
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Ends it without warning, as a power cut would.
    pub(crate) fn kill(mut self) {
        self.process.kill().expect("a running server");
        self.process.wait().expect("its end");
    }

    /// Asks it to stop and waits for its end.
    pub(crate) fn stop(mut self) -> ExitStatus {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
        self.process.wait().expect("its end")
    }

    /// A request without credentials.
    pub(crate) fn request(&self, method: Method, uri: &str) -> Request {
        Request::new(self.client.request(method, format!("http://{}{uri}", self.address)))
    }

    /// `GET`.
    pub(crate) fn get(&self, uri: &str) -> Request {
        self.request(Method::GET, uri)
    }

    /// `POST`.
    pub(crate) fn post(&self, uri: &str) -> Request {
        self.request(Method::POST, uri)
    }

    /// `PUT`.
    pub(crate) fn put(&self, uri: &str) -> Request {
        self.request(Method::PUT, uri)
    }

    /// `DELETE`.
    pub(crate) fn delete(&self, uri: &str) -> Request {
        self.request(Method::DELETE, uri)
    }

    /// A connection, for requests that no client library would send.
    pub(crate) async fn connect(&self) -> Connection {
        Connection::to(&self.address).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been stopped already; then there is nothing left to do.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The address in `Memcard is ready at http://127.0.0.1:8080/`, or beside the public address in
/// `Memcard is ready at https://games.example/ (listening on 127.0.0.1:8080)`.
fn address_in(ready: &str) -> String {
    let told = ready.strip_prefix("Memcard is ready at ").expect(ready);
    match told.split_once("(listening on ") {
        Some((_, address)) => address.trim_end_matches(')').to_owned(),
        None => told.trim_start_matches("http://").trim_end_matches('/').to_owned(),
    }
}
