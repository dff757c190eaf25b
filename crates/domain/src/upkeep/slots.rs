//! Whether heads, histories and bases are what the rules make them.

use std::collections::HashMap;

use super::{BaseFault, Checked, Finding, Need, PAGE, UpkeepError};
use crate::ids::{SlotId, VersionId};
use crate::ports::{StoreError, Transaction, UnitOfWork, UnitOfWorkExt as _};
use crate::save::{ForkState, Save, Slot, Standing, Version};
use crate::sync::{Base, Holding, Point};

/// Checks every slot, each at one moment.
pub(super) async fn check(
    store: &dyn UnitOfWork,
    checked: &mut Checked,
    report: &mut (dyn FnMut(Finding) + Send),
) -> Result<(), UpkeepError> {
    let mut last = None;
    loop {
        let page = store.read(move |tx| check_page(tx, last)).await?;
        checked.slots += page.slots;
        checked.versions += page.versions;
        page.findings.into_iter().for_each(&mut *report);
        last = page.last;
        if last.is_none() {
            return Ok(());
        }
    }
}

/// What some slots gave.
struct Page {
    slots: u64,
    versions: u64,
    findings: Vec<Finding>,
    /// `None` once there are no more.
    last: Option<SlotId>,
}

fn check_page(tx: &mut dyn Transaction, after: Option<SlotId>) -> Result<Page, StoreError> {
    let slots = tx.upkeep().slots(after, PAGE)?;
    let ids: Vec<SlotId> = slots.iter().map(|slot| slot.id).collect();
    let mut page =
        Page { slots: slots.len() as u64, versions: 0, findings: Vec::new(), last: ids.last().copied() };
    let mut bases: HashMap<SlotId, Vec<Base>> = HashMap::new();
    for base in tx.bases().of_slots(&ids)? {
        bases.entry(base.slot).or_default().push(base);
    }
    for slot in slots {
        let history = tx.saves().history(slot.id)?;
        page.versions += history.len() as u64;
        page.findings.extend(findings(&slot, &history, bases.get(&slot.id).map_or(&[], Vec::as_slice)));
    }
    Ok(page)
}

/// What is wrong with a slot, given its whole history, newest first, and what is known of every device.
fn findings(slot: &Slot, history: &[Save], bases: &[Base]) -> Vec<Finding> {
    let by_id: HashMap<VersionId, &Version> =
        history.iter().map(|save| (save.version.id, &save.version)).collect();
    let mut findings = Vec::new();
    findings.extend(wrong_head(slot, history));
    findings.extend(out_of_order(slot.id, history));
    findings.extend(history.iter().filter_map(|save| wrong_parent(&save.version, &by_id)));
    findings.extend(history.iter().filter_map(|save| let_go(slot, &save.version)));
    for base in bases {
        findings.extend(points(base).filter_map(|point| wrong_base(base, point, &by_id)));
    }
    findings
}

fn wrong_head(slot: &Slot, history: &[Save]) -> Option<Finding> {
    let newest = history.iter().filter(|save| save.is_listed()).max_by_key(|save| save.version.updated_at);
    let newest = newest.map(|save| save.version.id);
    (slot.head != newest).then_some(Finding::WrongHead { slot: slot.id, head: slot.head, newest })
}

fn out_of_order(slot: SlotId, history: &[Save]) -> impl Iterator<Item = Finding> {
    history.iter().zip(history.iter().skip(1)).filter_map(move |(later, earlier)| {
        let (later, earlier) = (&later.version, &earlier.version);
        let is_later = later.order > earlier.order && later.updated_at > earlier.updated_at;
        (!is_later).then_some(Finding::OutOfOrder { slot, version: later.id })
    })
}

/// A parent may be of another slot: that of a fork which was kept beside the head.
fn wrong_parent(version: &Version, by_id: &HashMap<VersionId, &Version>) -> Option<Finding> {
    let parent = by_id.get(&version.parent?)?;
    let is_older = parent.order < version.order;
    (!is_older).then_some(Finding::ParentNotOlder { slot: version.slot, version: version.id })
}

fn let_go(slot: &Slot, version: &Version) -> Option<Finding> {
    let need = match version.standing {
        _ if version.held => return None,
        _ if slot.head == Some(version.id) => Need::Head,
        _ if version.pinned => Need::Pin,
        Standing::Fork(ForkState::Open) => Need::OpenFork,
        _ => return None,
    };
    Some(Finding::NeededLetGo { slot: slot.id, version: version.id, need })
}

/// What a device holds, and what it held before if that is only supposed.
fn points(base: &Base) -> impl Iterator<Item = Point> {
    let before = match base.holding {
        Some(Holding::Provisional { before, .. }) => before,
        Some(Holding::Strong(_)) | None => None,
    };
    base.point().into_iter().chain(before)
}

