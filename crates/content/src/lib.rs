//! What a save file's bytes are: the digest they are stored under, the content hash clients compare by, the size, and
//! whether they are blank.
//!
//! Bytes that come in pieces are fed to a [`Describing`] as they pass; bytes that are there already go through
//! [`describe`]. Both need the whole in something that can seek at the end, because a zip's content hash is made of its
//! entries, and those are found from its end.
//!
//! Invariants:
//! - memory use is bounded whatever the bytes are;
//! - any bytes have a description: what cannot be read as the zip it claims to be has no content hash, and that is all;
//! - nothing of an archive is ever written anywhere, so its entries' names are text and no paths.
//!
//! # The content hash
//!
//! Bytes that are no zip: their MD5. Bytes that are one: the MD5 of the lines `{name}:{MD5 of the entry's bytes}`, joined
//! by a line feed, sorted by name, for every entry that is a file (its name does not end in `/`). Two archives of the
//! same files are equal, whatever the order and the compression.
//!
//! **A zip** is what has an end-of-central-directory record: the last occurrence of its four-byte signature within the
//! last 65,557 bytes after which the record (22 bytes) and the comment it announces fit into the file. Neither the
//! file's name nor its beginning matters, and further bytes may follow. Bytes that contain the signature by accident and
//! pass this test are a zip that cannot be read.
//!
//! **A zip that cannot be read** has no content hash. It is one that is cut, damaged (a wrong checksum included),
//! encrypted or packed by another method than *stored* and *deflate*; one whose entries together are longer than the
//! file, which only overlapping entries can be; and one beyond the limits: 10,000 entries, a directory of 4 MiB, and
//! unpacked bytes of 100 times the file's size (at least 64 MiB, at most 1 GiB in all). Sizes are taken from the directory
//! and checked against the limits before anything is unpacked, and no entry is unpacked beyond its announced size.
//!
//! **Names** are decoded as UTF-8 where flag bit 11 says so (APPNOTE.TXT § 4.4.4 and appendix D; ill-formed UTF-8 makes
//! the archive unreadable) and as code page 437 otherwise. They are not normalised, and names in extra fields are not
//! looked at. Lines with equal names are sorted by their MD5.
#![deny(missing_docs)]

mod describing;
mod zip;

pub use describing::{Describing, describe};
