//! Uploads, the guard, evidence and deletion, on the in-memory store.

mod support;

use chrono::Duration;
use memcard_domain::save::{
    self, Cleanup, FileName, ForkState, Order, SlotName, Standing, Upload, UploadMode, UploadOutcome,
    VersionKind, Visibility,
};
use memcard_domain::sync::decision::{Action, Reason};
use memcard_domain::sync::{ClientFile, FileTimes, Tracking};
use support::{World, content};

fn refused(outcome: UploadOutcome) -> save::Refusal {
    match outcome {
        UploadOutcome::Refused(refusal) => *refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[test]
fn a_first_upload_becomes_head_with_a_tagged_name() {
    let world = World::new();
    let handheld = world.device("grout");
    let save = world.stored(handheld, "one");
    assert_eq!(world.head().unwrap(), save);
    assert_eq!(save.version.order, Order::FIRST);
    assert_eq!(save.version.parent, None);
    assert_eq!(save.version.kind, VersionKind::Upload);
    assert!(save.file_name.as_str().starts_with("Game (USA) [20"), "{}", save.file_name);
    assert!(world.base(handheld).unwrap().is_strongly_at(save.version.id));
}

#[test]
fn an_upload_on_the_base_replaces_the_head_and_names_it_as_parent() {
    let world = World::new();
    let handheld = world.device("grout");
    let one = world.stored(handheld, "one");
    let two = world.stored(handheld, "two");
    assert_ne!(one.id, two.id);
    assert_eq!(two.version.parent, Some(one.version.id));
    assert!(two.version.updated_at > one.version.updated_at);
    let history = world.history();
    assert_eq!(history.len(), 2);
    assert_eq!(history[1].version.set_aside, None, "the writer held what it replaced");
}

#[test]
fn a_device_that_never_synced_a_full_slot_is_refused_and_its_bytes_are_kept_as_a_fork() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    let head = world.stored(handheld, "one");
    let refusal = refused(world.upload(phone, "other"));
    assert_eq!(refusal.head, head);
    assert_eq!(refusal.reason.detail(), "Slot has a newer save since your last sync");
    assert_eq!(refusal.last_synced_at, None);
    assert_eq!(refusal.kept.version.standing, Standing::Fork(ForkState::Open));
    assert_eq!(refusal.kept.version.content, content("other"));
    assert_eq!(refusal.kept.version.origin, Some(phone));
    assert_eq!(world.head().unwrap(), head);
    assert_eq!(world.list(), vec![head]);
    assert!(world.base(phone).unwrap().point().is_none(), "a fork is never a base");
}

#[test]
fn bytes_that_the_slot_holds_already_are_not_stored_again() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    let one = world.stored(handheld, "one");
    world.stored(handheld, "two");
    let of_older = refused(world.upload(phone, "one"));
    assert_eq!(of_older.kept.id, one.id);
    let fork = refused(world.upload(phone, "other")).kept;
    assert_eq!(refused(world.upload(phone, "other")).kept.id, fork.id);
    assert_eq!(world.history().len(), 3);
}

#[test]
fn what_a_refusal_names_can_be_fetched_also_where_the_slot_held_the_bytes_in_a_deleted_save() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    let one = world.stored(handheld, "one");
    world.stored(handheld, "two");
    world.delete(&[one.id]);
    let kept = refused(world.upload(phone, "one")).kept;
    let found = world.tx(|tx| save::find(tx, world.user, kept.id, None)).unwrap();
    assert_eq!(found.save.version.content, content("one"));
    assert_eq!(refused(world.upload(phone, "one")).kept.id, kept.id);
}

#[test]
fn content_equal_to_the_head_is_answered_with_the_head_and_is_provisional_evidence() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    let head = world.stored(handheld, "one");
    let UploadOutcome::AlreadyHead(answered) = world.upload(phone, "one") else {
        panic!("expected the head")
    };
    assert_eq!(answered, head);
    let base = world.base(phone).unwrap();
    assert!(base.holds(head.version.id) && !base.is_strongly_at(head.version.id));
    assert_eq!(world.history().len(), 1);
}

