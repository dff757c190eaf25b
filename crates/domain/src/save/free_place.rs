//! A place for a content that goes where nothing was before.

use super::{COMPANIONS, Companion, FileName, Save, SlotKey, SlotPlace};
use crate::ports::{StoreError, Transaction};

/// What stands for the device that brought it, where it has no name or is gone.
const NO_DEVICE: &str = "copy";
/// Most characters of a device's name that are taken over.
const LONGEST_DEVICE: usize = 50;

/// A place of the save's game that was never used, named after the save's own place and the device that brought it, with
/// the name of the file there: slot `autosave (Phone)`, then `autosave (Phone 2)`.
pub(super) fn free_place(tx: &mut dyn Transaction, save: &Save) -> Result<(SlotPlace, FileName), StoreError> {
    let device = device_name(tx, save)?;
    let mut number = 1;
    loop {
        let tag = if number == 1 { device.clone() } else { format!("{device} {number}") };
        let (place, file_name) = beside(save, &tag);
        if is_free(tx, save, &place)? {
            return Ok((place, file_name));
        }
        number += 1;
    }
}

fn beside(save: &Save, tag: &str) -> (SlotPlace, FileName) {
    match &save.key.place {
        SlotPlace::Named { name, companion } => {
            let place = SlotPlace::Named { name: name.beside(tag), companion: *companion };
            (place, save.file_name.clone())
        }
        SlotPlace::Archival { .. } => {
            let file_name = save.file_name.beside(tag);
            (SlotPlace::of(None, &file_name), file_name)
        }
        SlotPlace::State { emulator, .. } => {
            let file_name = save.file_name.beside(tag);
            (SlotPlace::of_state(&file_name, emulator.as_deref()), file_name)
        }
    }
}

/// Whether nobody ever opened the place; of a slot neither for main saves nor for companions.
fn is_free(tx: &mut dyn Transaction, save: &Save, place: &SlotPlace) -> Result<bool, StoreError> {
    let variants = match place {
        SlotPlace::Named { name, .. } => {
            let companions = COMPANIONS.into_iter().map(Companion::of_extension);
            let of = |companion| SlotPlace::Named { name: name.clone(), companion };
            std::iter::once(None).chain(companions).map(of).collect()
        }
        SlotPlace::Archival { .. } | SlotPlace::State { .. } => vec![place.clone()],
    };
    for place in variants {
        if tx.saves().slot(&SlotKey { place, ..save.key.clone() })?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn device_name(tx: &mut dyn Transaction, save: &Save) -> Result<String, StoreError> {
    let device = match save.version.origin {
        Some(id) => tx.devices().find(save.key.user, id)?,
        None => None,
    };
    let name = device.and_then(|device| device.details.name).unwrap_or_default();
    let name: String = name.trim().chars().take(LONGEST_DEVICE).collect();
    Ok(if name.is_empty() { NO_DEVICE.to_owned() } else { name })
}
