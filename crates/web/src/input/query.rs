//! Query parameters, and what reads forms too.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::fields;
use crate::error::ApiError;
use crate::openapi::{Extractor, Refusals};

/// The query string. A parameter that may be repeated is a `Vec`; an empty optional number is left out.
pub(crate) struct QueryParams<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for QueryParams<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read_pairs("query", request.query_string().as_bytes()).map(Self))
    }
}

impl<T: DeserializeOwned + 'static> Extractor for QueryParams<T> {
    fn note(refusals: &mut Refusals) {
        refusals.add(422);
    }
}

/// Reads `name=value&…`.
pub(crate) fn read_pairs<T: DeserializeOwned>(root: &str, pairs: &[u8]) -> Result<T, ApiError> {
    fields::demand_storable(root, &sent(pairs))?;
    serde_path_to_error::deserialize(serde_html_form::Deserializer::from_bytes(pairs)).map_err(|error| {
        let message = error.inner().to_string();
        ApiError::invalid(vec![fields::fault(root, error.path(), &message, &sent(pairs))])
    })
}

fn sent(pairs: &[u8]) -> Value {
    let pairs: Vec<(String, String)> = serde_html_form::from_bytes(pairs).unwrap_or_default();
    pairs
        .into_iter()
        .map(|(name, value)| (name, Value::String(value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[cfg(test)]
mod tests {
    use actix_web::ResponseError as _;
    use actix_web::body::to_bytes;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Query {
        rom_id: i32,
        device_id: Option<String>,
        limit: Option<u32>,
        #[serde(default)]
        platform_ids: Vec<i32>,
    }

    #[test]
    fn repeated_parameters_are_lists_and_unknown_ones_are_ignored() {
        let query: Query =
            read_pairs("query", b"rom_id=7&x=1&x=2&platform_ids=1&platform_ids=2&limit=").unwrap();
        assert_eq!(query, Query { rom_id: 7, device_id: None, limit: None, platform_ids: vec![1, 2] });
    }

    #[actix_web::test]
    async fn a_fault_names_the_parameter_and_what_was_sent() {
        for (query, kind, loc, input) in [
            ("", "missing", json!(["query", "rom_id"]), json!(null)),
            ("rom_id=7&device_id=%00", "value_error", json!(["query", "device_id"]), json!("\0")),
            ("rom_id=x", "value_error", json!(["query", "rom_id"]), json!("x")),
            ("rom_id=99999999999", "value_error", json!(["query", "rom_id"]), json!("99999999999")),
        ] {
            let response = read_pairs::<Query>("query", query.as_bytes()).unwrap_err().error_response();
            let body = to_bytes(response.into_body()).await.unwrap();
            let fault = serde_json::from_slice::<Value>(&body).unwrap()["detail"][0].take();
            assert_eq!(
                (&fault["type"], &fault["loc"], &fault["input"]),
                (&json!(kind), &loc, &input),
                "{query}"
            );
        }
    }
}
