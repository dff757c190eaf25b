//! Negotiation and its evidence, on the in-memory store: the stories behind the decision table.

mod support;

use chrono::Duration;
use memcard_domain::catalogue::GameNotFound;
use memcard_domain::device::DeviceNotFound;
use memcard_domain::ids::{DeviceId, GameId};
use memcard_domain::save::{
    self, EditOutcome, FileName, ForkState, Keep, Save, SlotName, Standing, Upload, UploadError,
    UploadOutcome,
};
use memcard_domain::sync::decision::{Action, Reason};
use memcard_domain::sync::{self, ClientFile, NegotiateError, SessionStatus};
use proptest::prelude::*;
use support::{World, content};
use uuid::Uuid;

#[test]
fn two_devices_take_turns_without_a_conflict() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    assert_eq!(world.plan(handheld, "one"), (Action::Upload, Reason::EmptySlot));
    world.stored(handheld, "one");
    let plan = world.negotiate(phone, &[]);
    assert_eq!(plan.operations.len(), 1);
    assert_eq!(plan.operations[0].action, Action::Download);
    world.download(phone, plan.operations[0].save.unwrap());
    assert_eq!(world.plan(phone, "one"), (Action::NoOp, Reason::InSync));
    assert_eq!(world.plan(phone, "two"), (Action::Upload, Reason::ChangedHere));
    world.stored(phone, "two");
    assert_eq!(world.plan(handheld, "one"), (Action::Download, Reason::NewerOnServer));
}

#[test]
fn both_changed_is_a_conflict_in_the_plan_and_in_the_guard() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    let one = world.stored(handheld, "one");
    world.download(phone, one.id);
    world.stored(phone, "two");
    assert_eq!(world.plan(handheld, "three"), (Action::Conflict, Reason::BothChanged));
    assert!(matches!(world.upload(handheld, "three"), UploadOutcome::Refused(_)));
    assert_eq!(world.plan(handheld, "three"), (Action::Conflict, Reason::AlreadyInInbox));
}

#[test]
fn a_device_that_crashed_before_it_could_confirm_is_believed_by_its_hash() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    let one = world.stored(handheld, "one");
    world.download(phone, one.id);
    let two = world.stored(handheld, "two");
    world.serve(phone, two.id);
    world.stored(handheld, "three");
    assert_eq!(world.plan(phone, "two"), (Action::Download, Reason::NewerOnServer));
    assert!(world.base(phone).unwrap().is_strongly_at(two.version.id));
}

#[test]
fn a_rolled_back_file_is_a_conflict_and_counted_until_a_download_is_confirmed() {
    let world = World::new();
    let handheld = world.device("grout");
    world.stored(handheld, "one");
    let two = world.stored(handheld, "two");
    for times in 1..=2 {
        assert_eq!(world.plan(handheld, "one"), (Action::Conflict, Reason::OlderVersion));
        assert_eq!(world.base(handheld).unwrap().rollbacks, times);
    }
    world.download(handheld, two.id);
    assert_eq!(world.base(handheld).unwrap().rollbacks, 0);
}

#[test]
fn a_provisional_base_falls_back_when_the_file_is_still_the_older_one() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    let one = world.stored(handheld, "one");
    world.download(phone, one.id);
    let two = world.stored(handheld, "two");
    world.download_optimistically(phone, two.id, None);
    assert_eq!(world.plan(phone, "one"), (Action::Download, Reason::NewerOnServer));
    assert!(world.base(phone).unwrap().is_strongly_at(one.version.id));
}

#[test]
fn a_save_deleted_on_the_server_is_a_conflict_and_a_change_after_it_an_upload() {
    let world = World::new();
    let handheld = world.device("grout");
    world.stored(handheld, "one");
    let two = world.stored(handheld, "two");
    world.delete(&[two.id]);
    assert_eq!(world.plan(handheld, "two"), (Action::Conflict, Reason::DeletedOnServer));
    assert_eq!(world.plan(handheld, "three"), (Action::Upload, Reason::DeletedThenChanged));
    assert_eq!(world.stored(handheld, "three").version.parent, Some(two.version.id));
}

