//! Faults of a request in the form that clients know: kind, where, what.

use memcard_api::errors::{FieldError, Location};
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use crate::error::ApiError;

/// The fault that serde found at `path`, below `root` (`body`, `query`).
pub(crate) fn fault(root: &str, path: &Path, message: &str, body: &Value) -> FieldError {
    let mut loc = vec![Location::from(root)];
    loc.extend(path.iter().filter_map(step));
    if let Some(name) = missing_field(message) {
        loc.push(name.into());
        let msg = "Field required".to_owned();
        return FieldError { kind: "missing".to_owned(), loc, msg, input: Value::Null };
    }
    let input = loc[1..].iter().try_fold(body, |value, step| child(value, step)).cloned().unwrap_or_default();
    FieldError { kind: kind(message).to_owned(), loc, msg: message.to_owned(), input }
}

/// A fault of the root itself.
pub(crate) fn root_fault(root: &str, kind: &str, message: &str) -> FieldError {
    FieldError { kind: kind.to_owned(), loc: vec![root.into()], msg: message.to_owned(), input: Value::Null }
}

/// Demands that no text holds U+0000, below `root`: not every store can keep it.
///
/// # Errors
/// 422, with the first text that does.
pub(crate) fn demand_storable(root: &str, body: &Value) -> Result<(), ApiError> {
    let Some(mut loc) = null_character(body) else { return Ok(()) };
    loc.push(root.into());
    loc.reverse();
    let input = loc[1..].iter().try_fold(body, |value, step| child(value, step)).cloned().unwrap_or_default();
    let msg = "Text must not hold the null character".to_owned();
    Err(ApiError::invalid(vec![FieldError { kind: "value_error".to_owned(), loc, msg, input }]))
}

/// Where the first U+0000 is, innermost step first.
fn null_character(value: &Value) -> Option<Vec<Location>> {
    let below = |step: Location, value: &Value| {
        let mut steps = null_character(value)?;
        steps.push(step);
        Some(steps)
    };
    match value {
        Value::String(text) => text.contains('\0').then(Vec::new),
        Value::Array(items) => items.iter().enumerate().find_map(|(index, item)| below(index.into(), item)),
        Value::Object(members) => {
            members.iter().find_map(|(name, member)| below(name.as_str().into(), member))
        }
        _ => None,
    }
}

fn step(segment: &Segment) -> Option<Location> {
    match segment {
        Segment::Seq { index } => Some((*index).into()),
        Segment::Map { key } => Some(key.as_str().into()),
        Segment::Enum { variant } => Some(variant.as_str().into()),
        Segment::Unknown => None,
    }
}

fn child<'a>(value: &'a Value, step: &Location) -> Option<&'a Value> {
    match step {
        Location::Index(index) => value.get(index),
        Location::Name(name) => value.get(name),
    }
}

/// serde has no type for this: the text is all it says.
fn missing_field(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.strip_suffix('`')
}

fn kind(message: &str) -> &'static str {
    if message.starts_with("invalid type") { "type_error" } else { "value_error" }
}
