//! Looking after the folder: what is there, and removing what nobody needs. Every function blocks.

use std::collections::HashSet;
use std::io;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use memcard_domain::ports::{BlobError, BlobUsage, StoredBlob, Swept};
use memcard_domain::save::Digest;

use crate::disk::Measure;
use crate::failure::{failed, unreadable};
use crate::folder::{BlobFile, Folder, unpack};
use crate::layout::{Area, Shard};
use crate::leases::LeasesOfSweep;
use crate::manifest::{Chunks, Manifest};
use crate::object::{self, HEADER, Kind};

/// The first blobs after that one, in the order of their digests.
pub(crate) fn list(folder: &Folder, after: Option<Digest>, limit: usize) -> io::Result<Vec<StoredBlob>> {
    let mut page = Vec::new();
    let begin = after.map_or(0, |digest| digest.0[0]);
    for shard in Shard::all(Area::Blobs).skip(usize::from(begin)) {
        for digest in folder.blobs(shard)? {
            if page.len() == limit {
                return Ok(page);
            }
            if after < Some(digest)
                && let Some(measure) = measure_blob(folder, digest)?
            {
                page.push(StoredBlob { digest, age: measure.age });
            }
        }
    }
    Ok(page)
}

/// What the folder holds.
pub(crate) fn usage(folder: &Folder) -> io::Result<BlobUsage> {
    let mut usage = BlobUsage { blobs: 0, bytes: 0 };
    for shard in Shard::all(Area::Blobs) {
        for blob in folder.blobs(shard)? {
            if let Some(measure) = measure_blob(folder, blob)? {
                usage.blobs += 1;
                usage.bytes += measure.on_disk;
            }
        }
    }
    for shard in Shard::all(Area::Chunks) {
        for chunk in folder.chunks(shard)? {
            usage.bytes += measure_chunk(folder, chunk)?.map_or(0, |measure| measure.on_disk);
        }
    }
    Ok(usage)
}

/// Removes the blobs that are not named and not spared, then the chunks that no blob is made of any more.
pub(crate) fn sweep(folder: &Folder, named: &HashSet<Digest>, spared: Duration) -> Result<Swept, BlobError> {
    let _one_at_a_time = folder.sweeping.lock().unwrap_or_else(PoisonError::into_inner);
    // Before any manifest is looked at: one that is written later has its chunks leased.
    let leases = folder.leases.sweep();
    let needed = Needed { named, spared, begun: Instant::now() };
    folder.forget_finished_before(spared);
    let mut swept = Swept::default();
    let mut marked = Marked::default();
    for shard in Shard::all(Area::Blobs) {
        sweep_blobs(folder, shard, &needed, &mut marked, &mut swept)?;
    }
    // What a damaged manifest names is not known, and may be all that is left of a save.
    if swept.damaged.is_empty() {
        // A blob that comes back after a power cut must not come back without its chunks.
        folder.shards.flush(&Shard::all(Area::Blobs).collect()).map_err(failed)?;
        for shard in Shard::all(Area::Chunks) {
            swept.bytes += sweep_chunks(folder, shard, &marked, &leases).map_err(failed)?;
        }
    }
    Ok(swept)
}

/// Which blobs a sweep leaves.
struct Needed<'a> {
    named: &'a HashSet<Digest>,
    spared: Duration,
    begun: Instant,
}

impl Needed<'_> {
    /// Removes a blob that is not needed; says how many bytes it took up.
    fn remove_other(&self, folder: &Folder, blob: Digest) -> io::Result<Option<u64>> {
        if self.named.contains(&blob) {
            return Ok(None);
        }
        // As one change, so that nobody renews it in between.
        folder.shards.change(|changing| {
            let since_begin = self.begun.elapsed();
            if folder.is_finished_within(blob, self.spared + since_begin) {
                return Ok(None);
            }
            let is_old = |measure: &Measure| {
                measure.age.checked_sub(since_begin).is_some_and(|age| age >= self.spared)
            };
            let Some(measure) = measure_blob(folder, blob)?.filter(is_old) else { return Ok(None) };
            folder.unlink_blob(blob, changing)?;
            Ok(Some(measure.on_disk))
        })
    }
}

