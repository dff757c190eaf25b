//! Rules of [`BaseRepository`](memcard_domain::ports::BaseRepository).

use chrono::Duration;
use memcard_domain::ids::{DeviceId, SaveId, SessionId, SlotId, UserId, VersionId};
use memcard_domain::save::Order;
use memcard_domain::sync::{Base, FileTimes, Holding, Point, Tracking};

use super::store::assert_conflict;
use super::{Store, attempt, look, suite, write};
use crate::builders::{a_device, a_game, a_session, a_slot_key, a_user, a_version, at, uuid_of};

suite! { $
    /// Hooks the rules of [`BaseRepository`](memcard_domain::ports::BaseRepository). Takes an async factory of
    /// `Option<`[`Fresh`](crate::contract::Fresh)`<dyn UnitOfWork>>`.
    base_repository_contract: bases over dyn memcard_domain::ports::UnitOfWork {
        a_base_reads_back_with_every_field,
        what_is_put_takes_the_place_of_what_was,
        nothing_is_known_before_something_is_put,
        bases_of_a_device_are_those_of_its_slots,
        bases_of_slots_are_those_of_every_device,
        bases_of_1000_slots_are_read_at_once,
        a_base_of_an_unknown_device_or_slot_is_a_conflict,
        several_bases_are_put_together_or_not_at_all,
        the_version_served_last_is_remembered_per_device_and_row,
        clearing_forgets_everything_of_the_device_and_nothing_else,
    }
}

/// Two devices of one player and two slots with three versions each.
struct Story {
    player: UserId,
    handheld: DeviceId,
    desk: DeviceId,
    slots: [SlotId; 2],
    rows: [SaveId; 3],
    points: [Point; 3],
    session: SessionId,
}

async fn story(store: &Store) -> Story {
    write(store, |tx| {
        let player = a_user().named("Player").insert(tx)?.id;
        let handheld = a_device(player, "handheld").insert(tx)?.id;
        let desk = a_device(player, "desk").insert(tx)?.id;
        let game = a_game().insert(tx)?.id;
        let one = tx.saves().open_slot(&a_slot_key(player, game, "one"))?.id;
        let two = tx.saves().open_slot(&a_slot_key(player, game, "two"))?.id;
        let saves = [a_version(one).append(tx)?, a_version(one).append(tx)?, a_version(one).append(tx)?];
        Ok(Story {
            player,
            handheld,
            desk,
            slots: [one, two],
            rows: [saves[0].id, saves[1].id, saves[2].id],
            points: [&saves[0], &saves[1], &saves[2]].map(|save| Point::of(&save.version)),
            session: a_session(tx, player, handheld, at(0))?.id,
        })
    })
    .await
}

impl Story {
    fn full(&self) -> Base {
        Base {
            device: self.handheld,
            slot: self.slots[0],
            holding: Some(Holding::Provisional {
                point: self.points[2],
                before: Some(self.points[0]),
                session: Some(self.session),
            }),
            stamp: Some(at(-100_000_000) + Duration::microseconds(1)),
            file_times: FileTimes::Ambiguous,
            tracking: Tracking::Untracked,
            rollbacks: 3,
            last_synced_at: Some(at(4)),
        }
    }

    fn bare(&self) -> Base {
        Base::new(self.handheld, self.slots[0])
    }
}

async fn put(store: &Store, bases: impl Into<Vec<Base>>) {
    let bases = bases.into();
    write(store, move |tx| tx.bases().put(&bases)).await;
}

async fn found(store: &Store, device: DeviceId, slot: SlotId) -> Option<Base> {
    look(store, move |tx| tx.bases().find(device, slot)).await
}

async fn a_base_reads_back_with_every_field(store: Store) {
    let story = story(&store).await;
    let point = story.points[1];
    let holdings = [
        Holding::Strong(point),
        Holding::Provisional { point, before: None, session: None },
        Holding::Provisional { point, before: Some(story.points[0]), session: None },
        Holding::Provisional { point, before: None, session: Some(story.session) },
        Holding::Provisional { point, before: Some(point), session: Some(story.session) },
    ];
    let held = holdings.map(|holding| Base { holding: Some(holding), ..story.bare() });
    for base in [story.full(), story.bare()].into_iter().chain(held) {
        put(&store, [base.clone()]).await;
        assert_eq!(found(&store, story.handheld, story.slots[0]).await, Some(base));
    }
}

async fn what_is_put_takes_the_place_of_what_was(store: Store) {
    let story = story(&store).await;
    for base in [story.bare(), story.full(), story.bare()] {
        put(&store, [base.clone()]).await;
        let device = story.handheld;
        assert_eq!(look(&store, move |tx| tx.bases().of_device(device)).await, [base]);
    }
}

async fn nothing_is_known_before_something_is_put(store: Store) {
    let story = story(&store).await;
    put(&store, [story.full()]).await;
    put(&store, []).await;
    look(&store, move |tx| {
        let bases = tx.bases();
        assert_eq!(bases.find(story.handheld, story.slots[1])?, None);
        assert_eq!(bases.find(story.desk, story.slots[0])?, None);
        assert_eq!(bases.of_device(story.desk)?, []);
        assert_eq!(bases.of_slots(&story.slots[1..])?, []);
        assert_eq!(bases.of_slots(&[])?, []);
        assert_eq!(bases.served(story.handheld, story.rows[0])?, None);
        Ok(())
    })
    .await;
}