#[test]
fn a_head_that_was_deleted_on_the_device_stays_deleted_there_until_it_changes() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    let one = world.stored(handheld, "one");
    assert_eq!(world.negotiate(handheld, &[]).operations, vec![]);
    world.download(phone, one.id);
    world.stored(phone, "two");
    let plan = world.negotiate(handheld, &[]);
    assert_eq!(
        (plan.operations[0].action, plan.operations[0].reason),
        (Action::Download, Reason::MissingHere)
    );
}

#[test]
fn a_client_without_hashes_is_judged_by_size_and_its_own_earlier_time() {
    let world = World::new();
    let (device, other) = (world.device("romm-retroarch-sync"), world.device("grout"));
    let at = world.now() - Duration::days(9000);
    let unhashed = |bytes: &str, time| ClientFile { content_hash: None, ..world.file_at(bytes, time) };
    let first = |plan: sync::Plan| (plan.operations[0].action, plan.operations[0].reason);

    let session = world.negotiate(device, &[unhashed("one", at)]).session.id;
    world.send(&Upload { session: Some(session), ..world.draft(Some(device), "one") });
    assert_eq!(first(world.negotiate(device, &[unhashed("one", at)])), (Action::NoOp, Reason::InSync));
    let later = at + Duration::seconds(1);
    assert_eq!(
        first(world.negotiate(device, &[unhashed("two", later)])),
        (Action::Upload, Reason::ChangedHere)
    );
    let earlier = at - Duration::days(1);
    assert_eq!(
        first(world.negotiate(device, &[unhashed("two", earlier)])),
        (Action::Upload, Reason::ChangedHere)
    );

    world.download(other, world.head().unwrap().id);
    world.stored(other, "theirs");
    assert_eq!(
        first(world.negotiate(device, &[unhashed("one", at)])),
        (Action::Download, Reason::NewerOnServer)
    );
    assert_eq!(
        first(world.negotiate(device, &[unhashed("two", later)])),
        (Action::Conflict, Reason::BothChanged)
    );
}

#[test]
fn first_contact_without_a_hash_is_a_conflict() {
    let world = World::new();
    world.stored(world.device("grout"), "one");
    let unhashed = ClientFile { content_hash: None, ..world.file("mine") };
    let plan = world.negotiate(world.device("romm-retroarch-sync"), &[unhashed]);
    assert_eq!(
        (plan.operations[0].action, plan.operations[0].reason),
        (Action::Conflict, Reason::FirstContact)
    );
}

#[test]
fn an_adopted_hash_is_not_believed_to_be_the_file_s() {
    let world = World::new();
    let (argosy, other) = (world.device("argosy-launcher"), world.device("grout"));
    let session = world.negotiate(argosy, &[world.file("one")]).session.id;
    world.send(&Upload { session: Some(session), ..world.draft(Some(argosy), "one") });
    // The file changed, and the client still names the hash it adopted: the head's.
    let changed = ClientFile { file_time: world.now() + Duration::hours(1), ..world.file("one") };
    let plan = world.negotiate(argosy, &[changed]);
    assert_eq!((plan.operations[0].action, plan.operations[0].reason), (Action::Upload, Reason::ChangedHere));
    world.download(other, world.head().unwrap().id);
}

#[test]
fn an_adopted_hash_lowers_a_provisional_base_and_never_raises_one() {
    let world = World::new();
    let (argosy, other) = (world.device("argosy-launcher"), world.device("grout"));
    let one = world.stored(other, "one");
    world.download(argosy, one.id);
    let two = world.stored(other, "two");
    world.negotiate(argosy, &[world.file("two")]);
    assert!(world.base(argosy).unwrap().holds(one.version.id), "not raised");
    world.download_optimistically(argosy, two.id, None);
    assert!(world.base(argosy).unwrap().holds(two.version.id));
    world.negotiate(argosy, &[world.file("one")]);
    assert!(world.base(argosy).unwrap().is_strongly_at(one.version.id), "lowered");
}

