//! The library, for administrators: where it is, and bringing the catalogue up to date with it.

use actix_web::HttpResponse;
use actix_web::http::Method;
use askama::Template;
use memcard_domain::catalogue::{self, ScanReport};
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
    outcome: Outcome,
}

/// What the last scan came to.
enum Outcome {
    /// None was asked for.
    None,
    /// It was made.
    Scanned(ScanReport),
    /// It was not: why.
    Failed(String),
}

async fn show(SignedIn { visitor, .. }: SignedIn, state: State) -> Result<HttpResponse, PageError> {
    let folder = folder(&visitor, &state).await?;
    Ok(page(&LibraryPage { visitor: &visitor, folder: folder.as_deref(), outcome: Outcome::None }))
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
    let folder = folder(&visitor, &state).await?;
    let scanned = catalogue::scan(&state.ports, &visitor.caller).await;
    let show = |outcome| LibraryPage { visitor: &visitor, folder: folder.as_deref(), outcome };
    match scanned.map_err(ApiError::from) {
        Ok(report) => Ok(page(&show(Outcome::Scanned(report)))),
        Err(error) if error.status().is_client_error() => {
            Ok(page_with(error.status(), &show(Outcome::Failed(error.text()))))
        }
        Err(error) => Err(error.into()),
    }
}

async fn folder(visitor: &Visitor, state: &State) -> Result<Option<String>, PageError> {
    let caller = visitor.caller.clone();
    Ok(state.ports.store.read(move |tx| catalogue::library_folder(tx, &caller)).await?)
}
