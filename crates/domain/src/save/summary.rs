//! A game's saves at a glance: one line per slot.

use super::{Companion, Save, SaveFilter, SlotName, SlotPlace};
use crate::ids::{GameId, UserId};
use crate::ports::{StoreError, Transaction};

/// One slot of a game; the archival saves count as one without name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotSummary {
    /// Its name.
    pub name: Option<SlotName>,
    /// How many saves are listed in it, companions included.
    pub count: usize,
    /// The newest main save; the newest companion where there is no main save.
    pub latest: Save,
}

/// The slots of a game that have listed saves, the one written last first.
///
/// # Errors
/// What the store says.
pub fn summarize(
    tx: &mut dyn Transaction,
    user: UserId,
    game: GameId,
) -> Result<Vec<SlotSummary>, StoreError> {
    let filter = SaveFilter { user, game: Some(game), platform: None, slot: None };
    Ok(by_slot(tx.saves().list(&filter)?))
}

/// Takes saves newest first.
fn by_slot(saves: Vec<Save>) -> Vec<SlotSummary> {
    let mut slots: Vec<SlotSummary> = Vec::new();
    for save in saves {
        let name = save.key.place.name().cloned();
        match slots.iter_mut().find(|slot| slot.name == name) {
            Some(slot) => {
                slot.count += 1;
                if companion(&slot.latest).is_some() && companion(&save).is_none() {
                    slot.latest = save;
                }
            }
            None => slots.push(SlotSummary { name, count: 1, latest: save }),
        }
    }
    slots
}

fn companion(save: &Save) -> Option<Companion> {
    match save.key.place {
        SlotPlace::Named { companion, .. } => companion,
        SlotPlace::Archival { .. } | SlotPlace::State { .. } => None,
    }
}
