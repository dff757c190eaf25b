//! A blob on its way out. No byte leaves before it was checked.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use memcard_domain::ports::{BlobError, BlobReader, BoxFuture};
use memcard_domain::save::Digest;
use sha2::{Digest as _, Sha256};

use crate::disk::DiskFile;
use crate::failure::{blocking, failed, unreadable};
use crate::folder::{BlobFile, Folder, digest_of, unpack};
use crate::leases::Lease;
use crate::manifest::Manifest;
use crate::object::Kind;

/// How many bytes are given at once at most.
const PIECE: usize = 64 << 10;

/// How many bytes are read at once, give or take a chunk; the way to a blocking thread costs as much as reading a few
/// KiB.
const READ_AT_ONCE: usize = 128 << 10;

/// Reads one blob. It stays readable when it is removed meanwhile.
pub(crate) struct FolderReader {
    size: u64,
    /// What was read and checked, and not given yet.
    checked: VecDeque<Bytes>,
    rest: Rest,
}

/// What is still to be read.
enum Rest {
    Nothing,
    Chunks { of: Arc<SplitBlob>, from: Position },
    Bare { file: Arc<dyn DiskFile>, position: u64 },
}

/// A split blob; its chunks stay as long as this lives.
struct SplitBlob {
    folder: Arc<Folder>,
    manifest: Manifest,
    _lease: Lease,
}

/// How far a split blob was read.
#[derive(Clone)]
struct Position {
    /// The next chunk, and how many bytes of it are not wanted.
    chunk: usize,
    unwanted: usize,
    /// Of all bytes so far, if they were read from the beginning.
    hash: Option<Sha256>,
}

impl FolderReader {
    /// Opens a blob. Blocks.
    pub(crate) fn open(folder: &Arc<Folder>, blob: Digest, offset: u64) -> Result<Self, BlobError> {
        match folder.blob_file(blob)? {
            BlobFile::Bare(file) => Self::bare(file.into(), blob, offset),
            BlobFile::Object(file) => match unpack(&*file, blob)? {
                (Kind::Bytes, bytes) => Self::whole(bytes, blob, offset),
                (Kind::Manifest, manifest) => Self::split(folder, &manifest, blob, offset),
            },
        }
    }

    fn whole(bytes: Vec<u8>, blob: Digest, offset: u64) -> Result<Self, BlobError> {
        if digest_of(&bytes) != blob {
            return Err(BlobError::Corrupt(blob));
        }
        let size = bytes.len();
        let offset = usize::try_from(offset).unwrap_or(size).min(size);
        let checked = pieces(Bytes::from(bytes).slice(offset..)).collect();
        Ok(Self { size: size as u64, checked, rest: Rest::Nothing })
    }

    fn split(folder: &Arc<Folder>, manifest: &[u8], blob: Digest, offset: u64) -> Result<Self, BlobError> {
        let manifest = Manifest::decode(blob, manifest).map_err(|fault| unreadable(fault, blob))?;
        let chunk = manifest.chunks.index_at(offset);
        let mut lease = folder.leases.lease();
        for digest in manifest.chunks.digests().skip(chunk) {
            lease.add(digest);
        }
        // If it is still there, no sweep has come to its chunks before they were leased.
        folder.blob_file(blob)?;
        let start = manifest.chunks.get(chunk).map_or(offset, |chunk| chunk.start);
        let from =
            Position { chunk, unwanted: (offset - start) as usize, hash: (offset == 0).then(Sha256::new) };
        let size = manifest.chunks.size();
        let of = Arc::new(SplitBlob { folder: Arc::clone(folder), manifest, _lease: lease });
        // The first bytes at once: what is damaged there is noticed while a caller can still say so.
        let (checked, from) = of.read(from)?;
        Ok(Self { size, checked, rest: Rest::Chunks { of, from } })
    }

    /// A bare blob is checked as a whole before any of it is given, since it says nothing of its parts.
    fn bare(file: Arc<dyn DiskFile>, blob: Digest, offset: u64) -> Result<Self, BlobError> {
        let size = file.size().map_err(failed)?;
        let mut hash = Sha256::new();
        let mut position = 0;
        while position < size {
            let piece = read_bare(&*file, position, size)?;
            hash.update(&piece);
            position += piece.len() as u64;
        }
        if hash.finalize()[..] != blob.0 {
            return Err(BlobError::Corrupt(blob));
        }
        Ok(Self { size, checked: VecDeque::new(), rest: Rest::Bare { file, position: offset } })
    }

    async fn give(&mut self) -> Result<Option<Bytes>, BlobError> {
        if self.checked.is_empty() {
            self.read_on().await?;
        }
        Ok(self.checked.pop_front())
    }

    async fn read_on(&mut self) -> Result<(), BlobError> {
        match &mut self.rest {
            Rest::Nothing => {}
            Rest::Chunks { of, from } => {
                let (blob, position) = (Arc::clone(of), from.clone());
                let (checked, position) = blocking(move || blob.read(position)).await?;
                self.checked = checked;
                *from = position;
            }
            Rest::Bare { file, position } if *position < self.size => {
                let (file, from, size) = (Arc::clone(file), *position, self.size);
                let piece = blocking(move || read_bare(&*file, from, size)).await?;
                *position += piece.len() as u64;
                self.checked = pieces(piece.into()).collect();
            }
            Rest::Bare { .. } => {}
        }
        Ok(())
    }
}

impl BlobReader for FolderReader {
    fn size(&self) -> u64 {
        self.size
    }

    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, BlobError>> {
        Box::pin(self.give())
    }
}

impl SplitBlob {
    /// The next chunks, and the position after them. The last one comes only if all of them together are the blob.
    fn read(&self, mut position: Position) -> Result<(VecDeque<Bytes>, Position), BlobError> {
        let mut checked = VecDeque::new();
        let mut read = 0;
        while let Some(chunk) = self.manifest.chunks.get(position.chunk) {
            let bytes = Bytes::from(self.folder.chunk(self.manifest.blob, chunk)?);
            if let Some(hash) = &mut position.hash {
                hash.update(&bytes);
            }
            position.chunk += 1;
            if self.manifest.chunks.get(position.chunk).is_none() {
                self.check_whole(position.hash.take())?;
            }
            read += bytes.len();
            checked.extend(pieces(bytes.slice(std::mem::take(&mut position.unwanted)..)));
            if read >= READ_AT_ONCE {
                break;
            }
        }
        Ok((checked, position))
    }

    fn check_whole(&self, hash: Option<Sha256>) -> Result<(), BlobError> {
        let blob = self.manifest.blob;
        let is_right = hash.is_none_or(|hash| hash.finalize()[..] == blob.0);
        if is_right { Ok(()) } else { Err(BlobError::Corrupt(blob)) }
    }
}

/// The bytes of a bare blob at a position within it.
fn read_bare(file: &dyn DiskFile, position: u64, size: u64) -> Result<Vec<u8>, BlobError> {
    let mut piece = vec![0; (size - position).min(READ_AT_ONCE as u64) as usize];
    file.read_exact_at(&mut piece, position).map_err(failed)?;
    Ok(piece)
}

fn pieces(mut bytes: Bytes) -> impl Iterator<Item = Bytes> {
    std::iter::from_fn(move || {
        let length = bytes.len().min(PIECE);
        (length > 0).then(|| bytes.split_to(length))
    })
}
