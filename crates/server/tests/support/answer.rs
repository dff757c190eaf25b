//! Answers, and what tests demand of them.

use bytes::Bytes;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, its body read to the end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// Reads the rest of an answer that was begun.
    pub(crate) async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, body: response.bytes().await.expect("a whole body") }
    }

    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The body's JSON, which the status has to be 200 for.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        self.json_with(200)
    }

    /// The body's JSON, which the status has to be 201 for.
    #[track_caller]
    pub(crate) fn created(&self) -> Value {
        self.json_with(201)
    }

    /// Demands a 204, which has no body.
    #[track_caller]
    pub(crate) fn is_done(&self) {
        assert_eq!((self.status, self.text().as_str()), (204, ""));
    }

    /// Demands a refusal with that status and text.
    #[track_caller]
    pub(crate) fn is_refused(&self, status: u16, detail: &str) {
        assert_eq!(self.json_with(status)["detail"], detail);
    }

    /// Demands a 422 whose first fault is there.
    #[track_caller]
    pub(crate) fn is_invalid_at(&self, loc: &Value) {
        assert_eq!(self.json_with(422)["detail"][0]["loc"], *loc);
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header's text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("text"))
    }

    #[track_caller]
    fn json_with(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()
    }
}
