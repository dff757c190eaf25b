//! Rules of [`PlayRepository`](memcard_domain::ports::PlayRepository).

use memcard_domain::ids::{DeviceId, GameId, PlaySessionId, SessionId, UserId};
use memcard_domain::play::{NewPlaySession, PlayFilter, PlaySession};
use memcard_domain::ports::Transaction;

use super::store::{assert_conflict, race_writes};
use super::{Store, attempt, look, suite, write};
use crate::builders::{ODD_TEXT, PlayBuilder, a_device, a_game, a_play, a_session, a_user, at, uuid_of};

suite! { $
    /// Hooks the rules of [`PlayRepository`](memcard_domain::ports::PlayRepository). Takes an async factory of
    /// `Option<`[`Fresh`](crate::contract::Fresh)`<dyn UnitOfWork>>`.
    play_repository_contract: plays over dyn memcard_domain::ports::UnitOfWork {
        a_play_session_reads_back_with_every_field,
        the_same_device_game_and_start_is_kept_once,
        an_unknown_device_or_game_counts_as_a_value,
        of_sessions_inserted_at_once_each_is_answered_for_in_order,
        of_32_reports_of_one_play_session_one_is_kept,
        a_play_session_of_an_unknown_user_device_game_or_session_is_a_conflict,
        play_sessions_are_listed_newest_start_first_and_filtered,
        another_user_s_play_sessions_are_not_listed,
        deleting_removes_the_user_s_own_alone,
    }
}

struct Story {
    player: UserId,
    guest: UserId,
    handheld: DeviceId,
    desk: DeviceId,
    game: GameId,
    other_game: GameId,
    session: SessionId,
}

async fn story(store: &Store) -> Story {
    write(store, |tx| {
        let player = a_user().named("Player").insert(tx)?.id;
        let handheld = a_device(player, "handheld").insert(tx)?.id;
        Ok(Story {
            player,
            guest: a_user().named("Guest").insert(tx)?.id,
            handheld,
            desk: a_device(player, "desk").insert(tx)?.id,
            game: a_game().named("one").insert(tx)?.id,
            other_game: a_game().named("two").insert(tx)?.id,
            session: a_session(tx, player, handheld, at(0))?.id,
        })
    })
    .await
}

async fn record(store: &Store, play: PlayBuilder) -> Option<PlaySession> {
    write(store, move |tx| play.insert(tx)).await
}

async fn listed(store: &Store, user: UserId, filter: PlayFilter) -> Vec<PlaySession> {
    look(store, move |tx| tx.plays().list(user, &filter)).await
}

async fn a_play_session_reads_back_with_every_field(store: Store) {
    let Story { player, handheld, game, session, .. } = story(&store).await;
    let full = a_play(player).of(game).on(handheld).in_slot(ODD_TEXT).reported_with(session).build();
    let full = NewPlaySession { duration_ms: 10_000_000_000, ..full };
    let news = [
        full,
        a_play(player).between(at(-20), at(-10)).in_slot("").build(),
        NewPlaySession { duration_ms: 0, ..a_play(player).between(at(-40), at(-30)).build() },
    ];
    let mut expected = Vec::new();
    for new in news {
        let inserted = write(&store, {
            let new = new.clone();
            move |tx| tx.plays().insert(&[new])
        })
        .await
        .pop()
        .flatten()
        .expect("it is the first");
        assert!(inserted.id.0 > 0);
        assert_eq!(inserted.played, new);
        expected.push(inserted);
    }
    assert_eq!(listed(&store, player, PlayFilter::default()).await, expected);
}

async fn the_same_device_game_and_start_is_kept_once(store: Store) {
    let Story { player, guest, handheld, desk, game, other_game, .. } = story(&store).await;
    let play = || a_play(player).of(game).on(handheld);
    let first = record(&store, play()).await.expect("it is the first");
    let longer = play().between(at(0), at(90)).in_slot("another");
    assert_eq!(record(&store, longer).await, None, "end and slot do not count");
    assert_eq!(listed(&store, player, PlayFilter::default()).await, [first], "what is there stays as it is");

    for other in
        [play().on(desk), play().of(other_game), play().between(at(1), at(2)), a_play(guest).of(game)]
    {
        assert!(record(&store, other.clone()).await.is_some(), "{other:?}");
    }
}

async fn an_unknown_device_or_game_counts_as_a_value(store: Store) {
    let Story { player, handheld, game, .. } = story(&store).await;
    for play in [a_play(player), a_play(player).of(game), a_play(player).on(handheld)] {
        assert!(record(&store, play.clone()).await.is_some(), "{play:?}");
        assert_eq!(record(&store, play.clone()).await, None, "{play:?}");
    }
}

