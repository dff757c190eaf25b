//! Who relies on a chunk besides the manifests that name it.
//!
//! An upload leases a chunk before it looks whether the chunk is there, and holds it until its manifest is durable; a
//! reader leases what it has yet to read. A sweep removes a chunk only if no kept manifest named it when the sweep looked,
//! and nobody has leased it since the sweep began. Both questions are answered under one lock: either the sweep was
//! first, and the upload finds no chunk and writes it, or the lease was, and the chunk stays.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use memcard_domain::save::Digest;

/// The chunks that are leased.
#[derive(Debug, Default)]
pub(crate) struct Leases {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    holders: HashMap<Digest, usize>,
    /// While a sweep runs: every chunk that was leased at some time of it.
    leased_since: Option<HashSet<Digest>>,
}

impl Leases {
    /// A lease of nothing yet.
    pub(crate) fn lease(self: &Arc<Self>) -> Lease {
        Lease { leases: Arc::clone(self), chunks: HashSet::new() }
    }

    /// Begins a sweep. At most one runs at a time.
    pub(crate) fn sweep(&self) -> LeasesOfSweep<'_> {
        let mut state = self.state();
        state.leased_since = Some(state.holders.keys().copied().collect());
        LeasesOfSweep { leases: self }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Chunks that stay as long as this lives.
#[derive(Debug)]
pub(crate) struct Lease {
    leases: Arc<Leases>,
    chunks: HashSet<Digest>,
}

impl Lease {
    /// Leases a chunk, whether it is there or not. Says whether it was new to this lease.
    pub(crate) fn add(&mut self, chunk: Digest) -> bool {
        let is_new = self.chunks.insert(chunk);
        if is_new {
            let mut state = self.leases.state();
            *state.holders.entry(chunk).or_default() += 1;
            if let Some(leased) = &mut state.leased_since {
                leased.insert(chunk);
            }
        }
        is_new
    }

    /// The chunks leased.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = Digest> {
        self.chunks.iter().copied()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut state = self.leases.state();
        for chunk in &self.chunks {
            if let Some(holders) = state.holders.get_mut(chunk) {
                *holders -= 1;
                if *holders == 0 {
                    state.holders.remove(chunk);
                }
            }
        }
    }
}

/// What a sweep that runs knows of leases.
#[derive(Debug)]
pub(crate) struct LeasesOfSweep<'a> {
    leases: &'a Leases,
}

impl LeasesOfSweep<'_> {
    /// Removes a chunk that was not leased since the sweep began, and keeps whoever would lease it waiting meanwhile.
    /// Gives `None` for one that was leased.
    pub(crate) fn remove<T>(
        &self,
        chunk: Digest,
        remove: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<Option<T>> {
        let state = self.leases.state();
        if state.leased_since.as_ref().is_some_and(|leased| leased.contains(&chunk)) {
            return Ok(None);
        }
        remove().map(Some)
    }
}

impl Drop for LeasesOfSweep<'_> {
    fn drop(&mut self) {
        self.leases.state().leased_since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHUNK: Digest = Digest([1; 32]);
    const OTHER: Digest = Digest([2; 32]);

    fn is_removed(sweep: &LeasesOfSweep<'_>, chunk: Digest) -> bool {
        sweep.remove(chunk, || Ok(())).unwrap().is_some()
    }

    #[test]
    fn a_chunk_that_is_leased_is_not_removed() {
        let leases = Arc::new(Leases::default());
        let mut lease = leases.lease();
        assert!(lease.add(CHUNK));
        assert!(!lease.add(CHUNK), "it has it already");
        let sweep = leases.sweep();
        assert!(!is_removed(&sweep, CHUNK));
        assert!(is_removed(&sweep, OTHER));
    }

    #[test]
    fn a_lease_that_ended_during_a_sweep_still_counts_for_it_and_no_longer_for_the_next() {
        let leases = Arc::new(Leases::default());
        let mut before = leases.lease();
        before.add(CHUNK);
        let sweep = leases.sweep();
        let mut meanwhile = leases.lease();
        meanwhile.add(OTHER);
        drop((before, meanwhile));
        assert!(!is_removed(&sweep, CHUNK));
        assert!(!is_removed(&sweep, OTHER));
        drop(sweep);
        let next = leases.sweep();
        assert!(is_removed(&next, CHUNK));
        assert!(is_removed(&next, OTHER));
    }

    #[test]
    fn a_chunk_is_leased_until_its_last_holder_is_gone() {
        let leases = Arc::new(Leases::default());
        let (mut one, mut two) = (leases.lease(), leases.lease());
        one.add(CHUNK);
        two.add(CHUNK);
        drop(one);
        assert!(!is_removed(&leases.sweep(), CHUNK));
        drop(two);
        assert!(is_removed(&leases.sweep(), CHUNK));
    }
}
