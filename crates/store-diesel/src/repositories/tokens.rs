//! Client tokens.

use diesel::prelude::*;
use memcard_domain::account::{ClientToken, NewClientToken};
use memcard_domain::ids::{DeviceId, PairingId, TokenId, UserId};
use memcard_domain::ports::TokenRepository;
use memcard_domain::secret::SecretDigest;
use memcard_domain::time::Timestamp;

use crate::connection::on_backend;
use crate::error::{Stored, bytes, known};
use crate::schema::client_tokens;
use crate::transaction::DieselTransaction;
use crate::types::{DbInstant, DbUuid};

#[derive(Queryable, Selectable)]
#[diesel(table_name = client_tokens)]
struct TokenRow {
    id: i32,
    user_id: i32,
    name: String,
    scopes: String,
    digest: Vec<u8>,
    device_id: Option<DbUuid>,
    pairing_id: Option<DbUuid>,
    expires_at: Option<DbInstant>,
    last_used_at: Option<DbInstant>,
    created_at: DbInstant,
}

impl TokenRow {
    fn into_token(self) -> Stored<ClientToken> {
        Ok(ClientToken {
            id: TokenId(self.id),
            user: UserId(self.user_id),
            name: self.name,
            scopes: known("client_tokens.scopes", &self.scopes, self.scopes.parse().ok())?,
            digest: SecretDigest(bytes("client_tokens.digest", &self.digest)?),
            device: self.device_id.map(|id| DeviceId(id.0)),
            pairing: self.pairing_id.map(|id| PairingId(id.0)),
            expires_at: self.expires_at.map(|at| at.0),
            last_used_at: self.last_used_at.map(|at| at.0),
            created_at: self.created_at.0,
        })
    }
}

impl TokenRepository for DieselTransaction<'_> {
    fn insert(&mut self, token: &NewClientToken) -> Stored<ClientToken> {
        let row: TokenRow = on_backend!(self.session, |c| {
            diesel::insert_into(client_tokens::table)
                .values((
                    client_tokens::user_id.eq(token.user.0),
                    client_tokens::name.eq(&token.name),
                    client_tokens::scopes.eq(token.scopes.to_string()),
                    client_tokens::digest.eq(token.digest.0.as_slice()),
                    client_tokens::device_id.eq(token.device.map(|device| DbUuid(device.0))),
                    client_tokens::pairing_id.eq(token.pairing.map(|pairing| DbUuid(pairing.0))),
                    client_tokens::expires_at.eq(token.expires_at.map(DbInstant)),
                    client_tokens::created_at.eq(DbInstant(token.created_at)),
                ))
                .returning(TokenRow::as_returning())
                .get_result(c)
        })?;
        row.into_token()
    }

    fn find_by_digest(&mut self, digest: SecretDigest) -> Stored<Option<ClientToken>> {
        let row: Option<TokenRow> = on_backend!(self.session, |c| {
            client_tokens::table
                .filter(client_tokens::digest.eq(digest.0.as_slice()))
                .select(TokenRow::as_select())
                .first(c)
                .optional()
        })?;
        row.map(TokenRow::into_token).transpose()
    }

    fn find(&mut self, id: TokenId) -> Stored<Option<ClientToken>> {
        let row: Option<TokenRow> = on_backend!(self.session, |c| {
            client_tokens::table.find(id.0).select(TokenRow::as_select()).first(c).optional()
        })?;
        row.map(TokenRow::into_token).transpose()
    }

    fn list_of_user(&mut self, user: UserId) -> Stored<Vec<ClientToken>> {
        let rows: Vec<TokenRow> = on_backend!(self.session, |c| {
            client_tokens::table
                .filter(client_tokens::user_id.eq(user.0))
                .order((client_tokens::created_at.desc(), client_tokens::id.desc()))
                .select(TokenRow::as_select())
                .load(c)
        })?;
        rows.into_iter().map(TokenRow::into_token).collect()
    }

    fn list_all(&mut self) -> Stored<Vec<ClientToken>> {
        let rows: Vec<TokenRow> = on_backend!(self.session, |c| {
            client_tokens::table
                .order((client_tokens::created_at.desc(), client_tokens::id.desc()))
                .select(TokenRow::as_select())
                .load(c)
        })?;
        rows.into_iter().map(TokenRow::into_token).collect()
    }

    fn replace_digest(&mut self, id: TokenId, digest: SecretDigest) -> Stored<bool> {
        let updated = on_backend!(self.session, |c| {
            diesel::update(client_tokens::table.find(id.0))
                .set(client_tokens::digest.eq(digest.0.as_slice()))
                .execute(c)
        })?;
        Ok(updated == 1)
    }

    fn touch(&mut self, id: TokenId, used_at: Timestamp) -> Stored<()> {
        on_backend!(self.session, |c| {
            diesel::update(client_tokens::table.find(id.0))
                .set(client_tokens::last_used_at.eq(DbInstant(used_at)))
                .execute(c)
        })?;
        Ok(())
    }

    fn delete(&mut self, id: TokenId) -> Stored<bool> {
        let deleted =
            on_backend!(self.session, |c| diesel::delete(client_tokens::table.find(id.0)).execute(c))?;
        Ok(deleted == 1)
    }

    fn delete_of_device(&mut self, device: DeviceId) -> Stored<()> {
        on_backend!(self.session, |c| {
            diesel::delete(client_tokens::table.filter(client_tokens::device_id.eq(DbUuid(device.0))))
                .execute(c)
        })?;
        Ok(())
    }
}