async fn of_sessions_inserted_at_once_each_is_answered_for_in_order(store: Store) {
    let Story { player, handheld, game, .. } = story(&store).await;
    let known = a_play(player).of(game).build();
    let earlier = write(&store, {
        let known = known.clone();
        move |tx| tx.plays().insert(&[known])
    })
    .await;
    assert_eq!(write(&store, |tx| tx.plays().insert(&[])).await, []);

    let second = a_play(player).of(game).on(handheld).build();
    let again = NewPlaySession { end: at(90), save_slot: Some("again".to_owned()), ..second.clone() };
    let third = a_play(player).between(at(1), at(2)).build();
    let answers = write(&store, {
        let reported = [known, second.clone(), again, third.clone()];
        move |tx| tx.plays().insert(&reported)
    })
    .await;
    let inserted: Vec<_> =
        answers.iter().map(|answer| answer.as_ref().map(|session| &session.played)).collect();
    assert_eq!(inserted, [None, Some(&second), None, Some(&third)]);
    let mut kept: Vec<PlaySession> = earlier.into_iter().chain(answers).flatten().collect();
    kept.sort_by_key(|session| session.id);
    let mut listed = listed(&store, player, PlayFilter::default()).await;
    listed.sort_by_key(|session| session.id);
    assert_eq!(listed, kept);
}

async fn of_32_reports_of_one_play_session_one_is_kept(store: Store) {
    let Story { player, .. } = story(&store).await;
    let answers =
        race_writes(&store, 32, |_| move |tx: &mut dyn Transaction| a_play(player).insert(tx)).await;
    let kept: Vec<PlaySession> = answers.into_iter().flatten().collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(listed(&store, player, PlayFilter::default()).await, kept);
}

async fn a_play_session_of_an_unknown_user_device_game_or_session_is_a_conflict(store: Store) {
    let Story { player, guest, other_game, session, .. } = story(&store).await;
    for play in [
        a_play(UserId(guest.0 + 1)),
        a_play(player).on(DeviceId(uuid_of("no device"))),
        a_play(player).of(GameId(other_game.0 + 1)),
        a_play(player).reported_with(SessionId(session.0 + 1)),
    ] {
        assert_conflict(attempt(&store, move |tx| play.insert(tx)).await);
    }
}

async fn play_sessions_are_listed_newest_start_first_and_filtered(store: Store) {
    let Story { player, handheld, desk, game, other_game, .. } = story(&store).await;
    let plays = [
        a_play(player).of(game).on(handheld).between(at(30), at(40)),
        a_play(player).of(game).on(desk).between(at(10), at(20)),
        a_play(player).of(other_game).on(handheld).between(at(20), at(60)),
        a_play(player).between(at(0), at(5)),
    ];
    let mut starts = Vec::new();
    for play in plays {
        starts.push(record(&store, play).await.unwrap().played.start);
    }
    let [thirty, ten, twenty, zero] = starts[..] else { unreachable!("four were recorded") };
    let end_of_ten = ten + chrono::Duration::minutes(10);
    let all = PlayFilter::default;
    let cases = [
        (all(), vec![thirty, twenty, ten, zero]),
        (PlayFilter { game: Some(game), ..all() }, vec![thirty, ten]),
        (PlayFilter { device: Some(handheld), ..all() }, vec![thirty, twenty]),
        (PlayFilter { device: Some(handheld), game: Some(game), ..all() }, vec![thirty]),
        (PlayFilter { start_after: Some(ten), ..all() }, vec![thirty, twenty, ten]),
        (PlayFilter { end_before: Some(end_of_ten), ..all() }, vec![ten, zero]),
        (PlayFilter { start_after: Some(ten), end_before: Some(end_of_ten), ..all() }, vec![ten]),
        (PlayFilter { limit: Some(2), ..all() }, vec![thirty, twenty]),
        (PlayFilter { limit: Some(0), ..all() }, vec![]),
        (PlayFilter { limit: Some(2), offset: 1, ..all() }, vec![twenty, ten]),
        (PlayFilter { offset: 3, ..all() }, vec![zero]),
        (PlayFilter { offset: 9, ..all() }, vec![]),
    ];
    for (filter, expected) in cases {
        let listed = listed(&store, player, filter.clone()).await;
        let starts: Vec<_> = listed.iter().map(|session| session.played.start).collect();
        assert_eq!(starts, expected, "{filter:?}");
    }
}

async fn another_user_s_play_sessions_are_not_listed(store: Store) {
    let Story { player, guest, handheld, game, .. } = story(&store).await;
    record(&store, a_play(player).of(game).on(handheld)).await;
    let filter = PlayFilter { game: Some(game), device: Some(handheld), ..PlayFilter::default() };
    for filter in [PlayFilter::default(), filter] {
        assert_eq!(listed(&store, guest, filter).await, []);
    }
}

async fn deleting_removes_the_user_s_own_alone(store: Store) {
    let Story { player, guest, .. } = story(&store).await;
    let gone = record(&store, a_play(player)).await.unwrap().id;
    let kept = record(&store, a_play(player).between(at(1), at(2))).await.unwrap();
    let unknown = PlaySessionId(kept.id.0 + 1);
    write(&store, move |tx| {
        let plays = tx.plays();
        assert!(!plays.delete(guest, gone)?);
        assert!(!plays.delete(player, unknown)?);
        assert!(plays.delete(player, gone)?);
        assert!(!plays.delete(player, gone)?);
        Ok(())
    })
    .await;
    assert_eq!(listed(&store, player, PlayFilter::default()).await, [kept]);
}
