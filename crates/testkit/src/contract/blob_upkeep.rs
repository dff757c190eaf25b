//! Rules of [`BlobUpkeep`].

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use memcard_domain::ports::{BlobError, BlobUpkeep, Swept};
use memcard_domain::save::Digest;

use super::blobs::{Blobs, digest, holds, noise, read, remove, write};
use super::{race, suite};

suite! { $
    /// Hooks the rules of [`BlobUpkeep`](memcard_domain::ports::BlobUpkeep). Takes an async factory of
    /// `Option<`[`Fresh`](crate::contract::Fresh)`<dyn BlobUpkeep>>`.
    blob_upkeep_contract: blob_upkeep over dyn memcard_domain::ports::BlobUpkeep {
        the_list_names_every_blob_once_in_the_order_of_digests_page_by_page,
        a_page_begins_after_a_digest_whether_it_is_there_or_not,
        ages_grow_and_begin_anew_when_equal_bytes_are_written,
        usage_counts_equal_bytes_once_and_is_nothing_when_all_is_gone,
        a_sweep_removes_what_is_not_named_and_says_so,
        a_sweep_spares_what_was_finished_lately,
        a_sweep_leaves_what_other_blobs_share,
        what_a_removed_blob_shared_with_nobody_goes_with_the_next_sweep,
        a_blob_stays_readable_when_it_is_removed_and_swept_meanwhile,
        blobs_finished_while_sweeps_run_are_whole,
    }
}

type Upkeep = Arc<dyn BlobUpkeep>;

/// Nothing is spared.
const NONE: Duration = Duration::ZERO;

/// What was finished while the rule runs is spared.
const ALL: Duration = Duration::from_secs(3600);

async fn sweep(upkeep: &Upkeep, named: &[Digest], spared: Duration) -> Swept {
    let named: HashSet<Digest> = named.iter().copied().collect();
    upkeep.sweep(named, spared).await.expect("it sweeps")
}

async fn list(upkeep: &Upkeep, after: Option<Digest>, limit: usize) -> Vec<Digest> {
    let page = upkeep.list(after, limit).await.expect("it lists");
    page.into_iter().map(|blob| blob.digest).collect()
}

/// Large contents that differ in 8 bytes in the middle, by their number.
fn alike(number: u64) -> Vec<u8> {
    let mut bytes = noise(400_000);
    bytes[200_000..200_008].copy_from_slice(&number.to_le_bytes());
    bytes
}

async fn the_list_names_every_blob_once_in_the_order_of_digests_page_by_page(upkeep: Upkeep) {
    let blobs: Blobs = upkeep.clone();
    assert_eq!(list(&upkeep, None, 10).await, []);
    let mut expected = BTreeSet::new();
    for size in (0..20).chain([100_000, 200_000]) {
        expected.insert(write(&blobs, &noise(size)).await.digest);
        write(&blobs, &noise(size)).await;
    }
    for limit in [1, 7, 22, 1000] {
        let mut listed = Vec::new();
        loop {
            let page = list(&upkeep, listed.last().copied(), limit).await;
            assert!(page.len() <= limit);
            if page.is_empty() {
                break;
            }
            listed.extend(page);
        }
        assert!(listed.iter().eq(&expected), "by {limit}: {listed:?}");
    }
}

async fn a_page_begins_after_a_digest_whether_it_is_there_or_not(upkeep: Upkeep) {
    let blobs: Blobs = upkeep.clone();
    for number in 0..10 {
        write(&blobs, &noise(number)).await;
    }
    let all = list(&upkeep, None, 100).await;
    remove(&blobs, all[4]).await;
    assert_eq!(list(&upkeep, Some(all[4]), 100).await, all[5..]);
    assert_eq!(list(&upkeep, Some(all[3]), 2).await, all[5..7]);
    assert_eq!(list(&upkeep, Some(Digest([0xFF; 32])), 100).await, []);
    assert_eq!(list(&upkeep, Some(Digest([0; 32])), 1).await, all[..1]);
}

async fn ages_grow_and_begin_anew_when_equal_bytes_are_written(upkeep: Upkeep) {
    let blobs: Blobs = upkeep.clone();
    let age = async || upkeep.list(None, 1).await.expect("it lists")[0].age;
    for bytes in [noise(1000), noise(100_000)] {
        let digest = write(&blobs, &bytes).await.digest;
        let first = age().await;
        while age().await < first + Duration::from_millis(50) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let before = age().await;
        write(&blobs, &bytes).await;
        assert!(age().await < before, "{} bytes", bytes.len());
        remove(&blobs, digest).await;
    }
}

async fn usage_counts_equal_bytes_once_and_is_nothing_when_all_is_gone(upkeep: Upkeep) {
    let blobs: Blobs = upkeep.clone();
    let usage = async || upkeep.usage().await.expect("it counts");
    let empty = usage().await;
    assert_eq!((empty.blobs, empty.bytes), (0, 0));
    write(&blobs, &noise(1000)).await;
    let one = usage().await;
    assert_eq!(one.blobs, 1);
    assert!(one.bytes >= 1000, "{one:?}");
    write(&blobs, &noise(400_000)).await;
    let two = usage().await;
    assert_eq!(two.blobs, 2);
    assert!(two.bytes >= one.bytes + 400_000, "{two:?}");
    write(&blobs, &noise(400_000)).await;
    assert_eq!(usage().await, two, "equal bytes count once");
    let swept = sweep(&upkeep, &[], NONE).await;
    assert_eq!(usage().await, empty);
    assert_eq!((swept.blobs, swept.bytes), (two.blobs, two.bytes));
}

