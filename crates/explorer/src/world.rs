//! One state: the server, the cards, what the network holds back; and what can happen next.

use std::sync::Arc;

use memcard_domain::device::Syncs;
use memcard_domain::ids::{SaveId, SessionId};
use memcard_domain::save::{DownloadMode, ForkState, Save, Standing, UploadMode, UploadOutcome, Visibility};
use memcard_domain::sync::Holding as Held;
use memcard_domain::sync::decision;

use crate::action::{Action, Fate};
use crate::card::{Arrival, Card, Errand, HeldBack, Over, Request, Sending};
use crate::code;
use crate::content::{ContentId, ContentSet, Lineage};
use crate::reading::{Holding, Reading, content_of};
use crate::server::{Answer, Entry, Failure, Sent, Server};
use crate::setting::{Client, Event, Setting};

/// One state.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) cards: Vec<Card>,
    /// What the network holds back.
    pub(crate) copies: Vec<HeldBack>,
    pub(crate) lineage: Lineage,
    /// See [`code::orders`].
    pub(crate) orders: Arc<[Vec<usize>]>,
}

/// What came of an action, as far as something has to be checked.
#[derive(Debug, Clone)]
pub(crate) enum Happened {
    /// Nothing that concerns a save.
    Nothing,
    /// A plan was made.
    Planned(Planned),
    /// An upload was answered.
    Uploaded(Box<Uploaded>),
    /// A file was written over.
    WroteOver { content: ContentId, over: Over },
}

/// A plan for one file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Planned {
    pub(crate) card: usize,
    pub(crate) content: ContentId,
    pub(crate) action: decision::Action,
    pub(crate) reason: decision::Reason,
    pub(crate) session: SessionId,
}

/// An upload and its answer.
#[derive(Debug, Clone)]
pub(crate) struct Uploaded {
    /// Which card sent it; none in the web interface.
    pub(crate) card: Option<usize>,
    pub(crate) content: ContentId,
    pub(crate) outcome: UploadOutcome,
    /// Whether it was judged before.
    pub(crate) arrival: Arrival,
}

impl World {
    /// A server without saves, cards without files.
    pub(crate) fn empty(setting: &Setting) -> Answer<Self> {
        let server = Server::new(setting.clients.kinds(), setting.ablation)?;
        let kinds = setting.clients.kinds().iter().enumerate();
        let cards: Vec<Card> = kinds.map(|(device, client)| Card::new(*client, device)).collect();
        let orders = code::orders(&cards).into();
        Ok(Self { server, cards, copies: Vec::new(), lineage: Lineage::default(), orders })
    }

    /// Another world that stands where this one does.
    pub(crate) fn snapshot(&self) -> Self {
        Self { server: self.server.snapshot(), ..self.clone() }
    }

    /// How many different contents there are on cards, on the server and on their way.
    fn contents(&self, reading: &Reading) -> usize {
        let on_cards = self.cards.iter().flat_map(|card| [card.file, card.backup]).flatten();
        let on_way = self.copies.iter().map(|copy| copy.request.content());
        let kept = reading.saves.iter().map(content_of);
        let all: ContentSet = on_cards.map(|file| file.content).chain(on_way).chain(kept).collect();
        all.iter().count()
    }

    /// Does what the action says.
    pub(crate) fn act(&mut self, action: Action, reading: &Reading) -> Answer<Happened> {
        match action {
            Action::Play(card) => self.play(usize::from(card)),
            Action::RollBack(card) => self.cards[usize::from(card)].roll_back(),
            Action::LoseFiles(card) => self.cards[usize::from(card)].lose_files(),
            Action::Register(card) => self.register(usize::from(card), Syncs::Keep)?,
            Action::StartAnew(card) => self.register(usize::from(card), Syncs::Reset)?,
            Action::Negotiate(card) => return self.negotiate(usize::from(card), reading),
            Action::Upload(card, fate) => return self.upload(usize::from(card), fate),
            Action::KeepLocal(card) => return self.keep_local(usize::from(card)),
            Action::KeepServer(card) => self.keep_server(usize::from(card))?,
            Action::Fetch(card) => self.fetch(usize::from(card))?,
            Action::Deliver(card) => self.deliver(usize::from(card))?,
            Action::Write(card) => return Ok(self.write(usize::from(card))),
            Action::Confirm(card, fate) => self.confirm(usize::from(card), fate)?,
            Action::Complete(card) => self.complete(usize::from(card))?,
            Action::GiveUp(card) => self.cards[usize::from(card)].rest(),
            Action::Arrive(copy) => return self.arrive(usize::from(copy)),
            Action::Untrack(card) => self.on_head(usize::from(card), reading, Server::untrack)?,
            Action::Track(card) => self.on_head(usize::from(card), reading, Server::track)?,
            Action::Delete(version) => self.server.delete(reading.at(version)?.id)?,
            Action::Release(version) => self.release(reading.at(version)?)?,
            Action::WebUpload => return self.web_upload(),
        }
        Ok(Happened::Nothing)
    }

