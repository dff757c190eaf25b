//! Drivers' errors in the domain's words. No driver type leaves the crate but boxed, as a source.

use std::error::Error as StdError;
use std::fmt::Display;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};
use memcard_domain::ports::StoreError;
use thiserror::Error;

pub(crate) type Stored<T> = Result<T, StoreError>;

/// What SQLite and PostgreSQL say, without a code of its own in diesel, when trying again later makes sense.
const PASSING: [&str; 7] = [
    "database is locked",
    "database table is locked",
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "deadlock detected",
    "canceling statement due to lock timeout",
];

/// A statement's failure.
pub(crate) fn of_statement(error: DieselError) -> StoreError {
    use DatabaseErrorKind as Kind;
    let DieselError::DatabaseError(kind, information) = &error else {
        return StoreError::Backend(Box::new(error));
    };
    match kind {
        Kind::UniqueViolation
        | Kind::ForeignKeyViolation
        | Kind::ExclusionViolation
        | Kind::RestrictViolation => StoreError::Conflict { constraint: constraint(information.as_ref()) },
        Kind::ClosedConnection | Kind::UnableToSendCommand | Kind::SerializationFailure => unavailable(error),
        _ if PASSING.iter().any(|passing| information.message().contains(passing)) => unavailable(error),
        _ => StoreError::Backend(Box::new(error)),
    }
}

/// A failure that will pass.
pub(crate) fn unavailable(source: impl Into<Box<dyn StdError + Send + Sync>>) -> StoreError {
    StoreError::Unavailable(source.into())
}

/// The name of a violated constraint. PostgreSQL tells it; SQLite names the columns, and the migrations name every
/// unique key after table and columns, so that both databases say the same. SQLite does not say which foreign key it
/// was.
fn constraint(information: &dyn DatabaseErrorInformation) -> String {
    if let Some(name) = information.constraint_name() {
        return name.to_owned();
    }
    let message = information.message();
    let Some((_, what)) = message.split_once("UNIQUE constraint failed: ") else {
        return "a foreign key".to_owned();
    };
    if let Some(index) = what.strip_prefix("index '") {
        return index.trim_end_matches('\'').to_owned();
    }
    let mut columns = what.split(", ");
    let first = columns.next().unwrap_or_default().replace('.', "_");
    columns.fold(first, |name, column| format!("{name}_{}", column.rsplit('.').next().unwrap_or_default()))
}

/// A stored value that the domain does not know: another program wrote it, or a newer version did.
#[derive(Debug, Error)]
#[error("`{value}` is no value of {column}")]
struct CorruptValue {
    column: &'static str,
    value: String,
}

/// The value that was read, or else the failure to read it.
pub(crate) fn known<T>(column: &'static str, stored: impl Display, read: Option<T>) -> Stored<T> {
    read.ok_or_else(|| StoreError::Backend(Box::new(CorruptValue { column, value: stored.to_string() })))
}

/// A number that fits no column: the caller's mistake.
#[derive(Debug, Error)]
#[error("{0} is too large to be stored")]
struct TooLarge(u64);

/// An unsigned number as it is stored.
pub(crate) fn big(number: u64) -> Stored<i64> {
    i64::try_from(number).map_err(|_| StoreError::Backend(Box::new(TooLarge(number))))
}

/// An unsigned number as it was stored.
pub(crate) fn unsigned<T: TryFrom<i64>>(column: &'static str, stored: i64) -> Stored<T> {
    known(column, stored, T::try_from(stored).ok())
}

/// A digest or hash as it was stored.
pub(crate) fn bytes<const N: usize>(column: &'static str, stored: &[u8]) -> Stored<[u8; N]> {
    known(column, format_args!("{} bytes", stored.len()), stored.try_into().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violation(kind: DatabaseErrorKind, message: &str) -> StoreError {
        of_statement(DieselError::DatabaseError(kind, Box::new(message.to_owned())))
    }

    #[test]
    fn sqlite_s_messages_name_the_constraint() {
        for (message, expected) in [
            ("UNIQUE constraint failed: users.username_key", "users_username_key"),
            ("UNIQUE constraint failed: versions.slot_id, versions.ordinal", "versions_slot_id_ordinal"),
            ("UNIQUE constraint failed: index 'slots_named'", "slots_named"),
            ("FOREIGN KEY constraint failed", "a foreign key"),
        ] {
            match violation(DatabaseErrorKind::UniqueViolation, message) {
                StoreError::Conflict { constraint } => assert_eq!(constraint, expected),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn what_will_pass_is_unavailable_and_the_rest_is_not() {
        let busy = violation(DatabaseErrorKind::Unknown, "database is locked");
        assert!(matches!(busy, StoreError::Unavailable(_)));
        let wrong = violation(DatabaseErrorKind::Unknown, "no such table: users");
        assert!(matches!(wrong, StoreError::Backend(_)));
    }
}
