//! Files on the wire: received as parts of a multipart body, sent as a body of their own, named in lists. They are
//! streamed both ways, so that memory use does not grow with them.

mod receiving;
mod sending;
mod shown;

pub(crate) use receiving::{FilePart, ReceivedFile, missing, receive};
pub(crate) use sending::{
    StoredFile, describe, describe_archive, describe_game_file, send, send_archive, send_game_file,
};
pub(crate) use shown::{Section, ShownFile};
