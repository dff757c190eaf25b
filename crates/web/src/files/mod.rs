//! Files on the wire: received as parts of a multipart body, sent as a body of their own. Streamed both ways, so that
//! memory use does not grow with them.

mod receiving;
mod sending;

pub(crate) use receiving::{FilePart, ReceivedFile, receive};
pub(crate) use sending::{StoredFile, describe, send};
