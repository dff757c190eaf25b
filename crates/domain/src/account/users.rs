//! Accounts, as administrators and their owners keep them.
//!
//! Invariant: there is always an enabled administrator.

use thiserror::Error;

use super::{
    Caller, Credential, Forbidden, InvalidUser, NewUser, PasswordHash, Role, Scope, User, Username, password,
};
use crate::ids::{LoginId, UserId};
use crate::ports::{PasswordsError, Ports, StoreError, Transaction, UnitOfWorkExt as _};
use crate::secret::Secret;
use crate::time::Timestamp;

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The name to log in with.
    pub username: Username,
    /// Where to reach them.
    pub email: Option<String>,
    /// What they may do.
    pub role: Role,
    /// The password, 1 to 1024 bytes.
    pub password: Secret,
}

/// What shall change of an account; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct AccountPatch {
    /// Another name.
    pub username: Option<Username>,
    /// Another address, or none.
    pub email: Option<Option<String>>,
    /// Another password, 1 to 1024 bytes.
    pub password: Option<Secret>,
    /// Another role.
    pub role: Option<Role>,
    /// Whether it may be used.
    pub enabled: Option<bool>,
}

/// There is no such user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("User with ID {0} not found")]
pub struct UserNotFound(pub UserId);

/// Another user has that name, but for its case.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("Username {0} is taken")]
pub struct NameTaken(pub Username);

/// Nobody could administer the server any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the last enabled administrator must stay one")]
pub struct LastAdmin;

