//! Rules of [`Events`].

use std::sync::Arc;
use std::time::Duration;

use memcard_domain::event::{DeviceChange, Event, LibraryEvent, Listener, UserEvent};
use memcard_domain::ids::{DeviceId, UserId};
use memcard_domain::ports::{Cursor, Events, Heard, KEPT_EVENTS, MOST_HEARD};

use super::{race, suite};
use crate::builders::uuid_of;

suite! { $
    /// Hooks the rules of [`Events`](memcard_domain::ports::Events). Takes an async factory of
    /// `Option<`[`Fresh`](crate::contract::Fresh)`<dyn Events>>`.
    events_contract: events over dyn memcard_domain::ports::Events {
        what_is_published_is_heard_once_and_in_order,
        who_begins_hears_nothing_of_what_was,
        each_cursor_resumes_after_its_event,
        a_user_hears_nothing_of_another_s,
        only_administrators_hear_of_the_library,
        many_events_are_heard_in_several_parts,
        who_waits_is_woken,
        who_waits_sleeps_on_over_what_is_for_others,
        who_waits_does_not_fall_behind_by_what_is_for_others,
        every_listener_hears_every_event,
        who_fell_behind_is_told_and_goes_on,
        the_oldest_event_that_is_kept_can_be_resumed_from,
        a_cursor_from_elsewhere_missed_everything,
        of_16_that_publish_at_once_nothing_is_lost,
        a_wait_that_is_given_up_loses_nothing,
        once_closed_it_is_over_for_who_waits_and_who_comes,
    }
}

type Port = Arc<dyn Events>;

const PLAYER: Listener = Listener { user: UserId(1), is_admin: false };
const GUEST: Listener = Listener { user: UserId(2), is_admin: false };
const ADMIN: Listener = Listener { user: UserId(1), is_admin: true };
/// Long enough to tell waiting from answering.
const A_WHILE: Duration = Duration::from_millis(50);

fn of(listener: Listener, name: &str) -> Event {
    let device = DeviceId(uuid_of(name));
    Event::OfUser(listener.user, UserEvent::Device(device, DeviceChange::Updated))
}

fn numbered(count: usize) -> Vec<Event> {
    (0..count).map(|number| of(PLAYER, &number.to_string())).collect()
}

async fn latest(events: &Port) -> Cursor {
    events.latest().await.expect("a cursor")
}

async fn next(events: &Port, listener: Listener, after: &Cursor) -> Heard {
    events.next(listener, after.clone()).await.expect("an answer")
}

/// So many events after the cursor, and where it ends.
async fn heard(events: &Port, listener: Listener, after: &Cursor, count: usize) -> Vec<(Cursor, Event)> {
    let mut all: Vec<(Cursor, Event)> = Vec::new();
    while all.len() < count {
        let after = all.last().map_or(after, |(cursor, _)| cursor);
        match next(events, listener, after).await {
            Heard::Events(part) => {
                assert!((1..=MOST_HEARD).contains(&part.len()), "{}", part.len());
                all.extend(part);
            }
            other => panic!("{other:?}"),
        }
    }
    all
}

fn only(heard: Vec<(Cursor, Event)>) -> Vec<Event> {
    heard.into_iter().map(|(_, event)| event).collect()
}

/// Whether nobody would be answered now.
async fn is_silent(events: &Port, listener: Listener, after: &Cursor) -> bool {
    tokio::time::timeout(A_WHILE, next(events, listener, after)).await.is_err()
}

async fn what_is_published_is_heard_once_and_in_order(events: Port) {
    let start = latest(&events).await;
    events.publish(vec![of(PLAYER, "one"), of(PLAYER, "two")]).await;
    events.publish(Vec::new()).await;
    events.publish(vec![of(PLAYER, "three")]).await;
    let told = heard(&events, PLAYER, &start, 3).await;
    let end = told[2].0.clone();
    assert_eq!(only(told), [of(PLAYER, "one"), of(PLAYER, "two"), of(PLAYER, "three")]);
    assert!(is_silent(&events, PLAYER, &end).await);
}

