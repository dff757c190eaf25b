//! States as bytes. Two worlds have the same code if no rule and no check can tell them apart: ids, contents, file
//! times and devices of one kind of client are numbered in the order in which they come up, what nobody will ever look
//! at again is left out. A world can be had back from its code.
//!
//! What is left out: texts and times that are only shown, counters that are only shown, sessions that have ended (no
//! request that names one is answered otherwise than with one that never was), and what no file, request or version has
//! to do with any more. Entities are taken apart member by member, so that a new one does not compile here before
//! somebody has said what it means.

use memcard_domain::ids::{DeviceId, SaveId, SessionId, SlotId, VersionId};
use memcard_domain::ports::{StoreError, Transaction};
use memcard_domain::save::{
    NewVersion, Order, Save, SetAside, Slot, Standing, Version, VersionKind, Visibility,
};
use memcard_domain::sync::{Base, FileTimes, Holding, NamedFile, NewSession, Point, SyncSession, Tracking};
use memcard_domain::time::Timestamp;

use crate::action::Action;
use crate::card::{Arrival, Card, Errand, File, HeldBack, Over, Past, Request, Sending};
use crate::content::{ContentId, ContentSet, Lineage, SIZE};
use crate::reading::{Known, Reading};
use crate::server::{self, Answer, Failure, Server};
use crate::world::World;

/// A state's code, and what has which number in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) bytes: Vec<u8>,
    /// Which of the world's cards stands at which place.
    pub(crate) cards: Vec<usize>,
    /// Which of the world's copies stands at which place.
    pub(crate) copies: Vec<usize>,
}

impl Code {
    /// An action by places in the code, by places in the world.
    pub(crate) fn in_world(&self, action: Action) -> Action {
        let place = |places: &[usize], place: u8| {
            places.get(usize::from(place)).and_then(|place| u8::try_from(*place).ok()).unwrap_or(place)
        };
        match action {
            Action::Arrive(copy) => Action::Arrive(place(&self.copies, copy)),
            action => action.by(|card| place(&self.cards, card)),
        }
    }
}

/// How much of a state counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// All of it.
    Full,
    /// What is left of it when every client has given up and the network has lost what it held back.
    AtRest,
}

/// The code of a world, whose store reads so.
pub(crate) fn encode(world: &World, reading: &Reading) -> Code {
    smallest(world, reading, Detail::Full)
}

/// The code of what a world settles from.
pub(crate) fn encode_at_rest(world: &World, reading: &Reading) -> Vec<u8> {
    smallest(world, reading, Detail::AtRest).bytes
}

/// Devices of one kind of client may take each other's place: of all orders the one with the smallest code.
fn smallest(world: &World, reading: &Reading, detail: Detail) -> Code {
    let slots = Encoder::of_slots(world, reading);
    let codes = world.orders.iter().map(|order| slots.clone().with_cards(order, detail));
    codes.min_by(|one, two| one.bytes.cmp(&two.bytes)).unwrap_or(Code {
        bytes: Vec::new(),
        cards: Vec::new(),
        copies: Vec::new(),
    })
}

/// The orders of cards that only move those of one kind of client.
pub(crate) fn orders(cards: &[Card]) -> Vec<Vec<usize>> {
    let mut orders = vec![Vec::new()];
    for place in cards {
        let longer = orders.iter().flat_map(|order: &Vec<usize>| {
            let free = (0..cards.len()).filter(|card| !order.contains(card));
            let same_kind = free.filter(|card| cards[*card].client == place.client);
            same_kind.map(|card| order.iter().copied().chain([card]).collect()).collect::<Vec<_>>()
        });
        orders = longer.collect();
    }
    orders
}

const UNNAMED: u8 = 0;

#[derive(Clone)]
struct Encoder<'a> {
    world: &'a World,
    reading: &'a Reading,
    bytes: Vec<u8>,
    /// The number of each content, from 1.
    numbers: [u8; 64],
    /// The contents by their number.
    contents: Vec<ContentId>,
}