#[test]
fn operations_on_a_slot_with_a_head_carry_the_head_s_name_and_the_client_s_own_elsewhere() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    let head = world.stored(handheld, "one");
    let renamed = ClientFile { file_name: FileName::new("game.sav").unwrap(), ..world.file("other") };
    let elsewhere = ClientFile { slot: Some(SlotName::new("slot 2").unwrap()), ..renamed.clone() };
    let plan = world.negotiate(phone, &[renamed, elsewhere]);
    assert_eq!(plan.operations[0].file_name, head.file_name);
    assert_eq!(plan.operations[0].save, Some(head.id));
    assert_eq!(plan.operations[0].server.unwrap().content_hash, content("one").content_hash);
    assert_eq!(plan.operations[1].file_name.as_str(), "game.sav");
    assert_eq!((plan.operations[1].save, plan.operations[1].server), (None, None));
}

#[test]
fn at_most_one_file_of_a_slot_is_to_be_uploaded() {
    let world = World::new();
    let handheld = world.device("grout");
    let plan = world.negotiate(handheld, &[world.file("one"), world.file("two")]);
    assert_eq!(plan.operations[0].action, Action::Upload);
    assert_eq!(
        (plan.operations[1].action, plan.operations[1].reason),
        (Action::Conflict, Reason::SecondUpload)
    );
}

#[test]
fn archival_saves_are_always_uploads_and_the_server_s_never_appear() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    world.send(&Upload { slot: None, ..world.draft(Some(handheld), "one") });
    let archival = ClientFile { slot: None, ..world.file("one") };
    let plan = world.negotiate(phone, &[archival]);
    assert_eq!(plan.operations.len(), 1);
    assert_eq!(plan.operations[0].action, Action::Upload);
    assert_eq!(plan.operations[0].save, None);
}

#[test]
fn an_untracked_slot_is_a_no_op_if_named_and_nothing_if_not() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    let one = world.stored(handheld, "one");
    let now = world.now();
    world.tx(|tx| save::untrack(tx, now, world.user, one.id, phone)).unwrap();
    let plan = world.negotiate(phone, &[world.file("mine")]);
    assert_eq!((plan.operations[0].action, plan.operations[0].reason), (Action::NoOp, Reason::Untracked));
    assert_eq!(plan.operations[0].server, None);
    assert_eq!(world.negotiate(phone, &[]).operations, vec![]);
}

#[test]
fn a_new_session_cancels_the_device_s_running_one_and_counts_what_is_planned() {
    let world = World::new();
    let handheld = world.device("grout");
    world.stored(handheld, "one");
    let first = world.negotiate(handheld, &[world.file("one"), world.file("two")]).session;
    assert_eq!((first.status, first.operations_planned), (SessionStatus::InProgress, 1));
    world.negotiate(handheld, &[]);
    let cancelled = world.tx(|tx| sync::session(tx, world.user, first.id)).unwrap();
    assert_eq!(cancelled.status, SessionStatus::Cancelled);
    assert!(cancelled.completed_at.is_some());
    let newest = world.tx(|tx| sync::sessions(tx, world.user, Some(handheld), 50)).unwrap();
    assert_eq!(newest.iter().map(|session| session.id).next_back(), Some(first.id));
}

#[test]
fn unknown_and_disabled_devices_and_unknown_games_are_told_and_change_nothing() {
    let world = World::new();
    let unknown = DeviceId(Uuid::max());
    let now = world.now();
    let error = world.tx(|tx| sync::negotiate(tx, now, world.user, unknown, &[])).unwrap_err();
    assert!(matches!(error, NegotiateError::DeviceNotFound(DeviceNotFound(id)) if id == unknown));

    let handheld = world.device("grout");
    let mut device = world.tx(|tx| tx.devices().find(world.user, handheld)).unwrap().unwrap();
    device.sync_enabled = false;
    world.tx(|tx| tx.devices().update(&device)).unwrap();
    let error = world.tx(|tx| sync::negotiate(tx, now, world.user, handheld, &[])).unwrap_err();
    assert_eq!(error.to_string(), "Sync is disabled for this device");

    let upload = Upload { game: GameId(9999), ..world.draft(None, "one") };
    let error = world.tx(|tx| save::upload(tx, now, &upload)).unwrap_err();
    assert!(matches!(error, UploadError::GameNotFound(GameNotFound(GameId(9999)))));
    assert!(world.list().is_empty());
}

#[test]
fn a_game_the_server_does_not_know_is_planned_as_an_upload() {
    let world = World::new();
    let handheld = world.device("grout");
    let plan = world.negotiate(handheld, &[ClientFile { game: GameId(9999), ..world.file("one") }]);
    assert_eq!(plan.operations[0].action, Action::Upload);
}