async fn who_begins_hears_nothing_of_what_was(events: Port) {
    events.publish(vec![of(PLAYER, "before")]).await;
    let start = latest(&events).await;
    assert!(is_silent(&events, PLAYER, &start).await);
    events.publish(vec![of(PLAYER, "after")]).await;
    assert_eq!(only(heard(&events, PLAYER, &start, 1).await), [of(PLAYER, "after")]);
}

async fn each_cursor_resumes_after_its_event(events: Port) {
    let start = latest(&events).await;
    events.publish(numbered(5)).await;
    let told = heard(&events, PLAYER, &start, 5).await;
    for (index, (cursor, _)) in told.iter().enumerate().take(4) {
        let rest = only(heard(&events, PLAYER, cursor, 4 - index).await);
        assert_eq!(rest, numbered(5)[index + 1..], "after {index}");
    }
}

async fn a_user_hears_nothing_of_another_s(events: Port) {
    let start = latest(&events).await;
    events.publish(vec![of(GUEST, "theirs"), of(PLAYER, "own"), of(GUEST, "theirs too")]).await;
    let told = heard(&events, PLAYER, &start, 1).await;
    let end = told[0].0.clone();
    assert_eq!(only(told), [of(PLAYER, "own")]);
    assert!(is_silent(&events, PLAYER, &end).await);
    let told = only(heard(&events, GUEST, &start, 2).await);
    assert_eq!(told, [of(GUEST, "theirs"), of(GUEST, "theirs too")]);
}

async fn only_administrators_hear_of_the_library(events: Port) {
    let start = latest(&events).await;
    let scan = Event::OfLibrary(LibraryEvent::ScanStarted);
    events.publish(vec![scan.clone(), of(PLAYER, "own")]).await;
    assert_eq!(only(heard(&events, PLAYER, &start, 1).await), [of(PLAYER, "own")]);
    assert_eq!(only(heard(&events, ADMIN, &start, 2).await), [scan, of(PLAYER, "own")]);
}

async fn many_events_are_heard_in_several_parts(events: Port) {
    let start = latest(&events).await;
    let count = 3 * MOST_HEARD + 1;
    events.publish(numbered(count)).await;
    assert_eq!(only(heard(&events, PLAYER, &start, count).await), numbered(count));
}

async fn who_waits_is_woken(events: Port) {
    let start = latest(&events).await;
    let waiting = tokio::spawn({
        let (events, start) = (Port::clone(&events), start.clone());
        async move { heard(&events, PLAYER, &start, 1).await }
    });
    tokio::time::sleep(A_WHILE).await;
    assert!(!waiting.is_finished());
    events.publish(vec![of(PLAYER, "one")]).await;
    assert_eq!(only(waiting.await.expect("it ends")), [of(PLAYER, "one")]);
}

async fn who_waits_sleeps_on_over_what_is_for_others(events: Port) {
    let start = latest(&events).await;
    let waiting = tokio::spawn({
        let (events, start) = (Port::clone(&events), start.clone());
        async move { heard(&events, PLAYER, &start, 1).await }
    });
    for _ in 0..3 {
        events.publish(vec![of(GUEST, "theirs"), Event::OfLibrary(LibraryEvent::ScanStarted)]).await;
        tokio::time::sleep(A_WHILE).await;
        assert!(!waiting.is_finished());
    }
    events.publish(vec![of(PLAYER, "one")]).await;
    assert_eq!(only(waiting.await.expect("it ends")), [of(PLAYER, "one")]);
}

