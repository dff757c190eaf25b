//! Screenshots of saves and states, and alone, on the in-memory store.
#![expect(clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod support;

use memcard_domain::ids::{GameId, ScreenshotId, StateId, UserId};
use memcard_domain::save::{self, FileName, Save, Upload, UploadOutcome};
use memcard_domain::screenshot::{self, AddError, ImageKind, Picture, Screenshot, ShownScreenshot};
use memcard_domain::state::{self, StateEdit, StateUpload};
use support::{World, content};

fn picture(name: &str, bytes: &str) -> Picture {
    let content = content(bytes);
    Picture {
        file_name: FileName::new(name).unwrap(),
        digest: content.digest,
        size: content.size,
        kind: Some(ImageKind::Png),
    }
}

fn pictured(upload: Upload, bytes: &str) -> Upload {
    Upload { screenshot: Some(picture("shot.png", bytes)), ..upload }
}

fn add(world: &World, picture: &Picture) -> ShownScreenshot {
    let now = world.now();
    world.tx(|tx| screenshot::add(tx, now, world.user, world.game, picture)).unwrap()
}

fn sees(world: &World, user: UserId, id: ScreenshotId) -> bool {
    world.tx(|tx| screenshot::find(tx, user, id)).is_ok()
}

fn a_state(world: &World, name: &str, emulator: Option<&str>) -> Save {
    let upload = StateUpload {
        user: world.user,
        game: world.game,
        emulator: emulator.map(str::to_owned),
        file_name: FileName::new(name).unwrap(),
        content: content(name),
        screenshot: None,
    };
    let now = world.now();
    world.tx(|tx| state::upload(tx, now, &upload)).unwrap()
}

fn screenshot_of(world: &World, save: &Save) -> Option<Screenshot> {
    world.tx(|tx| tx.saves().by_version(save.version.id)).unwrap().unwrap().version.screenshot
}

#[test]
fn a_screenshot_is_kept_with_the_version_it_came_with() {
    let world = World::new();
    let handheld = world.device("grout");
    let UploadOutcome::Stored(one) = world.send(&pictured(world.draft(Some(handheld), "one"), "picture"))
    else {
        panic!("expected it stored")
    };
    let shown = one.version.screenshot.clone().unwrap();
    assert_eq!(shown.picture, picture("shot.png", "picture"));
    assert_eq!((shown.user, shown.game, shown.version), (world.user, world.game, Some(one.version.id)));
    let two = world.stored(handheld, "two");
    assert_eq!(screenshot_of(&world, &two), None);
    assert_eq!(screenshot_of(&world, &one), Some(shown));
}

#[test]
fn of_a_refused_upload_the_screenshot_goes_with_the_fork_and_is_served() {
    let world = World::new();
    let (handheld, phone) = (world.device("grout"), world.device("grout"));
    let head = world.stored(handheld, "one");
    let UploadOutcome::Refused(refusal) = world.send(&pictured(world.draft(Some(phone), "other"), "picture"))
    else {
        panic!("expected it refused")
    };
    let shown = refusal.kept.version.screenshot.clone().unwrap();
    assert_eq!(screenshot_of(&world, &refusal.kept), Some(shown.clone()));
    assert_eq!(screenshot_of(&world, &head), None);
    assert!(sees(&world, world.user, shown.id));
    world.delete(&[refusal.kept.id]);
    assert!(sees(&world, world.user, shown.id), "a dismissed fork stays by id");
}

#[test]
fn the_head_s_content_again_with_a_newer_screenshot_keeps_the_newer_and_the_older_by_id() {
    let world = World::new();
    let handheld = world.device("grout");
    let send = |bytes| world.send(&pictured(world.draft(Some(handheld), "one"), bytes));
    let UploadOutcome::Stored(one) = send("older") else { panic!("expected it stored") };
    let UploadOutcome::AlreadyHead(again) = send("newer") else { panic!("expected it known") };
    let (older, newer) = (one.version.screenshot.clone().unwrap(), again.version.screenshot.unwrap());
    assert_eq!(newer.picture, picture("shot.png", "newer"));
    assert_eq!(screenshot_of(&world, &one), Some(newer.clone()));
    assert!(sees(&world, world.user, older.id));
    // A replay changes nothing.
    let UploadOutcome::AlreadyHead(replayed) = send("newer") else { panic!("expected it known") };
    assert_eq!(replayed.version.screenshot, Some(newer));
}

#[test]
fn an_upload_without_a_screenshot_leaves_the_one_there_is() {
    let world = World::new();
    let handheld = world.device("grout");
    let UploadOutcome::Stored(one) = world.send(&pictured(world.draft(Some(handheld), "one"), "picture"))
    else {
        panic!("expected it stored")
    };
    let UploadOutcome::AlreadyHead(again) = world.upload(handheld, "one") else {
        panic!("expected it known")
    };
    assert_eq!(again.version.screenshot, one.version.screenshot);
}

