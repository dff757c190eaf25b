//! Pairing flows in SQL: each method is one transaction.

use chrono::Duration;
use diesel::prelude::*;
use memcard_domain::account::{ScopeSet, TokenExpiry};
use memcard_domain::ids::{DeviceId, PairingId, UserId};
use memcard_domain::pairing::{
    Approval, MAX_LIVE_FLOWS, Pacing, PairingFlow, PairingRequest, PairingState, Requester, Revision,
};
use memcard_domain::ports::{Access, BoxFuture, PairingStore, StoreError, Swap, TakenCode};
use memcard_domain::secret::SecretDigest;
use memcard_domain::time::Timestamp;

use crate::connection::{Session, on_backend};
use crate::database::Database;
use crate::error::{Stored, known};
use crate::postgres::lock_name;
use crate::schema::pairings;
use crate::types::{DbInstant, DbUuid};

const PENDING: &str = "pending";
const APPROVED: &str = "approved";
const DENIED: &str = "denied";
const REDEEMED: &str = "redeemed";

#[derive(Queryable, Selectable)]
#[diesel(table_name = pairings)]
struct FlowRow {
    id: DbUuid,
    client_device_identifier: String,
    name: String,
    client: String,
    platform: Option<String>,
    client_version: Option<String>,
    requested_scopes: String,
    requester_address: String,
    requester_agent: Option<String>,
    state: String,
    account: Option<i32>,
    granted_scopes: Option<String>,
    device_name: Option<String>,
    device: Option<DbUuid>,
    token_expiry: Option<String>,
    decided_at: Option<DbInstant>,
    revision: i32,
    last_poll_at: Option<DbInstant>,
    penalty_ms: i64,
    created_at: DbInstant,
    expires_at: DbInstant,
}

/// What a compare-and-set replaces.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = pairings, treat_none_as_null = true, treat_none_as_default_value = false)]
struct StateColumns {
    state: &'static str,
    account: Option<i32>,
    granted_scopes: Option<String>,
    device_name: Option<String>,
    device: Option<DbUuid>,
    token_expiry: Option<&'static str>,
    decided_at: Option<DbInstant>,
    revision: i32,
}

/// What a poll replaces.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = pairings, treat_none_as_null = true, treat_none_as_default_value = false)]
struct PacingColumns {
    last_poll_at: Option<DbInstant>,
    penalty_ms: i64,
}

impl FlowRow {
    fn into_flow(self) -> Stored<PairingFlow> {
        let state = self.state()?;
        Ok(PairingFlow {
            id: PairingId(self.id.0),
            request: PairingRequest {
                scopes: scopes("pairings.requested_scopes", &self.requested_scopes)?,
                client_device_identifier: self.client_device_identifier,
                name: self.name,
                client: self.client,
                platform: self.platform,
                client_version: self.client_version,
            },
            requester: Requester { address: self.requester_address, agent: self.requester_agent },
            state,
            revision: Revision(self.revision),
            pacing: Pacing {
                last_poll: self.last_poll_at.map(|at| at.0),
                penalty: Duration::milliseconds(self.penalty_ms),
            },
            created_at: self.created_at.0,
            expires_at: self.expires_at.0,
        })
    }

    fn state(&self) -> Stored<PairingState> {
        let account = self.account.map(UserId);
        let decided_at = self.decided_at.map(|at| at.0);
        match (self.state.as_str(), account, decided_at) {
            (PENDING, claimed_by, None) => Ok(PairingState::Pending { claimed_by }),
            (APPROVED, Some(user), Some(at)) => self.approval(user, at).map(PairingState::Approved),
            (DENIED, Some(by), Some(at)) => Ok(PairingState::Denied { by, at }),
            (REDEEMED, _, Some(at)) => Ok(PairingState::Redeemed { at }),
            _ => known("pairings.state", &self.state, None),
        }
    }

    fn approval(&self, user: UserId, at: Timestamp) -> Stored<Approval> {
        let granted = self.granted_scopes.as_deref().unwrap_or_default();
        let expiry = self.token_expiry.as_deref().unwrap_or_default();
        Ok(Approval {
            user,
            scopes: scopes("pairings.granted_scopes", granted)?,
            device_name: known("pairings.device_name", "NULL", self.device_name.clone())?,
            device: known("pairings.device", "NULL", self.device.map(|device| DeviceId(device.0)))?,
            expiry: known("pairings.token_expiry", expiry, expiry.parse().ok())?,
            at,
        })
    }
}

fn scopes(column: &'static str, text: &str) -> Stored<ScopeSet> {
    known(column, text, text.parse().ok())
}

impl StateColumns {
    fn of(flow: &PairingFlow) -> Self {
        let columns = Self {
            state: PENDING,
            account: None,
            granted_scopes: None,
            device_name: None,
            device: None,
            token_expiry: None,
            decided_at: None,
            revision: flow.revision.0,
        };
        match &flow.state {
            PairingState::Pending { claimed_by } => {
                Self { account: claimed_by.map(|user| user.0), ..columns }
            }
            PairingState::Approved(approval) => Self {
                state: APPROVED,
                account: Some(approval.user.0),
                granted_scopes: Some(approval.scopes.to_string()),
                device_name: Some(approval.device_name.clone()),
                device: Some(DbUuid(approval.device.0)),
                token_expiry: Some(TokenExpiry::name(approval.expiry)),
                decided_at: Some(DbInstant(approval.at)),
                ..columns
            },
            PairingState::Denied { by, at } => {
                Self { state: DENIED, account: Some(by.0), decided_at: Some(DbInstant(*at)), ..columns }
            }
            PairingState::Redeemed { at } => {
                Self { state: REDEEMED, decided_at: Some(DbInstant(*at)), ..columns }
            }
        }
    }
}

