//! How often is too often: limits as data, judged over what an [`EventCounter`] saw.

use core::net::{IpAddr, Ipv6Addr};

use chrono::Duration;
use thiserror::Error;

use crate::ports::{CounterKey, EventCounter, Recent, StoreError};
use crate::time::Timestamp;

/// At most so many events in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The kind of event.
    pub event: &'static str,
    /// How many are allowed in the window.
    pub most: u32,
    /// The window.
    pub window: Duration,
    /// How long to wait once there were as many.
    pub pause: Pause,
}

/// How long to wait once a limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// Until the oldest event leaves the window.
    UntilWindowPasses,
    /// So long after the newest event.
    AfterNewest(Duration),
    /// After the newest event, one second doubled with each event above the limit, this long at most.
    Growing(Duration),
}

/// Pair-code exchanges, per address.
pub const EXCHANGES: Limit = per_minute("exchange", 5);
/// New pairing flows, per address.
pub const PAIRINGS: Limit = per_minute("pairing", 10);
/// Wrong user codes of one account.
pub const WRONG_CODES_PER_ACCOUNT: Limit = wrong_codes("wrong-code-account", 5);
/// Wrong user codes from one address.
pub const WRONG_CODES_PER_ADDRESS: Limit = wrong_codes("wrong-code-address", 20);
/// Wrong user codes in all.
pub const WRONG_CODES: Limit = wrong_codes("wrong-code", 100);
/// Wrong passwords for one account.
pub const WRONG_PASSWORDS_PER_ACCOUNT: Limit = wrong_passwords("wrong-password-account", 5);
/// Wrong passwords from one address.
pub const WRONG_PASSWORDS_PER_ADDRESS: Limit = wrong_passwords("wrong-password-address", 20);

const fn per_minute(event: &'static str, most: u32) -> Limit {
    Limit { event, most, window: Duration::minutes(1), pause: Pause::UntilWindowPasses }
}

const fn wrong_codes(event: &'static str, most: u32) -> Limit {
    Limit { event, most, window: Duration::minutes(10), pause: Pause::AfterNewest(Duration::seconds(60)) }
}

const fn wrong_passwords(event: &'static str, most: u32) -> Limit {
    Limit { event, most, window: Duration::minutes(30), pause: Pause::Growing(Duration::minutes(15)) }
}

/// Come back later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("too many attempts, try again in {} s", .retry_after.num_seconds())]
pub struct Limited {
    /// How long to wait, at least one second, whole seconds.
    pub retry_after: Duration,
}

impl Limit {
    /// The counter for one subject (an account, an address, or `""` for all together).
    pub fn key(&self, subject: impl Into<String>) -> CounterKey {
        CounterKey { event: self.event, subject: subject.into() }
    }

    /// Whether one more is allowed at `now` after what was seen.
    ///
    /// # Errors
    /// [`Limited`], with how long to wait.
    pub fn judge(&self, seen: Recent, now: Timestamp) -> Result<(), Limited> {
        let (Some(oldest), Some(newest)) = (seen.oldest, seen.newest) else { return Ok(()) };
        if seen.events < self.most {
            return Ok(());
        }
        let until = match self.pause {
            Pause::UntilWindowPasses => oldest + self.window,
            Pause::AfterNewest(pause) => newest + pause,
            Pause::Growing(most) => {
                let doublings = (seen.events - self.most).min(20);
                newest + Duration::seconds(1 << doublings).min(most)
            }
        };
        let left = until - now;
        if left <= Duration::zero() {
            return Ok(());
        }
        Err(Limited { retry_after: Duration::seconds((left.num_milliseconds() + 999) / 1000) })
    }

    /// Judges without counting: for limits on failures, which [`count`](Limit::count) notes once one has happened.
    ///
    /// # Errors
    /// [`LimitError`].
    pub async fn check(
        &self,
        counter: &dyn EventCounter,
        subject: impl Into<String>,
        now: Timestamp,
    ) -> Result<(), LimitError> {
        let seen = counter.recent(self.key(subject), self.window, now).await?;
        Ok(self.judge(seen, now)?)
    }

    /// Notes one event.
    ///
    /// # Errors
    /// What the counter says.
    pub async fn count(
        &self,
        counter: &dyn EventCounter,
        subject: impl Into<String>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        counter.record(self.key(subject), self.window, now).await.map(|_| ())
    }

    /// Judges and, where it is allowed, counts one attempt. A refused attempt is not counted, so that who comes back
    /// when told to is admitted; attempts that race are judged once more by what the counter saw at their own place.
    ///
    /// # Errors
    /// [`LimitError`].
    pub async fn admit(
        &self,
        counter: &dyn EventCounter,
        subject: impl Into<String>,
        now: Timestamp,
    ) -> Result<(), LimitError> {
        let subject = subject.into();
        self.check(counter, subject.clone(), now).await?;
        let seen = counter.record(self.key(subject), self.window, now).await?;
        let before = Recent { events: seen.events.saturating_sub(1), ..seen };
        Ok(self.judge(before, now)?)
    }
}

/// Whom an address is counted as: an IPv4 address as itself, an IPv6 address as its /64, which is what one household
/// or host is given (RFC 6177); IPv4 in IPv6 (RFC 4291 § 2.5.5.2) as IPv4. Anything else is taken as it is.
pub fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => {
            let prefix = u128::from(address) & !u128::from(u64::MAX);
            format!("{}/64", Ipv6Addr::from(prefix))
        }
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

/// Limited, or the counter failed.
#[derive(Debug, Error)]
pub enum LimitError {
    /// Come back later.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The counter failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn seen(events: u32, oldest: i64, newest: i64) -> Recent {
        Recent { events, oldest: Some(at(oldest)), newest: Some(at(newest)) }
    }

    #[test]
    fn a_window_opens_again_when_its_oldest_event_leaves_it() {
        assert_eq!(EXCHANGES.judge(seen(4, 0, 10), at(11)), Ok(()));
        assert_eq!(
            EXCHANGES.judge(seen(5, 0, 10), at(11)),
            Err(Limited { retry_after: Duration::seconds(49) })
        );
        assert_eq!(EXCHANGES.judge(seen(5, 0, 10), at(60)), Ok(()));
    }

    #[test]
    fn an_address_counts_as_its_network() {
        for (address, network_of) in [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
            ("unix", "unix"),
        ] {
            assert_eq!(network(address), network_of, "{address}");
        }
    }

    #[test]
    fn the_wait_after_wrong_passwords_grows_and_has_an_end() {
        let wait = |events| {
            WRONG_PASSWORDS_PER_ACCOUNT.judge(seen(events, 0, 100), at(100)).unwrap_err().retry_after
        };
        assert_eq!(wait(5), Duration::seconds(1));
        assert_eq!(wait(8), Duration::seconds(8));
        assert_eq!(wait(1000), Duration::minutes(15));
    }
}