    fn play(&mut self, card: usize) {
        let card = &mut self.cards[card];
        let content = self.lineage.write(card.file.map(|file| file.content));
        card.write(content);
    }

    /// What the server believed is void now, unless something from before is still on its way.
    fn register(&mut self, place: usize, syncs: Syncs) -> Answer<()> {
        let card = &mut self.cards[place];
        if self.copies.iter().all(|copy| copy.card != place) {
            card.past.lost = ContentSet::default();
            card.past.misled = ContentSet::default();
        }
        self.server.register(card.device, syncs)
    }

    fn negotiate(&mut self, place: usize, reading: &Reading) -> Answer<Happened> {
        let card = &mut self.cards[place];
        let entry = card.file.map(|file| Entry {
            hash: match card.client {
                Client::Hashing | Client::Optimistic => Some(file.content),
                Client::Adopting => card.adopted,
                Client::Hashless => None,
            },
            time: file.time,
        });
        let plan = self.server.negotiate(card.device, entry)?;
        card.session = Some(plan.session);
        let Some((action, reason, row)) = plan.operation else {
            card.errand = Errand::Finish;
            return Ok(Happened::Nothing);
        };
        let over = over(card, reading);
        card.errand = match (action, row) {
            (decision::Action::Upload, _) => Errand::Upload,
            (decision::Action::Download, Some(row)) => Errand::Download { row, over },
            // This client settles a conflict about an unchanged file by itself, in favour of the server.
            (decision::Action::Conflict, Some(row)) if card.seems_unchanged() => {
                Errand::Download { row, over: Over::Settled }
            }
            (decision::Action::Conflict, Some(row)) => Errand::Choose { row },
            _ => Errand::Finish,
        };
        let planned = card.file.map(|file| Planned {
            card: place,
            content: file.content,
            action,
            reason,
            session: plan.session,
        });
        Ok(planned.map_or(Happened::Nothing, Happened::Planned))
    }

    fn upload(&mut self, place: usize, fate: Fate) -> Answer<Happened> {
        let card = &mut self.cards[place];
        let (Some(file), session) = (card.file, card.session) else { return Ok(Happened::Nothing) };
        let request = Request::Upload { content: file.content, session };
        match fate {
            Fate::Answered | Fate::AnswerLost => {}
            Fate::Copied => self.copies.push(HeldBack { card: place, request, arrival: Arrival::Again }),
            Fate::Delayed => {
                self.copies.push(HeldBack { card: place, request, arrival: Arrival::First });
                card.rest();
                return Ok(Happened::Nothing);
            }
        }
        let sent =
            Sent { device: Some(card.device), content: file.content, session, mode: UploadMode::Guarded };
        let outcome = self.server.upload(sent)?;
        self.take_answer(place, &outcome, fate);
        Ok(uploaded(Some(place), file.content, outcome, Arrival::First))
    }

    fn keep_local(&mut self, place: usize) -> Answer<Happened> {
        let card = &self.cards[place];
        let (Some(file), session) = (card.file, card.session) else { return Ok(Happened::Nothing) };
        let sent =
            Sent { device: Some(card.device), content: file.content, session, mode: UploadMode::Overwrite };
        let outcome = self.server.upload(sent)?;
        self.take_answer(place, &outcome, Fate::Answered);
        Ok(uploaded(Some(place), file.content, outcome, Arrival::First))
    }

    fn take_answer(&mut self, place: usize, outcome: &UploadOutcome, fate: Fate) {
        let card = &mut self.cards[place];
        if fate == Fate::AnswerLost {
            card.rest();
            return;
        }
        match outcome {
            UploadOutcome::Stored(_) | UploadOutcome::AlreadyHead(_) => {
                card.adopt();
                card.errand = Errand::Finish;
            }
            UploadOutcome::Refused(refusal) => card.errand = Errand::Choose { row: refusal.head.id },
        }
    }

