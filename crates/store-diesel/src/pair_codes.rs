//! Pair codes in SQL: each method is one transaction.

use diesel::prelude::*;
use diesel::upsert::excluded;
use memcard_domain::account::PairCode;
use memcard_domain::ids::{TokenId, UserId};
use memcard_domain::ports::{Access, BoxFuture, PairCodes, StoreError};
use memcard_domain::secret::SecretDigest;
use memcard_domain::time::Timestamp;

use crate::connection::on_backend;
use crate::database::Database;
use crate::schema::pair_codes;
use crate::types::DbInstant;

impl PairCodes for Database {
    fn put(
        &self,
        code: SecretDigest,
        stands_for: PairCode,
        expires_at: Timestamp,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.atomically(Access::Write, move |session| {
            on_backend!(session, |c| {
                diesel::insert_into(pair_codes::table)
                    .values((
                        pair_codes::code.eq(code.0.as_slice()),
                        pair_codes::token.eq(stands_for.token.0),
                        pair_codes::account.eq(stands_for.user.0),
                        pair_codes::expires_at.eq(DbInstant(expires_at)),
                    ))
                    .on_conflict(pair_codes::token)
                    .do_update()
                    .set((
                        pair_codes::code.eq(excluded(pair_codes::code)),
                        pair_codes::account.eq(excluded(pair_codes::account)),
                        pair_codes::expires_at.eq(excluded(pair_codes::expires_at)),
                    ))
                    .execute(c)
            })?;
            Ok(())
        }))
    }

    fn is_live(&self, code: SecretDigest, now: Timestamp) -> BoxFuture<'_, Result<bool, StoreError>> {
        Box::pin(self.atomically(Access::Read, move |session| {
            let token: Option<i32> = on_backend!(session, |c| {
                pair_codes::table
                    .find(code.0.as_slice())
                    .filter(pair_codes::expires_at.gt(DbInstant(now)))
                    .select(pair_codes::token)
                    .first(c)
                    .optional()
            })?;
            Ok(token.is_some())
        }))
    }

    fn take(
        &self,
        code: SecretDigest,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Option<PairCode>, StoreError>> {
        Box::pin(self.atomically(Access::Write, move |session| {
            let taken: Option<(i32, i32, DbInstant)> = on_backend!(session, |c| {
                diesel::delete(pair_codes::table.find(code.0.as_slice()))
                    .returning((pair_codes::token, pair_codes::account, pair_codes::expires_at))
                    .get_result(c)
                    .optional()
            })?;
            let live = taken.filter(|(_, _, expires_at)| now < expires_at.0);
            Ok(live.map(|(token, user, _)| PairCode { token: TokenId(token), user: UserId(user) }))
        }))
    }

    fn drop_for(&self, token: TokenId) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.atomically(Access::Write, move |session| {
            on_backend!(session, |c| {
                diesel::delete(pair_codes::table.filter(pair_codes::token.eq(token.0))).execute(c)
            })?;
            Ok(())
        }))
    }
}
