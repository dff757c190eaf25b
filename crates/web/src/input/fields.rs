//! Faults of a request in the form that clients know: kind, where, what.

use memcard_api::errors::{FieldError, Location};
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

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
