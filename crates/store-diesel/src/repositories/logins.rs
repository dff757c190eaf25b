//! Interactive logins.

use diesel::prelude::*;
use memcard_domain::account::{BROWSER_IDLE_LIFE, Login, LoginKind, NewLogin};
use memcard_domain::ids::{DeviceId, LoginId, UserId};
use memcard_domain::ports::LoginRepository;
use memcard_domain::secret::SecretDigest;
use memcard_domain::time::Timestamp;

use crate::connection::on_backend;
use crate::error::{Stored, bytes, known};
use crate::schema::logins;
use crate::transaction::DieselTransaction;
use crate::types::{DbInstant, DbUuid};

const BROWSER: &str = "browser";
const API: &str = "api";

#[derive(Queryable, Selectable)]
#[diesel(table_name = logins)]
struct LoginRow {
    id: i32,
    user_id: i32,
    digest: Vec<u8>,
    kind: String,
    device_id: Option<DbUuid>,
    scopes: Option<String>,
    refresh_digest: Option<Vec<u8>>,
    refresh_expires_at: Option<DbInstant>,
    created_at: DbInstant,
    last_used_at: DbInstant,
    expires_at: DbInstant,
}

/// What a [`LoginKind`] fills.
#[derive(Insertable)]
#[diesel(table_name = logins, treat_none_as_default_value = false)]
struct KindColumns {
    kind: &'static str,
    device_id: Option<DbUuid>,
    scopes: Option<String>,
    refresh_digest: Option<Vec<u8>>,
    refresh_expires_at: Option<DbInstant>,
}

impl LoginRow {
    fn into_login(self) -> Stored<Login> {
        Ok(Login {
            id: LoginId(self.id),
            user: UserId(self.user_id),
            digest: SecretDigest(bytes("logins.digest", &self.digest)?),
            kind: self.kind()?,
            created_at: self.created_at.0,
            last_used_at: self.last_used_at.0,
            expires_at: self.expires_at.0,
        })
    }

    fn kind(&self) -> Stored<LoginKind> {
        match (self.kind.as_str(), &self.scopes, &self.refresh_digest, self.refresh_expires_at) {
            (BROWSER, ..) => Ok(LoginKind::Browser { device: self.device_id.map(|id| DeviceId(id.0)) }),
            (API, Some(scopes), Some(refresh), Some(refresh_expires_at)) => Ok(LoginKind::Api {
                scopes: known("logins.scopes", scopes, scopes.parse().ok())?,
                refresh: SecretDigest(bytes("logins.refresh_digest", refresh)?),
                refresh_expires_at: refresh_expires_at.0,
            }),
            _ => known("logins.kind", &self.kind, None),
        }
    }
}

impl KindColumns {
    fn of(kind: &LoginKind) -> Self {
        match kind {
            LoginKind::Browser { device } => Self {
                kind: BROWSER,
                device_id: device.map(|device| DbUuid(device.0)),
                scopes: None,
                refresh_digest: None,
                refresh_expires_at: None,
            },
            LoginKind::Api { scopes, refresh, refresh_expires_at } => Self {
                kind: API,
                device_id: None,
                scopes: Some(scopes.to_string()),
                refresh_digest: Some(refresh.0.to_vec()),
                refresh_expires_at: Some(DbInstant(*refresh_expires_at)),
            },
        }
    }
}

impl LoginRepository for DieselTransaction<'_> {
    fn insert(&mut self, login: &NewLogin) -> Stored<Login> {
        let row: LoginRow = on_backend!(self.session, |c| {
            diesel::insert_into(logins::table)
                .values((
                    logins::user_id.eq(login.user.0),
                    logins::digest.eq(login.digest.0.as_slice()),
                    KindColumns::of(&login.kind),
                    logins::created_at.eq(DbInstant(login.created_at)),
                    logins::last_used_at.eq(DbInstant(login.created_at)),
                    logins::expires_at.eq(DbInstant(login.expires_at)),
                ))
                .returning(LoginRow::as_returning())
                .get_result(c)
        })?;
        row.into_login()
    }

    fn find(&mut self, id: LoginId) -> Stored<Option<Login>> {
        let row: Option<LoginRow> = on_backend!(self.session, |c| {
            logins::table.find(id.0).select(LoginRow::as_select()).first(c).optional()
        })?;
        row.map(LoginRow::into_login).transpose()
    }

    fn find_by_digest(&mut self, digest: SecretDigest) -> Stored<Option<Login>> {
        let row: Option<LoginRow> = on_backend!(self.session, |c| {
            logins::table
                .filter(logins::digest.eq(digest.0.as_slice()))
                .select(LoginRow::as_select())
                .first(c)
                .optional()
        })?;
        row.map(LoginRow::into_login).transpose()
    }

    fn take_by_refresh(&mut self, refresh: SecretDigest) -> Stored<Option<Login>> {
        let row: Option<LoginRow> = on_backend!(self.session, |c| {
            diesel::delete(logins::table.filter(logins::refresh_digest.eq(refresh.0.as_slice())))
                .returning(LoginRow::as_returning())
                .get_result(c)
                .optional()
        })?;
        row.map(LoginRow::into_login).transpose()
    }

    fn touch(&mut self, id: LoginId, used_at: Timestamp) -> Stored<()> {
        on_backend!(self.session, |c| {
            diesel::update(logins::table.find(id.0))
                .set(logins::last_used_at.eq(DbInstant(used_at)))
                .execute(c)
        })?;
        Ok(())
    }

    fn delete(&mut self, id: LoginId) -> Stored<bool> {
        let deleted = on_backend!(self.session, |c| diesel::delete(logins::table.find(id.0)).execute(c))?;
        Ok(deleted == 1)
    }

    fn delete_of_user(&mut self, user: UserId, except: Option<LoginId>) -> Stored<()> {
        // Ids are positive: nobody has this one.
        let except = except.map_or(0, |login| login.0);
        on_backend!(self.session, |c| {
            diesel::delete(logins::table.filter(logins::user_id.eq(user.0).and(logins::id.ne(except))))
                .execute(c)
        })?;
        Ok(())
    }

    fn delete_ended(&mut self, now: Timestamp) -> Stored<()> {
        let idle_since = DbInstant(now - BROWSER_IDLE_LIFE);
        let now = DbInstant(now);
        let browser_ended = logins::expires_at.le(now).or(logins::last_used_at.le(idle_since));
        let api_ended = logins::expires_at.le(now).and(logins::refresh_expires_at.assume_not_null().le(now));
        let ended = (logins::kind.eq(BROWSER).and(browser_ended)).or(logins::kind.eq(API).and(api_ended));
        on_backend!(self.session, |c| diesel::delete(logins::table.filter(ended)).execute(c))?;
        Ok(())
    }
}
