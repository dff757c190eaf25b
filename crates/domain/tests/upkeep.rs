//! What `verify` finds, and what a sweep takes, on the in-memory stores.
#![expect(clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

use std::time::Duration;

use bytes::Bytes;
use memcard_domain::ids::{DeviceId, SlotId};
use memcard_domain::ports::{BlobStore as _, StoreError, Transaction};
use memcard_domain::save::{Digest, FileName, Save};
use memcard_domain::screenshot::Picture;
use memcard_domain::sync::{Base, Holding, Point};
use memcard_domain::upkeep::{self, BaseFault, Finding, NamedBy, UpkeepError};
use memcard_store_memory::{MemoryBlobs, MemoryStore};
use memcard_testkit::builders::{a_device, a_game, a_screenshot, a_slot, a_user, a_version, at};

/// A slot with a history, a device that holds its head, and blobs.
struct Kept {
    store: MemoryStore,
    blobs: MemoryBlobs,
    slot: SlotId,
    device: DeviceId,
    /// Oldest first: two of the line and an open fork between them.
    one: Save,
    fork: Save,
    two: Save,
}

const GRACE: Duration = Duration::from_secs(3600);

impl Kept {
    async fn new() -> Self {
        let (store, blobs) = (MemoryStore::new(), MemoryBlobs::new());
        for bytes in ["one", "fork", "two", "picture"] {
            write(&blobs, bytes).await;
        }
        let work = |tx: &mut dyn Transaction| -> Result<_, StoreError> {
            let (user, game) = (a_user().insert(tx)?.id, a_game().insert(tx)?.id);
            let device = a_device(user, "handheld").insert(tx)?.id;
            let slot = a_slot(tx, user, game)?.id;
            let one = a_version(slot).of_bytes(b"one").append_as_head(tx)?;
            let fork = a_version(slot).of_bytes(b"fork").as_fork().append(tx)?;
            let two = a_version(slot).of_bytes(b"two").derived_from(one.version.id).append_as_head(tx)?;
            a_screenshot(user, game).of(two.version.id).of_bytes(b"picture").insert(tx)?;
            let before = Some(Point::of(&one.version));
            let holding = Holding::Provisional { point: Point::of(&two.version), before, session: None };
            tx.bases().put(&[Base { holding: Some(holding), ..Base::new(device, slot) }])?;
            Ok((slot, device, one, fork, two))
        };
        let (slot, device, one, fork, two) = store.transact_now(work).unwrap();
        Self { store, blobs, slot, device, one, fork, two }
    }

    fn change<T>(&self, work: impl FnOnce(&mut dyn Transaction) -> Result<T, StoreError>) -> T {
        self.store.transact_now(work).unwrap()
    }

    async fn findings(&self, grace: Duration) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut report = |finding| findings.push(finding);
        upkeep::verify(&self.store, &self.blobs, grace, &mut report).await.unwrap();
        findings
    }

    /// Has the device hold something, and says what is found then.
    async fn holding(&self, point: Point) -> Vec<Finding> {
        let base = Base { holding: Some(Holding::Strong(point)), ..Base::new(self.device, self.slot) };
        self.change(|tx| tx.bases().put(&[base]));
        self.findings(GRACE).await
    }

    fn wrong_base(&self, point: Point, fault: BaseFault) -> Finding {
        Finding::WrongBase { slot: self.slot, device: self.device, version: point.version, fault }
    }
}

async fn write(blobs: &MemoryBlobs, bytes: &'static str) -> Digest {
    let mut writer = blobs.writer().await.unwrap();
    writer.write(Bytes::from_static(bytes.as_bytes())).await.unwrap();
    writer.finish().await.unwrap().digest
}

#[tokio::test]
async fn what_the_rules_made_is_sound_and_is_counted() {
    let kept = Kept::new().await;
    assert_eq!(kept.findings(Duration::ZERO).await, []);
    let checked = upkeep::verify(&kept.store, &kept.blobs, GRACE, &mut |_| {}).await.unwrap();
    assert_eq!((checked.slots, checked.versions), (1, 3));
    assert_eq!((checked.contents, checked.bytes), (4, "oneforktwopicture".len() as u64));
}

#[tokio::test]
async fn bytes_that_are_gone_are_missing_with_all_that_names_them() {
    let kept = Kept::new().await;
    let digest = kept.one.version.content.digest;
    let user = kept.one.key.user;
    let picture = kept.change(|tx| {
        let file_name = FileName::new("a.png").unwrap();
        let picture = Picture { file_name, digest, size: 3, kind: None };
        a_screenshot(user, kept.one.key.game).with_picture(picture).insert(tx)
    });
    kept.blobs.remove(digest).await.unwrap();
    let named_by = vec![NamedBy::Save(kept.one.id), NamedBy::Screenshot(picture.id)];
    let findings = kept.findings(GRACE).await;
    assert_eq!(findings[0].to_string(), format!("save 1, screenshot {} are missing: {digest}", picture.id));
    assert_eq!(findings, [Finding::Missing { digest, named_by }]);
}

