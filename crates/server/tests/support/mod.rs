//! The real binary on a free loopback port, with a data folder and a database of its own.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]
#![allow(dead_code, unused_imports, unused_macros, reason = "each test file uses its part of it")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use memcard_testkit::PostgresDatabase;
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const USER: &str = "player";
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A running server. Killed when dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) origin: String,
    pub(crate) setup_token: Option<String>,
    pub(crate) client: Client,
}

/// Where a server lives: its data folder and its database. Both go with this value.
pub(crate) struct Home {
    data: TempDir,
    postgres: Option<PostgresDatabase>,
}

impl Home {
    /// A folder of its own, with the database in it.
    pub(crate) fn with_sqlite() -> Self {
        Self { data: tempfile::tempdir().expect("a folder"), postgres: None }
    }

    /// A folder of its own and a database on PostgreSQL, if the tests know a server.
    pub(crate) async fn with_postgres() -> Option<Self> {
        let postgres = PostgresDatabase::create().await?;
        Some(Self { postgres: Some(postgres), ..Self::with_sqlite() })
    }

    /// The data folder.
    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }

    /// The database's URL, where it is not in the folder.
    pub(crate) fn database_url(&self) -> Option<&str> {
        self.postgres.as_ref().map(|postgres| postgres.url.as_str())
    }

    /// Starts a server and makes its first account.
    pub(crate) async fn serve_with_account(&self) -> Server {
        let server = self.serve();
        server.set_up(self.data()).await;
        server
    }

    /// Starts a server and waits until it says that it is ready.
    pub(crate) fn serve(&self) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_memcard-server"));
        command.args(["--log", "warn", "serve", "--listen", "127.0.0.1:0", "--data"]).arg(self.data());
        if let Some(url) = self.database_url() {
            command.args(["--database", url]);
        }
        let mut process = command.stdout(Stdio::piped()).spawn().expect("the server starts");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let ready = lines.next().expect("a line").expect("text");
        let origin =
            ready.strip_prefix("Memcard is ready at ").expect(&ready).trim_end_matches('/').to_owned();
        let client = Client::new();
        let mut server = Server { process, origin, setup_token: None, client };
        if self.is_new() {
            let link = lines.next().expect("a second line").expect("text");
            server.setup_token = Some(link.split_once("token=").expect(&link).1.to_owned());
        }
        // Reading on keeps the pipe open; the server says nothing more.
        std::thread::spawn(move || lines.for_each(drop));
        server
    }

    /// Whether no account was made there before: the tests make theirs at once and leave this mark.
    fn is_new(&self) -> bool {
        !self.data().join(".set-up").exists()
    }
}

impl Server {
    async fn set_up(&self, data: &Path) {
        let account = json!({"username": USER, "password": PASSWORD, "email": null, "role": "admin"});
        let token = self.setup_token.as_deref().expect("a setup token");
        let answer = self.client.post(self.url("/api/users")).header("X-Setup-Token", token).json(&account);
        assert_eq!(answer.send().await.expect("an answer").status(), StatusCode::CREATED);
        std::fs::write(data.join(".set-up"), b"").expect("a mark");
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Ends it without warning, as a power cut would.
    pub(crate) fn kill(mut self) {
        self.process.kill().expect("a running server");
        self.process.wait().expect("its end");
    }

    /// Asks it to stop and waits for its end.
    pub(crate) fn stop(mut self) -> std::process::ExitStatus {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
        self.process.wait().expect("its end")
    }

    /// A request of the account's, by name and password.
    pub(crate) fn account(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path)).basic_auth(USER, Some(PASSWORD))
    }

    pub(crate) async fn declare_game(&self, file: &str) -> i64 {
        let game = json!({"platform_slug": "gba", "file_name": file});
        let answer =
            self.account(Method::POST, "/api/roms/declare").json(&game).send().await.expect("an answer");
        body(answer, StatusCode::OK).await["id"].as_i64().expect("an id")
    }

    /// Pairs a device: begins, approves as the account, fetches the token.
    pub(crate) async fn pair(&self, identifier: &str) -> Device {
        let scopes = ["me.read", "roms.read", "assets.read", "assets.write", "devices.read", "devices.write"];
        let request = json!({
            "client_device_identifier": identifier, "name": identifier, "client": "grout",
            "requested_scopes": scopes,
        });
        let begun = self.client.post(self.url("/api/auth/device/init")).json(&request).send().await;
        let begun = body(begun.expect("an answer"), StatusCode::CREATED).await;
        let approval = json!({"user_code": begun["user_code"], "approved_scopes": scopes});
        let approved = self.account(Method::POST, "/api/auth/device/approve").json(&approval).send().await;
        let approved = body(approved.expect("an answer"), StatusCode::OK).await;
        let poll = json!({"device_code": begun["device_code"]});
        let token = self.client.post(self.url("/api/auth/device/token")).json(&poll).send().await;
        let token = body(token.expect("an answer"), StatusCode::OK).await;
        assert_eq!(token["device_id"], approved["device_id"]);
        Device {
            id: token["device_id"].as_str().expect("an id").to_owned(),
            token: token["access_token"].as_str().expect("a token").to_owned(),
        }
    }

    /// A request of a device's.
    pub(crate) fn device(&self, device: &Device, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path)).bearer_auth(&device.token)
    }

    /// Uploads bytes to the slot `autosave`.
    pub(crate) async fn upload(&self, device: &Device, game: i64, bytes: impl Into<Vec<u8>>) -> Response {
        let part = Part::bytes(bytes.into()).file_name("Game (USA).srm");
        let path = format!("/api/saves?rom_id={game}&slot=autosave&device_id={}", device.id);
        let form = Form::new().part("saveFile", part);
        self.device(device, Method::POST, &path).multipart(form).send().await.expect("an answer")
    }

    pub(crate) async fn content(&self, device: &Device, save: &Value) -> Vec<u8> {
        let path = format!("/api/saves/{save}/content?device_id={}&optimistic=false", device.id);
        let answer = self.device(device, Method::GET, &path).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        answer.bytes().await.expect("a body").to_vec()
    }

    pub(crate) async fn list(&self, device: &Device, game: i64) -> Vec<Value> {
        let answer = self.device(device, Method::GET, &format!("/api/saves?rom_id={game}")).send().await;
        let list = body(answer.expect("an answer"), StatusCode::OK).await;
        list.as_array().expect("a list").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been stopped already; then there is nothing left to do.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A paired device.
pub(crate) struct Device {
    pub(crate) id: String,
    pub(crate) token: String,
}

/// The answer's JSON, after a look at its status.
pub(crate) async fn body(answer: Response, expected: StatusCode) -> Value {
    let status = answer.status();
    let text = answer.text().await.expect("a body");
    assert_eq!(status, expected, "{text}");
    serde_json::from_str(&text).expect(&text)
}

/// Every file below a folder.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files
}

/// One rule of the server, as one test per database.
macro_rules! on_every_database {
    ($($rule:ident,)*) => {$(
        mod $rule {
            use crate::support::Home;

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                super::$rule(&Home::with_sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                if let Some(home) = Home::with_postgres().await {
                    super::$rule(&home).await;
                }
            }
        }
    )*};
}
pub(crate) use on_every_database;
