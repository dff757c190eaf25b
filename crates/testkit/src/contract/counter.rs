//! Rules of [`EventCounter`].

use std::sync::Arc;

use chrono::Duration;
use memcard_domain::ports::{CounterKey, EventCounter, Recent};
use memcard_domain::time::Timestamp;

use super::{race, suite};
use crate::builders::{ODD_TEXT, at};

suite! { $
    /// Hooks the rules of [`EventCounter`](memcard_domain::ports::EventCounter). Takes an async factory of
    /// `Option<`[`Fresh`](crate::contract::Fresh)`<dyn EventCounter>>`.
    event_counter_contract: counter over dyn memcard_domain::ports::EventCounter {
        nothing_is_seen_before_something_happened,
        an_event_counts_itself,
        events_within_the_window_are_counted_from_oldest_to_newest,
        an_event_as_old_as_the_window_has_left_it,
        looking_counts_nothing,
        events_of_one_moment_are_counted_each,
        keys_are_told_apart_by_event_and_subject,
        forgetting_a_key_leaves_the_others,
        of_32_events_at_once_none_is_lost,
    }
}

type Counter = Arc<dyn EventCounter>;

const WINDOW: Duration = Duration::minutes(10);
const A_MOMENT: Duration = Duration::microseconds(1);

fn key(event: &'static str, subject: &str) -> CounterKey {
    CounterKey { event, subject: subject.to_owned() }
}

async fn record(counter: &Counter, key: CounterKey, now: Timestamp) -> Recent {
    counter.record(key, WINDOW, now).await.expect("it is counted")
}

async fn recent(counter: &Counter, key: CounterKey, now: Timestamp) -> Recent {
    counter.recent(key, WINDOW, now).await.expect("it can be looked up")
}

fn seen(events: u32, oldest: Timestamp, newest: Timestamp) -> Recent {
    Recent { events, oldest: Some(oldest), newest: Some(newest) }
}

async fn nothing_is_seen_before_something_happened(counter: Counter) {
    assert_eq!(recent(&counter, key("knock", "a"), at(0)).await, Recent::default());
}

async fn an_event_counts_itself(counter: Counter) {
    assert_eq!(record(&counter, key("knock", "a"), at(0)).await, seen(1, at(0), at(0)));
    assert_eq!(recent(&counter, key("knock", "a"), at(0)).await, seen(1, at(0), at(0)));
}

async fn events_within_the_window_are_counted_from_oldest_to_newest(counter: Counter) {
    let mut events = 0;
    for minutes in [0, 1, 4, 9] {
        events += 1;
        assert_eq!(record(&counter, key("knock", "a"), at(minutes)).await, seen(events, at(0), at(minutes)));
    }
    assert_eq!(recent(&counter, key("knock", "a"), at(9)).await, seen(4, at(0), at(9)));
    assert_eq!(recent(&counter, key("knock", "a"), at(12)).await, seen(2, at(4), at(9)));
    assert_eq!(record(&counter, key("knock", "a"), at(13)).await, seen(3, at(4), at(13)));
    assert_eq!(recent(&counter, key("knock", "a"), at(100)).await, Recent::default());
}

async fn an_event_as_old_as_the_window_has_left_it(counter: Counter) {
    record(&counter, key("knock", "a"), at(0)).await;
    let end = at(0) + WINDOW;
    assert_eq!(recent(&counter, key("knock", "a"), end - A_MOMENT).await, seen(1, at(0), at(0)));
    assert_eq!(recent(&counter, key("knock", "a"), end).await, Recent::default());
    assert_eq!(record(&counter, key("knock", "a"), end).await, seen(1, end, end));
}

async fn looking_counts_nothing(counter: Counter) {
    record(&counter, key("knock", "a"), at(0)).await;
    for _ in 0..3 {
        assert_eq!(recent(&counter, key("knock", "a"), at(1)).await, seen(1, at(0), at(0)));
    }
}

async fn events_of_one_moment_are_counted_each(counter: Counter) {
    for events in 1..=3 {
        assert_eq!(record(&counter, key("knock", "a"), at(0)).await, seen(events, at(0), at(0)));
    }
}

async fn keys_are_told_apart_by_event_and_subject(counter: Counter) {
    let keys = [
        key("knock", ""),
        key("knock", "a"),
        key("knock", "A"),
        key("knock", "2001:db8::/64"),
        key("knock", ODD_TEXT),
        key("ring", "a"),
        key("ring", ""),
    ];
    for (minutes, key) in keys.iter().enumerate() {
        let now = at(i64::try_from(minutes).unwrap());
        assert_eq!(record(&counter, key.clone(), now).await, seen(1, now, now), "{key:?}");
    }
}

async fn forgetting_a_key_leaves_the_others(counter: Counter) {
    record(&counter, key("knock", "a"), at(0)).await;
    record(&counter, key("knock", "b"), at(0)).await;
    record(&counter, key("ring", "a"), at(0)).await;
    counter.forget(key("knock", "a")).await.expect("it is forgotten");
    counter.forget(key("knock", "nobody")).await.expect("what was never seen is no error");
    assert_eq!(recent(&counter, key("knock", "a"), at(0)).await, Recent::default());
    assert_eq!(recent(&counter, key("knock", "b"), at(0)).await, seen(1, at(0), at(0)));
    assert_eq!(recent(&counter, key("ring", "a"), at(0)).await, seen(1, at(0), at(0)));
}

async fn of_32_events_at_once_none_is_lost(counter: Counter) {
    let answers = race(32, |_| {
        let counter = Counter::clone(&counter);
        async move { record(&counter, key("knock", "a"), at(0)).await.events }
    })
    .await;
    let mut counts = answers;
    counts.sort_unstable();
    assert_eq!(counts, (1..=32).collect::<Vec<u32>>(), "noting and counting is one step");
}