fn wrong_base(base: &Base, point: Point, by_id: &HashMap<VersionId, &Version>) -> Option<Finding> {
    let wrong = |fault| {
        Some(Finding::WrongBase { slot: base.slot, device: base.device, version: point.version, fault })
    };
    let Some(version) = by_id.get(&point.version) else { return wrong(BaseFault::OtherSlot) };
    if version.standing.is_fork() {
        return wrong(BaseFault::Fork);
    }
    if version.order != point.order {
        return wrong(BaseFault::OtherPlace);
    }
    let let_go = Finding::NeededLetGo { slot: base.slot, version: version.id, need: Need::Base };
    (!version.held).then_some(let_go)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::ids::{DeviceId, GameId, SaveId, UserId};
    use crate::save::{
        Content, Digest, FileName, Fill, Order, SlotKey, SlotName, SlotPlace, VersionKind, Visibility,
    };
    use crate::sync::Tracking;

    const SLOT: SlotId = SlotId(1);

    fn slot(head: i32) -> Slot {
        let place = SlotPlace::Named { name: SlotName::new("autosave").unwrap(), companion: None };
        let key = SlotKey { user: UserId(1), game: GameId(1), place };
        Slot { id: SLOT, key, head: Some(VersionId(head)), tracking: Tracking::Tracked }
    }

    /// The version of that number, at that place, without parent.
    fn save(number: i32) -> Save {
        let content =
            Content { digest: Digest([number as u8; 32]), content_hash: None, size: 1, fill: Fill::Data };
        let at = DateTime::from_timestamp(1_800_000_000 + i64::from(number), 0).unwrap();
        let version = Version {
            id: VersionId(number),
            slot: SLOT,
            order: Order(number),
            content,
            origin: None,
            parent: None,
            kind: VersionKind::Upload,
            standing: Standing::Line,
            set_aside: None,
            held: true,
            pinned: false,
            label: None,
            updated_at: at,
            screenshot: None,
        };
        Save {
            id: SaveId(number),
            key: slot(1).key,
            file_name: FileName::new("Game (USA).srm").unwrap(),
            emulator: None,
            visibility: Visibility::Visible,
            is_public: false,
            created_at: at,
            version,
        }
    }

    fn let_go(number: i32, change: impl FnOnce(&mut Version)) -> Save {
        let mut save = save(number);
        save.version.held = false;
        change(&mut save.version);
        save
    }

    fn needed(version: i32, need: Need) -> Finding {
        Finding::NeededLetGo { slot: SLOT, version: VersionId(version), need }
    }

    #[test]
    fn retention_may_take_what_nothing_needs_and_no_more() {
        let history = |second: Save| [save(3), second, save(1)];
        assert_eq!(findings(&slot(3), &history(let_go(2, |_| {})), &[]), []);
        let closed = |version: &mut Version| version.standing = Standing::Fork(ForkState::KeptHead);
        assert_eq!(findings(&slot(3), &history(let_go(2, closed)), &[]), []);

        let pinned = |version: &mut Version| version.pinned = true;
        assert_eq!(findings(&slot(3), &history(let_go(2, pinned)), &[]), [needed(2, Need::Pin)]);
        let open = |version: &mut Version| version.standing = Standing::Fork(ForkState::Open);
        assert_eq!(findings(&slot(3), &history(let_go(2, open)), &[]), [needed(2, Need::OpenFork)]);
        assert_eq!(findings(&slot(3), &[let_go(3, |_| {}), save(2)], &[]), [needed(3, Need::Head)]);

        let device = DeviceId(uuid::Uuid::from_u128(1));
        let point = |number| Point { version: VersionId(number), order: Order(number) };
        let holding = Holding::Provisional { point: point(3), before: Some(point(2)), session: None };
        let base = Base { holding: Some(holding), ..Base::new(device, SLOT) };
        assert_eq!(findings(&slot(3), &history(let_go(2, |_| {})), &[base]), [needed(2, Need::Base)]);
    }

    #[test]
    fn a_parent_in_the_same_slot_is_older() {
        let derived = |parent| {
            let mut second = save(2);
            second.version.parent = Some(VersionId(parent));
            findings(&slot(3), &[save(3), second, save(1)], &[])
        };
        assert_eq!(derived(1), []);
        assert_eq!(derived(99), [], "of another slot");
        for parent in [2, 3] {
            assert_eq!(derived(parent), [Finding::ParentNotOlder { slot: SLOT, version: VersionId(2) }]);
        }
    }

    #[test]
    fn an_empty_slot_is_sound_and_one_without_visible_versions_stands_at_none() {
        let empty = Slot { head: None, ..slot(1) };
        assert_eq!(findings(&empty, &[], &[]), []);
        let mut deleted = save(1);
        deleted.visibility = Visibility::Deleted;
        assert_eq!(findings(&empty, std::slice::from_ref(&deleted), &[]), []);
        let wrong = Finding::WrongHead { slot: SLOT, head: Some(VersionId(1)), newest: None };
        assert_eq!(findings(&slot(1), &[deleted], &[]), [wrong]);
    }
}