/// What a device does in a random story.
#[derive(Debug, Clone)]
enum Step {
    Upload { device: usize, bytes: u8 },
    Overwrite { device: usize, bytes: u8 },
    WebUpload { bytes: u8 },
    Download { device: usize },
    DownloadOptimistically { device: usize },
    Negotiate { device: usize, bytes: u8, days: i64 },
    Edit { device: usize, bytes: u8, row: usize },
    WebEdit { bytes: u8, row: usize },
    Restore { version: usize },
    Resolve { keep: Keep },
    DeleteHead,
}

fn step() -> impl Strategy<Value = Step> {
    let device = 0..3usize;
    prop_oneof![
        4 => (device.clone(), 0..6u8).prop_map(|(device, bytes)| Step::Upload { device, bytes }),
        1 => (device.clone(), 0..6u8).prop_map(|(device, bytes)| Step::Overwrite { device, bytes }),
        1 => (0..6u8).prop_map(|bytes| Step::WebUpload { bytes }),
        3 => device.clone().prop_map(|device| Step::Download { device }),
        2 => device.clone().prop_map(|device| Step::DownloadOptimistically { device }),
        3 => (device.clone(), 0..6u8, -9000..9000i64)
            .prop_map(|(device, bytes, days)| Step::Negotiate { device, bytes, days }),
        2 => (device.clone(), 0..6u8, 0..8usize)
            .prop_map(|(device, bytes, row)| Step::Edit { device, bytes, row }),
        1 => (0..6u8, 0..8usize).prop_map(|(bytes, row)| Step::WebEdit { bytes, row }),
        1 => (0..16usize).prop_map(|version| Step::Restore { version }),
        1 => prop_oneof![Just(Keep::Head), Just(Keep::Fork), Just(Keep::Both)]
            .prop_map(|keep| Step::Resolve { keep }),
        1 => Just(Step::DeleteHead),
    ]
}

/// Takes a step. For an upload or an edit: its outcome, an edit's told as an upload's.
fn take(world: &World, devices: &[DeviceId], step: &Step) -> Option<UploadOutcome> {
    let head = world.head();
    match step {
        Step::Upload { device, bytes } => Some(world.upload(devices[*device], &bytes.to_string())),
        Step::Overwrite { device, bytes } => Some(world.overwrite(devices[*device], &bytes.to_string())),
        Step::WebUpload { bytes } => Some(world.send(&world.draft(None, &bytes.to_string()))),
        Step::Download { device } => {
            head.inspect(|head| world.download(devices[*device], head.id));
            None
        }
        Step::DownloadOptimistically { device } => {
            head.inspect(|head| world.download_optimistically(devices[*device], head.id, None));
            None
        }
        Step::Negotiate { device, bytes, days } => {
            let at = world.now() + Duration::days(*days);
            world.negotiate(devices[*device], &[world.file_at(&bytes.to_string(), at)]);
            None
        }
        Step::Edit { device, bytes, row } => edit(world, *row, Some(devices[*device]), *bytes),
        Step::WebEdit { bytes, row } => edit(world, *row, None, *bytes),
        Step::Restore { version } => {
            pick(&world.history(), *version).inspect(|save| {
                world.restore(save.version.id);
            });
            None
        }
        Step::Resolve { keep } => {
            let is_open = |save: &Save| save.version.standing == Standing::Fork(ForkState::Open);
            world.history().into_iter().find(is_open).inspect(|fork| {
                world.resolve(fork.version.id, *keep);
            });
            None
        }
        Step::DeleteHead => {
            head.inspect(|head| world.delete(&[head.id]));
            None
        }
    }
}

fn pick(saves: &[Save], number: usize) -> Option<&Save> {
    saves.get(number.checked_rem(saves.len())?)
}

