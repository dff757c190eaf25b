//! Bases: what a device is known to hold of a slot, and how strong the evidence is (promise P5).
//!
//! Invariants: evidence never moves a base back in the slot's order, save for a provisional one that the device itself
//! contradicts by naming an older version; a fork is never a base; a download that began is no evidence.

use crate::ids::{DeviceId, SessionId, SlotId, VersionId};
use crate::save::{Order, Version};
use crate::time::Timestamp;

/// What is known of one device and one slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// The device.
    pub device: DeviceId,
    /// The slot.
    pub slot: SlotId,
    /// The version it holds.
    pub holding: Option<Holding>,
    /// The file time the device reported when it was last in sync; compared only for equality.
    pub stamp: Option<Timestamp>,
    /// Whether its file times tell contents apart.
    pub file_times: FileTimes,
    /// Whether the slot syncs on this device.
    pub tracking: Tracking,
    /// How often in a row the device named an older version (table row 10) without a `downloaded` between.
    pub rollbacks: u32,
    /// When evidence last came.
    pub last_synced_at: Option<Timestamp>,
}

/// The version a device holds, and how that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holding {
    /// Its own accepted upload, its `downloaded`, a matching hash of its file.
    Strong(Point),
    /// An optimistic body fully sent, a 200 for equal content, anything from before a re-pairing.
    Provisional {
        /// What it probably holds.
        point: Point,
        /// What it held before, as far as is strongly known.
        before: Option<Point>,
        /// The session in which the evidence came; completing it without failure makes the evidence strong.
        session: Option<SessionId>,
    },
}

/// A version and its place in the slot's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// The version.
    pub version: VersionId,
    /// Its place.
    pub order: Order,
}

impl Point {
    /// Where a version stands.
    pub const fn of(version: &Version) -> Self {
        Self { version: version.id, order: version.order }
    }
}

/// Whether a device's file times tell contents apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FileTimes {
    /// As far as was seen.
    #[default]
    Telling,
    /// It once showed two contents under one time.
    Ambiguous,
}

/// Whether a slot syncs on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tracking {
    /// It does.
    Tracked,
    /// The user took it out there, or never took it in.
    Untracked,
}

impl Tracking {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Tracked, Self::Untracked];

    /// The name in stores.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tracked => "tracked",
            Self::Untracked => "untracked",
        }
    }

    /// The tracking of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tracking| tracking.name() == name)
    }
}

impl Holding {
    /// The version held.
    pub const fn point(&self) -> Point {
        match self {
            Self::Strong(point) | Self::Provisional { point, .. } => *point,
        }
    }

    /// What is strongly known: the version itself, or the one before a provisional one.
    const fn strongly(&self) -> Option<Point> {
        match self {
            Self::Strong(point) => Some(*point),
            Self::Provisional { before, .. } => *before,
        }
    }

    /// Whether the device is strongly known to hold the version.
    pub const fn is_strong(&self) -> bool {
        matches!(self, Self::Strong(_))
    }
}

impl Base {
    /// Before anything is known.
    pub const fn new(device: DeviceId, slot: SlotId) -> Self {
        Self {
            device,
            slot,
            holding: None,
            stamp: None,
            file_times: FileTimes::Telling,
            tracking: Tracking::Tracked,
            rollbacks: 0,
            last_synced_at: None,
        }
    }

    /// The version held, if any is known.
    pub fn point(&self) -> Option<Point> {
        self.holding.map(|holding| holding.point())
    }

    /// Whether this version is what the device holds.
    pub fn holds(&self, version: VersionId) -> bool {
        self.point().is_some_and(|point| point.version == version)
    }

    /// Strong evidence that the device holds `point`. Evidence for a version older than what is strongly known, or
    /// than a base that was not supposed but known, changes nothing.
    pub fn prove(&mut self, point: Point, now: Timestamp) {
        if self.is_before_base(point) {
            return;
        }
        self.holding = Some(Holding::Strong(point));
        self.last_synced_at = Some(now);
    }

    /// Provisional evidence that the device holds `point`. What is known already, or newer, stays.
    pub fn suppose(&mut self, point: Point, session: Option<SessionId>, now: Timestamp) {
        if self.is_before_base(point) {
            return;
        }
        self.last_synced_at = Some(now);
        if self.holds(point.version) {
            if let Some(Holding::Provisional { session: known, .. }) = &mut self.holding {
                *known = session.or(*known);
            }
            return;
        }
        let before = self.holding.as_ref().and_then(Holding::strongly);
        self.holding = Some(Holding::Provisional { point, before, session });
    }

