//! What is left of blobs when the power is cut, the disk fills up or fails, at every step of writing, removing and sweeping
//! them; and when the clock leaps.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::forgetful::{ForgetfulDisk, Forgets, Trouble};
use crate::support::{noise, read, write};
use memcard_blobs::FolderBlobs;
use memcard_domain::ports::{BlobError, BlobStore as _, BlobUpkeep as _};
use memcard_domain::save::Digest;
use sha2::Digest as _;

const ROOT: &str = "/saves";

fn open(disk: &ForgetfulDisk) -> FolderBlobs {
    FolderBlobs::open_on(Arc::new(disk.clone()), ROOT).unwrap()
}

fn digest(bytes: &[u8]) -> Digest {
    Digest(sha2::Sha256::digest(bytes).into())
}

/// Large bytes, some of which differ by number.
fn alike(number: u64) -> Vec<u8> {
    [noise(0, 70_000), noise(number, 10_000), noise(0, 70_000)].concat()
}

/// What may be asked of a blob after the power was cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It was acknowledged.
    Kept,
    /// It was being written or removed.
    Unsure,
    /// Its removal was acknowledged.
    Gone,
}

/// Blobs and what became of them so far.
#[derive(Default)]
struct Story {
    fates: BTreeMap<Digest, (Vec<u8>, Fate)>,
}

impl Story {
    fn fate(&mut self, bytes: &[u8], fate: Fate) {
        self.fates.insert(digest(bytes), (bytes.to_vec(), fate));
    }

    async fn write(&mut self, blobs: &FolderBlobs, bytes: &[u8]) -> Result<(), BlobError> {
        if self.fates.get(&digest(bytes)).is_none_or(|(_, fate)| *fate != Fate::Kept) {
            self.fate(bytes, Fate::Unsure);
        }
        write(blobs, bytes).await?;
        self.fate(bytes, Fate::Kept);
        Ok(())
    }

    async fn remove(&mut self, blobs: &FolderBlobs, bytes: &[u8]) -> Result<(), BlobError> {
        self.fate(bytes, Fate::Unsure);
        blobs.remove(digest(bytes)).await?;
        self.fate(bytes, Fate::Gone);
        Ok(())
    }

    async fn sweep(&mut self, blobs: &FolderBlobs, kept: &[&[u8]]) -> Result<(), BlobError> {
        let named: HashSet<Digest> = kept.iter().map(|bytes| digest(bytes)).collect();
        for (_, (_, fate)) in self.fates.iter_mut().filter(|(digest, _)| !named.contains(digest)) {
            *fate = if *fate == Fate::Gone { Fate::Gone } else { Fate::Unsure };
        }
        blobs.sweep(named.clone(), Duration::ZERO).await?;
        for (_, (_, fate)) in self.fates.iter_mut().filter(|(digest, _)| !named.contains(digest)) {
            *fate = Fate::Gone;
        }
        Ok(())
    }

    /// Something of everything.
    async fn tell(&mut self, blobs: &FolderBlobs) -> Result<(), BlobError> {
        self.write(blobs, &alike(1)).await?;
        self.write(blobs, b"small").await?;
        self.write(blobs, &alike(2)).await?;
        self.write(blobs, &alike(1)).await?;
        self.remove(blobs, &alike(1)).await?;
        self.sweep(blobs, &[&alike(2), BARE]).await?;
        self.write(blobs, &alike(3)).await?;
        self.write(blobs, BARE).await?;
        self.write(blobs, b"small").await?;
        self.sweep(blobs, &[&alike(3), BARE]).await?;
        self.write(blobs, &alike(1)).await
    }

    async fn check(&self, blobs: &FolderBlobs, context: &str) {
        for (digest, (bytes, fate)) in &self.fates {
            match (fate, read(blobs, *digest, 0).await) {
                (Fate::Kept | Fate::Unsure, Ok(read)) => assert!(read == *bytes, "{context}: wrong bytes"),
                (Fate::Gone | Fate::Unsure, Err(BlobError::Missing(_))) => {}
                (fate, read) => panic!("{context}: {fate:?} {digest}, and reading it gave {read:?}"),
            }
        }
    }
}