#[test]
fn other_bytes_of_equal_content_are_kept_beside_the_head_and_change_nothing() {
    let world = World::new();
    let handheld = world.device("grout");
    let head = world.stored(handheld, "one");
    let mut packed_anew = content("one");
    packed_anew.digest = content("packed anew").digest;
    let upload = Upload { content: packed_anew, ..world.draft(Some(handheld), "one") };
    let UploadOutcome::AlreadyHead(answered) = world.send(&upload) else { panic!("expected the head") };
    assert_eq!(answered, head);
    assert_eq!(world.head(), Some(head.clone()));
    assert_eq!(world.list(), vec![head]);
    let kept = world.history().into_iter().find(|save| save.version.content == packed_anew).unwrap();
    assert_eq!(kept.version.standing, Standing::Fork(ForkState::KeptHead));
    world.send(&upload);
    assert_eq!(world.history().len(), 2);
    assert_eq!(world.plan(handheld, "one").1, Reason::InSync);
}

#[test]
fn a_late_duplicate_of_an_older_upload_is_refused_and_never_moves_the_head() {
    let world = World::new();
    let handheld = world.device("grout");
    world.stored(handheld, "one");
    let two = world.stored(handheld, "two");
    let refusal = refused(world.upload(handheld, "one"));
    assert_eq!(refusal.reason, save::RefusalReason::Slot(Reason::OlderVersion));
    assert_eq!(world.head().unwrap(), two);
    assert!(world.base(handheld).unwrap().is_strongly_at(two.version.id));
}

#[test]
fn a_head_replaced_by_a_writer_with_a_provisional_base_is_set_aside() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    let one = world.stored(handheld, "one");
    world.download_optimistically(phone, one.id, None);
    let two = world.stored(phone, "two");
    let replaced = world.history().pop().unwrap();
    assert_eq!(replaced.version.set_aside.map(|aside| aside.at), Some(two.version.updated_at));
}

#[test]
fn an_upload_without_a_device_always_succeeds_and_sets_the_head_aside() {
    let world = World::new();
    let one = world.stored(world.device("grout"), "one");
    let UploadOutcome::Stored(web) = world.send(&world.draft(None, "web")) else {
        panic!("expected it stored")
    };
    assert_eq!(world.head().unwrap().id, web.id);
    assert_eq!(web.version.kind, VersionKind::WebUpload);
    let replaced = world.history().into_iter().find(|save| save.id == one.id).unwrap();
    assert!(replaced.version.set_aside.is_some());
}

#[test]
fn an_overwrite_with_an_open_fork_s_content_is_accepted_and_closes_the_fork() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    world.stored(handheld, "one");
    let fork = refused(world.upload(phone, "other")).kept;
    let UploadOutcome::Stored(head) = world.overwrite(phone, "other") else { panic!("expected it stored") };
    assert_eq!(head.version.kind, VersionKind::Overwrite);
    let history = world.history();
    let closed = history.iter().find(|save| save.id == fork.id).unwrap();
    assert_eq!(closed.version.standing, Standing::Fork(ForkState::KeptFork));
    assert_eq!(world.head().unwrap().version.content, content("other"));
}

#[test]
fn updated_at_increases_strictly_over_a_wire_slot_whatever_the_clock_does() {
    let world = World::new();
    let handheld = world.device("grout");
    let one = world.stored(handheld, "one");
    world.set_clock(one.version.updated_at - Duration::days(400));
    let two = world.stored(handheld, "two");
    assert!(two.version.updated_at > one.version.updated_at);
    let clock_file = Upload {
        file_name: FileName::new("Game (USA).rtc").unwrap(),
        ..world.draft(Some(handheld), "clock")
    };
    let UploadOutcome::Stored(rtc) = world.send(&clock_file) else { panic!("expected it stored") };
    assert!(rtc.version.updated_at > two.version.updated_at);
}