impl<'a> Encoder<'a> {
    fn of_slots(world: &'a World, reading: &'a Reading) -> Self {
        let bytes = Vec::with_capacity(160);
        let mut encoder = Self { world, reading, bytes, numbers: [UNNAMED; 64], contents: Vec::new() };
        encoder.count(reading.slots.len());
        for slot in &reading.slots {
            // No event resolves a fork, which alone makes a slot that is not tracked by itself.
            let Slot { id: _, key, head, tracking: _ } = slot;
            encoder.count(world.server.slot_number(key).unwrap_or_default());
            encoder.bytes.push(reading.ordinal(*head));
        }
        encoder.count(reading.saves.len());
        for save in &reading.saves {
            encoder.save(save);
        }
        encoder
    }

    fn save(&mut self, save: &Save) {
        let Save {
            id: _,
            key: _,
            file_name: _,
            emulator: _,
            visibility,
            is_public: _,
            created_at: _,
            version,
        } = save;
        let Version {
            id: _,
            slot,
            order: _,
            content,
            origin: _,
            parent,
            kind: _,
            standing,
            set_aside,
            held,
            pinned,
            label: _,
            updated_at: _,
            screenshot: _,
        } = version;
        let slot = self.reading.slots.iter().position(|known| known.id == *slot);
        self.count(slot.unwrap_or_default());
        self.content(Some(ContentId::of(content)));
        self.bytes.push(self.reading.ordinal(*parent));
        self.count(position(&Standing::ALL, *standing) << 4 | position(&Visibility::ALL, *visibility));
        let noticed = set_aside.map_or(0, |set_aside| if set_aside.dismissed { 2 } else { 1 });
        self.bytes.push(u8::from(*held) | u8::from(*pinned) << 1 | noticed << 2);
    }

    fn with_cards(mut self, order: &[usize], detail: Detail) -> Code {
        let mut copies = Vec::new();
        for place in order {
            let card = &self.world.cards[*place];
            let known = &self.reading.devices[card.device];
            let mut times = Vec::new();
            self.file(card.file, &mut times);
            self.content(card.adopted);
            self.bytes.push(u8::try_from(known.hash_contradictions).unwrap_or(u8::MAX));
            if detail == Detail::Full {
                self.errand(card, known);
                self.file(card.backup, &mut times);
                self.session(known, &mut times);
                self.served(known);
                self.copies(*place, known, &mut times, &mut copies);
            }
            self.bases(known, &mut times);
        }
        if detail == Detail::Full {
            self.past(order);
        }
        Code { bytes: self.bytes, cards: order.to_vec(), copies }
    }

    fn errand(&mut self, card: &Card, known: &Known) {
        let (tag, row) = match card.errand {
            Errand::Idle => (0, None),
            Errand::Upload => (1, None),
            Errand::Download { row, over } => (2 + place_of(over), Some(row)),
            Errand::Choose { row } => (6, Some(row)),
            Errand::Receive { row, over, .. } => (7 + place_of(over), Some(row)),
            Errand::Confirm { row, .. } => (11, Some(row)),
            Errand::Finish => (12, None),
        };
        let runs = is_running(card.session, known);
        self.bytes.push(tag << 1 | u8::from(runs));
        self.bytes.extend(row.map(|row| self.reading.ordinal_of_row(row)));
        match card.errand {
            Errand::Receive { version, .. } => self.bytes.push(self.reading.ordinal(Some(version))),
            Errand::Confirm { content, .. } => self.content(Some(content)),
            _ => {}
        }
        let sending = card.sending.map_or(0, |sending| {
            self.reading.ordinal(Some(sending.version)) << 1 | u8::from(is_running(sending.session, known))
        });
        self.bytes.push(sending);
    }

    fn session(&mut self, known: &Known, times: &mut Vec<u32>) {
        match &known.session {
            None => self.bytes.push(0),
            Some((_, None)) => self.bytes.push(1),
            Some((_, Some(named))) => {
                self.bytes.push(2);
                self.named(named, times);
            }
        }
    }

    fn named(&mut self, named: &NamedFile, times: &mut Vec<u32>) {
        let NamedFile { slot: _, content_hash, file_time, size: _ } = named;
        self.content(content_hash.map(ContentId::of_hash));
        self.time(Some(server::time_of(*file_time)), times);
    }

