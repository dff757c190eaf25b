//! Breadth-first search with state hashing: every state is expanded once, at its least depth, so that the first trace
//! to a finding is a shortest one. What is found does not depend on the number of threads.
//!
//! Kept of a state for good are 16 bytes of digest and how it was reached; whole codes only of the layer that is being
//! expanded and of the next one.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hasher};
use std::num::NonZeroUsize;
use std::thread;
use std::time::{Duration, Instant};

/// Something to be explored.
pub(crate) trait Space: Sync {
    /// What leads from one state to the next.
    type Action: Copy + Send + Sync;
    /// What a thread keeps for itself.
    type Notes: Default + Send;
    /// What is worth telling.
    type Finding: Send;
    /// Why it cannot go on.
    type Error: Send;

    /// The code of the first state.
    fn first(&self) -> Result<Vec<u8>, Self::Error>;

    /// What is to be told of a state that was not met before.
    fn look_at(&self, code: &[u8], notes: &mut Self::Notes) -> Result<Vec<Self::Finding>, Self::Error>;

    /// Every step from a state.
    fn expand(&self, code: &[u8], notes: &mut Self::Notes) -> Result<Vec<StepOf<Self>>, Self::Error>;

    /// Whether to end the search because of that finding (when the layer is done).
    fn is_final(&self, finding: &Self::Finding) -> bool;

    /// Takes in what a thread noted.
    fn gather(&mut self, notes: Self::Notes);
}

/// A step of that space.
pub(crate) type StepOf<S> = Step<<S as Space>::Action, <S as Space>::Finding>;

/// One step from a state.
pub(crate) struct Step<A, F> {
    pub(crate) action: A,
    /// Where it leads; `None` where the search ends.
    pub(crate) code: Option<Vec<u8>>,
    /// What is to be told of it.
    pub(crate) findings: Vec<F>,
}

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) depth: u32,
    pub(crate) time: Option<Duration>,
    pub(crate) threads: usize,
}

/// What was explored.
pub(crate) struct Explored<A, F> {
    pub(crate) states: usize,
    pub(crate) transitions: u64,
    /// The depth up to which every state was expanded.
    pub(crate) depth: u32,
    pub(crate) end: End,
    /// Each with the actions that lead to it.
    pub(crate) findings: Vec<(F, Vec<A>)>,
}

/// Why the search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// There is no further state.
    Exhausted,
    /// As deep as was asked for.
    Depth,
    /// The time was up.
    Time,
    /// A promise is broken.
    Broken,
}

/// So many states are expanded between two looks at the clock; what they lead to is in memory at one time.
const BATCH: usize = 1 << 14;

/// Explores.
pub(crate) fn explore<S: Space>(
    space: &mut S,
    bounds: Bounds,
    mut is_new: impl FnMut(&S::Finding) -> bool,
) -> Result<Explored<S::Action, S::Finding>, S::Error> {
    let began = Instant::now();
    let mut search = Search { seen: Seen::default(), ways: Vec::new(), findings: Vec::new(), transitions: 0 };
    let first = space.first()?;
    search.seen.insert(&first);
    search.ways.push(None);
    let mut layer = vec![(0, first)];
    let mut depth = 0;
    let end = loop {
        let mut next = Vec::new();
        let may_expand = depth < bounds.depth;
        let mut out_of_time = false;
        for batch in layer.chunks(BATCH) {
            out_of_time = bounds.time.is_some_and(|time| began.elapsed() > time);
            if out_of_time {
                break;
            }
            for (from, looks, steps) in work(space, batch, bounds.threads, may_expand)? {
                search.take(from, looks, steps, &mut next, &mut is_new);
            }
        }
        if search.findings.iter().any(|(finding, ..)| space.is_final(finding)) {
            break End::Broken;
        }
        if out_of_time {
            break End::Time;
        }
        if !may_expand {
            break End::Depth;
        }
        if next.is_empty() {
            break End::Exhausted;
        }
        layer = next;
        depth += 1;
    };
    let findings = std::mem::take(&mut search.findings);
    let told = findings.into_iter().map(|(finding, at, last)| (finding, search.way(at, last)));
    Ok(Explored {
        findings: told.collect(),
        states: search.ways.len(),
        transitions: search.transitions,
        depth,
        end,
    })
}