async fn who_waits_does_not_fall_behind_by_what_is_for_others(events: Port) {
    let start = latest(&events).await;
    let waiting = tokio::spawn({
        let (events, start) = (Port::clone(&events), start.clone());
        async move { heard(&events, PLAYER, &start, 1).await }
    });
    let theirs = vec![of(GUEST, "theirs"); MOST_HEARD];
    for _ in 0..=KEPT_EVENTS / MOST_HEARD {
        tokio::time::sleep(Duration::from_millis(2)).await;
        events.publish(theirs.clone()).await;
    }
    tokio::time::sleep(A_WHILE).await;
    events.publish(vec![of(PLAYER, "one")]).await;
    assert_eq!(only(waiting.await.expect("it ends")), [of(PLAYER, "one")]);
}

async fn every_listener_hears_every_event(events: Port) {
    let start = latest(&events).await;
    let publishing = {
        let events = Port::clone(&events);
        tokio::spawn(async move {
            for event in numbered(200) {
                events.publish(vec![event]).await;
            }
        })
    };
    let told = race(8, |_| {
        let (events, start) = (Port::clone(&events), start.clone());
        async move { only(heard(&events, PLAYER, &start, 200).await) }
    })
    .await;
    publishing.await.expect("it ends");
    for told in told {
        assert_eq!(told, numbered(200));
    }
}

async fn who_fell_behind_is_told_and_goes_on(events: Port) {
    let start = latest(&events).await;
    events.publish(numbered(KEPT_EVENTS + 1)).await;
    let Heard::Missed(cursor) = next(&events, PLAYER, &start).await else { panic!("one event is gone") };
    assert!(is_silent(&events, PLAYER, &cursor).await);
    events.publish(vec![of(PLAYER, "after")]).await;
    assert_eq!(only(heard(&events, PLAYER, &cursor, 1).await), [of(PLAYER, "after")]);
}

async fn the_oldest_event_that_is_kept_can_be_resumed_from(events: Port) {
    let start = latest(&events).await;
    events.publish(numbered(KEPT_EVENTS)).await;
    assert_eq!(only(heard(&events, PLAYER, &start, KEPT_EVENTS).await), numbered(KEPT_EVENTS));
}

async fn a_cursor_from_elsewhere_missed_everything(events: Port) {
    events.publish(vec![of(PLAYER, "before")]).await;
    let start = latest(&events).await;
    let later = format!("{start}0");
    let elsewhere = start.0.replace(|letter: char| letter.is_ascii_alphanumeric(), "1");
    for unknown in ["", "0", "-", "latest", "18446744073709551616", &later, &elsewhere] {
        let heard = next(&events, PLAYER, &Cursor(unknown.to_owned())).await;
        assert_eq!(heard, Heard::Missed(start.clone()), "{unknown:?}");
    }
}

async fn of_16_that_publish_at_once_nothing_is_lost(events: Port) {
    let start = latest(&events).await;
    race(16, |number| {
        let events = Port::clone(&events);
        async move { events.publish(vec![of(PLAYER, &number.to_string())]).await }
    })
    .await;
    let told = only(heard(&events, PLAYER, &start, 16).await);
    assert!(numbered(16).iter().all(|event| told.contains(event)), "{told:?}");
}

async fn a_wait_that_is_given_up_loses_nothing(events: Port) {
    let start = latest(&events).await;
    for _ in 0..3 {
        assert!(is_silent(&events, PLAYER, &start).await);
    }
    events.publish(numbered(2)).await;
    assert_eq!(only(heard(&events, PLAYER, &start, 2).await), numbered(2));
}

async fn once_closed_it_is_over_for_who_waits_and_who_comes(events: Port) {
    let start = latest(&events).await;
    let waiting = tokio::spawn({
        let (events, start) = (Port::clone(&events), start.clone());
        async move { next(&events, PLAYER, &start).await }
    });
    tokio::time::sleep(A_WHILE).await;
    events.close();
    assert_eq!(waiting.await.expect("it ends"), Heard::Over);
    events.publish(numbered(1)).await;
    assert_eq!(next(&events, PLAYER, &start).await, Heard::Over);
    assert_eq!(next(&events, ADMIN, &latest(&events).await).await, Heard::Over);
}
