//! Users.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use memcard_domain::account::{NewUser, PasswordHash, Role, User, Username};
use memcard_domain::ids::UserId;
use memcard_domain::ports::UserRepository;

use crate::connection::{Session, on_backend};
use crate::error::{Stored, known};
use crate::schema::users;
use crate::transaction::DieselTransaction;
use crate::types::DbInstant;

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct UserRow {
    id: i32,
    username: String,
    email: Option<String>,
    role: String,
    enabled: bool,
    password_hash: String,
    last_login_at: Option<DbInstant>,
    last_active_at: Option<DbInstant>,
    created_at: DbInstant,
    updated_at: DbInstant,
}

/// Every column but id and creation.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = users, treat_none_as_null = true, treat_none_as_default_value = false)]
struct UserColumns<'a> {
    username: &'a str,
    username_key: String,
    email: Option<&'a str>,
    role: &'static str,
    enabled: bool,
    password_hash: &'a str,
    last_login_at: Option<DbInstant>,
    last_active_at: Option<DbInstant>,
    updated_at: DbInstant,
}

impl UserRow {
    fn into_user(self) -> Stored<User> {
        Ok(User {
            id: UserId(self.id),
            username: known("users.username", &self.username, Username::new(&self.username).ok())?,
            email: self.email,
            role: known("users.role", &self.role, self.role.parse().ok())?,
            enabled: self.enabled,
            password: PasswordHash(self.password_hash),
            last_login_at: self.last_login_at.map(|at| at.0),
            last_active_at: self.last_active_at.map(|at| at.0),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        })
    }
}

impl<'a> UserColumns<'a> {
    fn of_new(user: &'a NewUser) -> Self {
        Self {
            username: user.username.as_str(),
            username_key: user.username.key(),
            email: user.email.as_deref(),
            role: user.role.name(),
            enabled: true,
            password_hash: &user.password.0,
            last_login_at: None,
            last_active_at: None,
            updated_at: DbInstant(user.created_at),
        }
    }

    fn of(user: &'a User) -> Self {
        Self {
            username: user.username.as_str(),
            username_key: user.username.key(),
            email: user.email.as_deref(),
            role: user.role.name(),
            enabled: user.enabled,
            password_hash: &user.password.0,
            last_login_at: user.last_login_at.map(DbInstant),
            last_active_at: user.last_active_at.map(DbInstant),
            updated_at: DbInstant(user.updated_at),
        }
    }
}

impl UserRepository for DieselTransaction<'_> {
    fn insert_first(&mut self, user: &NewUser) -> Stored<Option<User>> {
        if any_user(self.session)? {
            return Ok(None);
        }
        lock_out_inserts(self.session)?;
        if any_user(self.session)? {
            return Ok(None);
        }
        UserRepository::insert(self, user).map(Some)
    }

    fn insert(&mut self, user: &NewUser) -> Stored<User> {
        let row: UserRow = on_backend!(self.session, |c| {
            diesel::insert_into(users::table)
                .values((UserColumns::of_new(user), users::created_at.eq(DbInstant(user.created_at))))
                .returning(UserRow::as_returning())
                .get_result(c)
        })?;
        row.into_user()
    }

    fn find(&mut self, id: UserId) -> Stored<Option<User>> {
        let row: Option<UserRow> = on_backend!(self.session, |c| {
            users::table.find(id.0).select(UserRow::as_select()).first(c).optional()
        })?;
        row.map(UserRow::into_user).transpose()
    }

    fn find_by_name(&mut self, key: &str) -> Stored<Option<User>> {
        let row: Option<UserRow> = on_backend!(self.session, |c| {
            users::table.filter(users::username_key.eq(key)).select(UserRow::as_select()).first(c).optional()
        })?;
        row.map(UserRow::into_user).transpose()
    }

    fn list(&mut self) -> Stored<Vec<User>> {
        let rows: Vec<UserRow> = on_backend!(self.session, |c| {
            users::table.order(users::id).select(UserRow::as_select()).load(c)
        })?;
        rows.into_iter().map(UserRow::into_user).collect()
    }

    fn count(&mut self) -> Stored<u64> {
        let count: i64 = on_backend!(self.session, |c| users::table.count().get_result(c))?;
        Ok(count.unsigned_abs())
    }

    fn lock(&mut self, id: UserId) -> Stored<bool> {
        let of_id = users::table.find(id.0).select(users::id);
        let found: Option<i32> = match self.session.postgres() {
            Some(connection) => {
                let locked = of_id.for_no_key_update().first(connection).optional();
                self.session.noted(locked)
            }
            // A writer on SQLite has every lock already.
            None => on_backend!(self.session, |c| of_id.first(c).optional()),
        }?;
        Ok(found.is_some())
    }

    fn lock_admins(&mut self) -> Stored<Vec<UserId>> {
        let admins = users::table
            .filter(users::role.eq(Role::Admin.name()).and(users::enabled.eq(true)))
            .order(users::id)
            .select(users::id);
        let ids: Vec<i32> = match self.session.postgres() {
            Some(connection) => {
                let locked = admins.for_no_key_update().load(connection);
                self.session.noted(locked)
            }
            // A writer on SQLite has every lock already.
            None => on_backend!(self.session, |c| admins.load(c)),
        }?;
        Ok(ids.into_iter().map(UserId).collect())
    }

    fn update(&mut self, user: &User) -> Stored<bool> {
        let updated = on_backend!(self.session, |c| {
            diesel::update(users::table.find(user.id.0)).set(UserColumns::of(user)).execute(c)
        })?;
        Ok(updated == 1)
    }

    fn delete(&mut self, id: UserId) -> Stored<bool> {
        let deleted = on_backend!(self.session, |c| diesel::delete(users::table.find(id.0)).execute(c))?;
        Ok(deleted == 1)
    }
}

fn any_user(session: &mut Session) -> Stored<bool> {
    let first: Option<i32> = on_backend!(session, |c| users::table.select(users::id).first(c).optional())?;
    Ok(first.is_some())
}

/// Makes whoever else wants to insert a user wait until the transaction ends.
fn lock_out_inserts(session: &mut Session) -> Stored<()> {
    let Some(connection) = session.postgres() else { return Ok(()) };
    let locked = connection.batch_execute("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE");
    session.noted(locked)
}
