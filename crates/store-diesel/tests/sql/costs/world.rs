//! Users that have one of everything, or many.

use std::sync::Arc;

use memcard_domain::account::{Caller, Credential};
use memcard_domain::ids::{DeviceId, GameId, SaveId, SessionId, StateId, UserId};
use memcard_domain::ports::{StoreError, Transaction, UnitOfWorkExt as _};
use memcard_domain::save::{FileName, Save, SlotKey};
use memcard_domain::sync::{Base, ClientFile, Holding, Point};
use memcard_store_diesel::Database;
use memcard_testkit::builders::{
    a_device, a_game, a_play, a_session, a_slot, a_slot_key, a_token, a_user, a_version, at, state_place,
};

/// An administrator with everything. Cheap to clone.
pub(super) type World = Arc<Player>;

/// What there is of a player.
pub(super) struct Player {
    /// Who does it all.
    pub(super) caller: Caller,
    /// A device that holds the head of every slot.
    pub(super) device: DeviceId,
    /// The games, each with a save of two versions and a state.
    pub(super) games: Vec<GameId>,
    /// The heads.
    pub(super) heads: Vec<SaveId>,
    /// What the device has: the heads, unchanged.
    pub(super) files: Vec<ClientFile>,
    /// The states.
    pub(super) states: Vec<StateId>,
    /// A game whose slot has as many versions.
    pub(super) busy: GameId,
    /// A session of the device, in which the bases were supposed.
    pub(super) session: SessionId,
    /// As many other administrators and one more.
    pub(super) others: Vec<UserId>,
}

impl Player {
    /// Somebody of that name with so many rows of everything.
    pub(super) async fn of(database: &Database, name: &'static str, rows: usize) -> World {
        let made: Result<Player, StoreError> = database.transact(move |tx| player(tx, name, rows)).await;
        Arc::new(made.unwrap())
    }
}

fn player(tx: &mut dyn Transaction, name: &str, rows: usize) -> Result<Player, StoreError> {
    let user = a_user().named(name).as_admin().insert(tx)?;
    let id = user.id;
    let device = a_device(id, "handheld").insert(tx)?.id;
    let mut others = vec![a_user().named(&format!("{name}'s friend")).as_admin().insert(tx)?.id];
    let (mut games, mut heads, mut states) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..rows {
        others.push(a_user().named(&format!("{name}'s friend {number}")).as_admin().insert(tx)?.id);
        let game = a_game().named(&format!("{name}'s game {number}")).insert(tx)?.id;
        let slot = a_slot(tx, id, game)?.id;
        a_version(slot).append(tx)?;
        heads.push(a_version(slot).append_as_head(tx)?);
        let key = SlotKey { user: id, game, place: state_place("game.state", None) };
        let history = tx.saves().open_slot(&key)?.id;
        states.push(StateId(a_version(history).append_as_head(tx)?.id.0));
        a_device(id, &format!("device {number}")).insert(tx)?;
        a_token(id, &format!("{name} {number}")).insert(tx)?;
        a_play(id).of(game).insert(tx)?;
        ended_session(tx, id, device)?;
        games.push(game);
    }
    let busy = a_game().named(&format!("{name}'s busy game")).insert(tx)?.id;
    let slot = tx.saves().open_slot(&a_slot_key(id, busy, "busy"))?.id;
    for _ in 0..rows {
        a_version(slot).append_as_head(tx)?;
    }
    let session = a_session(tx, id, device, at(1))?.id;
    let bases: Vec<Base> = heads.iter().map(|head| supposed(device, head, session)).collect();
    tx.bases().put(&bases)?;
    Ok(Player {
        caller: Caller { user, credential: Credential::Basic },
        device,
        games,
        files: heads.iter().map(unchanged).collect(),
        heads: heads.iter().map(|head| head.id).collect(),
        states,
        busy,
        session,
        others,
    })
}

fn ended_session(tx: &mut dyn Transaction, user: UserId, device: DeviceId) -> Result<(), StoreError> {
    let begun = a_session(tx, user, device, at(0))?;
    let ended = begun.clone().cancel(at(0)).unwrap();
    tx.sessions().update(begun.status, &ended).map(drop)
}

fn supposed(device: DeviceId, head: &Save, session: SessionId) -> Base {
    let holding =
        Holding::Provisional { point: Point::of(&head.version), before: None, session: Some(session) };
    Base { holding: Some(holding), ..Base::new(device, head.version.slot) }
}

fn unchanged(head: &Save) -> ClientFile {
    ClientFile {
        game: head.key.game,
        file_name: FileName::new("game.srm").unwrap(),
        slot: head.key.place.name().cloned(),
        emulator: None,
        content_hash: head.version.content.content_hash,
        file_time: at(0),
        size: head.version.content.size,
    }
}
