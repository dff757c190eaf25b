//! Values and rows for tests. A builder starts with what is usual, takes what the test is about, and ends with a
//! value (`build`) or a stored row (`insert`, `append`):
//!
//! ```
//! use memcard_domain::ports::{StoreError, Transaction};
//! use memcard_testkit::builders::a_user;
//!
//! fn story(tx: &mut dyn Transaction) -> Result<(), StoreError> {
//!     let anna = a_user().named("Anna").insert(tx)?;
//!     let ben = a_user().named("Ben").as_admin().insert(tx)?;
//!     # let _ = (anna, ben);
//!     Ok(())
//! }
//! ```

mod account;
mod time;

pub use account::{UserBuilder, a_user};
pub use time::at;

/// Text with everything that a store might trip over: letters beyond ASCII and beyond 16 bits, a combining mark,
/// right-to-left, quotes, a comment, wildcards, a backslash, white space at both ends.
pub const ODD_TEXT: &str = " Zélda 🗡️ e\u{301} שלום\u{202e} '\"`--;/* %_\\ \t ";
