//! The refusals that many endpoints share, described once.

use memcard_api::errors::{ErrorBody, InvalidBody};
use serde_json::{Value, json};
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Schema, Type,
};
use utoipa::{PartialSchema, ToSchema};

/// A refusal that needs no words of an endpoint's own.
struct Shared {
    status: u16,
    name: &'static str,
    about: &'static str,
    detail: Detail,
    header: Option<Header>,
}

/// What stands in `detail`, with an example.
enum Detail {
    Text(&'static str),
    Faults,
}

struct Header {
    name: &'static str,
    about: &'static str,
    kind: Type,
}

const RETRY_AFTER: Header = Header { name: "Retry-After", about: "Seconds to wait.", kind: Type::Integer };

const SHARED: &[Shared] = &[
    Shared {
        status: 400,
        name: "BadRequest",
        about: "The request cannot be taken; `detail` says why. A body that breaks off is one case.",
        detail: Detail::Text("The request body broke off"),
        header: None,
    },
    Shared {
        status: 401,
        name: "Unauthenticated",
        about: "No credential, or none that is good.",
        detail: Detail::Text("Not authenticated"),
        header: Some(Header {
            name: "WWW-Authenticate",
            about: "`Bearer`: what to authenticate with.",
            kind: Type::String,
        }),
    },
    Shared {
        status: 403,
        name: "Forbidden",
        about: "The credential is not good for this: a scope is missing, it is of the wrong kind, or a browser's request \
                does not show that it comes from one of the server's own pages.",
        detail: Detail::Text("Forbidden"),
        header: None,
    },
    Shared {
        status: 404,
        name: "NotFound",
        about: "What the request names is not there; `detail` says what.",
        detail: Detail::Text("Save with ID 7 not found"),
        header: None,
    },
    Shared {
        status: 406,
        name: "NotAcceptable",
        about: "`Accept-Encoding` leaves no way to answer.",
        detail: Detail::Text("Not Acceptable"),
        header: None,
    },
    Shared {
        status: 413,
        name: "TooLarge",
        about: "The body is too large.",
        detail: Detail::Text("Request body exceeds the maximum allowed size of 16777216 bytes"),
        header: None,
    },
    Shared {
        status: 422,
        name: "Invalid",
        about: "A parameter or a member is missing, of the wrong type or breaks a rule.",
        detail: Detail::Faults,
        header: None,
    },
    Shared {
        status: 429,
        name: "Limited",
        about: "Too many attempts: wrong passwords or codes, or too many requests of a limited kind.",
        detail: Detail::Text("Too many attempts, try again later"),
        header: Some(RETRY_AFTER),
    },
    Shared {
        status: 500,
        name: "Fault",
        about: "A fault of the server's. Its log says more.",
        detail: Detail::Text("Internal Server Error"),
        header: None,
    },
    Shared {
        status: 503,
        name: "Unavailable",
        about: "The store is out of reach for a while: try again.",
        detail: Detail::Text("Service temporarily unavailable"),
        header: Some(RETRY_AFTER),
    },
];

/// A reference to the shared description of a status, if it has one.
pub(super) fn shared(status: &str) -> Option<RefOr<Response>> {
    let shared = SHARED.iter().find(|shared| shared.status.to_string() == status)?;
    Some(RefOr::Ref(Ref::from_response_name(shared.name)))
}

/// The shared descriptions, by name.
pub(super) fn reusable() -> impl Iterator<Item = (&'static str, Response)> {
    SHARED.iter().map(|shared| (shared.name, shared.response()))
}

/// The schemas they name.
pub(super) fn schemas() -> Vec<(String, RefOr<Schema>)> {
    let mut schemas = vec![
        (ErrorBody::name().into_owned(), ErrorBody::schema()),
        (InvalidBody::name().into_owned(), InvalidBody::schema()),
    ];
    InvalidBody::schemas(&mut schemas);
    schemas
}

impl Shared {
    fn response(&self) -> Response {
        let (schema, example) = match self.detail {
            Detail::Text(text) => (ErrorBody::name(), json!({ "detail": text })),
            Detail::Faults => (InvalidBody::name(), faults()),
        };
        let content =
            ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).example(Some(example)).build();
        let mut response =
            ResponseBuilder::new().description(self.about).content("application/json", content);
        if let Some(header) = &self.header {
            let schema = ObjectBuilder::new().schema_type(header.kind.clone()).build();
            let described = HeaderBuilder::new().schema(Some(schema)).description(Some(header.about)).build();
            response = response.header(header.name, described);
        }
        response.build()
    }
}

fn faults() -> Value {
    json!({ "detail": [{ "type": "missing", "loc": ["query", "rom_id"], "msg": "Field required", "input": null }] })
}