    fn keep_server(&mut self, card: usize) -> Answer<()> {
        if let Errand::Choose { row } = self.cards[card].errand {
            self.cards[card].errand = Errand::Download { row, over: Over::Chosen };
        }
        self.fetch(card)
    }

    fn fetch(&mut self, card: usize) -> Answer<()> {
        let card = &mut self.cards[card];
        let Errand::Download { row, over } = card.errand else { return Ok(()) };
        let served = match self.server.serve(card.device, row) {
            Ok(served) if served.version.held => served,
            Ok(_) | Err(Failure::Refused(_)) => {
                card.rest();
                return Ok(());
            }
            Err(broken) => return Err(broken),
        };
        let version = served.version.id;
        card.errand = Errand::Receive { row, version, content: content_of(&served), over };
        if card.client.confirms() {
            let mode = DownloadMode::AwaitingConfirmation;
            return self.server.delivered(card.device, version, card.session, mode);
        }
        card.sending = Some(Sending { version, session: card.session });
        Ok(())
    }

    fn deliver(&mut self, card: usize) -> Answer<()> {
        let card = &mut self.cards[card];
        let Some(Sending { version, session }) = card.sending.take() else { return Ok(()) };
        self.server.delivered(card.device, version, session, DownloadMode::Optimistic)
    }

    fn write(&mut self, place: usize) -> Happened {
        let card = &mut self.cards[place];
        let Errand::Receive { row, content, over, .. } = card.errand else { return Happened::Nothing };
        let before = card.file;
        card.write(content);
        card.adopt();
        card.errand = match card.client.confirms() {
            true => Errand::Confirm { row, content },
            false => Errand::Finish,
        };
        match before {
            Some(file) if file.content != content => Happened::WroteOver { content: file.content, over },
            _ => Happened::Nothing,
        }
    }

    fn confirm(&mut self, place: usize, fate: Fate) -> Answer<()> {
        let card = &mut self.cards[place];
        let Errand::Confirm { row, content } = card.errand else { return Ok(()) };
        let request = Request::Downloaded { row, content };
        card.errand = Errand::Finish;
        match fate {
            Fate::Answered | Fate::AnswerLost => {}
            Fate::Copied => self.copies.push(HeldBack { card: place, request, arrival: Arrival::Again }),
            Fate::Delayed => {
                self.copies.push(HeldBack { card: place, request, arrival: Arrival::First });
                card.rest();
                return Ok(());
            }
        }
        self.server.downloaded(card.device, row)
    }

    fn complete(&mut self, card: usize) -> Answer<()> {
        let card = &mut self.cards[card];
        let session = card.session;
        card.rest();
        session.map_or(Ok(()), |session| self.server.complete(session))
    }

    fn arrive(&mut self, copy: usize) -> Answer<Happened> {
        let HeldBack { card: place, request, arrival } = self.copies.remove(copy);
        let card = &mut self.cards[place];
        match request {
            Request::Upload { content, session } => {
                let device = Some(card.device);
                let outcome =
                    self.server.upload(Sent { device, content, session, mode: UploadMode::Guarded })?;
                Ok(uploaded(Some(place), content, outcome, arrival))
            }
            Request::Downloaded { row, content } => {
                let before = self.server.known_to_hold(card.device)?;
                self.server.downloaded(card.device, row)?;
                let after = self.server.known_to_hold(card.device)?;
                card.past.misled.extend(after.filter(|after| *after != content && Some(*after) != before));
                Ok(Happened::Nothing)
            }
        }
    }

    /// Bytes go and the row with them from the lists, so that it never becomes head again.
    fn release(&self, save: &Save) -> Answer<()> {
        self.server.release(save.version.id);
        if save.is_listed() {
            self.server.store(|tx| tx.saves().set_visibility(&[save.id], Visibility::Cleaned))?;
        }
        Ok(())
    }

    fn web_upload(&mut self) -> Answer<Happened> {
        let content = self.lineage.write(None);
        let sent = Sent { device: None, content, session: None, mode: UploadMode::Guarded };
        let outcome = self.server.upload(sent)?;
        Ok(uploaded(None, content, outcome, Arrival::First))
    }

    fn on_head(
        &mut self,
        card: usize,
        reading: &Reading,
        request: fn(&Server, usize, SaveId) -> Answer<()>,
    ) -> Answer<()> {
        let Some(head) = reading.head() else { return Ok(()) };
        request(&self.server, self.cards[card].device, head.id)
    }
}

