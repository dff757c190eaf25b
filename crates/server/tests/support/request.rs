//! Requests.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use memcard_testkit::{BOUNDARY, Multipart};
use reqwest::header::CONTENT_TYPE;
use reqwest::multipart::Form;
use reqwest::{Body, RequestBuilder};
use serde_json::Value;

use super::{Answer, Caller, Person, description};

/// A request. Awaiting it sends it and reads the answer to its end.
#[must_use = "a request is sent when it is awaited"]
pub(crate) struct Request(RequestBuilder);

impl Request {
    pub(super) fn new(request: RequestBuilder) -> Self {
        Self(request)
    }

    /// With a client token: a person's, a device's, or any.
    pub(crate) fn by(self, caller: &(impl Caller + ?Sized)) -> Self {
        Self(self.0.bearer_auth(caller.token()))
    }

    /// As somebody who logged in themselves, which deciding about tokens and pairings takes.
    pub(crate) fn in_person(self, person: &Person) -> Self {
        Self(self.0.bearer_auth(&person.access_token))
    }

    /// With name and password. Each such request costs the server a password hash.
    pub(crate) fn basic(self, username: &str, password: &str) -> Self {
        Self(self.0.basic_auth(username, Some(password)))
    }

    /// With another header, whose value may be any bytes.
    pub(crate) fn header(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        Self(self.0.header(name, value.as_ref()))
    }

    /// With a JSON body.
    pub(crate) fn json(self, body: &Value) -> Self {
        Self(self.0.json(body))
    }

    /// With a form.
    pub(crate) fn form(self, members: &[(&str, &str)]) -> Self {
        Self(self.0.form(members))
    }

    /// With a multipart body.
    pub(crate) fn multipart(self, body: Multipart) -> Self {
        self.multipart_bytes(body.build())
    }

    /// With a multipart body that is read while it is sent.
    pub(crate) fn form_data(self, form: Form) -> Self {
        Self(self.0.multipart(form))
    }

    /// With the bytes of a multipart body, whatever they are.
    pub(crate) fn multipart_bytes(self, body: Vec<u8>) -> Self {
        self.header(CONTENT_TYPE.as_str(), format!("multipart/form-data; boundary={BOUNDARY}")).body(body)
    }

    /// With a body that is what it is.
    pub(crate) fn body(self, body: impl Into<Body>) -> Self {
        Self(self.0.body(body))
    }

    /// Sends it and leaves the body unread. The answer must be one that the API's description names.
    pub(crate) async fn begin(self) -> reqwest::Response {
        let (client, request) = self.0.build_split();
        let request = request.expect("a request");
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let answer = client.execute(request).await.expect("an answer");
        description::must_name(&method, &path, &answer);
        answer
    }
}

impl IntoFuture for Request {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async { Answer::read(self.begin().await).await })
    }
}
