//! The bytes of saves in a local folder, each under its SHA-256, in little space.
//!
//! ```text
//! {root}/blobs/ab/abcd….blob   one file per blob: its bytes, or which chunks it is made of
//! {root}/blobs/ab/cd/abcd…     version 0 of the format: the blob's bytes and nothing else; read, no longer written
//! {root}/chunks/ab/abcd…       parts of large blobs, shared by all that have them
//! {root}/incoming/             files that are not in their place yet
//! {root}/blobs.lock            held while somebody has the folder open
//! ```
//!
//! A blob of up to 64 KiB is one file. A larger one is cut into chunks where its content says so (FastCDC; 16 KiB on
//! average, 128 KiB from the 16th MiB on), and its file is a manifest, which lists them. Files carry a header that says what
//! they hold, and are packed (zstd) where that pays. What they look like is written where it is done: objects in
//! `object.rs`, manifests in `manifest.rs`.
//!
//! Invariants:
//! - what stands under `blobs` and `chunks` is whole and durable, and a blob's chunks are durable before the blob is: see
//!   *How a blob is written*;
//! - no byte is given out that was not checked against its digest, whatever the disk says: a damaged blob is
//!   [`Corrupt`](memcard_domain::ports::BlobError::Corrupt);
//! - a chunk is removed only when no blob is made of it and nobody is about to make one (`leases.rs`);
//! - every path is made of the root, fixed names, numbers and hexadecimal digits; nothing a client names is ever part of
//!   one;
//! - files are for the server's account alone (0600, folders 0700);
//! - no file is touched, and nothing hashed or packed, on a thread of the async runtime;
//! - memory use does not grow with a blob, but for 45 bytes per chunk (some 200 KiB for 512 MiB).
//!
//! # How a blob is written
//!
//! 1. Its bytes are cut as they come. A chunk is leased, looked up, and compared; one that is not there goes to a file in
//!    `incoming`. The files are flushed in batches.
//! 2. At the end the manifest is written to `incoming` and flushed too. A full disk is noticed by now, and everything
//!    so far goes with the writer.
//! 3. The chunks are renamed into place, and the folders of all chunks of the blob are flushed, unless known to be durable.
//! 4. The manifest is renamed into place and its folder flushed; then
//!    [`finish`](memcard_domain::ports::BlobWriter::finish) answers.
//!
//! A crash leaves files in `incoming`, which are removed when the folder is opened, and before step 4 is complete perhaps
//! chunks that no blob is made of, which the next [sweep](memcard_domain::ports::BlobUpkeep::sweep) removes.
#![deny(missing_docs)]

mod assembled;
mod cutting;
mod disk;
mod failure;
mod folder;
mod layout;
mod leases;
mod manifest;
mod object;
mod parallel;
mod reader;
mod shards;
mod splitting;
mod staged;
mod store;
mod upkeep;
mod writer;

pub use disk::{Disk, DiskFile, LocalDisk, Measure};
pub use store::{FolderBlobs, OpenError};
