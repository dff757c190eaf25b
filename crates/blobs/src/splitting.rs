//! A large blob on its way in, split into chunks.
//!
//! Chunks that are there already are leased and compared with the bytes at hand; others are written to files of their own,
//! which are made durable in batches and moved to their places together at the end. Only then comes the manifest, so that a
//! durable manifest means durable chunks.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use memcard_domain::save::Digest;

use crate::cutting::Cutter;
use crate::folder::{Folder, digest_of};
use crate::layout::Shard;
use crate::leases::Lease;
use crate::manifest::{Chunks, Manifest};
use crate::object::{Kind, Packer};
use crate::staged::Staged;

/// How many files are open until they are made durable together.
const BATCH: usize = 64;

/// A blob of which not all bytes have come.
pub(crate) struct Splitting {
    cutter: Cutter,
    taken: Taken,
}

/// The chunks so far.
struct Taken {
    folder: Arc<Folder>,
    packer: Packer,
    lease: Lease,
    chunks: Chunks,
    /// Those that were not there, with how many of the first have durable bytes.
    new: Vec<(Digest, Staged)>,
    synced: usize,
}

/// A blob whose chunks are in their places, durably. They stay as long as this lives.
pub(crate) struct Split {
    folder: Arc<Folder>,
    manifest: Manifest,
    /// `None` if the blob was there.
    object: Option<Staged>,
    _lease: Lease,
}

impl Splitting {
    pub(crate) fn begin(folder: Arc<Folder>) -> io::Result<Self> {
        let (packer, lease) = (Packer::new()?, folder.leases.lease());
        let taken = Taken { folder, packer, lease, chunks: Chunks::default(), new: Vec::new(), synced: 0 };
        Ok(Self { cutter: Cutter::default(), taken })
    }

    /// Takes the next bytes.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.cutter.push(bytes, |chunk| self.taken.take(chunk))
    }

    /// Takes it that these were all bytes, and that this is their digest.
    pub(crate) fn finish(self, blob: Digest) -> io::Result<Split> {
        let Self { cutter, mut taken } = self;
        cutter.finish(|chunk| taken.take(chunk))?;
        taken.finish(blob)
    }
}

impl Taken {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        let digest = digest_of(bytes);
        let size = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        self.chunks.push(digest, size);
        // Leased first: from here on no sweep removes it.
        if !self.lease.add(digest) || self.folder.holds_chunk(digest, bytes)? {
            return Ok(());
        }
        let object = self.packer.pack(Kind::Bytes, bytes)?;
        self.new.push((digest, self.folder.staging.stage(&object)?));
        if self.new.len() - self.synced == BATCH {
            self.sync(None)?;
        }
        Ok(())
    }

    /// Makes the bytes of all new chunks durable, and those of one file more.
    fn sync(&mut self, another: Option<&mut Staged>) -> io::Result<()> {
        let unsynced = self.new[self.synced..].iter_mut().map(|(_, chunk)| chunk);
        self.folder.staging.sync(unsynced.chain(another))?;
        self.synced = self.new.len();
        Ok(())
    }

    fn finish(mut self, blob: Digest) -> io::Result<Split> {
        let manifest = Manifest { blob, chunks: std::mem::take(&mut self.chunks) };
        let object = self.packer.pack(Kind::Manifest, &manifest.encode())?;
        let mut object = match self.folder.renew_blob(blob, &object)? {
            true => None,
            false => Some(self.folder.staging.stage(&object)?),
        };
        self.sync(object.as_mut())?;

        let Self { folder, new, lease, .. } = self;
        let mut needed = shards(new.iter().map(|(digest, _)| *digest));
        needed.insert(Shard::of_blob(blob));
        folder.shards.make(&needed)?;
        // From here on nothing more takes up space: a full disk has been noticed before a chunk comes to its place.
        for (digest, chunk) in new {
            folder.put_chunk(chunk, digest)?;
        }
        // Those of chunks that were there too: whoever put them there may not have come to this line yet.
        folder.shards.flush(&shards(lease.chunks()))?;
        Ok(Split { folder, manifest, object, _lease: lease })
    }
}

fn shards(chunks: impl Iterator<Item = Digest>) -> BTreeSet<Shard> {
    chunks.map(Shard::of_chunk).collect()
}

impl Split {
    pub(crate) fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Puts the blob in its place, durably.
    pub(crate) fn keep(self) -> io::Result<()> {
        self.folder.put_blob(self.object, self.manifest.blob)
    }
}