/// Why users could not be listed.
#[derive(Debug, Error)]
pub enum ListUsersError {
    /// The caller may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an account was not made.
#[derive(Debug, Error)]
pub enum AddUserError {
    /// The caller may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A field may not be so.
    #[error(transparent)]
    Invalid(#[from] InvalidUser),
    /// The name is taken.
    #[error(transparent)]
    NameTaken(#[from] NameTaken),
    /// Hashing failed.
    #[error(transparent)]
    Passwords(#[from] PasswordsError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an account was not changed.
#[derive(Debug, Error)]
pub enum EditUserError {
    /// The caller may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// There is no such user.
    #[error(transparent)]
    NotFound(#[from] UserNotFound),
    /// A field may not be so.
    #[error(transparent)]
    Invalid(#[from] InvalidUser),
    /// The name is taken.
    #[error(transparent)]
    NameTaken(#[from] NameTaken),
    /// It is the last enabled administrator's.
    #[error(transparent)]
    LastAdmin(#[from] LastAdmin),
    /// Hashing failed.
    #[error(transparent)]
    Passwords(#[from] PasswordsError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an account was not deleted.
#[derive(Debug, Error)]
pub enum DeleteUserError {
    /// The caller may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// There is no such user.
    #[error(transparent)]
    NotFound(#[from] UserNotFound),
    /// It is the last enabled administrator's.
    #[error(transparent)]
    LastAdmin(#[from] LastAdmin),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Every user, by id. Needs `users.read`.
///
/// # Errors
/// See [`ListUsersError`].
pub fn list_users(tx: &mut dyn Transaction, caller: &Caller) -> Result<Vec<User>, ListUsersError> {
    caller.require(Scope::UsersRead)?;
    Ok(tx.users().list()?)
}

/// Makes an account. Needs `users.write`.
///
/// # Errors
/// See [`AddUserError`].
pub async fn add_user(ports: &Ports, caller: &Caller, account: NewAccount) -> Result<User, AddUserError> {
    caller.require(Scope::UsersWrite)?;
    let NewAccount { username, email, role, password } = account;
    password::check_length(&password)?;
    let password = ports.passwords.hash(password).await?;
    let user = NewUser { username, email, role, password, created_at: ports.clock.now() };
    let add = move |tx: &mut dyn Transaction| {
        tx.users().insert(&user).map_err(|error| taken_or_failed(error, &user.username))
    };
    ports.store.transact(add).await
}

/// Changes an account: one's own with `me.write`, anybody's with `users.write`. Role and enabling need `users.write`, a
/// password an interactive login.
///
/// A change of password or role, or disabling, ends every login of that user but the one that the caller used.
///
/// # Errors
/// See [`EditUserError`].
pub async fn edit_user(
    ports: &Ports,
    caller: &Caller,
    id: UserId,
    patch: AccountPatch,
) -> Result<User, EditUserError> {
    may_edit(caller, id, &patch)?;
    let password = match &patch.password {
        Some(password) => {
            password::check_length(password)?;
            Some(ports.passwords.hash(password.clone()).await?)
        }
        None => None,
    };
    let (now, kept) = (ports.clock.now(), login_of(caller));
    ports.store.transact(move |tx| apply(tx, now, id, patch, password, kept)).await
}

/// Deletes an account and all that is its owner's. Needs `users.write`.
///
/// # Errors
/// See [`DeleteUserError`].
pub fn delete_user(tx: &mut dyn Transaction, caller: &Caller, id: UserId) -> Result<(), DeleteUserError> {
    caller.require(Scope::UsersWrite)?;
    let others = tx.users().lock_admins()?.into_iter().filter(|admin| *admin != id).count();
    let user = lock_user(tx, id)?.ok_or(UserNotFound(id))?;
    if is_active_admin(&user) && others == 0 {
        return Err(LastAdmin.into());
    }
    if tx.users().delete(id)? { Ok(()) } else { Err(UserNotFound(id).into()) }
}

fn may_edit(caller: &Caller, id: UserId, patch: &AccountPatch) -> Result<(), Forbidden> {
    let administers = caller.require(Scope::UsersWrite);
    if caller.user.id != id || patch.role.is_some() || patch.enabled.is_some() {
        administers?;
    } else if administers.is_err() {
        caller.require(Scope::MeWrite)?;
    }
    if patch.password.is_some() { caller.require_interactive() } else { Ok(()) }
}

fn apply(
    tx: &mut dyn Transaction,
    now: Timestamp,
    id: UserId,
    patch: AccountPatch,
    password: Option<PasswordHash>,
    kept: Option<LoginId>,
) -> Result<User, EditUserError> {
    let admins = tx.users().lock_admins()?;
    let before = lock_user(tx, id)?.ok_or(UserNotFound(id))?;
    let after = User {
        username: patch.username.unwrap_or_else(|| before.username.clone()),
        email: patch.email.unwrap_or_else(|| before.email.clone()),
        password: password.unwrap_or_else(|| before.password.clone()),
        role: patch.role.unwrap_or(before.role),
        enabled: patch.enabled.unwrap_or(before.enabled),
        updated_at: now,
        ..before.clone()
    };
    if is_active_admin(&before) && !is_active_admin(&after) && admins.iter().all(|admin| *admin == id) {
        return Err(LastAdmin.into());
    }
    tx.users().update(&after).map_err(|error| taken_or_failed::<EditUserError>(error, &after.username))?;
    if ends_logins(&before, &after) {
        tx.logins().delete_of_user(id, kept)?;
    }
    Ok(after)
}

fn ends_logins(before: &User, after: &User) -> bool {
    before.password != after.password || before.role != after.role || (before.enabled && !after.enabled)
}

fn lock_user(tx: &mut dyn Transaction, id: UserId) -> Result<Option<User>, StoreError> {
    tx.users().lock(id)?;
    tx.users().find(id)
}

const fn is_active_admin(user: &User) -> bool {
    user.enabled && matches!(user.role, Role::Admin)
}

/// The caller's own login, which a change of their account does not end.
const fn login_of(caller: &Caller) -> Option<LoginId> {
    match caller.credential {
        Credential::Browser { login, .. } | Credential::AccessToken { login, .. } => Some(login),
        Credential::Basic | Credential::ClientToken { .. } => None,
    }
}

/// The one conflict there can be in writing a user is that of its name.
fn taken_or_failed<E: From<NameTaken> + From<StoreError>>(error: StoreError, name: &Username) -> E {
    match error {
        StoreError::Conflict { .. } => NameTaken(name.clone()).into(),
        failure => failure.into(),
    }
}

#[cfg(test)]
mod tests {
    use mockall::Sequence;
    use mockall::predicate::eq;

    use super::*;
    use crate::ports::mocks::{MockTransaction, a_caller, a_user};

    #[test]
    fn administrators_are_locked_before_whom_the_change_is_about() {
        let mut tx = MockTransaction::default();
        let mut order = Sequence::new();
        // Meanwhile the other one was demoted: those who are left when the locks are gained count.
        let left = tx.users.expect_lock_admins().times(1).in_sequence(&mut order);
        left.returning(|| Ok(vec![UserId(3)]));
        tx.users.expect_lock().with(eq(UserId(3))).times(1).in_sequence(&mut order).returning(|_| Ok(true));
        tx.users.expect_find().returning(|_| Ok(Some(a_user(3, Role::Admin))));
        let refused = delete_user(&mut tx, &a_caller(3, Role::Admin), UserId(3));
        assert!(matches!(refused, Err(DeleteUserError::LastAdmin(_))));
    }

    #[test]
    fn whoever_may_not_delete_touches_nothing() {
        let refused = delete_user(&mut MockTransaction::default(), &a_caller(1, Role::Editor), UserId(2));
        assert!(matches!(refused, Err(DeleteUserError::Forbidden(_))));
    }
}
