//! The code of a state tells exactly what matters: a world that goes on from its code, and one that never was a code,
//! with a clock that jumps, stay the same however far they go.

use proptest::prelude::*;

use super::*;
use crate::action::Action;
use crate::content::ContentId;
use crate::setting::{Clients, Event, Events, Setting, Start};
use crate::world::possible;

fn setting(clients: &Clients) -> Setting {
    let mut setting = Setting::new(clients.clone(), Start::Empty, 0);
    setting.events = Event::ALL.iter().fold(Events::NONE, |all, event| all.with(*event));
    setting.copies = 2;
    setting
}

fn code(world: &World) -> Code {
    encode(world, &Reading::of(world).unwrap())
}

/// Takes the step if it is not refused.
fn step(world: &mut World, action: Action) {
    let reading = Reading::of(world).unwrap();
    if let Err(Failure::Broken(why)) = world.act(action, &reading) {
        panic!("{action:?}: {why}");
    }
}

#[test]
fn a_world_had_back_from_its_code_has_that_code_and_its_cards_in_order() {
    let setting = setting(&"abc".parse().unwrap());
    let empty = World::empty(&setting).unwrap();
    let mut world = empty.snapshot();
    crate::settle::bring_in_sync(&mut world).unwrap();
    let code = code(&world);
    let back = super::tests::code(&decode(&empty, &code.bytes).unwrap());
    assert_eq!(back, Code { cards: vec![0, 1, 2], ..code });
}

#[test]
fn devices_of_one_kind_may_take_each_other_s_place() {
    let setting = setting(&"aa".parse().unwrap());
    let empty = World::empty(&setting).unwrap();
    let plays = |card| {
        let mut world = empty.snapshot();
        step(&mut world, Action::Play(card));
        code(&world)
    };
    assert_eq!(plays(0).bytes, plays(1).bytes);
    assert_ne!(plays(0).cards, plays(1).cards);
}

#[test]
fn two_files_are_not_one() {
    let setting = setting(&"ad".parse().unwrap());
    let empty = World::empty(&setting).unwrap();
    let mut played = empty.snapshot();
    step(&mut played, Action::Play(0));
    let mut played_on = played.snapshot();
    step(&mut played_on, Action::Play(0));
    assert_ne!(code(&played).bytes, code(&played_on).bytes);
    assert_ne!(code(&empty).bytes, code(&played).bytes);
    assert_eq!(played.cards[0].file.unwrap().content, ContentId(0));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn going_on_from_a_code_is_going_on(
        clients in proptest::sample::select(Clients::choices(2)),
        choices in proptest::collection::vec((any::<u16>(), -400_000_i64..400_000), 0..40),
    ) {
        let setting = setting(&clients);
        let empty = World::empty(&setting).unwrap();
        let mut lasting = empty.snapshot();
        for (choice, seconds) in choices {
            let known = code(&lasting);
            let mut fresh = decode(&empty, &known.bytes).unwrap();
            prop_assert_eq!(&code(&fresh).bytes, &known.bytes);
            let actions = possible(&fresh, &Reading::of(&fresh).unwrap(), &setting);
            let action = actions[usize::from(choice) % actions.len()];
            step(&mut fresh, action);
            lasting.server.set_clock(server::now() + chrono::Duration::seconds(seconds));
            step(&mut lasting, known.in_world(action));
            prop_assert_eq!(code(&fresh).bytes, code(&lasting).bytes, "after {:?}", action);
        }
    }
}