/// Edits one of the slot's rows that are found by id.
fn edit(world: &World, row: usize, device: Option<DeviceId>, bytes: u8) -> Option<UploadOutcome> {
    let is_row = |save: &Save| !save.is_deleted() && !save.version.standing.is_fork();
    let rows: Vec<Save> = world.history().into_iter().filter(is_row).collect();
    Some(match world.edit(pick(&rows, row)?.id, device, &bytes.to_string()) {
        EditOutcome::Stored(save) => UploadOutcome::Stored(*save),
        EditOutcome::Refused(refusal) => UploadOutcome::Refused(refusal),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// P2: the head moves only if the writer's base is the head, or by an explicit act; and whoever was not strongly
    /// known to hold it sets it aside.
    #[test]
    fn a_head_moves_only_by_its_holder_or_an_explicit_act(steps in proptest::collection::vec(step(), 0..40)) {
        let world = World::new();
        let devices: Vec<DeviceId> = (0..3).map(|_| world.device("grout")).collect();
        for step in &steps {
            let before = world.head();
            let base_before = match step {
                Step::Upload { device, .. } | Step::Overwrite { device, .. } | Step::Edit { device, .. } => {
                    world.base(devices[*device])
                }
                _ => None,
            };
            let base_content = |base: &memcard_domain::sync::Base| {
                let version = base.point()?.version;
                world.history().into_iter().find(|save| save.version.id == version)
            };
            let held = base_before.as_ref().and_then(base_content);
            take(&world, &devices, step);
            let after = world.head();
            let moved = after.as_ref().map(|save| save.version.id) != before.as_ref().map(|save| save.version.id);
            if !moved {
                continue;
            }
            match step {
                Step::Upload { bytes, .. } | Step::Edit { bytes, .. } => {
                    let on_base = match (&before, &held) {
                        (None, _) => true,
                        (Some(head), Some(held)) => {
                            held.version.content.is_equal(&head.version.content) || held.is_deleted()
                        }
                        (Some(_), None) => false,
                    };
                    let in_place_of_equal = matches!(step, Step::Edit { .. })
                        && before.as_ref().is_some_and(|head| head.version.content == content(&bytes.to_string()));
                    prop_assert!(on_base || in_place_of_equal, "{step:?} moved the head from {before:?} with base {held:?}");
                }
                Step::Overwrite { .. }
                | Step::WebUpload { .. }
                | Step::WebEdit { .. }
                | Step::Restore { .. }
                | Step::Resolve { keep: Keep::Fork }
                | Step::DeleteHead => {}
                other => prop_assert!(false, "{other:?} moved the head"),
            }
            let strongly = before.as_ref().is_some_and(|head| {
                let at_head = held.as_ref().is_some_and(|held| held.version.content.is_equal(&head.version.content));
                at_head && base_before.and_then(|base| base.holding).is_some_and(|holding| holding.is_strong())
            });
            let is_set_aside = !strongly && !matches!(step, Step::DeleteHead);
            if let (Some(head), Some(after), true) = (before, after, is_set_aside)
                && !head.version.content.is_equal(&after.version.content)
            {
                prop_assert!(world.version(head.version.id).version.set_aside.is_some(), "{step:?}");
            }
        }
    }

    /// The head is the visible row with the greatest `updated_at`, which increases with the order; nothing that was
    /// answered, 200 or 409, is ever missing from the history.
    #[test]
    fn nothing_that_was_answered_is_lost_and_the_order_holds(steps in proptest::collection::vec(step(), 0..40)) {
        let world = World::new();
        let devices: Vec<DeviceId> = (0..3).map(|_| world.device("grout")).collect();
        let mut answered = Vec::new();
        for step in &steps {
            match take(&world, &devices, step) {
                Some(UploadOutcome::Stored(save) | UploadOutcome::AlreadyHead(save)) => {
                    answered.push(save.version.content);
                }
                Some(UploadOutcome::Refused(refusal)) => answered.push(refusal.kept.version.content),
                None => {}
            }
            let history = world.history();
            for content in &answered {
                prop_assert!(history.iter().any(|save| save.version.content == *content && save.version.held));
            }
            for pair in history.windows(2) {
                prop_assert!(pair[0].version.order > pair[1].version.order);
                prop_assert!(pair[0].version.updated_at > pair[1].version.updated_at);
            }
            let newest = history.into_iter().find(Save::is_listed);
            prop_assert_eq!(world.head(), newest);
        }
    }

    /// P7: a device whose file is still what it last synced is brought to the head, or asked where that was deleted,
    /// whatever else was done to the slot; and then it is in sync.
    #[test]
    fn a_device_that_changed_nothing_is_brought_to_the_head(steps in proptest::collection::vec(step(), 0..30)) {
        let world = World::new();
        let devices: Vec<DeviceId> = (0..3).map(|_| world.device("grout")).collect();
        for step in &steps {
            take(&world, &devices, step);
        }
        for device in devices {
            let point = world.base(device).and_then(|base| base.point());
            let (Some(point), Some(head)) = (point, world.head()) else { continue };
            let held = world.version(point.version);
            prop_assert_eq!(held.version.standing, Standing::Line, "a fork is no base");
            prop_assume!(world.hashes_its_file(device));
            let file = |save: &Save| ClientFile { content_hash: save.version.content.content_hash, ..world.file("") };
            let plan = world.negotiate(device, &[file(&held)]).operations.remove(0);
            match (plan.action, plan.reason) {
                (Action::NoOp, Reason::InSync) => {
                    prop_assert!(held.version.content.is_equal(&head.version.content));
                }
                (Action::Download, Reason::NewerOnServer) => {}
                (Action::Conflict, Reason::DeletedOnServer) => prop_assert!(held.is_deleted()),
                other => prop_assert!(false, "{other:?}"),
            }
            world.download(device, plan.save.unwrap());
            let plan = world.negotiate(device, &[file(&head)]).operations.remove(0);
            prop_assert_eq!((plan.action, plan.reason, plan.save), (Action::NoOp, Reason::InSync, Some(head.id)));
        }
    }

    /// P3: where hashes are the file's, no time a client sends changes what it is told.
    #[test]
    fn decisions_never_depend_on_times_when_hashes_are_known(
        steps in proptest::collection::vec(step(), 0..25),
        bytes in 0..6u8,
        days in -9000..9000i64,
    ) {
        let plan = |shift: i64| {
            let world = World::new();
            let devices: Vec<DeviceId> = (0..3).map(|_| world.device("grout")).collect();
            for step in &steps {
                take(&world, &devices, step);
            }
            if !world.hashes_its_file(devices[0]) {
                return Vec::new();
            }
            let at = world.now() + Duration::days(shift);
            let plan = world.negotiate(devices[0], &[world.file_at(&bytes.to_string(), at)]);
            plan.operations.iter().map(|op| (op.action, op.reason, op.save)).collect::<Vec<_>>()
        };
        prop_assert_eq!(plan(0), plan(days));
    }

    /// P6: negotiating changes no save, and asking again gets the same answer unless the first showed something new.
    #[test]
    fn negotiation_only_reads_saves(steps in proptest::collection::vec(step(), 0..25), bytes in 0..6u8) {
        let world = World::new();
        let devices: Vec<DeviceId> = (0..3).map(|_| world.device("grout")).collect();
        for step in &steps {
            take(&world, &devices, step);
        }
        let before = (world.history(), world.head(), world.list());
        for device in &devices {
            let known = world.base(*device).map(|base| base.holding);
            let first = world.plan(*device, &bytes.to_string());
            let learnt = world.base(*device).map(|base| base.holding);
            let again = world.plan(*device, &bytes.to_string());
            prop_assert!(first.0 == again.0 || known != learnt);
        }
        prop_assert_eq!((world.history(), world.head(), world.list()), before);
    }

    /// What negotiation plans as an upload, the guard accepts; what it plans as a conflict, the guard refuses.
    #[test]
    fn plan_and_guard_agree(steps in proptest::collection::vec(step(), 0..25), bytes in 0..6u8) {
        let world = World::new();
        let devices: Vec<DeviceId> = (0..3).map(|_| world.device("grout")).collect();
        for step in &steps {
            take(&world, &devices, step);
        }
        prop_assume!(world.hashes_its_file(devices[0]));
        let bytes = bytes.to_string();
        let (action, reason) = world.plan(devices[0], &bytes);
        let outcome = world.upload(devices[0], &bytes);
        match action {
            Action::Upload => prop_assert!(matches!(outcome, UploadOutcome::Stored(_)), "{reason:?} {outcome:?}"),
            Action::NoOp => prop_assert!(matches!(outcome, UploadOutcome::AlreadyHead(_)), "{reason:?} {outcome:?}"),
            _ => prop_assert!(matches!(outcome, UploadOutcome::Refused(_)), "{reason:?} {outcome:?}"),
        }
    }
}