#[test]
fn a_companion_never_competes_with_the_save_beside_it() {
    let world = World::new();
    let handheld = world.device("grout");
    let main = world.stored(handheld, "one");
    let clock_file = Upload {
        file_name: FileName::new("Game (USA).RTC").unwrap(),
        ..world.draft(Some(handheld), "clock")
    };
    let UploadOutcome::Stored(rtc) = world.send(&clock_file) else { panic!("expected it stored") };
    assert_ne!(rtc.version.slot, main.version.slot);
    assert_eq!(world.head().unwrap(), main);
    assert_eq!(world.list().len(), 2, "the lists show both");
    assert!(matches!(world.upload(handheld, "two"), UploadOutcome::Stored(_)));
}

#[test]
fn the_empty_slot_name_is_a_slot_like_any_other() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    let unnamed =
        |device, bytes| Upload { slot: Some(SlotName::new("").unwrap()), ..world.draft(Some(device), bytes) };
    assert!(matches!(world.send(&unnamed(handheld, "one")), UploadOutcome::Stored(_)));
    refused(world.send(&unnamed(phone, "other")));
}

#[test]
fn an_archival_save_keeps_its_id_and_the_replaced_bytes_get_a_row_of_their_own() {
    let world = World::new();
    let handheld = world.device("grout");
    let archival = |bytes| Upload { slot: None, ..world.draft(Some(handheld), bytes) };
    let UploadOutcome::Stored(one) = world.send(&archival("one")) else { panic!("expected it stored") };
    let UploadOutcome::Stored(two) = world.send(&archival("two")) else { panic!("expected it stored") };
    assert_eq!(one.id, two.id);
    assert_eq!(two.file_name.as_str(), support::FILE);
    assert_eq!(world.list(), vec![two.clone()]);
    let history = world.tx(|tx| tx.saves().history(two.version.slot)).unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!(history[1].version.content, content("one"));
    assert_eq!(history[1].visibility, Visibility::Replaced);
    assert_ne!(history[1].id, two.id);
}

#[test]
fn an_archival_save_that_changed_since_the_device_synced_it_is_refused() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    let archival = |device, bytes| Upload { slot: None, ..world.draft(Some(device), bytes) };
    let UploadOutcome::Stored(one) = world.send(&archival(handheld, "one")) else {
        panic!("expected it stored")
    };
    world.download(phone, one.id);
    assert!(matches!(world.send(&archival(phone, "two")), UploadOutcome::Stored(_)));
    let refusal = refused(world.send(&archival(handheld, "three")));
    assert_eq!(refusal.reason.detail(), "Save has been updated since your last sync");
    assert_eq!(refusal.head.version.content, content("two"));
}

#[test]
fn deleting_the_head_makes_the_newest_remaining_save_head_and_keeps_the_bytes() {
    let world = World::new();
    let handheld = world.device("grout");
    let one = world.stored(handheld, "one");
    let two = world.stored(handheld, "two");
    world.delete(&[two.id]);
    assert_eq!(world.head().unwrap().id, one.id);
    assert_eq!(world.list().len(), 1);
    assert!(world.tx(|tx| save::find(tx, world.user, two.id, None)).is_err());
    assert_eq!(world.history().len(), 2);
    world.delete(&[one.id]);
    assert!(world.head().is_none());
    assert!(matches!(world.upload(world.device("grout"), "three"), UploadOutcome::Stored(_)));
}

#[test]
fn where_one_of_several_saves_is_unknown_none_is_deleted() {
    let world = World::new();
    let one = world.stored(world.device("grout"), "one");
    let unknown = memcard_domain::ids::SaveId(i32::MAX);
    let error = world.tx(|tx| save::delete(tx, world.user, &[one.id, unknown])).unwrap_err();
    assert_eq!(error.to_string(), format!("Save with ID {unknown} not found"));
    assert_eq!(world.head().unwrap().id, one.id);
}

