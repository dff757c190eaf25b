//! The table of endpoints: where each answers, what answers, and how it is described. One entry makes both the route
//! and its part of the OpenAPI document, so that neither can exist without the other.

use std::fmt;

use actix_web::dev::HttpServiceFactory;
use actix_web::http::Method;
use actix_web::middleware::Compress;
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Handler, Responder, Route};
use utoipa::openapi::path::{HttpMethod, Paths};
use utoipa::openapi::{OpenApi, RefOr, Schema};
use utoipa_actix_web::OpenApiFactory;

use crate::error::ApiError;
use crate::openapi::{self, Extractor, Refusals};

/// One route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The method it answers.
    pub method: Method,
    /// Its path, with `{name}` where a parameter stands.
    pub path: String,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// Every endpoint, collected section by section.
#[derive(Default)]
pub(crate) struct Endpoints {
    resources: Vec<Resource>,
    pages: Vec<Endpoint>,
    paths: Paths,
    schemas: Vec<(String, RefOr<Schema>)>,
}

/// Everything that answers at one path.
struct Resource {
    path: String,
    routes: Vec<Route>,
    encoding: Encoding,
}

/// How bodies travel.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// Compressed if the client likes.
    Negotiated,
    /// Exactly as they are: saves and files, whose ranges and lengths must hold; streams, which nothing may hold back;
    /// pages, whose length, compressed, would
    /// tell of the token in them what stands beside it (BREACH).
    Identity,
}

#[expect(clippy::needless_pass_by_value, reason = "descriptions are unit structs and handlers are functions")]
impl Endpoints {
    /// Adds an endpoint of the JSON surface: the description that `#[utoipa::path]` made (`__path_` and the handler's
    /// name), which says method and path, and the handler.
    pub(crate) fn add<D, F, Args>(&mut self, description: D, handler: F)
    where
        D: utoipa::Path + OpenApiFactory,
        F: Handler<Args>,
        Args: Extractor + 'static,
        F::Output: Responder + 'static,
    {
        self.add_described(&description, handler, Encoding::Negotiated);
    }

    /// As [`add`](Self::add), for an endpoint that answers the bytes of a file, or a stream: never compressed.
    pub(crate) fn add_content<D, F, Args>(&mut self, description: D, handler: F)
    where
        D: utoipa::Path + OpenApiFactory,
        F: Handler<Args>,
        Args: Extractor + 'static,
        F::Output: Responder + 'static,
    {
        self.add_described(&description, handler, Encoding::Identity);
    }

    /// Adds a page: for browsers, and not part of the OpenAPI document.
    pub(crate) fn add_page<F, Args>(&mut self, method: Method, path: &str, handler: F)
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.route(path, web::method(method.clone()).to(handler), Encoding::Identity);
        self.pages.push(Endpoint { method, path: path.to_owned() });
    }

    /// Registers every route. Paths that spell a segment out come before those with a parameter in its place, whatever
    /// the order they were added in.
    pub(crate) fn register(mut self, config: &mut ServiceConfig) {
        self.resources.sort_by_cached_key(|resource| specificity(&resource.path));
        for resource in self.resources {
            config.service(Service(resource));
        }
    }

    /// The OpenAPI document.
    pub(crate) fn describe(self) -> OpenApi {
        openapi::document(self.paths, self.schemas)
    }

    /// Every page's route.
    pub(crate) fn pages(self) -> Vec<Endpoint> {
        self.pages
    }

    fn add_described<D, F, Args>(&mut self, description: &D, handler: F, encoding: Encoding)
    where
        D: utoipa::Path + OpenApiFactory,
        F: Handler<Args>,
        Args: Extractor + 'static,
        F::Output: Responder + 'static,
    {
        for described in D::methods() {
            let route = web::method(method(&described)).to(handler.clone());
            self.route(&D::path(), route, encoding);
        }
        self.paths.merge(described_paths(description, &refusals::<Args>(encoding)));
        description.schemas(&mut self.schemas);
    }

    fn route(&mut self, path: &str, route: Route, encoding: Encoding) {
        match self.resources.iter_mut().find(|resource| resource.path == path) {
            Some(resource) => resource.routes.push(route),
            None => self.resources.push(Resource { path: path.to_owned(), routes: vec![route], encoding }),
        }
    }
}

/// A resource as actix registers it.
struct Service(Resource);

impl HttpServiceFactory for Service {
    fn register(self, config: &mut actix_web::dev::AppService) {
        let Resource { path, routes, encoding } = self.0;
        let resource = routes.into_iter().fold(web::resource(path), actix_web::Resource::route);
        match encoding {
            Encoding::Negotiated => resource.wrap(Compress::default()).register(config),
            Encoding::Identity => resource.register(config),
        }
    }
}

/// How requests to a handler may be refused before it sees them, or on the way back.
fn refusals<Args: Extractor>(encoding: Encoding) -> Refusals {
    let mut refusals = Refusals::of::<Args>();
    if encoding == Encoding::Negotiated {
        refusals.add(406);
    }
    refusals
}

/// What a handler says of itself, completed by what its arguments say.
fn described_paths(description: &impl OpenApiFactory, refusals: &Refusals) -> Paths {
    let mut paths = description.paths();
    for item in paths.paths.values_mut() {
        openapi::operations(item).for_each(|(_, operation)| openapi::complete(operation, refusals));
    }
    paths
}

/// Sorts spelled-out segments before parameters.
fn specificity(path: &str) -> Vec<(bool, String)> {
    path.split('/').map(|segment| (segment.starts_with('{'), segment.to_owned())).collect()
}

fn method(described: &HttpMethod) -> Method {
    match described {
        HttpMethod::Get => Method::GET,
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Delete => Method::DELETE,
        HttpMethod::Options => Method::OPTIONS,
        HttpMethod::Head => Method::HEAD,
        HttpMethod::Patch => Method::PATCH,
        HttpMethod::Trace => Method::TRACE,
    }
}

/// What answers where nothing is.
pub(crate) async fn unknown_route() -> ApiError {
    ApiError::unknown_route()
}