#[test]
fn nobody_sees_the_screenshot_of_a_deleted_save() {
    let world = World::new();
    let handheld = world.device("grout");
    let UploadOutcome::Stored(one) = world.send(&pictured(world.draft(Some(handheld), "one"), "picture"))
    else {
        panic!("expected it stored")
    };
    let shown = one.version.screenshot.clone().unwrap();
    world.delete(&[one.id]);
    assert!(!sees(&world, world.user, shown.id));
    assert_eq!(screenshot_of(&world, &one), Some(shown), "it is kept, as the bytes are");
}

#[test]
fn others_see_the_present_screenshot_of_a_public_save_and_none_that_was_replaced() {
    let world = World::new();
    let handheld = world.device("grout");
    let guest = UserId(world.user.0 + 1);
    let send = |bytes| world.send(&pictured(world.draft(Some(handheld), "one"), bytes));
    let UploadOutcome::Stored(one) = send("older") else { panic!("expected it stored") };
    let older = one.version.screenshot.clone().unwrap().id;
    assert!(!sees(&world, guest, older));
    world.tx(|tx| tx.saves().set_public(one.id, true)).unwrap();
    let shown = world.tx(|tx| screenshot::find(tx, guest, older)).unwrap();
    assert!(shown.is_public);
    let UploadOutcome::AlreadyHead(again) = send("newer") else { panic!("expected it known") };
    assert!(!sees(&world, guest, older));
    assert!(sees(&world, guest, again.version.screenshot.unwrap().id));
    assert!(!world.tx(|tx| screenshot::find(tx, world.user, older)).unwrap().is_public);
}

#[test]
fn a_picture_goes_to_the_newest_state_of_its_stem_failing_that_to_such_a_save_and_else_stands_alone() {
    let world = World::new();
    let handheld = world.device("grout");
    let alone = add(&world, &picture("Game (USA).png", "1")).screenshot;
    assert_eq!((alone.user, alone.game, alone.version), (world.user, world.game, None));

    let archival = Upload { slot: None, ..world.draft(Some(handheld), "one") };
    let UploadOutcome::Stored(save) = world.send(&archival) else { panic!("expected it stored") };
    let tagged = world.stored(handheld, "one");
    let of_save = add(&world, &picture("Game (USA).png", "2")).screenshot;
    assert_eq!(of_save.version, Some(save.version.id));
    let of_tagged = add(&world, &picture(&format!("{}.jpg", tagged.file_name.stem()), "3")).screenshot;
    assert_eq!(of_tagged.version, Some(tagged.version.id));

    let older = a_state(&world, "Game (USA).state", None);
    let newer = a_state(&world, "Game (USA).state1", Some("mGBA"));
    let of_state = add(&world, &picture("Game (USA).png", "4")).screenshot;
    assert_eq!(of_state.version, Some(newer.version.id));
    let ids = [newer, older].map(|state| StateId(state.id.0));
    world.tx(|tx| state::delete(tx, world.user, &ids)).unwrap();
    let again = add(&world, &picture("Game (USA).png", "5")).screenshot;
    assert_eq!(again.version, Some(save.version.id), "a deleted state is none");
    assert_eq!(screenshot_of(&world, &save), Some(again));
    assert_eq!(add(&world, &picture("Game.png", "6")).screenshot.version, None);
}

#[test]
fn a_picture_of_another_game_s_save_or_of_no_game_is_not_taken_for_it() {
    let world = World::new();
    let other = world.another_game("Other.gba");
    a_state(&world, "Game (USA).state", None);
    let picture = picture("Game (USA).png", "1");
    let now = world.now();
    let added = world.tx(|tx| screenshot::add(tx, now, world.user, other, &picture)).unwrap();
    assert_eq!(added.screenshot.version, None);
    let refused = world.tx(|tx| screenshot::add(tx, now, world.user, GameId(9999), &picture));
    assert!(matches!(refused, Err(AddError::GameNotFound(_))));
}

#[test]
fn a_picture_that_stands_alone_is_its_owner_s() {
    let world = World::new();
    let alone = add(&world, &picture("Alone.png", "1"));
    assert!(!alone.is_public);
    assert!(sees(&world, world.user, alone.screenshot.id));
    assert!(!sees(&world, UserId(world.user.0 + 1), alone.screenshot.id));
    assert!(!sees(&world, world.user, ScreenshotId(i32::MAX)));
}

#[test]
fn an_edit_of_the_screenshot_alone_leaves_a_state_s_bytes_and_time() {
    let world = World::new();
    let state = a_state(&world, "Game (USA).state", None);
    let now = world.now();
    let edit = StateEdit::Screenshot(picture("shot.png", "1"));
    let edited = world.tx(|tx| state::edit(tx, now, world.user, StateId(state.id.0), edit)).unwrap();
    let shown = edited.version.screenshot.clone().unwrap();
    assert_eq!(shown.picture, picture("shot.png", "1"));
    assert_eq!(screenshot_of(&world, &state), Some(shown));
    assert_eq!((edited.version.id, edited.version.updated_at), (state.version.id, state.version.updated_at));
    let found = world.tx(|tx| save::find(tx, world.user, state.id, None));
    assert!(found.is_err(), "it is no save");
}
