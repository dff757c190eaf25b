//! The folders that hold blobs and chunks, and which of them are known to be durable as they are.
//!
//! A writer that relies on a chunk which is there already must know that its name is durable: whoever put it there may
//! not have flushed the folder yet, or may never do so. And a sweep that removes chunks must know the same of the removal
//! of the blobs that were made of them. So every folder counts as not durable until this process has flushed it, and again
//! after each change.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::disk::Disk;
use crate::layout::{Area, Layout, Shard};
use crate::parallel;

/// The folders of one root.
#[derive(Debug)]
pub(crate) struct Shards {
    disk: Arc<dyn Disk>,
    layout: Layout,
    known: Mutex<HashMap<Shard, Names>>,
}

/// How often this process changed the names in a folder, and how many of those changes were flushed at least.
#[derive(Debug, Default)]
struct Names {
    /// The folder was made, durably.
    is_made: bool,
    changed: u64,
    /// `None` before the first flush: changes by an earlier process may not be durable.
    flushed: Option<u64>,
}

/// The one who may change names at the moment.
pub(crate) struct Changing<'a> {
    known: MutexGuard<'a, HashMap<Shard, Names>>,
}

impl Shards {
    pub(crate) fn new(disk: Arc<dyn Disk>, layout: Layout) -> Self {
        Self { disk, layout, known: Mutex::default() }
    }

    /// Makes those of the folders that are missing, durably.
    pub(crate) fn make(&self, shards: &BTreeSet<Shard>) -> io::Result<()> {
        let missing: Vec<Shard> = {
            let known = self.known();
            shards
                .iter()
                .copied()
                .filter(|shard| !known.get(shard).is_some_and(|names| names.is_made))
                .collect()
        };
        for shard in &missing {
            self.disk.make_folder(&self.layout.shard(*shard))?;
        }
        for area in missing.iter().map(|shard| shard.area).collect::<BTreeSet<Area>>() {
            self.disk.sync_folder(&self.layout.area(area))?;
        }
        let mut known = self.known();
        for shard in missing {
            known.entry(shard).or_default().is_made = true;
        }
        Ok(())
    }

    /// Looks at names and changes them while nobody else does, so that whoever sees a change also sees that it is not
    /// flushed.
    pub(crate) fn change<T>(&self, work: impl FnOnce(&mut Changing<'_>) -> io::Result<T>) -> io::Result<T> {
        work(&mut Changing { known: self.known() })
    }

    /// Makes changes of names in the folders durable, where they are not known to be. A folder that is not there has none.
    pub(crate) fn flush(&self, shards: &BTreeSet<Shard>) -> io::Result<()> {
        let unflushed: Vec<(Shard, u64)> = {
            let known = self.known();
            let changed = |shard: &Shard| match known.get(shard) {
                Some(names) if names.flushed == Some(names.changed) => None,
                names => Some((*shard, names.map_or(0, |names| names.changed))),
            };
            shards.iter().filter_map(changed).collect()
        };
        parallel::each(&unflushed, self.disk.syncs_at_once(), |(shard, _)| {
            match self.disk.sync_folder(&self.layout.shard(*shard)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                flushed => flushed,
            }
        })?;
        let mut known = self.known();
        for (shard, changed) in unflushed {
            let names = known.entry(shard).or_default();
            names.flushed = names.flushed.max(Some(changed));
        }
        Ok(())
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Shard, Names>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Changing<'_> {
    /// A name in the folder was changed.
    pub(crate) fn note(&mut self, shard: Shard) {
        self.known.entry(shard).or_default().changed += 1;
    }
}
