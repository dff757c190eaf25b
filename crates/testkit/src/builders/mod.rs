//! Values and rows for tests. A builder starts with what is usual, takes what the test is about, and ends with a
//! value (`build`) or a stored row (`insert`, `append`):
//!
//! ```
//! use memcard_domain::ports::{StoreError, Transaction};
//! use memcard_testkit::builders::a_user;
//!
//! fn story(tx: &mut dyn Transaction) -> Result<(), StoreError> {
//!     let player = a_user().named("Player").insert(tx)?;
//!     let guest = a_user().named("Guest").as_admin().insert(tx)?;
//!     # let _ = (player, guest);
//!     Ok(())
//! }
//! ```

mod account;
mod catalogue;
mod device;
mod pairing;
mod play;
mod save;
mod screenshot;
mod time;

pub use account::{LoginBuilder, TokenBuilder, UserBuilder, a_login, a_token, a_user, digest_of};
pub use catalogue::{GameBuilder, a_found_folder, a_found_game, a_game, a_game_file, a_platform};
pub use device::{DeviceBuilder, a_device, uuid_of};
pub use pairing::{FlowBuilder, a_flow, an_approval};
pub use play::{PlayBuilder, a_play, a_session};
pub use save::{VersionBuilder, a_slot, a_slot_key, a_version, content_of, named_place, state_place};
pub use screenshot::{ScreenshotBuilder, a_screenshot};
pub use time::at;

/// Text with everything that a store might trip over: letters beyond ASCII and beyond 16 bits, a combining mark,
/// right-to-left, quotes, a comment, wildcards, a backslash, white space at both ends.
pub const ODD_TEXT: &str = " Zélda 🗡️ e\u{301} שלום\u{202e} '\"`--;/* %_\\ \t ";
