//! The start page: the visitor's devices and the state of the library.

use actix_web::HttpResponse;
use actix_web::http::Method;
use askama::Template;
use memcard_api::DateTime;
use memcard_domain::catalogue;
use memcard_domain::device::{self, Device};
use memcard_domain::ports::UnitOfWorkExt as _;
use memcard_domain::time::Timestamp;

use super::page_error::PageError;
use super::render::page;
use super::times::ago;
use super::visitor::{SignedIn, Visitor};
use crate::routing::Endpoints;
use crate::state::State;

/// The page.
pub(super) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add_page(Method::GET, "/", show);
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    visitor: Visitor,
    devices: Vec<Device>,
    library: LibraryStatus,
    now: Timestamp,
}

/// How much there is to sync.
struct LibraryStatus {
    platforms: usize,
    games: u64,
}

impl HomePage {
    fn seen(&self, device: &Device) -> (String, DateTime) {
        (ago(device.last_seen, self.now), device.last_seen.into())
    }
}

async fn show(SignedIn { visitor, .. }: SignedIn, state: State) -> Result<HttpResponse, PageError> {
    let caller = visitor.caller.clone();
    let devices = state.ports.store.read(move |tx| device::list(tx, &caller)).await?;
    let caller = visitor.caller.clone();
    let platforms = state.ports.store.read(move |tx| catalogue::platforms(tx, &caller, None)).await?;
    let library =
        LibraryStatus { platforms: platforms.len(), games: platforms.iter().map(|(_, games)| games).sum() };
    Ok(page(&HomePage { visitor, devices, library, now: state.now() }))
}
