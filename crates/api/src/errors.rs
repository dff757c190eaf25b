//! What errors look like (contract § 0, rule 1). Sibling members beside `detail` may be added by a section.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// An error told as a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// What is wrong. Some clients match these texts, see the contract.
    pub detail: String,
}

/// A request that does not fit its schema.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InvalidBody {
    /// One entry per fault.
    pub detail: Vec<FieldError>,
}

/// What 422 answers where one member's fault is told as a text (a bad `expires_in`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum InvalidRequest {
    /// Faults with their places.
    Faults(InvalidBody),
    /// A text.
    Text(ErrorBody),
}

/// One fault of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// The kind of fault, for programs: `missing`, `type_error`, `value_error`, `json_invalid`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Where: `["body", "sessions", 3, "end_time"]`.
    #[schema(value_type = Vec<Value>)]
    pub loc: Vec<Location>,
    /// What is wrong, for people.
    pub msg: String,
    /// What was sent there, `null` if nothing was.
    pub input: Value,
}

/// One step on the way to a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Location {
    /// A position in a list.
    Index(usize),
    /// A member's name, or where the way begins: `body`, `query`, `path`.
    Name(String),
}

impl From<&str> for Location {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<usize> for Location {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}