/// Bytes that stand there as version 0 of the format had them.
const BARE: &[u8] = b"bare bytes, from before there were objects";

fn disk_with_bare_blob() -> (ForgetfulDisk, Story) {
    use memcard_blobs::Disk as _;
    let disk = ForgetfulDisk::with_folder(Path::new(ROOT));
    let name = digest(BARE).to_string();
    let mut folder = Path::new(ROOT).to_owned();
    for part in ["blobs", &name[..2], &name[2..4]] {
        let made = folder.join(part);
        disk.make_folder(&made).unwrap();
        disk.sync_folder(&folder).unwrap();
        folder = made;
    }
    disk.create(&folder.join(&name), BARE).unwrap().sync().unwrap();
    disk.sync_folder(&folder).unwrap();
    let mut story = Story::default();
    story.fate(BARE, Fate::Kept);
    (disk, story)
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Cuts the power at every step of the story, one after the other.
fn cut_at_every_step(forgets: impl Fn(usize) -> Forgets) {
    for step in 0.. {
        let (disk, mut story) = disk_with_bare_blob();
        let told = run(async {
            let blobs = open(&disk);
            disk.trouble_at(Trouble::PowerCut, step);
            story.tell(&blobs).await
        });
        let is_over = !disk.is_in_trouble();
        assert_eq!(told.is_ok(), is_over, "step {step}: {told:?}");
        disk.power_cycle(forgets(step));
        run(check_after_cut(&disk, &story, &format!("cut at step {step}")));
        if is_over {
            assert!(step > 100, "only {step} steps: is everything flushed?");
            return;
        }
    }
}

async fn check_after_cut(disk: &ForgetfulDisk, story: &Story, context: &str) {
    let blobs = open(disk);
    let incoming = Path::new(ROOT).join("incoming");
    assert!(disk.files().keys().all(|path| !path.starts_with(&incoming)), "{context}: leftovers");
    story.check(&blobs, context).await;

    // What is there stays whole when everything else goes.
    let there: HashSet<Digest> =
        blobs.list(None, 100).await.unwrap().into_iter().map(|blob| blob.digest).collect();
    let swept = blobs.sweep(there, Duration::ZERO).await.unwrap();
    assert!(swept.blobs == 0 && swept.damaged.is_empty(), "{context}: {swept:?}");
    story.check(&blobs, context).await;

    // Life goes on, and nothing stays for ever.
    let new = write(&blobs, &alike(2)).await.unwrap().digest;
    assert!(read(&blobs, new, 0).await.unwrap() == alike(2), "{context}");
    blobs.sweep(HashSet::new(), Duration::ZERO).await.unwrap();
    assert_eq!(disk.files().into_keys().collect::<Vec<_>>(), Vec::<std::path::PathBuf>::new(), "{context}");
}

#[test]
fn what_was_acknowledged_is_there_after_a_power_cut_that_undoes_all_that_was_not_flushed() {
    cut_at_every_step(|_| Forgets::Everything);
}

#[test]
fn what_was_acknowledged_is_there_after_a_power_cut_that_undoes_nothing() {
    cut_at_every_step(|_| Forgets::Nothing);
}

#[test]
fn what_was_acknowledged_is_there_after_a_power_cut_that_undoes_this_and_leaves_that() {
    for seed in 0..3 {
        cut_at_every_step(|step| Forgets::Something(seed * 10_000 + step as u64));
    }
}

/// Makes trouble at every step of writing some bytes over and over again, as long as that fails, and then some.
fn trouble_at_every_step(
    trouble: Trouble,
    bytes: &[u8],
    check: impl Fn(&ForgetfulDisk, usize, Option<BlobError>),
) {
    for step in 0.. {
        let disk = ForgetfulDisk::with_folder(Path::new(ROOT));
        let told = run(async {
            let blobs = open(&disk);
            disk.trouble_at(trouble, step);
            write(&blobs, bytes).await
        });
        let is_over = !disk.is_in_trouble();
        disk.mend();
        check(&disk, step, told.err());
        if is_over {
            assert!(step > 5, "only {step} steps");
            return;
        }
    }
}

#[test]
fn a_full_disk_is_told_apart_and_leaves_nothing() {
    for bytes in [alike(1), b"small".to_vec()] {
        trouble_at_every_step(Trouble::Full, &bytes, |disk, step, error| match error {
            Some(error) => {
                assert!(matches!(error, BlobError::Full(_)), "step {step}: {error:?}");
                assert_eq!(disk.files(), BTreeMap::new(), "step {step}");
            }
            None => assert!(run(read(&open(disk), digest(&bytes), 0)).unwrap() == bytes, "step {step}"),
        });
    }
}

#[test]
fn a_disk_that_cannot_be_changed_is_an_error_and_leaves_nothing() {
    for bytes in [alike(1), b"small".to_vec()] {
        trouble_at_every_step(Trouble::ReadOnly, &bytes, |disk, step, error| {
            let blobs = open(disk);
            match error {
                Some(error) => {
                    assert!(matches!(error, BlobError::Backend(_)), "step {step}: {error:?}");
                    assert!(!run(blobs.holds(digest(&bytes))).unwrap(), "step {step}");
                    run(blobs.sweep(HashSet::new(), Duration::ZERO)).unwrap();
                    assert_eq!(disk.files(), BTreeMap::new(), "step {step}");
                }
                None => assert!(run(read(&blobs, digest(&bytes), 0)).unwrap() == bytes, "step {step}"),
            }
        });
    }
}

#[test]
fn what_one_failed_to_flush_the_next_one_flushes() {
    // Other bytes that share chunks, so that it relies on what the failed one put in its place.
    for next in [alike(1), alike(2)] {
        for step in 0.. {
            let disk = ForgetfulDisk::with_folder(Path::new(ROOT));
            let is_over = run(async {
                let blobs = open(&disk);
                disk.trouble_at(Trouble::Hiccup, step);
                let _ = write(&blobs, &alike(1)).await;
                let is_over = !disk.is_in_trouble();
                disk.mend();
                write(&blobs, &next).await.unwrap();
                is_over
            });
            disk.power_cycle(Forgets::Everything);
            assert!(run(read(&open(&disk), digest(&next), 0)).unwrap() == next, "failed at step {step}");
            if is_over {
                assert!(step > 20, "only {step} steps");
                break;
            }
        }
    }
}

#[test]
fn what_a_process_that_was_killed_failed_to_flush_the_next_one_flushes() {
    for step in 0.. {
        let disk = ForgetfulDisk::with_folder(Path::new(ROOT));
        run(async {
            let blobs = open(&disk);
            disk.trouble_at(Trouble::PowerCut, step);
            let _ = write(&blobs, &alike(1)).await;
        });
        let is_over = !disk.is_in_trouble();
        // Killed, so that the system still has what was not flushed.
        disk.mend();
        run(async { write(&open(&disk), &alike(1)).await }).unwrap();
        disk.power_cycle(Forgets::Everything);
        assert!(run(read(&open(&disk), digest(&alike(1)), 0)).unwrap() == alike(1), "killed at step {step}");
        if is_over {
            return;
        }
    }
}

#[test]
fn a_clock_that_leaps_takes_nothing_that_was_just_finished() {
    const GRACE: Duration = Duration::from_secs(3600);
    let disk = ForgetfulDisk::with_folder(Path::new(ROOT));
    run(async {
        let blobs = open(&disk);
        for bytes in [alike(1), b"small".to_vec()] {
            let digest = write(&blobs, &bytes).await.unwrap().digest;
            disk.leap(10_000 * GRACE);
            assert_eq!(blobs.sweep(HashSet::new(), GRACE).await.unwrap().blobs, 0);
            assert!(read(&blobs, digest, 0).await.unwrap() == bytes);
        }
    });
    let blobs = open(&disk);
    assert_eq!(
        run(blobs.sweep(HashSet::new(), GRACE)).unwrap().blobs,
        2,
        "an upload does not outlive its process"
    );
}