    fn served(&mut self, known: &Known) {
        self.count(known.served.len());
        for (row, version) in &known.served {
            self.bytes.push(self.reading.ordinal_of_row(*row));
            self.bytes.push(self.reading.ordinal(Some(*version)));
        }
    }

    fn bases(&mut self, known: &Known, times: &mut Vec<u32>) {
        for slot in &self.reading.slots {
            match known.bases.iter().find(|base| base.slot == slot.id) {
                None => self.bytes.push(0),
                Some(base) => self.base(base, known, times),
            }
        }
    }

    fn base(&mut self, base: &Base, known: &Known, times: &mut Vec<u32>) {
        let Base {
            device: _,
            slot: _,
            holding,
            stamp,
            file_times,
            tracking,
            rollbacks: _,
            last_synced_at: _,
        } = base;
        let flags = u8::from(*file_times == FileTimes::Ambiguous) << 2
            | u8::from(*tracking == Tracking::Untracked) << 3
            | u8::from(stamp.is_some()) << 4;
        let ordinal = |point: Point| self.reading.ordinal(Some(point.version));
        let (tag, points) = match holding {
            None => (0, [0, 0]),
            Some(Holding::Strong(point)) => (1, [ordinal(*point), 0]),
            Some(Holding::Provisional { point, before, session }) => {
                let tag = if is_running(*session, known) { 3 } else { 2 };
                (tag, [ordinal(*point), before.map_or(0, ordinal)])
            }
        };
        self.bytes.push(tag | flags);
        if tag | flags != 0 {
            self.bytes.extend(points);
            self.time(stamp.map(server::time_of), times);
        }
    }

    /// The copies of one card's requests, in an order of their own.
    fn copies(&mut self, card: usize, known: &Known, times: &mut Vec<u32>, places: &mut Vec<usize>) {
        let own = self.world.copies.iter().enumerate().filter(|(_, copy)| copy.card == card);
        let mut own: Vec<(usize, &HeldBack)> = own.collect();
        own.sort_by_key(|(_, copy)| self.copy_key(copy));
        self.count(own.len());
        for (place, copy) in own {
            places.push(place);
            let first = u8::from(copy.arrival == Arrival::First);
            match copy.request {
                Request::Upload { content, session } => {
                    let named = self.reading.named[place].as_ref();
                    let planned = match (session, named) {
                        (None, _) => 0,
                        (Some(_), _) if is_running(session, known) => 1,
                        (Some(_), None) => 2,
                        (Some(_), Some(_)) => 3,
                    };
                    self.bytes.push(first | planned << 2);
                    self.content(Some(content));
                    if let (3, Some(named)) = (planned, named) {
                        self.named(named, times);
                    }
                }
                Request::Downloaded { row, content } => {
                    self.bytes.push(first | 2);
                    self.bytes.push(self.reading.ordinal_of_row(row));
                    self.content(Some(content));
                }
            }
        }
    }

    /// Contents that have no number yet come last; two such would be as good in either order.
    fn copy_key(&self, copy: &HeldBack) -> (u8, u8, u8) {
        let first = u8::from(copy.arrival == Arrival::First);
        match copy.request {
            Request::Upload { content, .. } => {
                (first, 0, self.numbers[usize::from(content.0)].wrapping_sub(1))
            }
            Request::Downloaded { row, .. } => (first, 1, self.reading.ordinal_of_row(row)),
        }
    }

    /// What derives from what, and what nobody but the checker knows.
    fn past(&mut self, order: &[usize]) {
        for index in 0..self.contents.len() {
            self.set(self.world.lineage.ancestors(self.contents[index]));
        }
        for place in order {
            let Past { held, lost, misled, went_back } = self.world.cards[*place].past;
            self.bytes.push(u8::from(went_back));
            for set in [held, lost, misled] {
                self.set(set);
            }
        }
    }

    fn set(&mut self, set: ContentSet) {
        let numbers = set.iter().map(|content| self.numbers[usize::from(content.0)]);
        let numbered = numbers.filter(|number| *number != UNNAMED);
        let bits = numbered.fold(0_u16, |bits, number| bits | 1 << (number - 1));
        self.bytes.extend(bits.to_le_bytes());
    }

