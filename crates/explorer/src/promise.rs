//! What has to hold after each step, and the few things that cannot be promised because the wire does not tell.
//!
//! Each promise is checked against what is so (the cards, their past), not against what the server believes.

use std::fmt;

use memcard_domain::ids::SlotId;
use memcard_domain::save::{Save, Standing, UploadMode, UploadOutcome, Visibility};
use memcard_domain::sync::decision::{self, Reason};
use memcard_domain::sync::{Base, Holding as Held, Point};

use crate::action::Action;
use crate::card::{Arrival, Card, Errand, Over};
use crate::content::ContentId;
use crate::reading::{Holding, Reading, content_of};
use crate::server::{Answer, Sent};
use crate::world::{Happened, Planned, Uploaded, World};

macro_rules! promises {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Something that always has to hold.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Promise { $($(#[$doc])* $name,)* }

        impl Promise {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// In words.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

promises! {
    /// P2.
    NoLostUpdate = "a head that its replacer never held is set aside",
    /// P2, as the server knows it.
    SetAside = "a head whose replacer is not strongly known to hold it is set aside",
    /// P1, on the device's side.
    NothingDestroyed = "a device is told to write over nothing that the server does not hold",
    /// P5.
    StrongIsTrue = "what a device is strongly known to hold, it held",
    /// P5.
    NoStepBack = "evidence never moves a strong base back",
    /// The plan and the guard are one function.
    PlanIsGuard = "what was planned is what the guard does, if nothing happens in between",
    /// P6.
    NoReplay = "a request that comes again never replaces a head",
    /// P6.
    OnlyEvidence = "negotiating, downloading, confirming, completing and tracking change no save",
    /// What `updated_at` and heads are.
    HeadIsNewest = "the head is the newest visible version, and versions are written in order",
    /// P1.
    Recoverable = "the bytes of an answered upload stay until retention lets them go",
    /// P7.
    Convergent = "when devices stop changing and conflicts are resolved, all end on the head and stay there",
    /// Nothing that can happen is an error inside.
    NeverBroken = "nothing that can happen makes the server fail",
}

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Something that cannot be promised, because the wire does not tell.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Limit { $($(#[$doc])* $name,)* }

        impl Limit {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// In words.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

limits! {
    /// The server believes what the device held before.
    LostFiles = "a device lost its files and kept its identity",
    /// The wire's `downloaded` names a row, not a version.
    LateConfirmation = "a `downloaded` came late, after another version was served under the same id",
    /// A fork that was resolved away is protected by nothing.
    ForkReleased = "the bytes of a fork that was resolved away went while a download was on its way",
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A promise is broken.
    Broken(Promise, String),
    /// A promise does not hold, as it cannot.
    Limit(Limit),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(promise, how) => write!(f, "broken: {} ({how})", promise.text()),
            Self::Limit(limit) => write!(f, "limit: {}", limit.text()),
        }
    }
}

/// How often each promise was held against something that could have broken it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally([u64; Promise::ALL.len()]);

impl Tally {
    /// How often this one was.
    pub fn of(&self, promise: Promise) -> u64 {
        self.0[promise as usize]
    }

    pub(crate) fn count(&mut self, promise: Promise) {
        self.0[promise as usize] += 1;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(own, other)| *own += other);
    }
}

/// One step, seen from both sides.
pub(crate) struct Step<'a> {
    pub(crate) action: Action,
    pub(crate) before: &'a Reading,
    pub(crate) after: &'a Reading,
    /// The world after it.
    pub(crate) world: &'a World,
    pub(crate) happened: &'a Happened,
}

/// Checks one step.
pub(crate) struct Checker<'a> {
    step: Step<'a>,
    tally: &'a mut Tally,
    findings: Vec<Finding>,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(step: Step<'a>, tally: &'a mut Tally) -> Self {
        Self { step, tally, findings: Vec::new() }
    }

    /// Everything that has to hold after the step.
    pub(crate) fn check(mut self) -> Answer<Vec<Finding>> {
        self.head_is_newest();
        self.nothing_is_forgotten();
        self.strong_is_true();
        self.no_step_back();
        match self.step.happened {
            Happened::Nothing => self.only_evidence(),
            Happened::Planned(planned) => {
                self.only_evidence();
                self.plan_destroys_nothing(planned);
                self.plan_is_guard(planned)?;
            }
            Happened::Uploaded(uploaded) => self.uploaded(uploaded),
            Happened::WroteOver { content, over } => {
                self.only_evidence();
                self.wrote_over(*content, *over);
            }
        }
        Ok(self.findings)
    }

    fn expect(&mut self, promise: Promise, holds: bool, how: impl FnOnce() -> String) {
        self.tally.count(promise);
        if !holds {
            self.findings.push(Finding::Broken(promise, how()));
        }
    }

    fn head_is_newest(&mut self) {
        let after = self.step.after;
        for slot in &after.slots {
            let own = || after.saves.iter().filter(|save| save.version.slot == slot.id);
            let newest = own().filter(|save| is_listed(save)).max_by_key(|save| save.version.updated_at);
            let is_newest = newest.map(|save| save.version.id) == slot.head;
            self.expect(Promise::HeadIsNewest, is_newest, || "another version is the head".to_owned());
            let in_order = own().zip(own().skip(1)).all(|(older, newer)| {
                older.version.updated_at < newer.version.updated_at
                    && older.version.order < newer.version.order
            });
            self.expect(Promise::HeadIsNewest, in_order, || "the versions are not in order".to_owned());
        }
    }

    /// No version vanishes or changes its content, and only retention takes bytes.
    fn nothing_is_forgotten(&mut self) {
        let Step { action, before, after, .. } = self.step;
        for (place, old) in before.saves.iter().enumerate() {
            let is_released = matches!(action, Action::Release(version) if usize::from(version) == place + 1);
            let kept = after.version(old.version.id).is_some_and(|new| {
                new.version.content == old.version.content
                    && (new.version.held || !old.version.held || is_released)
            });
            self.expect(Promise::Recoverable, kept, || format!("version {} is gone", place + 1));
        }
    }

    fn strong_is_true(&mut self) {
        let Step { after, world, .. } = self.step;
        for card in &world.cards {
            for (_, point) in strong_points(after, card) {
                let Some(save) = after.version(point.version) else { continue };
                let content = content_of(save);
                let is_true = card.past.held.contains(content) || excuse(card, content).is_some();
                let how = || format!("{} is not what device {} ever held", name(content), card.device);
                self.expect(Promise::StrongIsTrue, is_true, how);
            }
        }
    }

    fn no_step_back(&mut self) {
        let Step { action, before, after, world, .. } = self.step;
        if matches!(action, Action::StartAnew(_) | Action::Register(_)) {
            return;
        }
        for card in &world.cards {
            for (slot, old) in strong_points(before, card) {
                let bases = &after.devices[card.device].bases;
                let new = bases.iter().find(|base| base.slot == slot).and_then(Base::point);
                let moved_on = new.is_some_and(|new| new.order >= old.order);
                self.expect(Promise::NoStepBack, moved_on, || format!("that of device {} did", card.device));
            }
        }
    }

    /// Whatever else an action is for, it leaves every version and every head as it was.
    fn only_evidence(&mut self) {
        let Step { action, before, after, .. } = self.step;
        if matches!(action, Action::Delete(_) | Action::Release(_)) {
            return;
        }
        let same = before.saves == after.saves && before.slots == after.slots;
        self.expect(Promise::OnlyEvidence, same, || "a save changed".to_owned());
    }

    /// No download is planned over bytes that nobody else has.
    fn plan_destroys_nothing(&mut self, planned: &Planned) {
        if let Errand::Download { over, .. } = self.step.world.cards[planned.card].errand {
            self.destroys_nothing(planned.content, over);
        }
    }

    /// Whoever writes over a content because of that must not be the last who has it.
    fn destroys_nothing(&mut self, content: ContentId, over: Over) {
        let enough = match over {
            Over::Kept | Over::ResolvedFork => Holding::ResolvedFork,
            Over::Settled => Holding::LetGo,
            Over::Chosen => Holding::Never,
        };
        let is_held = self.step.after.holding(content) >= enough;
        self.expect(Promise::NothingDestroyed, is_held, || format!("nobody else has {}", name(content)));
    }

    /// The device sends what it has, whatever it was told, before anything else happens.
    fn plan_is_guard(&mut self, planned: &Planned) -> Answer<()> {
        if planned.reason == Reason::Untracked {
            return Ok(());
        }
        let card = &self.step.world.cards[planned.card];
        let sent = Sent {
            device: Some(card.device),
            content: planned.content,
            session: Some(planned.session),
            mode: UploadMode::Guarded,
        };
        let verdict = self.step.world.server.snapshot().upload(sent)?;
        let agrees = match (planned.action, &verdict) {
            (decision::Action::NoOp, verdict) => matches!(verdict, UploadOutcome::AlreadyHead(_)),
            (decision::Action::Download, UploadOutcome::Stored(_)) => false,
            // Without the file's hash more cannot be planned.
            _ if !card.client.hashes_file() => true,
            (decision::Action::Upload, verdict) => !matches!(verdict, UploadOutcome::Refused(_)),
            (_, verdict) => matches!(verdict, UploadOutcome::Refused(_)),
        };
        let how = || format!("planned {:?}, answered {}", planned.action, verdict_name(&verdict));
        self.expect(Promise::PlanIsGuard, agrees, how);
        Ok(())
    }

    fn uploaded(&mut self, uploaded: &Uploaded) {
        self.bytes_are_kept(uploaded);
        let Step { before, after, world, .. } = self.step;
        let Some(old) = before.head() else { return };
        let is_replaced = after.head().is_none_or(|new| new.version.id != old.version.id);
        if uploaded.arrival == Arrival::Again {
            self.expect(Promise::NoReplay, !is_replaced, || format!("{} again", name(uploaded.content)));
        }
        if !is_replaced {
            return;
        }
        let is_set_aside = after.version(old.version.id).is_some_and(|old| old.version.set_aside.is_some());
        let Some(card) = uploaded.card.map(|card| &world.cards[card]) else {
            return self
                .expect(Promise::SetAside, is_set_aside, || "not by an upload without a device".to_owned());
        };
        let replaced = content_of(old);
        let known = strong_points(before, card)
            .filter_map(|(_, point)| before.version(point.version))
            .any(|held| held.version.content.is_equal(&old.version.content));
        let how = || format!("version {} is not", before.ordinal(Some(old.version.id)));
        self.expect(Promise::SetAside, known || is_set_aside, how);
        let derives = world.lineage.descends(uploaded.content, replaced);
        if derives || card.past.held.contains(replaced) || is_set_aside {
            self.tally.count(Promise::NoLostUpdate);
        } else if let Some(limit) = excuse(card, replaced) {
            self.findings.push(Finding::Limit(limit));
        } else {
            let how = || format!("device {} never held {}", card.device, name(replaced));
            self.expect(Promise::NoLostUpdate, false, how);
        }
    }

    /// What was answered 2xx or 409 can be fetched.
    fn bytes_are_kept(&mut self, uploaded: &Uploaded) {
        let kept = match &uploaded.outcome {
            UploadOutcome::Stored(save) | UploadOutcome::AlreadyHead(save) => save,
            UploadOutcome::Refused(refusal) => &refusal.kept,
        };
        let is_kept = kept.version.held && !kept.is_deleted() && content_of(kept) == uploaded.content;
        self.expect(Promise::Recoverable, is_kept, || format!("{} is not kept", name(uploaded.content)));
    }

    fn wrote_over(&mut self, content: ContentId, over: Over) {
        match (over, self.step.after.holding(content)) {
            (Over::ResolvedFork, Holding::LetGo) => self.findings.push(Finding::Limit(Limit::ForkReleased)),
            _ => self.destroys_nothing(content, over),
        }
    }
}

/// Why the server may believe that the card holds what it never held.
fn excuse(card: &Card, content: ContentId) -> Option<Limit> {
    if card.past.lost.contains(content) {
        Some(Limit::LostFiles)
    } else if card.past.misled.contains(content) {
        Some(Limit::LateConfirmation)
    } else {
        None
    }
}

/// What the card's device is strongly known to hold, by slot.
fn strong_points<'a>(reading: &'a Reading, card: &Card) -> impl Iterator<Item = (SlotId, Point)> + use<'a> {
    reading.devices[card.device].bases.iter().filter_map(|base| match base.holding {
        Some(Held::Strong(point)) => Some((base.slot, point)),
        _ => None,
    })
}

fn is_listed(save: &Save) -> bool {
    save.visibility == Visibility::Visible && save.version.standing == Standing::Line
}

fn verdict_name(verdict: &UploadOutcome) -> &'static str {
    match verdict {
        UploadOutcome::Stored(_) => "stored",
        UploadOutcome::AlreadyHead(_) => "already the head",
        UploadOutcome::Refused(_) => "refused",
    }
}

fn name(content: ContentId) -> String {
    format!("content {}", content.0 + 1)
}
