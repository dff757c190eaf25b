//! The use cases that are about many rows, in an order in which each finds what it is about.

use memcard_domain::ids::DeviceId;
use memcard_domain::play::{ReportOrigin, Reported};
use memcard_domain::ports::Transaction;
use memcard_domain::save::{Cleanup, FileName, SaveFilter, SlotName, StateFilter, Upload, UploadMode};
use memcard_domain::sync::decision::{Action, Reason};
use memcard_domain::sync::{ClientFile, Plan, ReportedOperations};
use memcard_domain::{account, catalogue, device, play, save, state, sync};
use memcard_testkit::builders::{at, content_of};

use super::world::Player;

pub(super) type UseCase = fn(&mut dyn Transaction, &Player);

pub(super) const USE_CASES: [(&str, UseCase); 25] = [
    ("listing saves for a device", |tx, player| {
        let saves = save::list(tx, &saves_of(player), Some(player.device)).unwrap();
        assert_eq!(saves.len(), 2 * player.heads.len() + busy_rows(player));
        assert!(saves.iter().all(|synced| !synced.device_syncs.is_empty()));
    }),
    ("listing the ids of saves", |tx, player| {
        let ids = save::identifiers(tx, player.caller.user.id).unwrap();
        assert_eq!(ids.len(), 2 * player.heads.len() + busy_rows(player));
    }),
    ("summarising the saves of a game", |tx, player| {
        let summary = save::summarize(tx, player.caller.user.id, player.busy).unwrap();
        assert_eq!(summary[0].count, busy_rows(player));
    }),
    ("listing states", |tx, player| {
        let filter = StateFilter { user: player.caller.user.id, game: None, platform: None };
        assert_eq!(state::list(tx, &filter).unwrap().len(), player.states.len());
    }),
    ("listing games", |tx, player| {
        let filter = catalogue::GameFilter { limit: 10_000, ..catalogue::GameFilter::default() };
        let (games, _) = catalogue::games(tx, &player.caller, &filter).unwrap();
        let entries = catalogue::entries(tx, &player.caller, games).unwrap();
        assert!(entries.len() > player.games.len());
    }),
    ("listing the ids of games", |tx, player| {
        assert!(catalogue::game_ids(tx, &player.caller).unwrap().len() > player.games.len());
    }),
    ("listing play sessions", |tx, player| {
        let all = play::PlayFilter::default();
        assert_eq!(play::list(tx, &player.caller, &all).unwrap().len(), player.games.len());
    }),
    ("listing sync sessions", |tx, player| {
        let listed = sync::sessions(tx, player.caller.user.id, Some(player.device), u32::MAX).unwrap();
        assert_eq!(listed.len(), player.games.len() + 1);
    }),
    ("listing devices", |tx, player| {
        assert_eq!(device::list(tx, &player.caller).unwrap().len(), player.games.len() + 1);
    }),
    ("listing client tokens", |tx, player| {
        assert_eq!(account::list_tokens(tx, &player.caller).unwrap().len(), player.games.len());
    }),
    ("listing everybody's client tokens", |tx, player| {
        assert!(account::list_all_tokens(tx, &player.caller).unwrap().len() >= player.games.len());
    }),
    ("listing users", |tx, player| {
        assert!(account::list_users(tx, &player.caller).unwrap().len() > player.others.len());
    }),
    ("completing a session", |tx, player| {
        let reported = ReportedOperations::default();
        sync::complete(tx, at(60), player.caller.user.id, player.session, reported).unwrap();
        let bases = tx.bases().of_device(player.device).unwrap();
        assert!(bases.iter().all(|base| base.holding.is_some_and(|holding| holding.is_strong())));
    }),
    ("negotiating unchanged saves", |tx, player| {
        let plan = negotiate(tx, player, &player.files);
        let no_ops = plan.operations.iter().filter(|operation| operation.reason == Reason::InSync);
        assert_eq!(no_ops.count(), player.files.len());
    }),
    ("negotiating on a device that has nothing", |tx, player| {
        let plan = negotiate(tx, player, &[]);
        // Deleted there on purpose, all but the one that the device never had.
        assert_eq!(plan.total(Action::Download), 1);
    }),
    ("negotiating saves of slots that are new", |tx, player| {
        let slot = SlotName::new("second").unwrap();
        let files = player.files.iter().cloned();
        let files: Vec<_> = files.map(|file| ClientFile { slot: Some(slot.clone()), ..file }).collect();
        assert_eq!(negotiate(tx, player, &files).total(Action::Upload), files.len());
    }),
    ("reporting play sessions", |tx, player| {
        let reported: Vec<Reported> = player.games.iter().map(|game| an_hour_of(Some(*game))).collect();
        let origin = ReportOrigin { user: player.caller.user.id, device: Some(player.device), session: None };
        let ingested = play::ingest_all(tx, at(600), origin, reported).unwrap();
        assert!(ingested.iter().all(|result| matches!(result, play::Ingested::Created(_))));
    }),
    ("uploading with autocleanup", |tx, player| {
        let upload = Upload {
            user: player.caller.user.id,
            game: player.busy,
            slot: Some(SlotName::new("busy").unwrap()),
            file_name: FileName::new("game.srm").unwrap(),
            emulator: None,
            content: content_of(b"the newest"),
            device: None,
            session: None,
            mode: UploadMode::Guarded,
            cleanup: Cleanup::KeepNewest(1),
            screenshot: None,
        };
        save::upload(tx, at(600), &upload).unwrap();
        let summary = save::summarize(tx, player.caller.user.id, player.busy).unwrap();
        assert_eq!(summary[0].count, 1);
    }),
    ("deleting saves", |tx, player| {
        let deleted = save::delete(tx, player.caller.user.id, &player.heads).unwrap();
        assert_eq!(deleted, player.heads);
        let left = save::list(tx, &saves_of(player), None).unwrap();
        assert_eq!(left.len(), player.heads.len() + 1);
    }),
    ("negotiating saves that were deleted", |tx, player| {
        let plan = negotiate(tx, player, &player.files);
        let conflicts =
            plan.operations.iter().filter(|operation| operation.reason == Reason::DeletedOnServer);
        assert_eq!(conflicts.count(), player.files.len());
    }),
    ("deleting states", |tx, player| {
        state::delete(tx, player.caller.user.id, &player.states).unwrap();
        let filter = StateFilter { user: player.caller.user.id, game: None, platform: None };
        assert_eq!(state::list(tx, &filter).unwrap(), []);
    }),
    ("registering a device again", |tx, player| {
        let details = device::DeviceDetails { hostname: Some("deck".to_owned()), ..Default::default() };
        let existing = device::Existing::Allow { syncs: device::Syncs::Keep };
        for candidate in ["first", "second"] {
            let candidate = DeviceId(memcard_testkit::builders::uuid_of(candidate));
            let registration = device::Registration { details: details.clone(), existing };
            device::register(tx, at(700), &player.caller, registration, candidate).unwrap();
        }
    }),
    ("deleting a device", |tx, player| {
        device::delete(tx, &player.caller, player.device).unwrap();
    }),
    ("deleting an administrator", |tx, player| {
        account::delete_user(tx, &player.caller, player.others[0]).unwrap();
    }),
    ("deleting somebody who has all that", |tx, player| {
        account::delete_user(tx, &player.caller, player.caller.user.id).unwrap();
    }),
];

fn negotiate(tx: &mut dyn Transaction, player: &Player, files: &[ClientFile]) -> Plan {
    let plan = sync::negotiate(tx, at(120), player.caller.user.id, player.device, files).unwrap();
    assert!(plan.operations.len() >= files.len());
    plan
}

fn saves_of(player: &Player) -> SaveFilter {
    SaveFilter { user: player.caller.user.id, game: None, platform: None, slot: None }
}

const fn busy_rows(player: &Player) -> usize {
    player.games.len()
}

fn an_hour_of(game: Option<memcard_domain::ids::GameId>) -> Reported {
    Reported { game, save_slot: None, start: at(120), end: at(180), duration_ms: 3_600_000 }
}