#[test]
fn deleting_a_fork_dismisses_it_and_it_stays_by_id() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    let head = world.stored(handheld, "one");
    let fork = refused(world.upload(phone, "other")).kept;
    world.delete(&[fork.id]);
    let found = world.tx(|tx| save::find(tx, world.user, fork.id, None)).unwrap();
    assert_eq!(found.save.version.standing, Standing::Fork(ForkState::Dismissed));
    assert_eq!(world.head().unwrap(), head);
}

#[test]
fn downloaded_counts_for_the_version_last_served_under_that_id_and_not_for_what_came_after() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    let archival = |device, bytes| Upload { slot: None, ..world.draft(Some(device), bytes) };
    let UploadOutcome::Stored(one) = world.send(&archival(handheld, "one")) else {
        panic!("expected it stored")
    };
    world.serve(phone, one.id);
    let UploadOutcome::Stored(two) = world.send(&archival(handheld, "two")) else {
        panic!("expected it stored")
    };
    assert_eq!(one.id, two.id);
    world.confirm(phone, one.id);
    let base = world.tx(|tx| tx.bases().find(phone, one.version.slot)).unwrap().unwrap();
    assert!(base.is_strongly_at(one.version.id));
}

#[test]
fn no_device_holds_a_fork() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    world.stored(handheld, "one");
    let fork = refused(world.upload(phone, "other")).kept;
    world.download_optimistically(phone, fork.id, None);
    assert!(world.base(phone).unwrap().point().is_none());
    let now = world.now();
    assert!(matches!(
        world.tx(|tx| save::downloaded(tx, now, world.user, fork.id, phone)),
        Err(save::TrackError::IsFork)
    ));
    assert!(matches!(
        world.tx(|tx| save::track(tx, now, world.user, fork.id, phone)),
        Err(save::TrackError::IsFork)
    ));
}

#[test]
fn completing_the_session_without_failure_makes_its_optimistic_downloads_strong() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    let one = world.stored(handheld, "one");
    for (failed, strong) in [(1, false), (0, true)] {
        let session = world.negotiate(phone, &[]).session.id;
        world.download_optimistically(phone, one.id, Some(session));
        assert_eq!(world.complete(session, failed).operations_completed, 1);
        assert_eq!(world.base(phone).unwrap().is_strongly_at(one.version.id), strong);
    }
}

#[test]
fn an_untracked_slot_is_tracked_again_by_an_upload_a_download_or_track() {
    let world = World::new();
    let handheld = world.device("grout");
    let one = world.stored(handheld, "one");
    let untrack = || {
        let now = world.now();
        world.tx(|tx| save::untrack(tx, now, world.user, one.id, handheld)).unwrap();
        assert_eq!(world.base(handheld).unwrap().tracking, Tracking::Untracked);
    };
    let tracked = || assert_eq!(world.base(handheld).unwrap().tracking, Tracking::Tracked);
    untrack();
    let now = world.now();
    world.tx(|tx| save::track(tx, now, world.user, one.id, handheld)).unwrap();
    tracked();
    untrack();
    world.confirm(handheld, one.id);
    tracked();
    untrack();
    world.download_optimistically(handheld, one.id, None);
    tracked();
    untrack();
    world.stored(handheld, "two");
    tracked();
}

#[test]
fn tracking_a_save_that_never_synced_is_no_record_and_untracking_it_is_one() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    let one = world.stored(handheld, "one");
    let now = world.now();
    let synced = world.tx(|tx| save::track(tx, now, world.user, one.id, phone)).unwrap();
    assert_eq!(world.base(phone), None);
    assert_eq!(synced.device_syncs[0].device, phone, "a placeholder, the caller's first");
    assert_eq!(synced.device_syncs[0].last_synced_at, one.version.updated_at);
    assert!(!synced.device_syncs[0].is_current);
    world.tx(|tx| save::untrack(tx, now, world.user, one.id, phone)).unwrap();
    assert_eq!(world.base(phone).unwrap().tracking, Tracking::Untracked);
}

