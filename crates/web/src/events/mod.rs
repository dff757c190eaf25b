//! `GET /api/events`: what happens, as server-sent events (WHATWG HTML § 9.2).
//!
//! Each event's id is a cursor; a browser sends the last one by itself when it comes back. The stream's own events are
//! `ready`, where it begins without one, and `reset`, after which what is shown has to be read anew.

mod shown;

use std::pin::pin;
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, HeaderName};
use actix_web::{HttpRequest, Responder};
use actix_web_lab::sse::Sse;
use futures_util::stream::{self, Stream, StreamExt as _};
use memcard_api::events as wire;
use memcard_domain::event::{self, Listening, Told};
use memcard_domain::ports::{Cursor, Ports, StoreError};
use tokio::time::timeout;

use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::routing::Endpoints;
use crate::state::State;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Keeps nginx from holding events back until its buffer is full.
const UNBUFFERED: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");
/// How often a credential is looked at while nothing happens.
const CHECK_EVERY: Duration = Duration::from_secs(5);
/// How long a connection stays silent: well below what proxies take for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How soon a browser that lost its connection comes back.
const RETRY: Duration = Duration::from_secs(3);

/// The section's endpoint.
pub(crate) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add_content(__path_listen, listen);
}

/// Tells what happens to what is the caller's, and to administrators what happens to the library, until the caller goes,
/// their credential ends or the server stops. Needs devices.read and assets.read.
///
/// Each event has a name, an id and JSON data, and comes after what it tells of can be read. The first is `ready`, unless
/// `Last-Event-ID` names the last event that was heard: then what came after it is told. Where that is no longer known
/// `reset` comes first: events were missed, and what they told of has to be read anew. A comment comes every 15 seconds
/// where nothing else does.
#[utoipa::path(
    get,
    path = "/api/events",
    tag = "events",
    params((
        "Last-Event-ID" = Option<String>,
        Header,
        description = "The id of the last event that was heard: goes on after it",
    )),
    responses(
        (status = 200, description = "A stream of events", body = wire::EventData, content_type = "text/event-stream"),
    )
)]
async fn listen(
    state: State,
    Authenticated { caller, input: request }: Authenticated<HttpRequest>,
) -> Result<impl Responder + use<>, ApiError> {
    let ports = state.ports.clone();
    let heard_last = request.headers().get(LAST_EVENT_ID).map(|id| read_cursor(id.to_str()));
    let begins_anew = heard_last.is_none();
    let listening = event::listen(&ports, caller, heard_last).await?;
    let ready = begins_anew.then(|| shown::ready(listening.heard()));
    let events = stream::iter(ready).chain(told(ports, listening));
    let stream = Sse::from_stream(events).with_keep_alive(KEEP_ALIVE).with_retry_duration(RETRY);
    Ok(stream.customize().insert_header((CACHE_CONTROL, "private, no-store")).insert_header(UNBUFFERED))
}

/// An id that is no text is none of ours: the adapter will not know it.
fn read_cursor<E>(id: Result<&str, E>) -> Cursor {
    Cursor(id.unwrap_or_default().to_owned())
}

/// Everything that the listener is told, until it is over.
fn told(ports: Ports, listening: Listening) -> impl Stream<Item = shown::Frame> {
    let told = stream::unfold((ports, listening), |(ports, mut listening)| async move {
        match next(&ports, &mut listening).await {
            Ok(Told::Events(events)) => {
                let frames = events.iter().map(|(cursor, event)| shown::event(cursor, event)).collect();
                Some((frames, (ports, listening)))
            }
            Ok(Told::Missed(cursor)) => Some((vec![shown::reset(&cursor)], (ports, listening))),
            Ok(Told::Over) => None,
            Err(error) => {
                tracing::warn!(%error, "a stream of events broke off");
                None
            }
        }
    });
    told.flat_map(|frames: Vec<shown::Frame>| stream::iter(frames))
}

/// Waits for what comes next, as long as the caller may.
async fn next(ports: &Ports, listening: &mut Listening) -> Result<Told, StoreError> {
    let mut waiting = pin!(listening.next(ports));
    let heard = loop {
        match timeout(CHECK_EVERY, waiting.as_mut()).await {
            Ok(heard) => break heard?,
            Err(_) if listening.may_go_on(ports).await? => {}
            Err(_) => return Ok(Told::Over),
        }
    };
    listening.hear(ports, heard).await
}
