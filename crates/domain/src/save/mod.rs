//! Saves: slots, their versions, and what may become a head. [States](crate::state) are kept in slots and versions too.
//!
//! Invariants:
//! - a slot's head is always the visible row with the greatest `updated_at`;
//! - `updated_at` and a version's [`Order`] increase together, strictly;
//! - bytes are never overwritten: whatever is written appends a version, it does not change one;
//! - a fork is never a head and never a base.

mod audience;
mod companion;
mod content;
mod deletion;
mod editing;
mod evidence;
mod file_name;
mod free_place;
mod guard;
mod history;
mod label;
mod locked_slot;
mod marking;
mod reading;
mod resolution;
mod restoration;
mod slot;
mod summary;
mod tracking;
mod upload;
mod version;
mod writer;

pub use audience::{Audience, set_audience};
pub use companion::{COMPANIONS, Companion};
pub use content::{Content, ContentHash, Digest, Fill, InvalidHash};
pub use deletion::{DeleteError, delete};
pub(crate) use deletion::{delete_rows, games_of};
pub use editing::{Change, Edit, EditError, EditOutcome, check_edit, edit};
pub use evidence::{DownloadMode, delivered, downloaded};
pub(crate) use file_name::without_tags;
pub use file_name::{FileName, InvalidFileName};
pub use guard::{Refusal, RefusalReason};
pub use history::{
    BytesGone, HistoryEntry, VersionError, VersionNotFound, VersionState, history, serve_version,
};
pub use label::{InvalidLabel, Label};
pub(crate) use locked_slot::{Draft, LockedSlot};
pub use marking::{MarkPatch, mark};
pub use reading::{DeviceSync, ListError, SaveNotFound, SyncedSave, find, identifiers, list, serve};
pub use resolution::{ForkNotFound, Keep, Resolution, ResolveError, resolve};
pub use restoration::restore;
pub use slot::{InvalidSlotName, Slot, SlotKey, SlotName, SlotPlace};
pub use summary::{SlotSummary, summarize};
pub use tracking::{TrackError, track, untrack};
pub use upload::{Cleanup, Upload, UploadError, UploadMode, UploadOutcome, check_upload, upload};
pub use version::{
    ForkState, HistoryFilter, NewVersion, Order, Save, SaveFilter, SetAside, Standing, StateFilter, Version,
    VersionKind, Visibility,
};
