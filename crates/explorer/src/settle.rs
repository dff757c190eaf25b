//! What a state comes to when nothing new happens: devices stop changing and sync in turn (promise P7).

use crate::action::{Action, Fate};
use crate::card::Errand;
use crate::content::ContentId;
use crate::reading::{Reading, content_of};
use crate::server::{Answer, Failure};
use crate::world::World;

/// How conflicts are resolved on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resolution {
    /// Each device takes what the server has.
    KeepServer,
    /// Each device sends what it has.
    KeepLocal,
}

/// No sync takes more steps.
const LONGEST_SYNC: usize = 12;

/// Lets a world come to rest. `None` if it does as it should, else what is wrong.
pub(crate) fn settle(mut world: World, resolution: Resolution) -> Answer<Option<String>> {
    world.copies.clear();
    for card in &mut world.cards {
        card.rest();
        card.sending = None;
    }
    // Each device may bring a conflict of its own, which the others hear of a round later.
    for _ in 0..world.cards.len() + 2 {
        sync_all(&mut world, resolution)?;
    }
    let settled = Reading::of(&world)?;
    let files = contents(&world);
    sync_all(&mut world, resolution)?;
    let later = Reading::of(&world)?;
    if later.saves != settled.saves || later.slots != settled.slots {
        return Ok(Some(format!("it never comes to rest ({resolution})")));
    }
    if files != contents(&world) {
        return Ok(Some(format!("a device goes on changing its file ({resolution})")));
    }
    Ok(stray(&world, &later).map(|device| format!("device {device} ends on something else ({resolution})")))
}

/// Lets the first device play, and all of them sync.
pub(crate) fn bring_in_sync(world: &mut World) -> Answer<()> {
    act(world, Action::Play(0))?;
    (0..2).try_for_each(|_| sync_all(world, Resolution::KeepServer))
}

fn contents(world: &World) -> Vec<Option<ContentId>> {
    world.cards.iter().map(|card| card.file.map(|file| file.content)).collect()
}

/// A tracked device that has a file, but not the head's content.
fn stray(world: &World, reading: &Reading) -> Option<usize> {
    let head = reading.head().map(content_of);
    let strays = world.cards.iter().filter(|card| {
        reading.is_tracked(card.device) && card.file.is_some_and(|file| Some(file.content) != head)
    });
    strays.map(|card| card.device).next()
}

fn sync_all(world: &mut World, resolution: Resolution) -> Answer<()> {
    (0..world.cards.len()).try_for_each(|card| sync(world, card, resolution))
}

/// One sync of one device, in which nothing goes wrong.
fn sync(world: &mut World, place: usize, resolution: Resolution) -> Answer<()> {
    let card = u8::try_from(place).unwrap_or(u8::MAX);
    act(world, Action::Negotiate(card))?;
    for _ in 0..LONGEST_SYNC {
        let has_file = world.cards[place].file.is_some();
        let next = match world.cards[place].errand {
            Errand::Idle => return Ok(()),
            Errand::Upload => Action::Upload(card, Fate::Answered),
            Errand::Choose { .. } if resolution == Resolution::KeepLocal && has_file => {
                Action::KeepLocal(card)
            }
            Errand::Choose { .. } => Action::KeepServer(card),
            Errand::Download { .. } => Action::Fetch(card),
            Errand::Receive { .. } if world.cards[place].sending.is_some() => Action::Deliver(card),
            Errand::Receive { .. } => Action::Write(card),
            Errand::Confirm { .. } => Action::Confirm(card, Fate::Answered),
            Errand::Finish => Action::Complete(card),
        };
        act(world, next)?;
    }
    Err(Failure::Broken("a sync does not end".to_owned()))
}

fn act(world: &mut World, action: Action) -> Answer<()> {
    let reading = Reading::of(world)?;
    world.act(action, &reading).map(|_| ())
}

impl std::fmt::Display for Resolution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::KeepServer => "conflicts resolved for the server",
            Self::KeepLocal => "conflicts resolved for the device",
        })
    }
}