fn uploaded(card: Option<usize>, content: ContentId, outcome: UploadOutcome, arrival: Arrival) -> Happened {
    Happened::Uploaded(Box::new(Uploaded { card, content, outcome, arrival }))
}

/// How the server holds what a planned download would write over.
fn over(card: &Card, reading: &Reading) -> Over {
    match card.file.map(|file| reading.holding(file.content)) {
        Some(Holding::ResolvedFork) => Over::ResolvedFork,
        _ => Over::Kept,
    }
}

/// What can happen in a world, whose store reads so.
pub(crate) fn possible(world: &World, reading: &Reading, setting: &Setting) -> Vec<Action> {
    let mut possible = Vec::new();
    let with = |event| setting.events.contains(event);
    let may_write = world.contents(reading) < setting.contents;
    let may_hold_back = world.copies.len() < setting.copies;
    for (place, card) in world.cards.iter().enumerate() {
        let number = u8::try_from(place).unwrap_or(u8::MAX);
        let mut fates = vec![Fate::Answered];
        if may_hold_back && with(Event::Copies) {
            fates.push(Fate::Copied);
        }
        if may_hold_back && with(Event::Delays) {
            fates.push(Fate::Delayed);
        }
        match card.errand {
            Errand::Idle => {
                possible.push(Action::Negotiate(number));
                if may_write {
                    possible.push(Action::Play(number));
                }
                if with(Event::Rollback) && card.backup.is_some() {
                    possible.push(Action::RollBack(number));
                }
                if with(Event::Loss) && card.file.is_some() {
                    possible.push(Action::LoseFiles(number));
                }
                if with(Event::Registration) {
                    possible.extend([Action::Register(number), Action::StartAnew(number)]);
                }
            }
            Errand::Upload => {
                possible.extend(fates.iter().map(|fate| Action::Upload(number, *fate)));
                // For other clients a lost answer is no different from giving up after it.
                if card.client == Client::Adopting {
                    possible.push(Action::Upload(number, Fate::AnswerLost));
                }
            }
            Errand::Download { .. } => possible.push(Action::Fetch(number)),
            Errand::Choose { .. } => {
                possible.push(Action::KeepServer(number));
                if card.file.is_some() {
                    possible.push(Action::KeepLocal(number));
                }
            }
            Errand::Receive { .. } => possible.push(Action::Write(number)),
            Errand::Confirm { .. } => {
                possible.extend(fates.iter().map(|fate| Action::Confirm(number, *fate)));
            }
            Errand::Finish => possible.push(Action::Complete(number)),
        }
        if card.errand != Errand::Idle {
            possible.push(Action::GiveUp(number));
        }
        if card.sending.is_some() {
            possible.push(Action::Deliver(number));
        }
        if with(Event::Tracking) && reading.head().is_some() {
            possible.push(match reading.is_tracked(card.device) {
                true => Action::Untrack(number),
                false => Action::Track(number),
            });
        }
    }
    possible.extend((0..world.copies.len()).filter_map(|copy| u8::try_from(copy).ok()).map(Action::Arrive));
    for save in &reading.saves {
        let ordinal = reading.ordinal(Some(save.version.id));
        if with(Event::Deletion) && can_be_deleted(save) {
            possible.push(Action::Delete(ordinal));
        }
        if with(Event::Retention) && can_be_released(save, reading) {
            possible.push(Action::Release(ordinal));
        }
    }
    if with(Event::WebUpload) && may_write {
        possible.push(Action::WebUpload);
    }
    possible
}

/// Whether deleting its row changes anything.
fn can_be_deleted(save: &Save) -> bool {
    !save.is_deleted() && matches!(save.version.standing, Standing::Line | Standing::Fork(ForkState::Open))
}

/// Whether an owner's retention rule may let go of the bytes, however strict it is.
fn can_be_released(save: &Save, reading: &Reading) -> bool {
    let version = &save.version;
    let is_head = reading.slots.iter().any(|slot| slot.head == Some(version.id));
    let is_waiting = version.standing == Standing::Fork(ForkState::Open);
    let bases = reading.devices.iter().flat_map(|device| &device.bases);
    let is_base = bases.filter_map(|base| base.holding.as_ref()).any(|holding| match holding {
        Held::Strong(point) => point.version == version.id,
        Held::Provisional { point, before, .. } => {
            point.version == version.id || before.is_some_and(|before| before.version == version.id)
        }
    });
    version.held && !is_head && !is_waiting && !version.pinned && version.set_aside.is_none() && !is_base
}