    /// The device names a version older than its provisional base: the supposition was wrong. Allowed down to what was
    /// strongly known before it; see [`may_fall_back_to`](Self::may_fall_back_to).
    pub fn fall_back(&mut self, point: Point, named: Named, now: Timestamp) {
        let Some(Holding::Provisional { before, session, .. }) = self.holding else { return };
        if !self.may_fall_back_to(point.order) {
            return;
        }
        let is_before = before.is_some_and(|before| before.version == point.version);
        self.holding = Some(match named {
            Named::FromFile => Holding::Strong(point),
            Named::Adopted if is_before => Holding::Strong(point),
            Named::Adopted => Holding::Provisional { point, before, session },
        });
        self.last_synced_at = Some(now);
    }

    /// Whether a device that names a version at `order` contradicts a provisional base: older than it, and not older
    /// than what was strongly known before.
    pub fn may_fall_back_to(&self, order: Order) -> bool {
        match self.holding {
            Some(Holding::Provisional { point, before, .. }) => {
                order < point.order && before.is_none_or(|before| before.order <= order)
            }
            _ => false,
        }
    }

    /// The session in which a provisional base was sent completed without failure.
    pub fn confirm(&mut self, completed: SessionId) {
        if let Some(Holding::Provisional { point, session: Some(session), .. }) = self.holding
            && session == completed
        {
            self.holding = Some(Holding::Strong(point));
        }
    }

    /// The device was paired again or registered again under another token: what it holds must be shown anew.
    pub fn weaken(&mut self) {
        if let Some(Holding::Strong(point)) = self.holding {
            self.holding = Some(Holding::Provisional { point, before: None, session: None });
        }
    }

    /// Whether the device is strongly known to have held this version.
    pub fn is_strongly_at(&self, version: VersionId) -> bool {
        matches!(self.holding, Some(Holding::Strong(point)) if point.version == version)
    }

    fn is_before_base(&self, point: Point) -> bool {
        self.point().is_some_and(|base| point.order < base.order)
    }
}

/// Where a named hash came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// The device hashed its file.
    FromFile,
    /// The device repeated what it last adopted.
    Adopted,
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn now() -> Timestamp {
        DateTime::from_timestamp(0, 0).unwrap()
    }

    fn point(order: i32) -> Point {
        Point { version: VersionId(order), order: Order(order) }
    }

    fn base() -> Base {
        Base::new(DeviceId(Uuid::nil()), SlotId(1))
    }

    #[test]
    fn a_provisional_base_becomes_strong_by_completing_its_own_session_only() {
        let mut base = base();
        base.suppose(point(2), Some(SessionId(7)), now());
        base.confirm(SessionId(8));
        assert!(!base.is_strongly_at(VersionId(2)));
        base.confirm(SessionId(7));
        assert!(base.is_strongly_at(VersionId(2)));
    }

    #[test]
    fn a_provisional_base_falls_back_to_what_was_known_before_it_and_no_further() {
        let mut base = base();
        base.prove(point(2), now());
        base.suppose(point(5), None, now());
        assert!(!base.may_fall_back_to(Order(1)));
        base.fall_back(point(1), Named::FromFile, now());
        assert!(base.holds(VersionId(5)));
        base.fall_back(point(2), Named::Adopted, now());
        assert!(base.is_strongly_at(VersionId(2)));
    }

    #[test]
    fn what_an_adopted_hash_lowers_stays_provisional() {
        let mut base = base();
        base.prove(point(2), now());
        base.suppose(point(5), None, now());
        base.fall_back(point(3), Named::Adopted, now());
        assert!(base.holds(VersionId(3)) && !base.is_strongly_at(VersionId(3)));
    }

    #[test]
    fn after_a_re_pairing_nothing_is_strong() {
        let mut base = base();
        base.prove(point(2), now());
        base.weaken();
        assert!(base.holds(VersionId(2)) && !base.is_strongly_at(VersionId(2)));
        assert!(base.may_fall_back_to(Order(1)));
    }

    proptest! {
        #[test]
        fn evidence_never_moves_a_base_back(
            steps in proptest::collection::vec((0u8..3, 1i32..8), 0..30),
        ) {
            let mut base = base();
            for (kind, order) in steps {
                let before = base.point().map(|point| point.order);
                match kind {
                    0 => base.prove(point(order), now()),
                    1 => base.suppose(point(order), None, now()),
                    _ => base.confirm(SessionId(order)),
                }
                prop_assert!(base.point().map(|point| point.order) >= before);
            }
        }
    }
}
