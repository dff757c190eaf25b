//! JSON bodies.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{body, fields};
use crate::error::ApiError;
use crate::openapi::{Extractor, Refusals};

/// A JSON body, whatever content type it claims.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for JsonBody<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bytes = body::collect(&request, &mut payload).await?;
            read(&bytes).map(Self)
        })
    }
}

impl<T: DeserializeOwned + 'static> Extractor for JsonBody<T> {
    fn note(refusals: &mut Refusals) {
        refusals.read_body();
    }
}

/// Reads a body in two steps, so that a fault of syntax is told from one of its members and that the latter can be shown.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    if bytes.is_empty() {
        return Err(ApiError::invalid(vec![fields::root_fault("body", "missing", "Field required")]));
    }
    let mut value: Value = serde_json::from_slice(bytes).map_err(|error| {
        ApiError::invalid(vec![fields::root_fault(
            "body",
            "json_invalid",
            &format!("JSON decode error: {error}"),
        )])
    })?;
    fields::demand_storable("body", &value)?;
    write_whole_numbers_as_integers(&mut value);
    serde_path_to_error::deserialize(&value).map_err(|error| {
        let message = error.inner().to_string();
        ApiError::invalid(vec![fields::fault("body", error.path(), &message, &value)])
    })
}

/// Writes 7.0 as 7: to JSON both are one number (RFC 8259 § 6), and languages without integers send the former. Above
/// 2^53 a float is no longer exact and stays what it is.
fn write_whole_numbers_as_integers(value: &mut Value) {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) if number.is_f64() => {
            let whole = number.as_f64().filter(|number| number.fract() == 0.0 && number.abs() <= EXACT);
            if let Some(whole) = whole {
                *value = Value::from(whole as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(write_whole_numbers_as_integers),
        Value::Object(members) => members.values_mut().for_each(write_whole_numbers_as_integers),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use actix_web::ResponseError as _;
    use actix_web::body::to_bytes;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Body {
        name: String,
        #[serde(default)]
        items: Vec<Item>,
        note: Option<String>,
    }

    #[derive(Debug, Deserialize)]
    struct Item {
        count: u32,
    }

    async fn refusal(body: &str) -> Value {
        let error = read::<Body>(body.as_bytes()).unwrap_err();
        let response = error.error_response();
        assert_eq!(response.status(), 422);
        let body = to_bytes(response.into_body()).await.unwrap();
        serde_json::from_slice::<Value>(&body).unwrap()["detail"][0].take()
    }

    #[actix_web::test]
    async fn a_fault_says_where_it_is_and_what_stood_there() {
        for (body, kind, loc, input) in [
            ("", "missing", json!(["body"]), json!(null)),
            ("{", "json_invalid", json!(["body"]), json!(null)),
            ("{}", "missing", json!(["body", "name"]), json!(null)),
            (r#"{"name":null}"#, "type_error", json!(["body", "name"]), json!(null)),
            (r#"{"name":7}"#, "type_error", json!(["body", "name"]), json!(7)),
            (
                r#"{"name":"a","items":[{"count":1},{}]}"#,
                "missing",
                json!(["body", "items", 1, "count"]),
                json!(null),
            ),
            (
                r#"{"name":"a","items":[{"count":-1}]}"#,
                "value_error",
                json!(["body", "items", 0, "count"]),
                json!(-1),
            ),
        ] {
            let fault = refusal(body).await;
            assert_eq!(
                (&fault["type"], &fault["loc"], &fault["input"]),
                (&json!(kind), &loc, &input),
                "{body}"
            );
        }
    }

    #[actix_web::test]
    async fn a_null_character_is_refused_wherever_it_stands() {
        for (body, loc) in [
            ("{\"name\":\"a\\u0000b\"}", json!(["body", "name"])),
            ("{\"name\":\"a\",\"more\":[1,{\"x\":\"\\u0000\"}]}", json!(["body", "more", 1, "x"])),
        ] {
            let fault = refusal(body).await;
            assert_eq!((&fault["type"], &fault["loc"]), (&json!("value_error"), &loc), "{body}");
        }
        assert!(read::<Body>(b"{\"name\":\"a\\\\u0000\"}").is_ok(), "an escaped backslash is no escape");
    }

    #[test]
    fn a_whole_number_reads_as_an_integer_however_it_is_written() {
        for (number, count) in [("7", 7), ("7.0", 7), ("70e-1", 7), ("7e2", 700), ("-0.0", 0)] {
            let body: Body =
                read(format!(r#"{{"name":"a","items":[{{"count":{number}}}]}}"#).as_bytes()).unwrap();
            assert_eq!(body.items[0].count, count, "{number}");
        }
        for number in ["7.5", "-7.0", "1e300", "4294967296.0"] {
            let body = format!(r#"{{"name":"a","items":[{{"count":{number}}}]}}"#);
            assert!(read::<Body>(body.as_bytes()).is_err(), "{number}");
        }
    }

    #[test]
    fn null_reads_as_left_out_and_unknown_members_are_ignored() {
        let body: Body = read(br#"{"name":"a","note":null,"more":{}}"#).unwrap();
        assert_eq!((body.name.as_str(), body.items.len(), body.note), ("a", 0, None));
        let body: Body = read(br#"{"name":"a","items":[{"count":7}]}"#).unwrap();
        assert_eq!(body.items[0].count, 7);
    }
}
