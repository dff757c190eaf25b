//! HTTP over the use cases of `memcard-domain`: extractors, one use case, a response. One module per section of the
//! contract, and `pages` for what a browser shows.
//!
//! Invariants: no rule lives here and no adapter is named here; every error is JSON with a `detail` (pages apart);
//! every route answers with and without a trailing slash and never redirects for it; whatever a session cookie
//! authenticates is checked against cross-site requests; no code, token or query string reaches the log.
#![deny(missing_docs)]

mod accounts;
mod browser;
mod caller;
mod catalogue;
mod client_address;
mod cross_site;
mod devices;
mod error;
mod events;
mod files;
mod headers;
mod heartbeat;
mod input;
mod named_device;
mod openapi;
mod pages;
mod pairing;
mod plays;
mod request_log;
mod routing;
mod saves;
mod screenshots;
mod session_cookie;
mod settings;
mod state;
mod states;
mod sync;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{NormalizePath, from_fn};
use actix_web::{App, Error, web};

pub use ipnet::IpNet;
pub use routing::Endpoint;
pub use settings::{InvalidPublicUrl, PublicUrl, Settings};
pub use state::AppState;

use routing::Endpoints;

/// The whole application, as the server binds it and tests call it.
pub fn app(
    state: &AppState,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    App::new()
        .app_data(web::Data::new(state.clone()))
        .configure(|config| endpoints().register(config))
        .default_service(web::to(routing::unknown_route))
        .wrap(from_fn(headers::complete))
        .wrap(from_fn(request_log::log))
        .wrap(NormalizePath::trim())
}

/// What the JSON surface looks like, the same on every machine.
pub fn openapi() -> utoipa::openapi::OpenApi {
    endpoints().describe()
}

/// Every page's route, for tests that walk them.
pub fn page_routes() -> Vec<Endpoint> {
    endpoints().pages()
}

/// Every endpoint there is: a new section adds its line here.
fn endpoints() -> Endpoints {
    let mut endpoints = Endpoints::default();
    heartbeat::endpoints(&mut endpoints);
    openapi::endpoints(&mut endpoints);
    accounts::endpoints(&mut endpoints);
    saves::endpoints(&mut endpoints);
    states::endpoints(&mut endpoints);
    screenshots::endpoints(&mut endpoints);
    sync::endpoints(&mut endpoints);
    plays::endpoints(&mut endpoints);
    catalogue::endpoints(&mut endpoints);
    pairing::endpoints(&mut endpoints);
    devices::endpoints(&mut endpoints);
    events::endpoints(&mut endpoints);
    pages::endpoints(&mut endpoints);
    endpoints
}
