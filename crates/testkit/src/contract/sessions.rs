//! Rules of [`SessionRepository`](memcard_domain::ports::SessionRepository).

use chrono::Duration;
use memcard_domain::ids::{DeviceId, SessionId, SlotId, UserId};
use memcard_domain::ports::Transaction;
use memcard_domain::save::ContentHash;
use memcard_domain::sync::{NamedFile, NewSession, SessionStatus, SyncSession};

use super::store::{assert_conflict, race_writes};
use super::{Store, attempt, look, suite, write};
use crate::builders::{ODD_TEXT, a_device, a_game, a_session, a_slot_key, a_user, at, uuid_of};

suite! { $
    /// Hooks the rules of [`SessionRepository`](memcard_domain::ports::SessionRepository). Takes an async factory of
    /// `Option<`[`Fresh`](crate::contract::Fresh)`<dyn UnitOfWork>>`.
    session_repository_contract: sessions over dyn memcard_domain::ports::UnitOfWork {
        a_new_session_is_in_progress_and_reads_back,
        a_session_of_an_unknown_user_or_device_is_a_conflict,
        another_user_s_session_is_none,
        an_unknown_session_is_none_or_false,
        active_sessions_are_those_that_have_not_ended_newest_first,
        sessions_are_listed_newest_first_per_user_and_device,
        an_update_replaces_the_session,
        an_update_from_another_status_changes_nothing,
        of_32_updates_from_one_status_one_is_done,
        a_named_file_reads_back_with_every_field,
        of_two_entries_for_one_slot_the_last_is_kept,
        files_are_named_per_session_and_slot,
        files_named_in_an_unknown_session_or_slot_are_a_conflict,
    }
}

struct Story {
    player: UserId,
    guest: UserId,
    handheld: DeviceId,
    desk: DeviceId,
    slots: [SlotId; 2],
}

async fn story(store: &Store) -> Story {
    write(store, |tx| {
        let player = a_user().named("Player").insert(tx)?.id;
        let game = a_game().insert(tx)?.id;
        Ok(Story {
            player,
            guest: a_user().named("Guest").insert(tx)?.id,
            handheld: a_device(player, "handheld").insert(tx)?.id,
            desk: a_device(player, "desk").insert(tx)?.id,
            slots: [
                tx.saves().open_slot(&a_slot_key(player, game, "one"))?.id,
                tx.saves().open_slot(&a_slot_key(player, game, "two"))?.id,
            ],
        })
    })
    .await
}

async fn begin(store: &Store, user: UserId, device: DeviceId, minutes: i64) -> SyncSession {
    write(store, move |tx| a_session(tx, user, device, at(minutes))).await
}

fn ids(sessions: &[SyncSession]) -> Vec<SessionId> {
    sessions.iter().map(|session| session.id).collect()
}

async fn a_new_session_is_in_progress_and_reads_back(store: Store) {
    let Story { player, handheld, .. } = story(&store).await;
    let new = NewSession { user: player, device: handheld, operations_planned: 100_000, initiated_at: at(3) };
    let session = write(&store, move |tx| tx.sessions().insert(&new)).await;
    assert!(session.id.0 > 0);
    let expected = SyncSession {
        id: session.id,
        user: player,
        device: handheld,
        status: SessionStatus::InProgress,
        operations_planned: 100_000,
        operations_completed: 0,
        operations_failed: 0,
        error_message: None,
        initiated_at: at(3),
        completed_at: None,
        updated_at: at(3),
    };
    assert_eq!(session, expected);
    assert_eq!(look(&store, move |tx| tx.sessions().find(player, session.id)).await, Some(expected));
}

async fn a_session_of_an_unknown_user_or_device_is_a_conflict(store: Store) {
    let Story { guest, handheld, .. } = story(&store).await;
    let nobody = UserId(guest.0 + 1);
    assert_conflict(attempt(&store, move |tx| a_session(tx, nobody, handheld, at(0))).await);
    let nowhere = DeviceId(uuid_of("no device"));
    assert_conflict(attempt(&store, move |tx| a_session(tx, guest, nowhere, at(0))).await);
}