    fn file(&mut self, file: Option<File>, times: &mut Vec<u32>) {
        self.content(file.map(|file| file.content));
        if let Some(file) = file {
            self.time(Some(file.time), times);
        }
    }

    fn content(&mut self, content: Option<ContentId>) {
        let Some(content) = content else { return self.bytes.push(UNNAMED) };
        let number = &mut self.numbers[usize::from(content.0)];
        if *number == UNNAMED {
            self.contents.push(content);
            *number = u8::try_from(self.contents.len()).unwrap_or(u8::MAX);
        }
        self.bytes.push(*number);
    }

    /// File times are compared for equality only, and only with those of the same device.
    fn time(&mut self, time: Option<u32>, times: &mut Vec<u32>) {
        let Some(time) = time else { return };
        let place = times.iter().position(|known| *known == time).unwrap_or_else(|| {
            times.push(time);
            times.len() - 1
        });
        self.count(place);
    }

    fn count(&mut self, count: usize) {
        self.bytes.push(u8::try_from(count).unwrap_or(u8::MAX));
    }
}

fn is_running(session: Option<SessionId>, known: &Known) -> bool {
    session.is_some() && session == known.session.as_ref().map(|(id, _)| *id)
}

/// All of them, at most four.
const OVERS: [Over; 4] = [Over::Kept, Over::ResolvedFork, Over::Settled, Over::Chosen];

fn place_of(over: Over) -> u8 {
    position(&OVERS, over) as u8
}

fn position<T: PartialEq + Copy>(all: &[T], one: T) -> usize {
    all.iter().position(|other| *other == one).unwrap_or_default()
}

/// The world of that code; `empty` is the one everything begins from.
pub(crate) fn decode(empty: &World, bytes: &[u8]) -> Answer<World> {
    let server = empty.server.snapshot();
    let mut decoder =
        Decoder { bytes, server: &server, slots: Vec::new(), saves: Vec::new(), released: Vec::new() };
    server.store(|tx| decoder.slots(tx))?;
    decoder.released.iter().for_each(|version| server.release(*version));
    let mut cards = Vec::new();
    let mut copies = Vec::new();
    for (place, blank) in empty.cards.iter().enumerate() {
        let mut card = Card::new(blank.client, blank.device);
        server.store(|tx| decoder.card(tx, place, &mut card, &mut copies))?;
        cards.push(card);
    }
    let lineage = decoder.past(&mut cards);
    if !decoder.bytes.is_empty() {
        return Err(Failure::Broken(format!("{} bytes too many in a code", decoder.bytes.len())));
    }
    Ok(World { server, cards, copies, lineage, orders: empty.orders.clone() })
}

struct Decoder<'a> {
    bytes: &'a [u8],
    server: &'a Server,
    slots: Vec<SlotId>,
    saves: Vec<(VersionId, SaveId, Order)>,
    /// Versions whose bytes are gone.
    released: Vec<VersionId>,
}

