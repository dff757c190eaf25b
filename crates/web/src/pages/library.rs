//! The library, for administrators: where it is, bringing the catalogue up to date with it, and how that goes.

use actix_web::HttpResponse;
use actix_web::http::{Method, StatusCode};
use askama::Template;
use memcard_domain::catalogue::{self, ScanStatus};
use memcard_domain::ports::UnitOfWorkExt as _;
use serde::Deserialize;

use super::page_error::PageError;
use super::render::{page, page_with, see_other};
use super::visitor::{SignedIn, Visitor};
use crate::error::ApiError;
use crate::input::FormBody;
use crate::routing::Endpoints;
use crate::state::State;

/// The pages.
pub(super) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add_page(Method::GET, "/library", show);
    endpoints.add_page(Method::POST, "/library", name_folder);
    endpoints.add_page(Method::POST, "/library/scan", scan);
}

#[derive(Deserialize)]
struct FolderForm {
    folder: String,
}

#[derive(Template)]
#[template(path = "library.html")]
struct LibraryPage<'a> {
    visitor: &'a Visitor,
    folder: Option<&'a str>,
    scan: ScanStatus,
    /// Why no scan began that was asked for.
    fault: Option<String>,
}

async fn show(SignedIn { visitor, .. }: SignedIn, state: State) -> Result<HttpResponse, PageError> {
    let folder = folder(&visitor, &state).await?;
    let scan = catalogue::scan_status(&state.ports, &visitor.caller).map_err(ApiError::from)?;
    Ok(page(&LibraryPage { visitor: &visitor, folder: folder.as_deref(), scan, fault: None }))
}

async fn name_folder(
    SignedIn { visitor, input: FormBody(form) }: SignedIn<FormBody<FolderForm>>,
    state: State,
) -> Result<HttpResponse, PageError> {
    let caller = visitor.caller;
    state
        .ports
        .store
        .transact(move |tx| catalogue::set_library_folder(tx, &caller, Some(form.folder)))
        .await?;
    Ok(see_other("/library"))
}

async fn scan(SignedIn { visitor, .. }: SignedIn, state: State) -> Result<HttpResponse, PageError> {
    let started = catalogue::start_scan(&state.ports, &visitor.caller).await;
    match started.map_err(ApiError::from) {
        Ok(_) => Ok(see_other("/library")),
        Err(error) if error.status() == StatusCode::BAD_REQUEST => {
            let folder = folder(&visitor, &state).await?;
            let scan = catalogue::scan_status(&state.ports, &visitor.caller).map_err(ApiError::from)?;
            let fault = Some(error.text());
            let shown = LibraryPage { visitor: &visitor, folder: folder.as_deref(), scan, fault };
            Ok(page_with(error.status(), &shown))
        }
        Err(error) => Err(error.into()),
    }
}

async fn folder(visitor: &Visitor, state: &State) -> Result<Option<String>, PageError> {
    let caller = visitor.caller.clone();
    Ok(state.ports.store.read(move |tx| catalogue::library_folder(tx, &caller)).await?)
}