/// The chunks of blobs that are kept, by the first 8 bytes of their digests. That two have these in common is as good as
/// impossible, and would merely keep one too many.
#[derive(Default)]
struct Marked(HashSet<[u8; 8]>);

impl Marked {
    fn add(&mut self, chunks: &Chunks) {
        self.0.extend(chunks.digests().map(Self::mark));
    }

    fn contains(&self, chunk: Digest) -> bool {
        self.0.contains(&Self::mark(chunk))
    }

    fn mark(chunk: Digest) -> [u8; 8] {
        let [b0, b1, b2, b3, b4, b5, b6, b7, ..] = chunk.0;
        [b0, b1, b2, b3, b4, b5, b6, b7]
    }
}

fn sweep_blobs(
    folder: &Folder,
    shard: Shard,
    needed: &Needed<'_>,
    marked: &mut Marked,
    swept: &mut Swept,
) -> Result<(), BlobError> {
    for blob in folder.blobs(shard).map_err(failed)? {
        if let Some(bytes) = needed.remove_other(folder, blob).map_err(failed)? {
            swept.blobs += 1;
            swept.bytes += bytes;
            continue;
        }
        match chunks_of(folder, blob) {
            Ok(chunks) => marked.add(&chunks),
            // It was removed meanwhile.
            Err(BlobError::Missing(_)) => {}
            Err(BlobError::Corrupt(_)) => swept.damaged.push(blob),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The chunks that a blob is made of.
fn chunks_of(folder: &Folder, blob: Digest) -> Result<Chunks, BlobError> {
    let BlobFile::Object(file) = folder.blob_file(blob)? else { return Ok(Chunks::default()) };
    let mut header = [0; HEADER];
    match file.read_exact_at(&mut header, 0) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(BlobError::Corrupt(blob)),
        read => read.map_err(failed)?,
    }
    match object::kind(&header).map_err(|fault| unreadable(fault, blob))? {
        Kind::Bytes => Ok(Chunks::default()),
        Kind::Manifest => {
            let (_, manifest) = unpack(&*file, blob)?;
            let manifest = Manifest::decode(blob, &manifest).map_err(|fault| unreadable(fault, blob))?;
            Ok(manifest.chunks)
        }
    }
}

/// Removes chunks that are neither marked nor leased; says how many bytes they took up.
fn sweep_chunks(
    folder: &Folder,
    shard: Shard,
    marked: &Marked,
    leases: &LeasesOfSweep<'_>,
) -> io::Result<u64> {
    let mut bytes = 0;
    for chunk in folder.chunks(shard)? {
        if marked.contains(chunk) {
            continue;
        }
        let Some(measure) = measure_chunk(folder, chunk)? else { continue };
        let removed = leases.remove(chunk, || folder.disk.remove(&folder.layout.chunk(chunk)))?;
        bytes += removed.map_or(0, |()| measure.on_disk);
    }
    Ok(bytes)
}

/// What a blob's own file takes up; `None` if it is not there.
fn measure_blob(folder: &Folder, blob: Digest) -> io::Result<Option<Measure>> {
    match if_there(folder.disk.measure(&folder.layout.blob(blob)))? {
        None => if_there(folder.disk.measure(&folder.layout.bare_blob(blob))),
        measure => Ok(measure),
    }
}

fn measure_chunk(folder: &Folder, chunk: Digest) -> io::Result<Option<Measure>> {
    if_there(folder.disk.measure(&folder.layout.chunk(chunk)))
}

fn if_there(measured: io::Result<Measure>) -> io::Result<Option<Measure>> {
    match measured {
        Ok(measure) => Ok(Some(measure)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