#[test]
fn autocleanup_hides_the_oldest_main_saves_and_no_device_s_base() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    let first = world.stored(handheld, "0");
    world.download(phone, first.id);
    for index in 1..5 {
        let upload =
            Upload { cleanup: Cleanup::KeepNewest(2), ..world.draft(Some(handheld), &index.to_string()) };
        assert!(matches!(world.send(&upload), UploadOutcome::Stored(_)));
    }
    let listed: Vec<_> = world.list().into_iter().map(|save| save.version.content).collect();
    assert_eq!(listed, vec![content("4"), content("3"), content("0")]);
    assert_eq!(world.history().len(), 5);
    let hidden = world.history().into_iter().find(|save| save.version.content == content("1")).unwrap();
    assert!(world.tx(|tx| save::find(tx, world.user, hidden.id, None)).is_ok(), "still there by id");
}

#[test]
fn two_contents_under_one_file_time_make_the_device_s_times_worthless() {
    let world = World::new();
    let handheld = world.device("cannoli");
    let at = world.now();
    let named = |bytes: &str| world.negotiate(handheld, &[world.file_at(bytes, at)]).session.id;
    for bytes in ["one", "two"] {
        let session = named(bytes);
        let upload = Upload { session: Some(session), ..world.draft(Some(handheld), bytes) };
        assert!(matches!(world.send(&upload), UploadOutcome::Stored(_)));
    }
    assert_eq!(world.base(handheld).unwrap().file_times, FileTimes::Ambiguous);
}

#[test]
fn an_upload_that_comes_again_says_nothing_of_the_file_that_was_named_since() {
    let world = World::new();
    let device = world.device("hashless");
    let named = |bytes: &str, at| {
        let unhashed = ClientFile { content_hash: None, ..world.file_at(bytes, at) };
        world.negotiate(device, &[unhashed])
    };
    let session = Some(named("1", world.now()).session.id);
    let first = Upload { session, ..world.draft(Some(device), "1") };
    assert!(matches!(world.send(&first), UploadOutcome::Stored(_)));

    let later = world.now();
    named("2", later);
    assert!(matches!(world.send(&first), UploadOutcome::AlreadyHead(_)));
    let planned = named("2", later).operations[0].action;
    assert_eq!(planned, Action::Upload, "the file still differs from what was in sync");
}

#[test]
fn a_replayed_upload_and_a_later_change_in_one_session_are_no_contradictions() {
    let world = World::new();
    let device = world.device("unheard-of");
    world.negotiate(device, &[world.file("1")]);
    for bytes in ["1", "1", "2", "3"] {
        world.upload(device, bytes);
    }
    assert!(world.hashes_its_file(device));
    assert_eq!(world.tx(|tx| tx.devices().find(world.user, device)).unwrap().unwrap().hash_contradictions, 0);
}

#[test]
fn a_client_whose_uploads_twice_contradict_its_hash_is_no_longer_believed() {
    let world = World::new();
    let device = world.device("unheard-of");
    world.stored(device, "0");
    for bytes in ["1", "2"] {
        let session = world.negotiate(device, &[world.file("0")]).session.id;
        let upload = Upload { session: Some(session), ..world.draft(Some(device), bytes) };
        world.send(&Upload { mode: UploadMode::Overwrite, ..upload });
    }
    let device = world.tx(|tx| tx.devices().find(world.user, device)).unwrap().unwrap();
    assert_eq!(device.hash_contradictions, 2);
    assert_eq!(device.hash_habit(), memcard_domain::device::HashHabit::NamesAdopted);
}