/// One base per device and slot, told apart by their rollbacks.
fn four_bases(story: &Story) -> [Base; 4] {
    let [one, two] = story.slots;
    let base = |device, slot, rollbacks| Base { rollbacks, ..Base::new(device, slot) };
    [
        base(story.handheld, one, 0),
        base(story.handheld, two, 1),
        base(story.desk, one, 2),
        base(story.desk, two, 3),
    ]
}

fn rollbacks(bases: &[Base]) -> Vec<u32> {
    let mut rollbacks: Vec<u32> = bases.iter().map(|base| base.rollbacks).collect();
    rollbacks.sort_unstable();
    rollbacks
}

async fn bases_of_a_device_are_those_of_its_slots(store: Store) {
    let story = story(&store).await;
    put(&store, four_bases(&story)).await;
    let bases = look(&store, move |tx| tx.bases().of_device(story.desk)).await;
    assert_eq!(rollbacks(&bases), [2, 3]);
}

async fn bases_of_slots_are_those_of_every_device(store: Store) {
    let story = story(&store).await;
    put(&store, four_bases(&story)).await;
    let (one, both) = look(&store, move |tx| {
        Ok((tx.bases().of_slots(&story.slots[1..])?, tx.bases().of_slots(&story.slots)?))
    })
    .await;
    assert_eq!(rollbacks(&one), [1, 3]);
    assert_eq!(rollbacks(&both), [0, 1, 2, 3]);
}

async fn bases_of_1000_slots_are_read_at_once(store: Store) {
    let story = story(&store).await;
    put(&store, four_bases(&story)).await;
    let mut slots: Vec<SlotId> = (1..=998).map(|offset| SlotId(story.slots[1].0 + offset)).collect();
    slots.extend(story.slots);
    let bases = look(&store, move |tx| tx.bases().of_slots(&slots)).await;
    assert_eq!(rollbacks(&bases), [0, 1, 2, 3]);
}

async fn a_base_of_an_unknown_device_or_slot_is_a_conflict(store: Store) {
    let story = story(&store).await;
    let nowhere = Base { device: DeviceId(uuid_of("no device")), ..story.bare() };
    let nothing = Base { slot: SlotId(story.slots[1].0 + 1), ..story.bare() };
    for base in [nowhere, nothing] {
        assert_conflict(attempt(&store, move |tx| tx.bases().put(&[base])).await);
    }
}

async fn several_bases_are_put_together_or_not_at_all(store: Store) {
    let story = story(&store).await;
    let nothing = Base { slot: SlotId(story.slots[1].0 + 1), ..story.bare() };
    let bases = [story.full(), nothing];
    assert_conflict(attempt(&store, move |tx| tx.bases().put(&bases)).await);
    assert_eq!(found(&store, story.handheld, story.slots[0]).await, None);
}

async fn the_version_served_last_is_remembered_per_device_and_row(store: Store) {
    let story = story(&store).await;
    let [row, other_row, _] = story.rows;
    let [first, second, _] = story.points.map(|point| point.version);
    write(&store, move |tx| {
        tx.bases().note_served(story.handheld, row, first)?;
        tx.bases().note_served(story.handheld, other_row, first)?;
        tx.bases().note_served(story.desk, row, first)?;
        tx.bases().note_served(story.handheld, row, second)
    })
    .await;
    let served: [Option<VersionId>; 4] = look(&store, move |tx| {
        let bases = tx.bases();
        Ok([
            bases.served(story.handheld, row)?,
            bases.served(story.handheld, other_row)?,
            bases.served(story.desk, row)?,
            bases.served(story.desk, other_row)?,
        ])
    })
    .await;
    assert_eq!(served, [Some(second), Some(first), Some(first), None]);
}

async fn clearing_forgets_everything_of_the_device_and_nothing_else(store: Store) {
    let story = story(&store).await;
    put(&store, four_bases(&story)).await;
    let Point { version, order } = story.points[0];
    assert_eq!(order, Order::FIRST);
    let row = story.rows[0];
    write(&store, move |tx| {
        tx.bases().note_served(story.handheld, row, version)?;
        tx.bases().note_served(story.desk, row, version)?;
        tx.bases().clear(story.handheld)
    })
    .await;
    look(&store, move |tx| {
        assert_eq!(tx.bases().of_device(story.handheld)?, []);
        assert_eq!(rollbacks(&tx.bases().of_slots(&story.slots)?), [2, 3]);
        assert_eq!(tx.bases().served(story.handheld, row)?, None);
        assert_eq!(tx.bases().served(story.desk, row)?, Some(version));
        assert_eq!(tx.devices().list(story.player)?.len(), 2, "the device itself stays");
        assert_eq!(tx.sessions().active(story.handheld)?.len(), 1, "and so do its sessions");
        Ok(())
    })
    .await;
}
