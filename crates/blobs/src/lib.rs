//! The bytes of saves in a local folder, each under its SHA-256.
//!
//! ```text
//! {root}/blobs/ab/cd/abcd…    one file per blob; the first two bytes of its digest name the folders
//! {root}/incoming/            blobs being written
//! ```
//!
//! Invariants:
//! - what stands under `blobs` is whole and durable: a blob is written to `incoming`, flushed to disk, renamed into
//!   place, and its folder (and whatever folder had to be made for it) flushed as well, before
//!   [`finish`](memcard_domain::ports::BlobWriter::finish) answers;
//! - every path is made of the root, fixed names and hexadecimal digits; nothing a client names is ever part of one;
//! - files are for the server's account alone (0600, folders 0700);
//! - no file is touched on a thread of the async runtime, and memory use does not grow with a blob.
//!
//! A file in `incoming` is locked (`flock(2)`) by whoever writes it. Those that nobody holds are left over from a crash and
//! removed when the folder is opened, so several processes may share one folder of one machine.
#![deny(missing_docs)]

mod durable;
mod failure;
mod folder;
mod layout;
mod reader;
mod writer;

pub use folder::{FolderBlobs, OpenError};
