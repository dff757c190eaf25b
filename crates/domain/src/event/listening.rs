//! Listening: who may, to what, and for how long.
//!
//! Invariant: whatever is heard was checked against the credential as it was just then. One that was revoked, or whose
//! user may no longer read, hears nothing more.

use thiserror::Error;

use super::{Event, Listener};
use crate::account::{self, Caller, Forbidden, Role, Scope};
use crate::ports::{BoxFuture, Cursor, Heard, Ports, StoreError, UnitOfWorkExt as _};

/// Why somebody may not listen.
#[derive(Debug, Error)]
pub enum ListenError {
    /// The caller may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Somebody who listens.
#[derive(Debug)]
pub struct Listening {
    caller: Caller,
    heard: Cursor,
}

/// What somebody is told who listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// What happened, oldest first, each with the place after it.
    Events(Vec<(Cursor, Event)>),
    /// Events were missed: what is shown has to be read anew. It goes on from here.
    Missed(Cursor),
    /// That was all: the server stops, or the caller may no longer listen.
    Over,
}

/// Begins to listen: after the event that was heard last, or to what happens from now on. Needs `devices.read` and
/// `assets.read`; administrators hear of the library too.
///
/// # Errors
/// See [`ListenError`].
pub async fn listen(
    ports: &Ports,
    caller: Caller,
    heard_last: Option<Cursor>,
) -> Result<Listening, ListenError> {
    require_reader(&caller)?;
    let heard = match heard_last {
        Some(heard) => heard,
        None => ports.events.latest().await?,
    };
    Ok(Listening { caller, heard })
}

impl Listening {
    /// How far they heard.
    pub const fn heard(&self) -> &Cursor {
        &self.heard
    }

    /// Waits for what comes next, which [`hear`](Self::hear) then takes. Whoever waits asks now and then whether they
    /// [may go on](Self::may_go_on).
    pub fn next<'a>(&self, ports: &'a Ports) -> BoxFuture<'a, Result<Heard, StoreError>> {
        ports.events.next(self.listener(), self.heard.clone())
    }

    /// Takes what comes next.
    ///
    /// # Errors
    /// What the store says.
    pub async fn hear(&mut self, ports: &Ports, heard: Heard) -> Result<Told, StoreError> {
        if !self.may_go_on(ports).await? {
            return Ok(Told::Over);
        }
        Ok(match heard {
            Heard::Events(events) => {
                if let Some((last, _)) = events.last() {
                    self.heard = last.clone();
                }
                Told::Events(events)
            }
            Heard::Missed(cursor) => {
                self.heard = cursor.clone();
                Told::Missed(cursor)
            }
            Heard::Over => Told::Over,
        })
    }

    /// Whether the caller may still listen.
    ///
    /// # Errors
    /// What the store says.
    pub async fn may_go_on(&mut self, ports: &Ports) -> Result<bool, StoreError> {
        let (now, caller) = (ports.clock.now(), self.caller.clone());
        let recalled = ports.store.read(move |tx| account::recall(tx, now, &caller)).await?;
        let Some(caller) = recalled.filter(|caller| self.is_as_before(caller)) else { return Ok(false) };
        self.caller = caller;
        Ok(true)
    }

    /// Whose role changed has to begin anew: what waits was chosen for the old one.
    fn is_as_before(&self, caller: &Caller) -> bool {
        caller.user.role == self.caller.user.role && require_reader(caller).is_ok()
    }

    fn listener(&self) -> Listener {
        Listener { user: self.caller.user.id, is_admin: self.caller.user.role == Role::Admin }
    }
}

fn require_reader(caller: &Caller) -> Result<(), Forbidden> {
    caller.require(Scope::DevicesRead)?;
    caller.require(Scope::AssetsRead)
}
