//! States, on the in-memory store.
#![expect(clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod support;

use memcard_domain::ids::{GameId, SaveId, StateId};
use memcard_domain::save::{
    self, Content, Digest, FileName, Save, SlotKey, SlotPlace, StateFilter, VersionKind, Visibility,
};
use memcard_domain::state::{self, DeleteError, EditError, StateEdit, StateError, StateUpload, UploadError};
use support::{World, content};

const NAME: &str = "Game (USA).state";

fn draft(world: &World, bytes: &str) -> StateUpload {
    StateUpload {
        user: world.user,
        game: world.game,
        emulator: Some("mGBA".to_owned()),
        file_name: FileName::new(NAME).unwrap(),
        content: content(bytes),
        screenshot: None,
    }
}

fn send(world: &World, upload: &StateUpload) -> Save {
    let now = world.now();
    world.tx(|tx| state::upload(tx, now, upload)).unwrap()
}

fn edit(world: &World, id: StateId, content: Content) -> Result<Save, EditError> {
    let now = world.now();
    let edit = StateEdit::Content { content, screenshot: None };
    world.tx(|tx| state::edit(tx, now, world.user, id, edit))
}

fn id_of(state: &Save) -> StateId {
    StateId(state.id.0)
}

fn listed(world: &World) -> Vec<Save> {
    let filter = StateFilter { user: world.user, game: Some(world.game), platform: None };
    world.tx(|tx| state::list(tx, &filter)).unwrap()
}

fn history(world: &World, state: &Save) -> Vec<Save> {
    world.tx(|tx| tx.saves().history(state.version.slot)).unwrap()
}

#[test]
fn a_state_keeps_its_id_and_the_replaced_bytes_get_a_row_of_their_own() {
    let world = World::new();
    let one = send(&world, &draft(&world, "one"));
    let two = send(&world, &draft(&world, "two"));
    assert_eq!((one.id, one.file_name.as_str()), (two.id, NAME));
    assert!(two.version.updated_at > one.version.updated_at);
    assert_eq!(listed(&world), std::slice::from_ref(&two));
    let replaced = &history(&world, &two)[1];
    assert_eq!(replaced.version.content, content("one"));
    assert_eq!((replaced.visibility, replaced.version.set_aside), (Visibility::Replaced, None));
    let found = world.tx(|tx| state::find(tx, world.user, id_of(replaced))).unwrap();
    assert_eq!(&found, replaced);
}

#[test]
fn names_and_emulators_have_states_of_their_own_and_an_empty_emulator_is_none() {
    let world = World::new();
    let of_mgba = send(&world, &draft(&world, "one"));
    let of_vba = StateUpload { emulator: Some("VBA-M".to_owned()), ..draft(&world, "one") };
    let of_none = StateUpload { emulator: None, ..draft(&world, "one") };
    let other_name =
        StateUpload { file_name: FileName::new("Game (USA).state1").unwrap(), ..draft(&world, "one") };
    let ids = [of_vba, of_none.clone(), other_name].map(|upload| send(&world, &upload).id);
    assert!(!ids.contains(&of_mgba.id));
    assert_eq!(listed(&world).len(), 4);
    let of_empty = send(&world, &StateUpload { emulator: Some(String::new()), ..of_none });
    assert_eq!(of_empty.id, ids[1]);
    assert_eq!(listed(&world).len(), 4);
}

#[test]
fn the_same_bytes_again_change_nothing_but_other_bytes_of_equal_content_are_kept() {
    let world = World::new();
    let one = send(&world, &draft(&world, "one"));
    assert_eq!(send(&world, &draft(&world, "one")), one);
    assert_eq!(history(&world, &one).len(), 1);
    // A zip packed anew: equal to the wire's content hash, other bytes.
    let packed_anew = Content { digest: Digest([9; 32]), ..content("one") };
    let two = send(&world, &StateUpload { content: packed_anew, ..draft(&world, "one") });
    assert_eq!((two.id, two.version.content), (one.id, packed_anew));
    assert_eq!(history(&world, &one).len(), 2);
}

#[test]
fn a_state_of_an_unknown_game_is_refused() {
    let world = World::new();
    let upload = StateUpload { game: GameId(9999), ..draft(&world, "one") };
    let now = world.now();
    let refused = world.tx(|tx| state::upload(tx, now, &upload));
    assert!(matches!(refused, Err(UploadError::GameNotFound(_))));
}

#[test]
fn an_edit_puts_other_bytes_under_the_same_id_and_name() {
    let world = World::new();
    let one = send(&world, &draft(&world, "one"));
    let two = edit(&world, id_of(&one), content("two")).unwrap();
    assert_eq!((two.id, &two.file_name, &two.emulator), (one.id, &one.file_name, &one.emulator));
    assert_eq!((two.version.content, two.version.kind), (content("two"), VersionKind::EditInPlace));
    assert_eq!(history(&world, &one).len(), 2);
    assert_eq!(listed(&world), [two]);
}

