//! Requests and their answers.

use std::net::SocketAddr;
use std::rc::Rc;

use actix_web::body::{BodySize, BoxBody, MessageBody as _, to_bytes};
use actix_web::dev::{Service as _, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use actix_web::http::{Method, StatusCode};
use actix_web::test::{TestRequest, init_service};
use actix_web::web::Bytes;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::future::LocalBoxFuture;
use memcard_testkit::{BOUNDARY, Multipart};
use memcard_web::AppState;
use serde_json::Value;

type Call =
    dyn Fn(TestRequest) -> LocalBoxFuture<'static, Result<ServiceResponse<BoxBody>, actix_web::Error>>;

/// The application, ready to be called.
pub(crate) struct App {
    call: Box<Call>,
}

impl App {
    /// Builds it as the server does.
    pub(crate) async fn new(state: &AppState) -> Self {
        let service = Rc::new(init_service(memcard_web::app(state)).await);
        let call = move |request: TestRequest| {
            let service = Rc::clone(&service);
            let answered: LocalBoxFuture<'static, _> = Box::pin(async move {
                Ok(service.call(request.to_request()).await?.map_body(|_, body| body.boxed()))
            });
            answered
        };
        Self { call: Box::new(call) }
    }

    /// The answer, its body read to the end.
    pub(crate) async fn send(&self, request: Request) -> Answer {
        let response = self.begin(request).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let announced = response.response().body().size();
        let body = to_bytes(response.into_body()).await.map_err(|_| "the body broke off").unwrap();
        Answer { status, headers, announced, body }
    }

    /// The answer with its body unread.
    pub(crate) async fn begin(&self, request: Request) -> ServiceResponse<BoxBody> {
        (self.call)(request.0).await.unwrap()
    }
}

/// A request.
pub(crate) struct Request(TestRequest);

impl Request {
    /// A request without credentials.
    pub(crate) fn new(method: Method, uri: &str) -> Self {
        Self(TestRequest::with_uri(uri).method(method))
    }

    /// `GET`.
    pub(crate) fn get(uri: &str) -> Self {
        Self::new(Method::GET, uri)
    }

    /// `POST`.
    pub(crate) fn post(uri: &str) -> Self {
        Self::new(Method::POST, uri)
    }

    /// With a client token.
    #[must_use]
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// `PUT`.
    pub(crate) fn put(uri: &str) -> Self {
        Self::new(Method::PUT, uri)
    }

    /// `DELETE`.
    pub(crate) fn delete(uri: &str) -> Self {
        Self::new(Method::DELETE, uri)
    }

    /// With name and password.
    #[must_use]
    pub(crate) fn basic(self, username: &str, password: &str) -> Self {
        let pair = BASE64_STANDARD.encode(format!("{username}:{password}"));
        self.header(AUTHORIZATION.as_str(), &format!("Basic {pair}"))
    }

    /// Over a connection from that address.
    #[must_use]
    pub(crate) fn from(self, address: &str) -> Self {
        Self(self.0.peer_addr(SocketAddr::new(address.parse().unwrap(), 40_000)))
    }

    /// With a form.
    #[must_use]
    pub(crate) fn form(self, members: &[(&str, &str)]) -> Self {
        Self(self.0.set_form(members))
    }

    /// With a body that is what it is.
    #[must_use]
    pub(crate) fn body(self, body: &'static str) -> Self {
        Self(self.0.set_payload(body))
    }

    /// With another header.
    #[must_use]
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.append_header((name, value)))
    }

    /// With a JSON body.
    #[must_use]
    pub(crate) fn json(self, body: &Value) -> Self {
        Self(self.0.set_json(body))
    }

    /// With a multipart body.
    #[must_use]
    pub(crate) fn multipart(self, body: Multipart) -> Self {
        self.multipart_bytes(body.build())
    }

    /// With the bytes of a multipart body, whatever they are.
    #[must_use]
    pub(crate) fn multipart_bytes(self, body: Vec<u8>) -> Self {
        let request =
            self.header(CONTENT_TYPE.as_str(), &format!("multipart/form-data; boundary={BOUNDARY}"));
        Self(request.0.set_payload(body))
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// What the connection makes `Content-Length` of.
    pub(crate) announced: BodySize,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The body as JSON, which the status has to be 200 for.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        self.json()
    }

    /// Demands a refusal with that status and text.
    #[track_caller]
    pub(crate) fn is_refused(&self, status: u16, detail: &str) {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        assert_eq!(self.json()["detail"], detail);
    }

    /// Demands a 422 whose first fault is there.
    #[track_caller]
    pub(crate) fn is_invalid_at(&self, loc: &Value) {
        assert_eq!(self.status, 422, "{}", String::from_utf8_lossy(&self.body));
        assert_eq!(self.json()["detail"][0]["loc"], *loc);
    }

    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// Demands that the browser is sent on to that path.
    #[track_caller]
    pub(crate) fn sends_on_to(&self, path: &str) {
        assert_eq!((self.status.as_u16(), self.header("location")), (303, Some(path)), "{}", self.text());
    }

    /// A header's text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}