async fn another_user_s_session_is_none(store: Store) {
    let Story { player, guest, handheld, .. } = story(&store).await;
    let session = begin(&store, player, handheld, 0).await;
    let seen = look(&store, move |tx| {
        Ok((
            tx.sessions().find(guest, session.id)?,
            tx.sessions().list(guest, None, 50)?,
            tx.sessions().list(guest, Some(handheld), 50)?,
        ))
    })
    .await;
    assert_eq!(seen, (None, vec![], vec![]));
}

async fn an_unknown_session_is_none_or_false(store: Store) {
    let Story { player, handheld, desk, slots, .. } = story(&store).await;
    let session = begin(&store, player, handheld, 0).await;
    let unknown = SyncSession { id: SessionId(session.id.0 + 1), ..session };
    write(&store, move |tx| {
        let sessions = tx.sessions();
        assert_eq!(sessions.find(player, unknown.id)?, None);
        assert!(!sessions.update(SessionStatus::InProgress, &unknown)?);
        assert_eq!(sessions.named(unknown.id, slots[0])?, None);
        assert_eq!(sessions.active(desk)?, []);
        Ok(())
    })
    .await;
}

async fn active_sessions_are_those_that_have_not_ended_newest_first(store: Store) {
    let Story { player, handheld, desk, .. } = story(&store).await;
    begin(&store, player, desk, 0).await;
    let mut active = Vec::new();
    for (minutes, status) in SessionStatus::ALL.into_iter().enumerate() {
        let session = begin(&store, player, handheld, i64::try_from(minutes).unwrap()).await;
        if !status.is_terminal() {
            active.push(session.id);
        }
        let update = SyncSession { status, ..session };
        assert!(write(&store, move |tx| tx.sessions().update(SessionStatus::InProgress, &update)).await);
    }
    active.reverse();
    let seen = look(&store, move |tx| tx.sessions().active(handheld)).await;
    assert_eq!(ids(&seen), active);
}

async fn sessions_are_listed_newest_first_per_user_and_device(store: Store) {
    let Story { player, guest, handheld, desk, .. } = story(&store).await;
    let guests = write(&store, move |tx| a_device(guest, "guest's").insert(tx)).await.id;
    let first = begin(&store, player, handheld, 1).await.id;
    let third = begin(&store, player, handheld, 3).await.id;
    let fourth = begin(&store, player, handheld, 3).await.id;
    let second = begin(&store, player, desk, 2).await.id;
    let of_guest = begin(&store, guest, guests, 4).await.id;
    let cases = [
        (player, None, 50, vec![fourth, third, second, first]),
        (player, Some(handheld), 50, vec![fourth, third, first]),
        (player, Some(desk), 50, vec![second]),
        (player, Some(guests), 50, vec![]),
        (player, None, 2, vec![fourth, third]),
        (player, None, 0, vec![]),
        (guest, None, u32::MAX, vec![of_guest]),
    ];
    for (user, device, limit, expected) in cases {
        let seen = look(&store, move |tx| tx.sessions().list(user, device, limit)).await;
        assert_eq!(ids(&seen), expected, "user {user}, device {device:?}, limit {limit}");
    }
}

async fn an_update_replaces_the_session(store: Store) {
    let Story { player, handheld, .. } = story(&store).await;
    let session = begin(&store, player, handheld, 0).await;
    let other = begin(&store, player, handheld, -1).await;
    let ended = SyncSession {
        status: SessionStatus::Failed,
        operations_planned: 7,
        operations_completed: 5,
        operations_failed: 2,
        error_message: Some(ODD_TEXT.to_owned()),
        completed_at: Some(at(8)),
        updated_at: at(9),
        ..session.clone()
    };
    for (expected, next) in [(SessionStatus::InProgress, ended), (SessionStatus::Failed, session)] {
        let update = next.clone();
        assert!(write(&store, move |tx| tx.sessions().update(expected, &update)).await);
        let listed = look(&store, move |tx| tx.sessions().list(player, None, 50)).await;
        assert_eq!(listed, [next, other.clone()]);
    }
}

