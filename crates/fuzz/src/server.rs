//! The whole application over in-memory adapters, called without a network.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody as _, to_bytes};
use actix_web::dev::{Payload, Service as _, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header::{
    AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_TYPE, ContentDisposition, HeaderMap, HeaderValue,
};
use actix_web::rt::System;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::Bytes;
use futures_util::future::LocalBoxFuture;
use futures_util::{Stream, stream};
use memcard_domain::account::ScopeSet;
use memcard_domain::pairing::CodeKey;
use memcard_domain::ports::Ports;
use memcard_store_memory::{
    MemoryBlobs, MemoryCounter, MemoryEvents, MemoryLibrary, MemoryPairCodes, MemoryPairings, MemoryScans,
    MemoryStore,
};
use memcard_testkit::builders::{a_game, a_token, a_user, at};
use memcard_testkit::{FixedClock, QuickPasswords, SeededSecrets};
use memcard_web::{AppState, Settings};
use serde_json::Value;

const TOKEN: &str = "rmm_0000000000000000000000000000000000000000000000000000000000000001";
/// The largest body that the server takes, in bytes.
pub(crate) const LARGEST: usize = 64 * 1024;
/// After so many inputs the server begins anew: all it keeps is in memory.
const INPUTS: u32 = 200;

thread_local! {
    /// Never dropped with its thread: actix keeps what it drops into in thread locals too, which are gone then.
    static SERVER: RefCell<Option<ManuallyDrop<Server>>> = const { RefCell::new(None) };
}

type Call = dyn Fn(TestRequest, Option<Body>) -> LocalBoxFuture<'static, ServiceResponse<BoxBody>>;
type Body = Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>>;

/// A server with a player and a game.
pub(crate) struct Server {
    system: actix_web::rt::SystemRunner,
    call: Box<Call>,
    game: i32,
    inputs: Cell<u32>,
}

/// What it answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    body: Value,
}

impl Answer {
    /// The id of the save that was kept, if one was.
    pub(crate) fn kept(&self) -> Option<i64> {
        (self.status == 200).then(|| self.body["id"].as_i64()).flatten()
    }

    /// The save's name.
    pub(crate) fn file_name(&self) -> Option<&str> {
        self.body["file_name"].as_str()
    }

    /// What does not change when the same body comes again: the status, and what the save is.
    pub(crate) fn outcome(&self) -> (u16, [&Value; 3]) {
        (self.status, ["file_name", "file_size_bytes", "content_hash"].map(|member| &self.body[member]))
    }
}

/// A download.
pub(crate) struct Download {
    pub(crate) bytes: Bytes,
    /// The name that it is kept under.
    pub(crate) file_name: Option<String>,
}

/// What comes before an answer's body.
struct Head {
    status: u16,
    headers: HeaderMap,
}

impl Server {
    /// Runs an input against the server of this thread.
    pub(crate) fn with(run: impl FnOnce(&Self)) {
        SERVER.with_borrow_mut(|server| {
            let is_used_up = server.as_ref().is_some_and(|server| server.inputs.get() >= INPUTS);
            if is_used_up {
                server.take().map(ManuallyDrop::into_inner);
            }
            let server = server.get_or_insert_with(|| ManuallyDrop::new(Self::start()));
            server.inputs.set(server.inputs.get() + 1);
            run(server);
        });
    }

    /// Uploads a body, which comes in chunks of that size.
    pub(crate) fn upload(&self, boundary: &str, body: &[u8], chunk: usize) -> Answer {
        let chunks: Vec<_> = body.chunks(chunk).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        let request = TestRequest::post()
            .uri(&format!("/api/saves?rom_id={}", self.game))
            .insert_header((CONTENT_TYPE, format!("multipart/form-data; boundary={boundary}")));
        let (head, bytes) = self.send(request, Some(Box::pin(stream::iter(chunks))));
        let body = serde_json::from_slice(&bytes).expect("every answer is JSON");
        Answer { status: head.status, body }
    }

    /// Downloads a save.
    pub(crate) fn content(&self, id: i64) -> Download {
        let (headers, bytes) = self.get(&format!("/api/saves/{id}/content"));
        let file_name = headers.get(CONTENT_DISPOSITION).and_then(attachment_name);
        Download { bytes, file_name }
    }

    /// How many saves there are.
    pub(crate) fn saves(&self) -> usize {
        let ids: Vec<i64> =
            serde_json::from_slice(&self.get("/api/saves/identifiers").1).expect("identifiers are numbers");
        ids.len()
    }

    fn get(&self, uri: &str) -> (HeaderMap, Bytes) {
        let (head, bytes) = self.send(TestRequest::get().uri(uri), None);
        assert_eq!(head.status, 200, "{uri}");
        (head.headers, bytes)
    }

    fn send(&self, request: TestRequest, body: Option<Body>) -> (Head, Bytes) {
        let request = request.insert_header((AUTHORIZATION, format!("Bearer {TOKEN}")));
        self.system.block_on(async {
            let response = (self.call)(request, body).await;
            let head = Head { status: response.status().as_u16(), headers: response.headers().clone() };
            let bytes = to_bytes(response.into_body()).await.unwrap_or_else(|_| panic!("the body broke off"));
            (head, bytes)
        })
    }

    fn start() -> Self {
        let store = MemoryStore::new();
        let game = store
            .transact_now(|tx| {
                let player = a_user().named("player").insert(tx)?;
                a_token(player.id, TOKEN).with_scopes(ScopeSet::ALL).insert(tx)?;
                a_game().insert(tx)
            })
            .expect("the memory store takes what it is given");
        let settings = Settings { max_body_bytes: LARGEST as u64, ..Settings::new("0.1.0") };
        let state = AppState::new(ports(store), settings);
        let system = System::new();
        let service = Rc::new(system.block_on(init_service(memcard_web::app(&state))));
        let call = move |request: TestRequest, body: Option<Body>| {
            let service = Rc::clone(&service);
            let answered: LocalBoxFuture<'static, _> = Box::pin(async move {
                let mut request = request.to_request();
                if let Some(body) = body {
                    request = request.replace_payload(Payload::from(body)).0;
                }
                let response = service.call(request).await.expect("errors are answers");
                response.map_body(|_, body| body.boxed())
            });
            answered
        };
        Self { system, call: Box::new(call), game: game.id.0, inputs: Cell::new(0) }
    }
}

/// The file name of an attachment, as actix reads it: the extended one where there is one (RFC 6266 § 4.3).
fn attachment_name(disposition: &HeaderValue) -> Option<String> {
    let disposition = ContentDisposition::from_raw(disposition).ok()?;
    match disposition.get_filename_ext() {
        Some(extended) => String::from_utf8(extended.value.clone()).ok(),
        None => disposition.get_filename().map(str::to_owned),
    }
}

fn ports(store: MemoryStore) -> Ports {
    Ports {
        store: Arc::new(store),
        blobs: Arc::new(MemoryBlobs::new()),
        pairings: Arc::new(MemoryPairings::new()),
        pair_codes: Arc::new(MemoryPairCodes::new()),
        counter: Arc::new(MemoryCounter::new()),
        events: Arc::new(MemoryEvents::new(&SeededSecrets::new(2))),
        passwords: Arc::new(QuickPasswords::new()),
        library: Arc::new(MemoryLibrary::new()),
        scans: Arc::new(MemoryScans::new()),
        ssh: None,
        clock: Arc::new(FixedClock::new(at(0))),
        secrets: Arc::new(SeededSecrets::new(1)),
        code_key: CodeKey::new([7; 32]),
    }
}
