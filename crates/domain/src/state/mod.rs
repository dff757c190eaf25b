//! States: snapshots of a running emulator. They are kept as archival saves are, in a history of their own, and never
//! sync.
//!
//! Invariants:
//! - one history per user, game, emulator and file name: what one emulator wrote, another cannot load;
//! - bytes are never overwritten: whatever takes the place of a state's bytes appends a version, and the replaced one
//!   gets a row of its own;
//! - no state is ever a fork, a base, or set aside: nobody but the player replaces one, and on purpose;
//! - a state is never found as a save, and a save never as a state.

mod deletion;
mod reading;
mod writing;

pub use deletion::{DeleteError, delete};
pub use reading::{StateError, StateNotFound, find, identifiers, list, serve};
pub use writing::{EditError, StateEdit, StateUpload, UploadError, edit, upload};
