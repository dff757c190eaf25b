//! What of a multipart body is not its parts' own bytes: boundaries and headers (RFC 2046 § 5.1.1).
//!
//! The parser believes a part's own `Content-Length` and passes over what is beyond it. A save must not be cut because a
//! client announced it wrongly, so the framing is added up: more bytes than it has and the parts have were passed over.

use std::cell::Cell;
use std::rc::Rc;

use actix_multipart::Field;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::{HttpMessage as _, HttpRequest};

/// Adds up a body's framing while its parts are read.
pub(super) struct Framing {
    body: Rc<Cell<u64>>,
    boundary: usize,
    framing: u64,
    parts: u64,
    announced: bool,
}

impl Framing {
    /// For the request's boundary; `body` is how much of the body came so far.
    pub(super) fn new(request: &HttpRequest, body: Rc<Cell<u64>>) -> Self {
        let kind = request.mime_type().ok().flatten();
        let boundary =
            kind.and_then(|kind| kind.get_param("boundary").map(|boundary| boundary.as_str().len()));
        let boundary = boundary.unwrap_or_default();
        // The closing boundary: `--`, the boundary, `--`.
        Self { body, boundary, framing: boundary as u64 + 4, parts: 0, announced: false }
    }

    /// A part begins: `--boundary`, its headers, an empty line; its bytes are followed by a line's end.
    pub(super) fn begin(&mut self, part: &Field) {
        const LINE_END: usize = 2;
        const SEPARATOR: usize = 2;
        let headers = part.headers().iter();
        let headers: usize =
            headers.map(|(name, value)| name.as_str().len() + SEPARATOR + value.len() + LINE_END).sum();
        self.framing += (2 + self.boundary + LINE_END + headers + LINE_END + LINE_END) as u64;
        self.announced |= part.headers().contains_key(CONTENT_LENGTH);
    }

    /// Bytes of a part.
    pub(super) fn receive(&mut self, bytes: &[u8]) {
        self.parts += bytes.len() as u64;
    }

    /// Whether a part announced its length and there are bytes that are nobody's; a line's end may close the body.
    pub(super) fn hides_bytes(&self) -> bool {
        self.announced && self.body.get() > self.framing + self.parts + 2
    }
}