async fn an_update_from_another_status_changes_nothing(store: Store) {
    let Story { player, handheld, .. } = story(&store).await;
    let session = begin(&store, player, handheld, 0).await;
    let update = SyncSession { status: SessionStatus::Completed, updated_at: at(9), ..session.clone() };
    for expected in SessionStatus::ALL {
        if expected == SessionStatus::InProgress {
            continue;
        }
        let update = update.clone();
        assert!(!write(&store, move |tx| tx.sessions().update(expected, &update)).await, "{expected:?}");
    }
    assert_eq!(look(&store, move |tx| tx.sessions().find(player, session.id)).await, Some(session));
}

async fn of_32_updates_from_one_status_one_is_done(store: Store) {
    let Story { player, handheld, .. } = story(&store).await;
    let session = begin(&store, player, handheld, 0).await;
    let answers = race_writes(&store, 32, |number| {
        let operations_completed = u32::try_from(number).unwrap();
        let update =
            SyncSession { status: SessionStatus::Completed, operations_completed, ..session.clone() };
        move |tx: &mut dyn Transaction| tx.sessions().update(SessionStatus::InProgress, &update)
    })
    .await;
    let winners: Vec<usize> =
        answers.iter().enumerate().filter(|(_, is_done)| **is_done).map(|(number, _)| number).collect();
    assert_eq!(winners.len(), 1, "{answers:?}");
    let seen = look(&store, move |tx| tx.sessions().find(player, session.id)).await.unwrap();
    assert_eq!(seen.operations_completed as usize, winners[0], "what is kept is the winner's");
}

async fn a_named_file_reads_back_with_every_field(store: Store) {
    let Story { player, handheld, slots, .. } = story(&store).await;
    let session = begin(&store, player, handheld, 0).await.id;
    let files = [
        NamedFile {
            slot: slots[0],
            content_hash: Some(ContentHash([0xA5; 16])),
            file_time: at(-100_000_000) + Duration::microseconds(1),
            size: (1 << 40) + 1,
        },
        NamedFile { slot: slots[0], content_hash: None, file_time: at(0), size: 0 },
    ];
    for file in files {
        let put = file.clone();
        write(&store, move |tx| tx.sessions().put_named(session, &[put])).await;
        assert_eq!(look(&store, move |tx| tx.sessions().named(session, slots[0])).await, Some(file));
    }
}

fn file(slot: SlotId, size: u64) -> NamedFile {
    NamedFile { slot, content_hash: None, file_time: at(0), size }
}

async fn of_two_entries_for_one_slot_the_last_is_kept(store: Store) {
    let Story { player, handheld, slots, .. } = story(&store).await;
    let session = begin(&store, player, handheld, 0).await.id;
    let files = [file(slots[0], 1), file(slots[1], 2), file(slots[0], 3)];
    write(&store, move |tx| tx.sessions().put_named(session, &files)).await;
    let seen = look(&store, move |tx| {
        Ok([tx.sessions().named(session, slots[0])?, tx.sessions().named(session, slots[1])?])
    })
    .await;
    assert_eq!(seen, [Some(file(slots[0], 3)), Some(file(slots[1], 2))]);
}

async fn files_are_named_per_session_and_slot(store: Store) {
    let Story { player, handheld, desk, slots, .. } = story(&store).await;
    let one = begin(&store, player, handheld, 0).await.id;
    let two = begin(&store, player, desk, 0).await.id;
    write(&store, move |tx| {
        tx.sessions().put_named(one, &[])?;
        tx.sessions().put_named(one, &[file(slots[0], 1)])?;
        tx.sessions().put_named(two, &[file(slots[0], 2)])
    })
    .await;
    let seen = look(&store, move |tx| {
        let sessions = tx.sessions();
        Ok([sessions.named(one, slots[0])?, sessions.named(two, slots[0])?, sessions.named(one, slots[1])?])
    })
    .await;
    assert_eq!(seen, [Some(file(slots[0], 1)), Some(file(slots[0], 2)), None]);
}

async fn files_named_in_an_unknown_session_or_slot_are_a_conflict(store: Store) {
    let Story { player, handheld, slots, .. } = story(&store).await;
    let session = begin(&store, player, handheld, 0).await.id;
    let put = |session, slot| attempt(&store, move |tx| tx.sessions().put_named(session, &[file(slot, 1)]));
    assert_conflict(put(SessionId(session.0 + 1), slots[0]).await);
    assert_conflict(put(session, SlotId(slots[1].0 + 1)).await);
}
