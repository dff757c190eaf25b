//! Traces as a person reads them: the steps are done once more, from where they began, and told.

use memcard_domain::save::{Save, Standing, UploadOutcome};

use crate::action::Action;
use crate::card::{Card, Errand, HeldBack, Request};
use crate::code::encode;
use crate::content::ContentId;
use crate::reading::{Reading, content_of};
use crate::server::{Answer, Failure};
use crate::world::{Happened, World};

/// The steps, one line each.
pub(crate) fn tell(first: &World, actions: &[Action]) -> Answer<Vec<String>> {
    let mut world = first.snapshot();
    let mut lines = Vec::new();
    for action in actions {
        let before = Reading::of(&world)?;
        let action = encode(&world, &before).in_world(*action);
        let line = begin(&world, &before, action);
        let happened = match world.act(action, &before) {
            Ok(happened) => happened,
            Err(Failure::Refused(why)) => {
                lines.push(format!("{line}: refused, {why}"));
                continue;
            }
            Err(Failure::Broken(why)) => {
                lines.push(format!("{line}: {why}"));
                break;
            }
        };
        let after = Reading::of(&world)?;
        lines.push(format!("{line}{}", end(&world, &after, action, &happened)));
    }
    Ok(lines)
}

fn begin(world: &World, reading: &Reading, action: Action) -> String {
    let who = action.card().map(|card| letter(&world.cards[usize::from(card)])).unwrap_or_default();
    let version =
        |ordinal: u8| reading.at(ordinal).map_or_else(|_| "?".to_owned(), |save| version(reading, save));
    match action {
        Action::Play(_) => format!("{who} plays"),
        Action::RollBack(_) => format!("{who} goes back to its file before"),
        Action::LoseFiles(_) => format!("{who} loses its files and keeps its identity"),
        Action::Register(_) => format!("{who} registers again without its token"),
        Action::StartAnew(_) => format!("{who} registers again to start anew"),
        Action::Negotiate(_) => format!("{who} negotiates"),
        Action::Upload(_, fate) => format!("{who} uploads{fate}"),
        Action::KeepLocal(_) => format!("{who} keeps its own: uploads to overwrite"),
        Action::KeepServer(_) => format!("{who} keeps the server's: begins a download"),
        Action::Fetch(_) => format!("{who} begins a download"),
        Action::Deliver(_) => format!("the server notes that all was sent to {who}"),
        Action::Write(_) => format!("{who} writes its file"),
        Action::Confirm(_, fate) => format!("{who} says downloaded{fate}"),
        Action::Complete(_) => format!("{who} completes its session"),
        Action::GiveUp(_) => format!("{who} crashes or loses the connection"),
        Action::Arrive(copy) => arrival(world, reading, &world.copies[usize::from(copy)]),
        Action::Untrack(_) => format!("the slot is untracked on {who}"),
        Action::Track(_) => format!("the slot is tracked on {who}"),
        Action::Delete(ordinal) => format!("{} is deleted", version(ordinal)),
        Action::Release(ordinal) => format!("retention lets go of the bytes of {}", version(ordinal)),
        Action::WebUpload => "a save is uploaded without a device".to_owned(),
    }
}

fn arrival(world: &World, reading: &Reading, copy: &HeldBack) -> String {
    let who = letter(&world.cards[copy.card]);
    match copy.request {
        Request::Upload { content, .. } => format!("late: {who}'s upload of {} arrives", name(content)),
        Request::Downloaded { row, content } => {
            let row = reading.ordinal_of_row(row);
            format!("late: {who}'s downloaded of the row of version {row}, then {}, arrives", name(content))
        }
    }
}

fn end(world: &World, after: &Reading, action: Action, happened: &Happened) -> String {
    let head = || after.head().map_or_else(|| "none".to_owned(), |head| version(after, head));
    match (happened, action) {
        (Happened::Planned(planned), _) => {
            format!(" with {}: {:?}, {:?}", name(planned.content), planned.action, planned.reason)
        }
        (Happened::Uploaded(uploaded), _) => match &uploaded.outcome {
            UploadOutcome::Stored(save) => {
                format!(" {}: stored as {}", name(uploaded.content), version(after, save))
            }
            UploadOutcome::AlreadyHead(_) => format!(" {}: is the head already", name(uploaded.content)),
            UploadOutcome::Refused(refusal) => {
                format!(" {}: refused ({})", name(uploaded.content), refusal.reason.text())
            }
        },
        (_, Action::Play(card) | Action::RollBack(card) | Action::Write(card)) => {
            let file = world.cards[usize::from(card)].file;
            format!(": its file is {}", file.map_or_else(|| "gone".to_owned(), |file| name(file.content)))
        }
        (_, Action::Fetch(card) | Action::KeepServer(card)) => match world.cards[usize::from(card)].errand {
            Errand::Receive { content, .. } => format!(" of {}", name(content)),
            _ => ": it is not there any more".to_owned(),
        },
        (_, Action::Negotiate(card)) => match world.cards[usize::from(card)].errand {
            Errand::Download { .. } => " without a file: Download".to_owned(),
            _ => " without a file: nothing to do".to_owned(),
        },
        (_, Action::Delete(_)) => format!("; the head is {}", head()),
        _ => String::new(),
    }
}

fn version(reading: &Reading, save: &Save) -> String {
    let ordinal = reading.ordinal(Some(save.version.id));
    let fork = if save.version.standing == Standing::Line { "" } else { ", a fork" };
    format!("version {ordinal} ({}{fork})", name(content_of(save)))
}

/// Devices go by capital letters, with that of their client.
fn letter(card: &Card) -> String {
    let capital = char::from(b'A' + u8::try_from(card.device).unwrap_or(0));
    format!("{capital}({})", card.client.letter())
}

fn name(content: ContentId) -> String {
    format!("c{}", content.0 + 1)
}
