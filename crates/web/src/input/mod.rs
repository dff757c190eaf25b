//! What requests bring, read into types. Whatever does not fit becomes a 422 that says where (contract § 0, rule 1);
//! a member that is `null` reads as left out, unknown ones are ignored.

mod body;
mod fields;
mod form;
mod json;
mod path;
mod query;

pub(crate) use body::collect;
pub(crate) use form::{FormBody, FormOrJson, is_form};
pub(crate) use json::JsonBody;
pub(crate) use path::{FromPath, PathId};
pub(crate) use query::{QueryParams, read_pairs};