impl PacingColumns {
    fn of(pacing: Pacing) -> Self {
        Self { last_poll_at: pacing.last_poll.map(DbInstant), penalty_ms: pacing.penalty.num_milliseconds() }
    }
}

impl PairingStore for Database {
    fn begin(
        &self,
        flow: PairingFlow,
        device_code: SecretDigest,
        user_code: SecretDigest,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Result<(), TakenCode>, StoreError>> {
        Box::pin(
            self.atomically(Access::Write, move |session| begin(session, &flow, device_code, user_code, now)),
        )
    }

    fn by_user_code(&self, digest: SecretDigest) -> BoxFuture<'_, Result<Option<PairingFlow>, StoreError>> {
        Box::pin(self.atomically(Access::Read, move |session| {
            let row: Option<FlowRow> = on_backend!(session, |c| {
                pairings::table
                    .filter(pairings::user_code.eq(digest.0.as_slice()))
                    .select(FlowRow::as_select())
                    .first(c)
                    .optional()
            })?;
            row.map(FlowRow::into_flow).transpose()
        }))
    }

    fn by_device_code(&self, digest: SecretDigest) -> BoxFuture<'_, Result<Option<PairingFlow>, StoreError>> {
        Box::pin(self.atomically(Access::Read, move |session| {
            let row: Option<FlowRow> = on_backend!(session, |c| {
                pairings::table
                    .filter(pairings::device_code.eq(digest.0.as_slice()))
                    .select(FlowRow::as_select())
                    .first(c)
                    .optional()
            })?;
            row.map(FlowRow::into_flow).transpose()
        }))
    }

    fn swap(&self, expected: Revision, next: PairingFlow) -> BoxFuture<'_, Result<Swap, StoreError>> {
        Box::pin(self.atomically(Access::Write, move |session| {
            let replaced = on_backend!(session, |c| {
                diesel::update(pairings::table.find(DbUuid(next.id.0)))
                    .filter(pairings::revision.eq(expected.0))
                    .set(StateColumns::of(&next))
                    .execute(c)
            })?;
            Ok(if replaced == 1 { Swap::Done } else { Swap::Lost })
        }))
    }

    fn pace(&self, id: PairingId, pacing: Pacing) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.atomically(Access::Write, move |session| {
            on_backend!(session, |c| {
                diesel::update(pairings::table.find(DbUuid(id.0))).set(PacingColumns::of(pacing)).execute(c)
            })?;
            Ok(())
        }))
    }
}

fn begin(
    session: &mut Session,
    flow: &PairingFlow,
    device_code: SecretDigest,
    user_code: SecretDigest,
    now: Timestamp,
) -> Stored<Result<(), TakenCode>> {
    // Whoever begins counts what the others began.
    lock_name(session, "pairings")?;
    on_backend!(session, |c| {
        diesel::delete(pairings::table.filter(pairings::expires_at.le(DbInstant(now)))).execute(c)
    })?;
    if is_taken(session, device_code, user_code)? {
        return Ok(Err(TakenCode));
    }
    make_room(session, &flow.requester.address)?;
    insert(session, flow, device_code, user_code).map(Ok)
}

fn is_taken(session: &mut Session, device_code: SecretDigest, user_code: SecretDigest) -> Stored<bool> {
    let same_code =
        pairings::device_code.eq(device_code.0.as_slice()).or(pairings::user_code.eq(user_code.0.as_slice()));
    let holder: Option<DbUuid> = on_backend!(session, |c| {
        pairings::table.filter(same_code).select(pairings::id).first(c).optional()
    })?;
    Ok(holder.is_some())
}

/// Drops the oldest pending flow of that address, or else of any, where too many are live. Decided flows stay.
fn make_room(session: &mut Session, address: &str) -> Stored<()> {
    let live: i64 = on_backend!(session, |c| pairings::table.count().get_result(c))?;
    if usize::try_from(live).is_ok_and(|live| live < MAX_LIVE_FLOWS) {
        return Ok(());
    }
    let oldest: Option<DbUuid> = on_backend!(session, |c| {
        pairings::table
            .filter(pairings::state.eq(PENDING))
            .order((pairings::requester_address.ne(address), pairings::created_at, pairings::id))
            .select(pairings::id)
            .first(c)
            .optional()
    })?;
    if let Some(oldest) = oldest {
        on_backend!(session, |c| diesel::delete(pairings::table.find(oldest)).execute(c))?;
    }
    Ok(())
}

fn insert(
    session: &mut Session,
    flow: &PairingFlow,
    device_code: SecretDigest,
    user_code: SecretDigest,
) -> Stored<()> {
    let PairingFlow { request, requester, .. } = flow;
    on_backend!(session, |c| {
        diesel::insert_into(pairings::table)
            .values((
                pairings::id.eq(DbUuid(flow.id.0)),
                pairings::device_code.eq(device_code.0.as_slice()),
                pairings::user_code.eq(user_code.0.as_slice()),
                pairings::client_device_identifier.eq(&request.client_device_identifier),
                pairings::name.eq(&request.name),
                pairings::client.eq(&request.client),
                pairings::platform.eq(request.platform.as_deref()),
                pairings::client_version.eq(request.client_version.as_deref()),
                pairings::requested_scopes.eq(request.scopes.to_string()),
                pairings::requester_address.eq(&requester.address),
                pairings::requester_agent.eq(requester.agent.as_deref()),
                StateColumns::of(flow),
                PacingColumns::of(flow.pacing),
                pairings::created_at.eq(DbInstant(flow.created_at)),
                pairings::expires_at.eq(DbInstant(flow.expires_at)),
            ))
            .execute(c)
    })?;
    Ok(())
}