/// What a state came to: its number, what was told of it, its steps.
type Expanded<S> = (u32, Vec<<S as Space>::Finding>, Vec<StepOf<S>>);

/// What a thread's share of a batch came to.
type Share<S> = Result<(Vec<Expanded<S>>, <S as Space>::Notes), <S as Space>::Error>;

/// Expands a batch, in its order.
fn work<S: Space>(
    space: &mut S,
    batch: &[(u32, Vec<u8>)],
    threads: usize,
    may_expand: bool,
) -> Result<Vec<Expanded<S>>, S::Error> {
    let threads = NonZeroUsize::new(threads).map_or(1, NonZeroUsize::get);
    let share = batch.len().div_ceil(threads).max(1);
    let shared = &*space;
    let done: Vec<Share<S>> = thread::scope(|scope| {
        let workers: Vec<_> = batch
            .chunks(share)
            .map(|share| scope.spawn(move || expand_share(shared, share, may_expand)))
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let mut expanded = Vec::with_capacity(batch.len());
    for share in done {
        let (states, notes) = share?;
        expanded.extend(states);
        space.gather(notes);
    }
    Ok(expanded)
}

fn expand_share<S: Space>(space: &S, share: &[(u32, Vec<u8>)], may_expand: bool) -> Share<S> {
    let mut notes = S::Notes::default();
    let mut expanded = Vec::with_capacity(share.len());
    for (number, code) in share {
        let looks = space.look_at(code, &mut notes)?;
        let steps = if may_expand { space.expand(code, &mut notes)? } else { Vec::new() };
        expanded.push((*number, looks, steps));
    }
    Ok((expanded, notes))
}

struct Search<A, F> {
    seen: Seen,
    /// How each state was first reached: from which, by what.
    ways: Vec<Option<(u32, A)>>,
    /// Each with the state it was seen in or after, and the action it was seen at.
    findings: Vec<(F, u32, Option<A>)>,
    transitions: u64,
}

impl<A: Copy, F> Search<A, F> {
    fn take(
        &mut self,
        from: u32,
        looks: Vec<F>,
        steps: Vec<Step<A, F>>,
        next: &mut Vec<(u32, Vec<u8>)>,
        is_new: &mut impl FnMut(&F) -> bool,
    ) {
        self.findings.extend(looks.into_iter().filter(&mut *is_new).map(|finding| (finding, from, None)));
        for Step { action, code, findings } in steps {
            self.transitions += 1;
            let new = findings.into_iter().filter(&mut *is_new);
            self.findings.extend(new.map(|finding| (finding, from, Some(action))));
            let Some(code) = code else { continue };
            if self.seen.insert(&code) {
                next.push((self.ways.len() as u32, code));
                self.ways.push(Some((from, action)));
            }
        }
    }

    /// The actions from the first state to that one, and the last.
    fn way(&self, mut at: u32, last: Option<A>) -> Vec<A> {
        let mut way: Vec<A> = last.into_iter().collect();
        while let Some((from, action)) = self.ways[at as usize] {
            way.push(action);
            at = from;
        }
        way.reverse();
        way
    }
}

/// The states met so far, by a digest of 128 bits: that two of ten million differ and are taken for one has a
/// probability below 10⁻²⁴.
#[derive(Default)]
pub(crate) struct Seen(HashSet<u128, BuildHasherDefault<Cut>>);

impl Seen {
    /// Whether the code is new.
    pub(crate) fn insert(&mut self, code: &[u8]) -> bool {
        self.0.insert(digest(code))
    }
}

/// Two keyed hashes of 64 bits, side by side.
fn digest(code: &[u8]) -> u128 {
    let half = |key: u8| {
        let mut hasher = BuildHasherDefault::<DefaultHasher>::default().build_hasher();
        hasher.write_u8(key);
        hasher.write(code);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

/// Digests are spread evenly as they are.
#[derive(Default)]
pub(crate) struct Cut(u64);

impl Hasher for Cut {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0 << 8 | u64::from(*byte));
    }

    fn write_u128(&mut self, digest: u128) {
        self.0 = digest as u64;
    }
}
