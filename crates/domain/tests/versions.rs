//! What is done with a save's versions: edits in place, the history, restoring, resolving; on the in-memory store.

mod support;

use memcard_domain::catalogue::GameProps;
use memcard_domain::device::DeviceNotFound;
use memcard_domain::ids::{DeviceId, SaveId, UserId, VersionId};
use memcard_domain::save::{
    self, Audience, Change, Cleanup, Companion, Edit, EditError, EditOutcome, FileName, ForkState,
    HistoryEntry, Keep, Label, MarkPatch, Refusal, RefusalReason, ResolveError, Save, SlotName, SlotPlace,
    Standing, Upload, UploadOutcome, VersionError, VersionKind, VersionState, Visibility,
};
use memcard_domain::screenshot::Picture;
use memcard_domain::sync::Tracking;
use memcard_domain::sync::decision::{Action, Reason};
use support::{World, content};
use uuid::Uuid;

fn refused(outcome: EditOutcome) -> Refusal {
    match outcome {
        EditOutcome::Refused(refusal) => *refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

fn archival(world: &World, device: DeviceId, bytes: &str) -> Save {
    match world.send(&Upload { slot: None, ..world.draft(Some(device), bytes) }) {
        UploadOutcome::Stored(save) => save,
        other => panic!("expected {bytes} to be stored, got {other:?}"),
    }
}

/// The versions of the game, newest first: content and state.
fn states(world: &World) -> Vec<(String, &'static str)> {
    let names = ["one", "two", "three", "four", "other", "web"];
    let name = |entry: &HistoryEntry| {
        let known = names.iter().find(|name| content(name) == entry.save.version.content);
        known.map_or_else(|| format!("{:?}", entry.save.version.content), |name| (*name).to_owned())
    };
    world.game_history().iter().map(|entry| (name(entry), entry.state.name())).collect()
}

fn shown(pairs: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
    pairs.iter().map(|(content, state)| ((*content).to_owned(), *state)).collect()
}

mod edits {
    use super::*;

    #[test]
    fn an_edited_row_keeps_id_and_name_and_is_the_head_with_a_history_behind_it() {
        let world = World::new();
        let handheld = world.device("grout");
        let one = world.stored(handheld, "one");
        let edited = world.edited(one.id, Some(handheld), "two");
        assert_eq!((edited.id, &edited.file_name), (one.id, &one.file_name));
        assert_eq!(edited.version.content, content("two"));
        assert_eq!(edited.version.kind, VersionKind::EditInPlace);
        assert_eq!(edited.version.parent, Some(one.version.id));
        assert_eq!(edited.version.origin, Some(handheld));
        assert!(edited.version.updated_at > one.version.updated_at);
        assert_eq!(world.head(), Some(edited.clone()));
        assert_eq!(world.list(), vec![edited]);
        let replaced = world.version(one.version.id);
        assert_ne!(replaced.id, one.id);
        assert_eq!(replaced.visibility, Visibility::Replaced);
        assert_eq!(replaced.version.set_aside, None, "the device held what it replaced");
    }

    #[test]
    fn the_device_s_base_is_strongly_what_it_put() {
        let world = World::new();
        let (handheld, phone) = (world.device("grout"), world.device("grout"));
        let one = world.stored(handheld, "one");
        world.download_optimistically(phone, one.id, None);
        let edited = world.edited(one.id, Some(phone), "two");
        assert!(world.base(phone).unwrap().is_strongly_at(edited.version.id));
        assert_eq!(world.plan(phone, "two"), (Action::NoOp, Reason::InSync));
        assert_eq!(world.plan(handheld, "one"), (Action::Download, Reason::NewerOnServer));
        assert!(world.version(one.version.id).version.set_aside.is_some(), "its base was provisional");
    }

    #[test]
    fn the_same_bytes_make_an_older_row_the_head_which_is_how_clients_switch_versions() {
        let world = World::new();
        let (handheld, phone) = (world.device("grout"), world.device("grout"));
        let one = world.stored(handheld, "one");
        let two = world.stored(handheld, "two");
        world.download(phone, two.id);
        let switched = world.edited(one.id, Some(handheld), "one");
        assert_eq!(switched.id, one.id);
        assert_eq!(switched.version.parent, Some(two.version.id));
        assert_eq!(world.list().iter().map(|save| save.id).collect::<Vec<_>>(), [one.id, two.id]);
        assert_eq!(world.version(two.version.id).version.set_aside, None);
        assert_eq!(world.plan(phone, "two"), (Action::Download, Reason::NewerOnServer));
        let again = world.edited(one.id, Some(handheld), "one");
        assert_eq!(world.head(), Some(again.clone()));
        assert!(again.version.order > switched.version.order);
        assert_eq!(world.version(switched.version.id).version.set_aside, None, "its content is still head");
    }

    #[test]
    fn a_device_that_does_not_hold_the_head_is_refused_as_for_an_upload_and_its_bytes_are_a_fork() {
        let world = World::new();
        let (handheld, phone) = (world.device("grout"), world.device("grout"));
        let one = world.stored(handheld, "one");
        world.download(phone, one.id);
        let synced_at = world.base(phone).unwrap().last_synced_at;
        let two = world.stored(handheld, "two");
        let refusal = refused(world.edit(one.id, Some(phone), "other"));
        assert_eq!(refusal.head, two);
        assert_eq!(refusal.reason, RefusalReason::Slot(Reason::BothChanged));
        assert_eq!(refusal.last_synced_at, synced_at);
        assert_eq!(refusal.kept.version.standing, Standing::Fork(ForkState::Open));
        assert_eq!(refusal.kept.version.content, content("other"));
        assert_eq!(refusal.kept.version.parent, Some(one.version.id));
        assert_ne!(refusal.kept.id, one.id);
        assert_eq!(world.head(), Some(two));
        assert!(world.base(phone).unwrap().holds(one.version.id), "a fork is never a base");
        let stranger = world.device("grout");
        let first_contact = refused(world.edit(one.id, Some(stranger), "three"));
        assert_eq!(first_contact.reason, RefusalReason::Slot(Reason::UnrelatedSaves));
        let known = refused(world.edit(one.id, Some(phone), "one"));
        assert_eq!(known.kept.version.id, one.version.id, "bytes that are there are not stored again");
    }

    #[test]
    fn content_equal_to_the_head_is_accepted_from_every_device_and_shows_as_little_as_on_upload() {
        let world = World::new();
        let (handheld, phone) = (world.device("grout"), world.device("grout"));
        let one = world.stored(handheld, "one");
        let two = world.stored(handheld, "two");
        let edited = world.edited(one.id, Some(phone), "two");
        assert_eq!(world.head(), Some(edited.clone()));
        assert_eq!(world.version(two.version.id).version.set_aside, None, "nothing else took its place");
        let base = world.base(phone).unwrap();
        assert!(base.holds(edited.version.id) && !base.is_strongly_at(edited.version.id));
        let again = world.edited(one.id, Some(handheld), "two");
        assert!(world.base(handheld).unwrap().is_strongly_at(again.version.id), "it held the head");
    }

    #[test]
    fn without_a_device_an_edit_is_always_done_and_another_content_is_set_aside() {
        let world = World::new();
        let handheld = world.device("grout");
        let one = world.stored(handheld, "one");
        let two = world.stored(handheld, "two");
        let edited = world.edited(one.id, None, "web");
        assert_eq!(edited.version.parent, Some(one.version.id), "the row's former version");
        assert_eq!(edited.version.origin, None);
        assert_eq!(world.version(one.version.id).version.set_aside, None, "it was not the head");
        let set_aside = world.version(two.version.id).version.set_aside;
        assert_eq!(set_aside.map(|aside| aside.at), Some(edited.version.updated_at));
        let same = world.edited(one.id, None, "web");
        assert_eq!(world.head(), Some(same));
        assert_eq!(world.version(edited.version.id).version.set_aside, None);
    }

    #[test]
    fn a_row_that_autocleanup_hid_is_listed_again() {
        let world = World::new();
        let handheld = world.device("grout");
        let one = world.stored(handheld, "one");
        let cleanup = Cleanup::KeepNewest(1);
        world.send(&Upload { cleanup, ..world.draft(Some(handheld), "two") });
        assert_eq!(world.version(one.version.id).visibility, Visibility::Cleaned);
        let edited = world.edited(one.id, Some(handheld), "three");
        assert_eq!(edited.visibility, Visibility::Visible);
        assert_eq!(world.list()[0], edited);
        assert_eq!(world.head(), Some(edited));
    }

    #[test]
    fn of_an_archival_save_one_row_is_listed_whichever_was_edited() {
        let world = World::new();
        let handheld = world.device("grout");
        let one = archival(&world, handheld, "one");
        let two = archival(&world, handheld, "two");
        let replaced = world.version(one.version.id).id;
        let edited = world.edited(replaced, None, "three");
        assert_eq!(world.list(), vec![edited.clone()]);
        assert_eq!(edited.file_name.as_str(), support::FILE);
        assert_eq!(world.version(two.version.id).visibility, Visibility::Replaced);
        let four = archival(&world, world.device("grout"), "four");
        assert_eq!(four.id, edited.id, "an upload goes on from there");
    }

    #[test]
    fn an_archival_save_is_guarded_as_on_upload() {
        let world = World::new();
        let (handheld, phone) = (world.device("grout"), world.device("grout"));
        let one = archival(&world, handheld, "one");
        world.download(phone, one.id);
        world.edited(one.id, Some(phone), "two");
        let refusal = refused(world.edit(one.id, Some(handheld), "three"));
        assert_eq!(refusal.reason.detail(), "Save has been updated since your last sync");
        assert_eq!(refusal.kept.version.content, content("three"));
        let stranger = world.device("grout");
        assert_eq!(world.edited(one.id, Some(stranger), "four").version.content, content("four"));
    }

    #[test]
    fn a_device_whose_archival_save_has_come_back_to_its_content_goes_on() {
        let world = World::new();
        let (handheld, phone) = (world.device("grout"), world.device("grout"));
        let one = archival(&world, handheld, "one");
        world.download(phone, one.id);
        world.edited(one.id, Some(phone), "two");
        world.edited(one.id, Some(phone), "one");
        assert_eq!(archival(&world, handheld, "three").id, one.id);
    }

    #[test]
    fn the_device_is_missed_first_then_the_save_and_a_fork_is_not_edited() {
        let world = World::new();
        let (handheld, phone) = (world.device("grout"), world.device("grout"));
        let one = world.stored(handheld, "one");
        let fork = world.fork(phone, "other");
        let edit = |user, row, device| {
            let now = world.now();
            let change = Change::Content { content: content("two"), screenshot: None };
            let edit = Edit { user, row, device, change };
            world.tx(|tx| save::edit(tx, now, &edit)).unwrap_err()
        };
        let unknown = DeviceId(Uuid::max());
        assert!(matches!(
            edit(world.user, SaveId(999), Some(unknown)),
            EditError::DeviceNotFound(DeviceNotFound(id)) if id == unknown
        ));
        assert_eq!(edit(world.user, SaveId(999), None).to_string(), "Save with ID 999 not found");
        assert!(matches!(edit(UserId(999), one.id, None), EditError::SaveNotFound(_)));
        assert!(matches!(edit(world.user, fork.id, Some(phone)), EditError::IsFork));
        world.delete(&[fork.id]);
        assert!(matches!(edit(world.user, fork.id, None), EditError::IsFork));
        world.delete(&[one.id]);
        assert!(matches!(edit(world.user, one.id, None), EditError::SaveNotFound(_)));
    }

    #[test]
    fn an_edit_says_nothing_of_the_file_that_the_device_named_in_its_session() {
        let world = World::new();
        let device = world.device("grout");
        let one = world.stored(device, "one");
        world.negotiate(device, &[world.file("one")]);
        for bytes in ["two", "three", "four"] {
            world.edited(one.id, Some(device), bytes);
        }
        assert_eq!(world.base(device).unwrap().stamp, None, "the client writes the file afterwards");
        world.stored(device, "other");
        let device = world.tx(|tx| tx.devices().find(world.user, device)).unwrap().unwrap();
        assert_eq!(device.hash_contradictions, 0);
    }

    #[test]
    fn a_picture_goes_with_the_bytes_that_it_came_with_and_alone_changes_no_version() {
        let world = World::new();
        let (handheld, phone) = (world.device("grout"), world.device("grout"));
        let one = world.stored(handheld, "one");
        let picture = |name: &str| Picture {
            file_name: FileName::new(name).unwrap(),
            digest: content(name).digest,
            size: 1,
            kind: None,
        };
        let edit = |device, change| {
            let edit = Edit { user: world.user, row: one.id, device: Some(device), change };
            let now = world.now();
            world.tx(|tx| save::edit(tx, now, &edit)).unwrap()
        };
        let shown =
            |id| world.version(id).version.screenshot.map(|shown| shown.picture.file_name.to_string());

        let before = world.now();
        edit(phone, Change::Screenshot(picture("alone.png")));
        let seen = world.tx(|tx| tx.devices().find(world.user, phone)).unwrap().unwrap().last_seen;
        assert!(seen > before, "naming itself it was seen");
        assert_eq!(shown(one.version.id).as_deref(), Some("alone.png"));
        assert_eq!(world.head().map(|head| head.version.id), Some(one.version.id));
        let screenshot = Some(picture("refused.png"));
        let kept = refused(edit(phone, Change::Content { content: content("other"), screenshot })).kept;
        assert_eq!(shown(kept.version.id).as_deref(), Some("refused.png"));
        let screenshot = Some(picture("stored.png"));
        let stored = edit(handheld, Change::Content { content: content("two"), screenshot });
        let EditOutcome::Stored(save) = stored else { panic!("expected it stored") };
        assert_eq!(save.version.screenshot.map(|shown| shown.picture), Some(picture("stored.png")));
        assert_eq!(shown(one.version.id).as_deref(), Some("alone.png"), "it stays with its version");
    }

    #[test]
    fn an_accepted_edit_tracks_the_slot_again_and_counts_as_no_play() {
        let world = World::new();
        let handheld = world.device("grout");
        let one = world.stored(handheld, "one");
        let now = world.now();
        world.tx(|tx| save::untrack(tx, now, world.user, one.id, handheld)).unwrap();
        let played = || -> Option<GameProps> {
            let props = world.tx(|tx| tx.catalogue().props(world.user, &[world.game])).unwrap();
            props.into_iter().map(|(_, props)| props).next()
        };
        let before = played();
        world.edited(one.id, Some(handheld), "two");
        assert_eq!(world.base(handheld).unwrap().tracking, Tracking::Tracked);
        assert_eq!(played(), before);
    }
}

#[test]
fn a_save_is_shared_and_no_longer_and_a_fork_is_not() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    let one = world.stored(handheld, "one");
    let fork = world.fork(phone, "other");
    let stranger = UserId(world.user.0 + 1);
    let set = |user, id, audience| world.tx(|tx| save::set_audience(tx, user, id, audience));
    let served = || world.tx(|tx| save::serve(tx, stranger, one.id, None)).is_ok();
    for _ in 0..2 {
        assert!(set(world.user, one.id, Audience::Everyone).unwrap().save.is_public);
        assert!(served());
    }
    assert!(!set(world.user, one.id, Audience::Owner).unwrap().save.is_public);
    assert!(!served());
    assert!(matches!(set(stranger, one.id, Audience::Everyone), Err(EditError::SaveNotFound(_))));
    assert!(matches!(set(world.user, fork.id, Audience::Everyone), Err(EditError::IsFork)));
}

mod history {
    use super::*;

    #[test]
    fn each_version_says_in_one_word_what_it_is() {
        let world = World::new();
        let (handheld, phone) = (world.device("grout"), world.device("grout"));
        let one = world.stored(handheld, "one");
        world.stored(handheld, "two");
        world.fork(phone, "other");
        assert_eq!(states(&world), shown(&[("other", "fork_open"), ("two", "head"), ("one", "line")]));
        world.send(&world.draft(None, "web"));
        world.delete(&[one.id]);
        assert_eq!(
            states(&world),
            shown(&[("web", "head"), ("other", "fork_open"), ("two", "set_aside"), ("one", "deleted")])
        );
        let head = world.head().unwrap();
        world.edited(head.id, None, "web");
        let cleanup = Cleanup::KeepNewest(1);
        world.download(handheld, head.id);
        world.send(&Upload { cleanup, ..world.draft(Some(handheld), "three") });
        assert_eq!(
            states(&world),
            shown(&[
                ("three", "head"),
                ("web", "cleaned"),
                ("web", "replaced"),
                ("other", "fork_open"),
                ("two", "set_aside"),
                ("one", "deleted"),
            ])
        );
    }

    #[test]
    fn every_state_of_a_fork_has_its_word() {
        let words = Standing::ALL.map(|standing| match standing {
            Standing::Fork(state) => VersionState::Fork(state).name(),
            Standing::Line => VersionState::Line.name(),
        });
        let expected =
            ["line", "fork_open", "fork_kept_head", "fork_kept_fork", "fork_kept_both", "fork_dismissed"];
        assert_eq!(words, expected);
    }

    #[test]
    fn each_slot_of_a_game_has_a_head_of_its_own() {
        let world = World::new();
        let handheld = world.device("grout");
        let draft = world.draft(Some(handheld), "one");
        let clock = FileName::new("Game (USA).rtc").unwrap();
        for upload in [
            Upload { slot: None, ..draft.clone() },
            Upload { slot: Some(SlotName::new("").unwrap()), ..draft.clone() },
            Upload { file_name: clock, content: content("two"), ..draft.clone() },
            draft,
        ] {
            assert!(matches!(world.send(&upload), UploadOutcome::Stored(_)));
        }
        assert_eq!(
            states(&world),
            shown(&[("one", "head"), ("two", "head"), ("one", "head"), ("one", "head")])
        );
    }

    #[test]
    fn pins_and_labels_change_where_they_are_named() {
        let world = World::new();
        let one = world.stored(world.device("grout"), "one").version.id;
        let mark = |user, patch| world.tx(|tx| save::mark(tx, user, one, patch));
        let marks = |patch| {
            let version = mark(world.user, patch).unwrap().save.version;
            (version.pinned, version.label.map(|label| label.as_str().to_owned()))
        };
        let label = |text| Some(Some(Label::new(text).unwrap()));
        let pin = MarkPatch { pinned: Some(true), label: label("before the boss") };
        assert_eq!(marks(pin), (true, Some("before the boss".to_owned())));
        assert_eq!(marks(MarkPatch::default()), (true, Some("before the boss".to_owned())));
        assert_eq!(marks(MarkPatch { label: Some(None), ..MarkPatch::default() }), (true, None));
        assert_eq!(
            marks(MarkPatch { pinned: Some(false), label: label("x") }),
            (false, Some("x".to_owned()))
        );
        let foreign = mark(UserId(world.user.0 + 1), MarkPatch::default()).unwrap_err();
        assert_eq!(foreign.to_string(), format!("Version with ID {one} not found"));
    }

    #[test]
    fn autocleanup_leaves_what_is_pinned() {
        let world = World::new();
        let handheld = world.device("grout");
        let one = world.stored(handheld, "one");
        let pin = MarkPatch { pinned: Some(true), label: None };
        world.tx(|tx| save::mark(tx, world.user, one.version.id, pin)).unwrap();
        for bytes in ["two", "three"] {
            let cleanup = Cleanup::KeepNewest(1);
            world.send(&Upload { cleanup, ..world.draft(Some(handheld), bytes) });
        }
        assert_eq!(states(&world), shown(&[("three", "head"), ("two", "cleaned"), ("one", "line")]));
    }
}

mod restoring {
    use super::*;

    #[test]
    fn a_restored_version_is_a_new_head_that_derives_from_it_and_sets_the_old_one_aside() {
        let world = World::new();
        let handheld = world.device("grout");
        let one = world.stored(handheld, "one");
        let two = world.stored(handheld, "two");
        let restored = world.restore(one.version.id);
        assert_eq!(restored.state, VersionState::Head);
        let restored = restored.save;
        assert_eq!(world.head(), Some(restored.clone()));
        assert!(![one.id, two.id].contains(&restored.id));
        assert_eq!(restored.version.content, content("one"));
        assert_eq!(restored.version.kind, VersionKind::Restore);
        assert_eq!(restored.version.parent, Some(one.version.id));
        assert_eq!(restored.version.origin, Some(handheld), "who brought the bytes");
        assert!(restored.version.updated_at > two.version.updated_at);
        assert_eq!(restored.file_name, one.file_name.tagged(restored.version.updated_at));
        assert_eq!(states(&world), shown(&[("one", "head"), ("two", "set_aside"), ("one", "line")]));
    }

    #[test]
    fn the_picture_goes_along() {
        let world = World::new();
        let (handheld, phone) = (world.device("grout"), world.device("grout"));
        let picture = Picture {
            file_name: FileName::new("a.png").unwrap(),
            digest: content("picture").digest,
            size: 1,
            kind: None,
        };
        let screenshot = Some(picture.clone());
        world.send(&Upload { screenshot: screenshot.clone(), ..world.draft(Some(handheld), "one") });
        let one = world.head().unwrap();
        world.stored(handheld, "two");
        let shown = |save: Save| save.version.screenshot.map(|screenshot| screenshot.picture);
        assert_eq!(shown(world.restore(one.version.id).save), screenshot);
        let upload = Upload { screenshot: screenshot.clone(), ..world.draft(Some(phone), "other") };
        let UploadOutcome::Refused(refusal) = world.send(&upload) else { panic!("expected a refusal") };
        let copy = world.resolve(refusal.kept.version.id, Keep::Both).copy;
        assert_eq!(shown(copy.unwrap().save), screenshot);
    }

    #[test]
    fn devices_go_on_from_what_was_restored() {
        let world = World::new();
        let (handheld, phone) = (world.device("grout"), world.device("grout"));
        let one = world.stored(handheld, "one");
        world.download(phone, one.id);
        world.stored(handheld, "two");
        let restored = world.restore(one.version.id).save;
        assert_eq!(world.plan(phone, "one"), (Action::NoOp, Reason::InSync), "it has the content");
        assert!(world.base(phone).unwrap().is_strongly_at(restored.version.id));
        assert_eq!(world.plan(handheld, "two"), (Action::Download, Reason::NewerOnServer));
        world.download(handheld, restored.id);
        world.stored(handheld, "three");
        assert_eq!(world.plan(phone, "one"), (Action::Download, Reason::NewerOnServer));
    }

    #[test]
    fn what_the_slot_stands_at_is_not_restored_again() {
        let world = World::new();
        let handheld = world.device("grout");
        let one = world.stored(handheld, "one");
        assert_eq!(world.restore(one.version.id).save, one);
        world.stored(handheld, "two");
        let restored = world.restore(one.version.id);
        assert_eq!(world.restore(one.version.id), restored, "a replay");
        assert_eq!(world.restore(restored.save.version.id), restored);
        assert_eq!(world.history().len(), 3);
    }

    #[test]
    fn an_archival_save_is_restored_in_place_and_where_it_was_deleted_in_a_new_row() {
        let world = World::new();
        let handheld = world.device("grout");
        let one = archival(&world, handheld, "one");
        let two = archival(&world, handheld, "two");
        let restored = world.restore(one.version.id).save;
        assert_eq!((restored.id, restored.file_name.as_str()), (two.id, support::FILE));
        assert_eq!(world.list(), vec![restored]);
        assert_eq!(states(&world), shown(&[("one", "head"), ("two", "set_aside"), ("one", "replaced")]));
        world.delete(&[two.id]);
        let again = world.restore(two.version.id).save;
        assert_ne!(again.id, two.id);
        assert_eq!(again.file_name.as_str(), support::FILE);
        assert_eq!(world.list(), vec![again]);
    }

    #[test]
    fn a_deleted_and_a_hidden_version_are_restored_and_an_open_fork_is_closed_by_it() {
        let world = World::new();
        let (handheld, phone) = (world.device("grout"), world.device("grout"));
        let one = world.stored(handheld, "one");
        world.delete(&[one.id]);
        assert_eq!(world.head(), None);
        let restored = world.restore(one.version.id).save;
        assert_eq!(world.list(), vec![restored]);
        let fork = world.fork(phone, "other");
        let head = world.restore(fork.version.id).save;
        assert_eq!(head.version.kind, VersionKind::Restore);
        assert_eq!(
            states(&world),
            shown(&[
                ("other", "head"),
                ("other", "fork_kept_fork"),
                ("one", "set_aside"),
                ("one", "deleted")
            ])
        );
        assert_eq!(world.plan(phone, "other"), (Action::NoOp, Reason::InSync));
    }

    #[test]
    fn a_version_of_nobody_or_of_somebody_else_is_not_restored() {
        let world = World::new();
        let one = world.stored(world.device("grout"), "one").version.id;
        let now = world.now();
        for (user, id) in [(world.user, VersionId(999)), (UserId(world.user.0 + 1), one)] {
            let error = world.tx(|tx| save::restore(tx, now, user, id)).unwrap_err();
            assert!(matches!(error, VersionError::NotFound(_)), "{error}");
            assert_eq!(error.to_string(), format!("Version with ID {id} not found"));
        }
    }

    #[test]
    fn the_order_holds_over_companions_whatever_the_clock_does() {
        let world = World::new();
        let handheld = world.device("grout");
        let one = world.stored(handheld, "one");
        world.stored(handheld, "two");
        let clock = FileName::new("Game (USA).rtc").unwrap();
        world.send(&Upload { file_name: clock, ..world.draft(Some(handheld), "three") });
        world.set_clock(one.version.updated_at - chrono::Duration::days(400));
        let restored = world.restore(one.version.id).save;
        let edited = world.edited(restored.id, None, "four");
        let times: Vec<_> = world.game_history().iter().map(|entry| entry.save.version.updated_at).collect();
        assert_eq!(times.len(), 5);
        assert!(times.windows(2).all(|pair| pair[0] > pair[1]), "{times:?}");
        assert_eq!(world.head(), Some(edited));
    }
}

mod resolving {
    use super::*;

    /// A head `one` of the handheld's and a fork `other` of the phone's.
    struct Conflict {
        world: World,
        handheld: DeviceId,
        phone: DeviceId,
        head: Save,
        fork: VersionId,
    }

    fn conflict() -> Conflict {
        let world = World::new();
        let (handheld, phone) = (world.named_device("Handheld"), world.named_device("Phone"));
        let head = world.stored(handheld, "one");
        let fork = world.fork(phone, "other").version.id;
        Conflict { world, handheld, phone, head, fork }
    }

    #[test]
    fn keeping_the_head_closes_the_fork_and_moves_nothing() {
        let Conflict { world, handheld, phone, head, fork } = conflict();
        let resolution = world.resolve(fork, Keep::Head);
        assert_eq!(resolution.fork.state, VersionState::Fork(ForkState::KeptHead));
        assert_eq!(resolution.head.map(|entry| entry.save), Some(head.clone()));
        assert_eq!(resolution.copy, None);
        assert_eq!(world.head(), Some(head));
        assert_eq!(world.plan(phone, "other"), (Action::Download, Reason::NewerOnServer));
        assert_eq!(world.plan(handheld, "one"), (Action::NoOp, Reason::InSync));
    }

    #[test]
    fn keeping_the_fork_makes_its_content_head_and_sets_the_old_one_aside() {
        let Conflict { world, handheld, phone, head, fork } = conflict();
        let resolution = world.resolve(fork, Keep::Fork);
        assert_eq!(resolution.fork.state, VersionState::Fork(ForkState::KeptFork));
        let merged = resolution.head.unwrap().save;
        assert_eq!(world.head(), Some(merged.clone()));
        assert_eq!(merged.version.kind, VersionKind::Merge);
        assert_eq!(merged.version.parent, Some(fork));
        assert_eq!(merged.version.origin, Some(phone));
        assert_eq!(
            world.version(head.version.id).version.set_aside.map(|aside| aside.dismissed),
            Some(false)
        );
        assert_eq!(world.plan(phone, "other"), (Action::NoOp, Reason::InSync));
        assert_eq!(world.plan(handheld, "one"), (Action::Download, Reason::NewerOnServer));
    }

    #[test]
    fn keeping_both_gives_the_fork_a_slot_of_its_own_that_syncs_only_where_it_is_tracked() {
        let Conflict { world, handheld, phone, head, fork } = conflict();
        let resolution = world.resolve(fork, Keep::Both);
        assert_eq!(resolution.fork.state, VersionState::Fork(ForkState::KeptBoth));
        assert_eq!(resolution.head.map(|entry| entry.save), Some(head.clone()));
        let copy = resolution.copy.unwrap();
        assert_eq!(copy.state, VersionState::Head);
        let copy = copy.save;
        assert_eq!(copy.key.place.name().map(SlotName::as_str), Some("autosave (Phone)"));
        assert_eq!((copy.version.content, copy.version.parent), (content("other"), Some(fork)));
        assert_eq!(copy.file_name, head.file_name.tagged(copy.version.updated_at));
        assert_eq!(world.list(), vec![copy.clone(), head.clone()]);

        let is_untracked = |device| {
            let synced = world.tx(|tx| save::find(tx, world.user, copy.id, Some(device))).unwrap();
            synced.device_syncs[0].tracking == Tracking::Untracked
        };
        let late = world.device("grout");
        for device in [handheld, phone, late] {
            let operations = world.negotiate(device, &[]).operations;
            assert!(operations.iter().all(|operation| operation.save == Some(head.id)), "{operations:?}");
            assert!(is_untracked(device));
        }
        let now = world.now();
        world.tx(|tx| save::track(tx, now, world.user, copy.id, late)).unwrap();
        assert!(!is_untracked(late));
        let operations = world.negotiate(late, &[]).operations;
        assert!(operations.iter().any(|operation| operation.save == Some(copy.id)), "{operations:?}");
        assert!(is_untracked(phone));
    }

    #[test]
    fn a_slot_that_syncs_nowhere_yet_is_untracked_if_named_and_a_refused_upload_does_not_track_it() {
        let Conflict { world, phone, fork, .. } = conflict();
        let copy = world.resolve(fork, Keep::Both).copy.unwrap().save;
        let slot = copy.key.place.name().cloned();
        let file = memcard_domain::sync::ClientFile { slot: slot.clone(), ..world.file("two") };
        let plan = || {
            let operation = world.negotiate(phone, std::slice::from_ref(&file)).operations.remove(0);
            (operation.action, operation.reason)
        };
        assert_eq!(plan(), (Action::NoOp, Reason::Untracked));
        let upload = |bytes| world.send(&Upload { slot: slot.clone(), ..world.draft(Some(phone), bytes) });
        assert!(matches!(upload("two"), UploadOutcome::Refused(_)));
        assert_eq!(plan(), (Action::NoOp, Reason::Untracked));
        assert!(matches!(upload("other"), UploadOutcome::AlreadyHead(_)));
        assert_ne!(plan().1, Reason::Untracked);
    }

    #[test]
    fn the_same_choice_again_changes_nothing_and_another_is_refused() {
        let answers = [Keep::Head, Keep::Fork, Keep::Both];
        for first in answers {
            let Conflict { world, fork, .. } = conflict();
            let resolution = world.resolve(fork, first);
            let before = world.game_history();
            for again in answers {
                match world.try_resolve(fork, again) {
                    Ok(answer) => assert_eq!((again, answer), (first, resolution.clone())),
                    Err(error) => {
                        assert_ne!(again, first);
                        assert!(matches!(error, ResolveError::ResolvedOtherwise), "{error}");
                    }
                }
            }
            assert_eq!(world.game_history(), before, "{first:?}");
        }
    }

    #[test]
    fn to_delete_a_fork_is_to_keep_the_head() {
        let Conflict { world, fork, head, .. } = conflict();
        world.delete(&[world.version(fork).id]);
        let resolution = world.resolve(fork, Keep::Head);
        assert_eq!(resolution.fork.state, VersionState::Fork(ForkState::Dismissed));
        assert_eq!(resolution.head.map(|entry| entry.save), Some(head));
        assert!(matches!(world.try_resolve(fork, Keep::Fork), Err(ResolveError::ResolvedOtherwise)));
    }

    #[test]
    fn forks_of_equal_content_are_resolved_together() {
        for (keep, state) in [
            (Keep::Head, ForkState::KeptHead),
            (Keep::Fork, ForkState::KeptFork),
            (Keep::Both, ForkState::KeptBoth),
        ] {
            let Conflict { world, phone, fork, .. } = conflict();
            let mut packed_anew = content("other");
            packed_anew.digest = content("packed anew").digest;
            let upload = Upload { content: packed_anew, ..world.draft(Some(phone), "other") };
            let UploadOutcome::Refused(refusal) = world.send(&upload) else { panic!("expected a refusal") };
            let twin = refusal.kept.version.id;
            assert_ne!(twin, fork);
            let resolution = world.resolve(fork, keep);
            assert_eq!(world.version(twin).version.standing, Standing::Fork(state));
            let of_twin = world.resolve(twin, keep);
            assert_eq!((of_twin.head, of_twin.copy), (resolution.head, resolution.copy));
        }
    }

    #[test]
    fn the_slot_that_a_fork_was_given_is_told_from_one_that_merged_the_same_content() {
        let Conflict { world, handheld, phone, fork, .. } = conflict();
        let resolution = world.resolve(fork, Keep::Both);
        let elsewhere = |device, bytes| {
            let slot = Some(SlotName::new("elsewhere").unwrap());
            world.send(&Upload { slot, ..world.draft(Some(device), bytes) })
        };
        elsewhere(handheld, "one");
        let UploadOutcome::Refused(refusal) = elsewhere(phone, "other") else { panic!("expected a refusal") };
        world.resolve(refusal.kept.version.id, Keep::Fork);
        assert_eq!(world.resolve(fork, Keep::Both), resolution);
    }

    #[test]
    fn only_forks_of_the_user_are_resolved() {
        let Conflict { world, head, fork, .. } = conflict();
        let now = world.now();
        for (user, id) in
            [(world.user, VersionId(999)), (world.user, head.version.id), (UserId(world.user.0 + 1), fork)]
        {
            let error = world.tx(|tx| save::resolve(tx, now, user, id, Keep::Head)).unwrap_err();
            assert_eq!(error.to_string(), format!("Fork with ID {id} not found"));
        }
    }

    #[test]
    fn a_slot_of_its_own_gets_a_name_that_was_never_used_and_keeps_the_companion() {
        let Conflict { world, handheld, phone, fork, .. } = conflict();
        let first = world.resolve(fork, Keep::Both).copy.unwrap().save;
        world.delete(&[first.id]);
        let clock = |device, bytes: &str| {
            let file_name = FileName::new("Game (USA).rtc").unwrap();
            world.send(&Upload { file_name, ..world.draft(Some(device), bytes) })
        };
        clock(handheld, "two");
        let UploadOutcome::Refused(refusal) = clock(phone, "three") else { panic!("expected a refusal") };
        let second = world.resolve(refusal.kept.version.id, Keep::Both).copy.unwrap().save;
        let SlotPlace::Named { name, companion } = second.key.place else { panic!("expected a slot") };
        assert_eq!(name.as_str(), "autosave (Phone 2)");
        assert_eq!(companion.map(Companion::extension), Some("rtc"));
    }

    #[test]
    fn an_archival_fork_that_is_kept_beside_the_head_gets_a_file_name_of_its_own() {
        let world = World::new();
        let (handheld, phone) = (world.device("grout"), world.device("grout"));
        let one = archival(&world, handheld, "one");
        world.download(phone, one.id);
        archival(&world, phone, "two");
        for expected in ["Game (USA) (copy).srm", "Game (USA) (copy 2).srm"] {
            let draft = world.draft(Some(handheld), expected);
            let UploadOutcome::Refused(refusal) = world.send(&Upload { slot: None, ..draft }) else {
                panic!("expected a refusal")
            };
            let copy = world.resolve(refusal.kept.version.id, Keep::Both).copy.unwrap().save;
            assert_eq!(copy.file_name.as_str(), expected);
            assert_eq!(copy.key.place, SlotPlace::Archival { file_name: expected.to_owned() });
        }
        assert_eq!(world.list().len(), 3);
    }
}