impl Decoder<'_> {
    fn slots(&mut self, tx: &mut dyn Transaction) -> Result<(), StoreError> {
        let count = self.byte();
        let mut heads = Vec::new();
        for _ in 0..count {
            let number = usize::from(self.byte());
            heads.push(self.byte());
            if let Some(key) = self.server.slot_key(number) {
                self.slots.push(tx.saves().open_slot(&key)?.id);
            }
        }
        for _ in 0..self.byte() {
            self.save(tx)?;
        }
        for (slot, head) in self.slots.clone().into_iter().zip(heads) {
            tx.saves().set_head(slot, self.point(head).map(|point| point.version))?;
        }
        Ok(())
    }

    fn save(&mut self, tx: &mut dyn Transaction) -> Result<(), StoreError> {
        let slot = usize::from(self.byte());
        let slot = self.slots[slot];
        let content = self.content();
        let parent = self.byte();
        let states = self.byte();
        let flags = self.byte();
        let order = tx.saves().last_order(slot)?.map_or(Order::FIRST, Order::next);
        let standing = Standing::ALL[usize::from(states >> 4)];
        let save = tx.saves().append(&NewVersion {
            slot,
            order,
            content: content.unwrap_or(ContentId(0)).described(),
            origin: None,
            parent: self.point(parent).map(|point| point.version),
            kind: VersionKind::Upload,
            standing,
            updated_at: self.written(),
            file_name: self.server.file_name().clone(),
            emulator: None,
        })?;
        let visibility = Visibility::ALL[usize::from(states & 15)];
        if visibility != save.visibility {
            tx.saves().set_visibility(&[save.id], visibility)?;
        }
        if flags >> 2 != 0 {
            let set_aside = SetAside { at: server::now(), dismissed: flags >> 2 == 2 };
            tx.saves().set_set_aside(save.version.id, Some(set_aside))?;
        }
        if flags & 1 == 0 {
            self.released.push(save.version.id);
        }
        self.saves.push((save.version.id, save.id, order));
        Ok(())
    }

    /// When the next version was written: each a microsecond after the one before, as with a clock that stands.
    fn written(&self) -> Timestamp {
        server::now() + chrono::Duration::microseconds(self.saves.len() as i64)
    }

    fn card(
        &mut self,
        tx: &mut dyn Transaction,
        place: usize,
        card: &mut Card,
        copies: &mut Vec<HeldBack>,
    ) -> Result<(), StoreError> {
        let device = self.server.devices()[card.device];
        card.file = self.file();
        card.adopted = self.content();
        let contradictions = self.byte();
        if contradictions > 0
            && let Some(mut known) = tx.devices().find(self.server.user(), device)?
        {
            known.hash_contradictions = contradictions.into();
            tx.devices().update(&known)?;
        }
        let errand = self.byte();
        card.errand = match errand >> 1 {
            0 => Errand::Idle,
            1 => Errand::Upload,
            tag @ 2..=5 => Errand::Download { row: self.row(), over: OVERS[usize::from(tag - 2)] },
            6 => Errand::Choose { row: self.row() },
            tag @ 7..=10 => self.receive(tx, OVERS[usize::from(tag - 7)])?,
            11 => Errand::Confirm { row: self.row(), content: self.content().unwrap_or(ContentId(0)) },
            _ => Errand::Finish,
        };
        let sending = self.byte();
        card.backup = self.file();
        let session = self.session(tx, device)?;
        card.session = session.filter(|_| errand & 1 == 1);
        card.sending = self
            .point(sending >> 1)
            .map(|point| Sending { version: point.version, session: session.filter(|_| sending & 1 == 1) });
        for _ in 0..self.byte() {
            let row = self.row();
            let version = self.byte();
            if let Some(point) = self.point(version) {
                tx.bases().note_served(device, row, point.version)?;
            }
        }
        for _ in 0..self.byte() {
            copies.push(self.copy(tx, place, device, session)?);
        }
        self.bases(tx, device, session)?;
        card.time = self.last_time(card);
        Ok(())
    }

    fn receive(&mut self, tx: &mut dyn Transaction, over: Over) -> Result<Errand, StoreError> {
        let row = self.row();
        let version = self.byte();
        let version = self.point(version).map_or(VersionId(0), |point| point.version);
        let save = tx.saves().by_version(version)?;
        let content = save.map_or(ContentId(0), |save| ContentId::of(&save.version.content));
        Ok(Errand::Receive { row, version, content, over })
    }

    fn session(
        &mut self,
        tx: &mut dyn Transaction,
        device: DeviceId,
    ) -> Result<Option<SessionId>, StoreError> {
        let tag = self.byte();
        if tag == 0 {
            return Ok(None);
        }
        let session = self.begin(tx, device)?;
        if tag == 2 {
            self.named(tx, session.id)?;
        }
        Ok(Some(session.id))
    }

    fn begin(&self, tx: &mut dyn Transaction, device: DeviceId) -> Result<SyncSession, StoreError> {
        tx.sessions().insert(&NewSession {
            user: self.server.user(),
            device,
            operations_planned: 0,
            initiated_at: server::now(),
        })
    }

    fn named(&mut self, tx: &mut dyn Transaction, session: SessionId) -> Result<(), StoreError> {
        let content_hash = self.content().map(ContentId::hash);
        let file_time = server::file_time(self.byte().into());
        let slot = self.slots[0];
        tx.sessions().put_named(session, &[NamedFile { slot, content_hash, file_time, size: SIZE }])
    }

    fn copy(
        &mut self,
        tx: &mut dyn Transaction,
        card: usize,
        device: DeviceId,
        running: Option<SessionId>,
    ) -> Result<HeldBack, StoreError> {
        let flags = self.byte();
        let arrival = if flags & 1 == 1 { Arrival::First } else { Arrival::Again };
        let request = if flags & 2 == 0 {
            let content = self.content().unwrap_or(ContentId(0));
            let session = match flags >> 2 {
                0 => None,
                1 => running,
                tag => Some(self.ended(tx, device, tag == 3)?),
            };
            Request::Upload { content, session }
        } else {
            Request::Downloaded { row: self.row(), content: self.content().unwrap_or(ContentId(0)) }
        };
        Ok(HeldBack { card, request, arrival })
    }

    /// A session that has ended, with or without what was named in it.
    fn ended(
        &mut self,
        tx: &mut dyn Transaction,
        device: DeviceId,
        has_named: bool,
    ) -> Result<SessionId, StoreError> {
        let session = self.begin(tx, device)?;
        let (id, running) = (session.id, session.status);
        if has_named {
            self.named(tx, id)?;
        }
        if let Ok(cancelled) = session.cancel(server::now()) {
            tx.sessions().update(running, &cancelled)?;
        }
        Ok(id)
    }

    fn bases(
        &mut self,
        tx: &mut dyn Transaction,
        device: DeviceId,
        session: Option<SessionId>,
    ) -> Result<(), StoreError> {
        for slot in self.slots.clone() {
            let flags = self.byte();
            if flags == 0 {
                continue;
            }
            let mut base = Base::new(device, slot);
            let (point, before) = (self.byte(), self.byte());
            let before = self.point(before);
            base.holding = self.point(point).map(|point| match flags & 3 {
                1 => Holding::Strong(point),
                tag => Holding::Provisional { point, before, session: session.filter(|_| tag == 3) },
            });
            if flags & 4 != 0 {
                base.file_times = FileTimes::Ambiguous;
            }
            if flags & 8 != 0 {
                base.tracking = Tracking::Untracked;
            }
            if flags & 16 != 0 {
                base.stamp = Some(server::file_time(self.byte().into()));
            }
            tx.bases().put(&[base])?;
        }
        Ok(())
    }

    fn past(&mut self, cards: &mut [Card]) -> Lineage {
        let per_card = 1 + 3 * 2;
        let contents = self.bytes.len().saturating_sub(per_card * cards.len()) / 2;
        let lineage = Lineage::of((0..contents).map(|_| self.set()).collect());
        for card in cards {
            let went_back = self.byte() == 1;
            card.past = Past { went_back, held: self.set(), lost: self.set(), misled: self.set() };
        }
        lineage
    }

    fn set(&mut self) -> ContentSet {
        let bits = u16::from_le_bytes([self.byte(), self.byte()]);
        (0..16).filter(|number| bits >> number & 1 == 1).map(ContentId).collect()
    }

    fn file(&mut self) -> Option<File> {
        let content = self.content()?;
        Some(File { content, time: self.byte().into() })
    }

    /// Later than any time that is still known.
    fn last_time(&self, card: &Card) -> u32 {
        if card.client.has_clock() { 16 } else { 0 }
    }

    fn content(&mut self) -> Option<ContentId> {
        self.byte().checked_sub(1).map(ContentId)
    }

    fn row(&mut self) -> SaveId {
        let ordinal = usize::from(self.byte());
        self.saves.get(ordinal.wrapping_sub(1)).map_or(SaveId(0), |(_, row, _)| *row)
    }

    fn point(&self, ordinal: u8) -> Option<Point> {
        let (version, _, order) = self.saves.get(usize::from(ordinal).checked_sub(1)?)?;
        Some(Point { version: *version, order: *order })
    }

    fn byte(&mut self) -> u8 {
        match self.bytes.split_first() {
            Some((byte, rest)) => {
                self.bytes = rest;
                *byte
            }
            None => 0,
        }
    }
}

#[cfg(test)]
mod tests;