async fn a_sweep_removes_what_is_not_named_and_says_so(upkeep: Upkeep) {
    let blobs: Blobs = upkeep.clone();
    let mut named = Vec::new();
    let mut others = Vec::new();
    for size in [0, 10, 70_000, 300_000] {
        named.push(write(&blobs, &noise(size)).await.digest);
        others.push(write(&blobs, &noise(size + 1)).await.digest);
    }
    let missing = digest(b"named, and not there");
    let swept = sweep(&upkeep, &[&named[..], &[missing]].concat(), NONE).await;
    assert_eq!((swept.blobs, swept.damaged), (4, vec![]));
    for (digest, size) in named.iter().zip([0, 10, 70_000, 300_000]) {
        assert!(read(&blobs, *digest, 0).await.0 == noise(size), "{size} bytes");
    }
    for other in others {
        assert!(!holds(&blobs, other).await);
        assert!(matches!(blobs.reader(other, 0).await, Err(BlobError::Missing(_))));
    }
    let swept = sweep(&upkeep, &named, NONE).await;
    assert_eq!(swept, Swept::default(), "nothing is left to remove");
}

async fn a_sweep_spares_what_was_finished_lately(upkeep: Upkeep) {
    let blobs: Blobs = upkeep.clone();
    for size in [10, 100_000] {
        write(&blobs, &noise(size)).await;
    }
    assert_eq!(sweep(&upkeep, &[], ALL).await, Swept::default());
    for size in [10, 100_000] {
        assert!(read(&blobs, digest(&noise(size)), 0).await.0 == noise(size));
    }
    assert_eq!(sweep(&upkeep, &[], NONE).await.blobs, 2);
}

async fn a_sweep_leaves_what_other_blobs_share(upkeep: Upkeep) {
    let blobs: Blobs = upkeep.clone();
    for number in 0..10 {
        write(&blobs, &alike(number)).await;
    }
    for kept in (0..9).rev() {
        let named: Vec<Digest> = (0..=kept).map(|number| digest(&alike(number))).collect();
        assert_eq!(sweep(&upkeep, &named, NONE).await.blobs, 1);
        for number in 0..=kept {
            assert!(read(&blobs, digest(&alike(number)), 0).await.0 == alike(number), "{number} of {kept}");
        }
    }
}

async fn what_a_removed_blob_shared_with_nobody_goes_with_the_next_sweep(upkeep: Upkeep) {
    let blobs: Blobs = upkeep.clone();
    let kept = write(&blobs, &alike(0)).await.digest;
    let before = upkeep.usage().await.expect("it counts");
    for number in 1..5 {
        let other = write(&blobs, &alike(number)).await.digest;
        remove(&blobs, other).await;
        assert!(read(&blobs, kept, 0).await.0 == alike(0), "what it shared stays");
    }
    assert_eq!(sweep(&upkeep, &[kept], NONE).await.blobs, 0);
    assert_eq!(upkeep.usage().await.expect("it counts"), before);
    assert!(read(&blobs, kept, 0).await.0 == alike(0));
}

async fn a_blob_stays_readable_when_it_is_removed_and_swept_meanwhile(upkeep: Upkeep) {
    let blobs: Blobs = upkeep.clone();
    for bytes in [noise(1000), noise(3 << 20)] {
        let digest = write(&blobs, &bytes).await.digest;
        let mut reader = blobs.reader(digest, 0).await.expect("it is there");
        remove(&blobs, digest).await;
        sweep(&upkeep, &[], NONE).await;
        assert!(!holds(&blobs, digest).await);
        let mut seen = Vec::new();
        while let Some(piece) = reader.next().await.expect("it can be read") {
            seen.extend_from_slice(&piece);
        }
        assert!(seen == bytes, "{} bytes of {}", seen.len(), bytes.len());
        drop(reader);
        sweep(&upkeep, &[], NONE).await;
        assert_eq!(upkeep.usage().await.expect("it counts").bytes, 0, "nothing is left once it was read");
    }
}

/// Writers let go of most of their blobs, so that what all share is nobody's again and again just when another finds it
/// there.
async fn blobs_finished_while_sweeps_run_are_whole(upkeep: Upkeep) {
    const WRITERS: u64 = 4;
    const ROUNDS: u64 = 24;
    let blobs: Blobs = upkeep.clone();
    let done = Arc::new(AtomicBool::new(false));
    let sweeper = tokio::spawn({
        let (upkeep, done) = (Arc::clone(&upkeep), Arc::clone(&done));
        async move {
            while !done.load(Ordering::SeqCst) {
                sweep(&upkeep, &[], ALL).await;
            }
        }
    });
    let kept = race(WRITERS as usize, |writer| {
        let blobs = Blobs::clone(&blobs);
        async move {
            let mut kept = Vec::new();
            for round in 0..ROUNDS {
                let number = round * WRITERS + writer as u64;
                let bytes = alike(number);
                let digest = write(&blobs, &bytes).await.digest;
                assert!(read(&blobs, digest, 0).await.0 == bytes, "just finished");
                match round % 8 {
                    7 => kept.push(number),
                    _ => remove(&blobs, digest).await,
                }
            }
            kept
        }
    })
    .await
    .concat();
    done.store(true, Ordering::SeqCst);
    sweeper.await.expect("the sweeper ends");
    let named: Vec<Digest> = kept.iter().map(|number| digest(&alike(*number))).collect();
    assert_eq!(sweep(&upkeep, &named, NONE).await.damaged, []);
    for (number, digest) in kept.iter().zip(named) {
        assert!(read(&blobs, digest, 0).await.0 == alike(*number), "{number}");
    }
}
