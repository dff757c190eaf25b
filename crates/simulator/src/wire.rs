//! Requests to the real application, without a network between.

use std::rc::Rc;

use actix_web::body::{BoxBody, MessageBody as _, to_bytes};
use actix_web::dev::{Service as _, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE};
use actix_web::http::{Method, StatusCode};
use actix_web::test::{TestRequest, init_service};
use actix_web::web::Bytes;
use futures_util::future::LocalBoxFuture;
use memcard_testkit::{BOUNDARY, Multipart};
use memcard_web::AppState;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::SimulationError;
use crate::contents::ContentId;

type Call =
    dyn Fn(TestRequest) -> LocalBoxFuture<'static, Result<ServiceResponse<BoxBody>, actix_web::Error>>;

/// A request, which may be sent again.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) token: String,
    pub(crate) body: Body,
}

#[derive(Debug, Clone)]
pub(crate) enum Body {
    None,
    Json(Value),
    Save { file_name: &'static str, content: ContentId },
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

/// The application, and all that was ever said to and by it.
pub(crate) struct Wire {
    call: Box<Call>,
    transcript: Sha256,
    requests: u64,
}

impl Wire {
    pub(crate) async fn new(state: &AppState) -> Self {
        let service = Rc::new(init_service(memcard_web::app(state)).await);
        let call = move |request: TestRequest| {
            let service = Rc::clone(&service);
            let answered: LocalBoxFuture<'static, _> = Box::pin(async move {
                Ok(service.call(request.to_request()).await?.map_body(|_, body| body.boxed()))
            });
            answered
        };
        Self { call: Box::new(call), transcript: Sha256::new(), requests: 0 }
    }

    pub(crate) async fn send(&mut self, sent: &Sent) -> Result<Answer, SimulationError> {
        let broken = |error: &dyn std::fmt::Display| {
            SimulationError(format!("{} {}: {error}", sent.method, sent.path))
        };
        let response = (self.call)(sent.request()).await.map_err(|error| broken(&error))?;
        let status = response.status();
        let body = to_bytes(response.into_body()).await.map_err(|error| broken(&error))?;
        self.requests += 1;
        self.transcript.update(format!("{} {} {}\n", sent.method, sent.path, status.as_u16()));
        self.transcript.update(&body);
        Ok(Answer { status, body })
    }

    /// How many requests there were, and the digest of all that went over the wire.
    pub(crate) fn end(self) -> (u64, [u8; 32]) {
        (self.requests, self.transcript.finalize().into())
    }
}

impl Sent {
    pub(crate) fn get(path: String, token: &str) -> Self {
        Self { method: Method::GET, path, token: token.to_owned(), body: Body::None }
    }

    pub(crate) fn post(path: String, token: &str, body: Body) -> Self {
        Self { method: Method::POST, path, token: token.to_owned(), body }
    }

    fn request(&self) -> TestRequest {
        let request = TestRequest::with_uri(&self.path)
            .method(self.method.clone())
            .append_header((AUTHORIZATION, format!("Bearer {}", self.token)));
        match &self.body {
            Body::None => request,
            Body::Json(value) => request.set_json(value),
            Body::Save { file_name, content } => request
                .append_header((CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}")))
                .set_payload(Multipart::save(file_name, &content.bytes()).build()),
        }
    }
}

impl Answer {
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, SimulationError> {
        serde_json::from_slice(&self.body)
            .map_err(|error| SimulationError(format!("{error}: {}", String::from_utf8_lossy(&self.body))))
    }
}
