//! Saves: slots, their versions, and what may become a head.
//!
//! Invariants:
//! - a slot's head is always the visible row with the greatest `updated_at`;
//! - `updated_at` and a version's [`Order`] increase together, strictly;
//! - bytes are never overwritten: an upload appends a version, it does not change one;
//! - a fork is never a head and never a base.

mod companion;
mod content;
mod file_name;
mod slot;
mod version;

pub use companion::{COMPANIONS, Companion};
pub use content::{Content, ContentHash, Digest, Fill, InvalidHash};
pub use file_name::{FileName, InvalidFileName};
pub use slot::{InvalidSlotName, Slot, SlotKey, SlotName, SlotPlace};
pub use version::{
    ForkState, NewVersion, Order, Save, SaveFilter, SetAside, Standing, Version, VersionKind, Visibility,
};
