//! The first administrator.

use thiserror::Error;

use super::{InvalidUser, NewUser, Role, User, Username, password};
use crate::ports::{PasswordsError, Ports, StoreError, Transaction, UnitOfWorkExt as _};
use crate::secret::Secret;

/// Who shall be the first administrator.
#[derive(Debug, Clone)]
pub struct SetUp {
    /// The name to log in with.
    pub username: Username,
    /// Where to reach them.
    pub email: Option<String>,
    /// The password, 1 to 1024 bytes.
    pub password: Secret,
}

/// Why nobody became the first administrator.
#[derive(Debug, Error)]
pub enum SetUpError {
    /// There is a user already.
    #[error("the server is set up already")]
    AlreadySetUp,
    /// A field may not be so.
    #[error(transparent)]
    Invalid(#[from] InvalidUser),
    /// Hashing failed.
    #[error(transparent)]
    Passwords(#[from] PasswordsError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether there is a user.
///
/// # Errors
/// What the store says.
pub fn is_set_up(tx: &mut dyn Transaction) -> Result<bool, StoreError> {
    Ok(tx.users().count()? > 0)
}

/// Makes the first user, an administrator. Of racing callers exactly one succeeds. Whether the caller may (setup token,
/// command line) is for whoever calls to know.
///
/// # Errors
/// See [`SetUpError`].
pub async fn set_up(ports: &Ports, command: SetUp) -> Result<User, SetUpError> {
    let SetUp { username, email, password } = command;
    if ports.store.read(is_set_up).await? {
        return Err(SetUpError::AlreadySetUp);
    }
    password::check_length(&password)?;
    let password = ports.passwords.hash(password).await?;
    let user = NewUser { username, email, role: Role::Admin, password, created_at: ports.clock.now() };
    ports.store.transact(move |tx| tx.users().insert_first(&user)?.ok_or(SetUpError::AlreadySetUp)).await
}