#[test]
fn what_was_replaced_or_deleted_is_not_edited() {
    let world = World::new();
    let one = send(&world, &draft(&world, "one"));
    send(&world, &draft(&world, "two"));
    let replaced = id_of(&history(&world, &one)[1]);
    assert!(matches!(edit(&world, replaced, content("three")), Err(EditError::Replaced)));
    world.tx(|tx| state::delete(tx, world.user, &[id_of(&one)])).unwrap();
    assert!(matches!(edit(&world, id_of(&one), content("three")), Err(EditError::NotFound(_))));
    assert_eq!(history(&world, &one).len(), 2);
}

#[test]
fn deleting_a_state_keeps_its_bytes_and_the_next_upload_is_a_new_one() {
    let world = World::new();
    let one = send(&world, &draft(&world, "one"));
    world.tx(|tx| state::delete(tx, world.user, &[id_of(&one)])).unwrap();
    assert_eq!(listed(&world), []);
    let found = world.tx(|tx| state::find(tx, world.user, id_of(&one)));
    assert_eq!(found.unwrap_err().to_string(), format!("State with ID {} not found", one.id));
    assert!(history(&world, &one)[0].version.held);
    let again = send(&world, &draft(&world, "one"));
    assert_ne!(again.id, one.id);
    assert_eq!(listed(&world), [again]);
}

#[test]
fn where_one_of_several_states_is_unknown_none_is_deleted() {
    let world = World::new();
    let one = send(&world, &draft(&world, "one"));
    let none = world.tx(|tx| state::delete(tx, world.user, &[]));
    assert!(matches!(none, Err(DeleteError::Empty)));
    let unknown = world.tx(|tx| state::delete(tx, world.user, &[id_of(&one), StateId(i32::MAX)]));
    assert!(matches!(unknown, Err(DeleteError::NotFound(_))));
    assert_eq!(listed(&world), [one]);
}

#[test]
fn a_state_is_no_save_and_a_save_no_state() {
    let world = World::new();
    let handheld = world.device("grout");
    let state = send(&world, &draft(&world, "one"));
    let save = world.stored(handheld, "one");
    let (user, now) = (world.user, world.now());
    let id = SaveId(state.id.0);
    assert_eq!(world.list(), std::slice::from_ref(&save));
    assert_eq!(world.tx(|tx| save::identifiers(tx, user)).unwrap(), [save.id]);
    assert_eq!(world.tx(|tx| state::identifiers(tx, user)).unwrap(), [id_of(&state)]);
    let unknown = format!("Save with ID {id} not found");
    let refusals = [
        world.tx(|tx| save::find(tx, user, id, None)).unwrap_err().to_string(),
        world.tx(|tx| save::serve(tx, user, id, None)).unwrap_err().to_string(),
        world.tx(|tx| save::downloaded(tx, now, user, id, handheld)).unwrap_err().to_string(),
        world.tx(|tx| save::track(tx, now, user, id, handheld)).unwrap_err().to_string(),
        world.tx(|tx| save::delete(tx, user, &[id])).unwrap_err().to_string(),
    ];
    assert!(refusals.iter().all(|refusal| *refusal == unknown), "{refusals:?}");
    let of_save = StateId(save.id.0);
    assert!(matches!(world.tx(|tx| state::serve(tx, user, of_save)), Err(StateError::NotFound(_))));
    assert!(world.tx(|tx| state::delete(tx, user, &[of_save])).is_err());
    assert_eq!(world.negotiate(handheld, &[]).operations, [], "a device is told of no state");
}

#[test]
fn a_public_state_is_served_to_others_as_long_as_it_is_there() {
    let world = World::new();
    let state = send(&world, &draft(&world, "one"));
    let guest = memcard_domain::ids::UserId(world.user.0 + 1);
    let served = || world.tx(|tx| state::serve(tx, guest, id_of(&state)));
    assert!(served().is_err());
    world.tx(|tx| tx.saves().set_public(state.id, true)).unwrap();
    assert_eq!(served().unwrap().version, state.version);
    world.tx(|tx| state::delete(tx, world.user, &[id_of(&state)])).unwrap();
    assert!(served().is_err());
}

#[test]
fn a_state_s_place_is_told_from_an_archival_save_s_of_the_same_name() {
    let world = World::new();
    send(&world, &draft(&world, "one"));
    let place = SlotPlace::of(None, &FileName::new(NAME).unwrap());
    let key = SlotKey { user: world.user, game: world.game, place };
    assert_eq!(world.tx(|tx| tx.saves().slot(&key)).unwrap(), None);
}