#[tokio::test]
async fn bytes_that_nothing_names_are_found_and_taken_after_their_grace_and_no_others() {
    let kept = Kept::new().await;
    let unused = write(&kept.blobs, "nobody's").await;
    assert_eq!(kept.findings(GRACE).await, []);
    assert_eq!(upkeep::sweep(&kept.store, &kept.blobs, GRACE).await.unwrap().blobs, 0);

    let findings = kept.findings(Duration::ZERO).await;
    assert!(matches!(findings[..], [Finding::Unused { digest, .. }] if digest == unused), "{findings:?}");
    assert_eq!(upkeep::sweep(&kept.store, &kept.blobs, Duration::ZERO).await.unwrap().blobs, 1);
    assert_eq!(kept.findings(Duration::ZERO).await, []);
}

#[tokio::test]
async fn a_store_that_names_nothing_of_what_is_there_is_taken_for_the_wrong_one() {
    let (kept, other) = (Kept::new().await, MemoryStore::new());
    for name in ["player", "another"] {
        let swept = upkeep::sweep(&other, &kept.blobs, Duration::ZERO).await;
        assert!(matches!(swept, Err(UpkeepError::NothingNamed)), "{swept:?}");
        other
            .transact_now(|tx| {
                let (user, game) = (a_user().named(name).insert(tx)?.id, a_game().insert(tx)?.id);
                let slot = a_slot(tx, user, game)?.id;
                a_version(slot).of_bytes(b"not among them").append_as_head(tx)
            })
            .unwrap();
    }
    assert_eq!(kept.findings(Duration::ZERO).await, [], "all is still there");
    assert_eq!(upkeep::sweep(&other, &MemoryBlobs::new(), Duration::ZERO).await.unwrap().blobs, 0);
}

#[tokio::test]
async fn a_sweep_spares_all_of_more_named_bytes_than_fit_a_page() {
    let kept = Kept::new().await;
    let slot = kept.slot;
    for number in 0..600_u32 {
        let bytes: &'static str = number.to_string().leak();
        write(&kept.blobs, bytes).await;
        kept.change(|tx| a_version(slot).of_bytes(bytes.as_bytes()).append_as_head(tx));
    }
    assert_eq!(upkeep::sweep(&kept.store, &kept.blobs, Duration::ZERO).await.unwrap().blobs, 0);
    let checked = upkeep::verify(&kept.store, &kept.blobs, GRACE, &mut |_| {}).await.unwrap();
    assert_eq!(checked.contents, 604);
}

#[tokio::test]
async fn a_slot_has_to_stand_at_its_newest_visible_version_that_is_no_fork() {
    let kept = Kept::new().await;
    let newest = Some(kept.two.version.id);
    for head in [None, Some(kept.one.version.id), Some(kept.fork.version.id)] {
        kept.change(|tx| tx.saves().set_head(kept.slot, head));
        assert_eq!(kept.findings(GRACE).await, [Finding::WrongHead { slot: kept.slot, head, newest }]);
    }
}

#[tokio::test]
async fn a_version_has_to_be_later_than_the_one_before_it() {
    let kept = Kept::new().await;
    let slot = kept.slot;
    let late = kept.change(|tx| a_version(slot).of_bytes(b"one").written(at(0)).as_fork().append(tx));
    assert_eq!(kept.findings(GRACE).await, [Finding::OutOfOrder { slot, version: late.version.id }]);
}

#[tokio::test]
async fn a_base_has_to_be_a_version_of_the_slot_at_its_place_and_no_fork() {
    let kept = Kept::new().await;
    let one = Point::of(&kept.one.version);
    assert_eq!(kept.holding(one).await, []);

    let fork = Point::of(&kept.fork.version);
    assert_eq!(kept.holding(fork).await, [kept.wrong_base(fork, BaseFault::Fork)]);
    let elsewhere = Point { order: kept.two.version.order, ..one };
    assert_eq!(kept.holding(elsewhere).await, [kept.wrong_base(elsewhere, BaseFault::OtherPlace)]);

    let (user, bytes) = (kept.one.key.user, b"one");
    let other = kept.change(|tx| {
        let game = a_game().in_file("Other (USA).gba").insert(tx)?.id;
        let slot = a_slot(tx, user, game)?.id;
        a_version(slot).of_bytes(bytes).append_as_head(tx)
    });
    let other = Point::of(&other.version);
    assert_eq!(kept.holding(other).await, [kept.wrong_base(other, BaseFault::OtherSlot)]);
}
