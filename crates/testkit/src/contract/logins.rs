//! Rules of [`LoginRepository`](memcard_domain::ports::LoginRepository).

use chrono::Duration;
use memcard_domain::account::{BROWSER_IDLE_LIFE, Login, LoginKind, NewLogin, ScopeSet};
use memcard_domain::ids::{LoginId, UserId};
use memcard_domain::ports::{StoreError, Transaction};

use super::store::{assert_conflict, race_writes};
use super::{Store, attempt, look, suite, write};
use crate::builders::{a_device, a_login, a_user, at, digest_of};

suite! { $
    /// Hooks the rules of [`LoginRepository`](memcard_domain::ports::LoginRepository). Takes an async factory of
    /// `Option<`[`Fresh`](crate::contract::Fresh)`<dyn UnitOfWork>>`.
    login_repository_contract: logins over dyn memcard_domain::ports::UnitOfWork {
        a_login_reads_back_with_every_field,
        a_login_is_found_by_its_id_and_its_digest_alone,
        an_unknown_login_is_none_or_false,
        a_digest_that_is_taken_is_a_conflict,
        a_refresh_digest_that_is_taken_is_a_conflict,
        a_login_of_an_unknown_user_is_a_conflict,
        a_refresh_token_takes_its_login_away_once,
        of_16_refreshes_with_one_token_one_gets_the_login,
        a_touch_notes_the_use_and_nothing_else,
        deleting_a_login_leaves_the_others,
        every_login_of_a_user_but_one_is_removed,
        logins_that_can_neither_be_used_nor_refreshed_are_removed,
    }
}

fn login_of_digest(tx: &mut dyn Transaction, secret: &str) -> Result<Option<Login>, StoreError> {
    tx.logins().find_by_digest(digest_of(secret))
}

/// The secrets, of these, by which a login is found.
async fn left_of(store: &Store, secrets: &'static [&'static str]) -> Vec<&'static str> {
    look(store, move |tx| {
        let mut left = Vec::new();
        for &secret in secrets {
            left.extend(login_of_digest(tx, secret)?.map(|_| secret));
        }
        Ok(left)
    })
    .await
}

fn as_inserted(id: LoginId, new: NewLogin) -> Login {
    Login {
        id,
        user: new.user,
        digest: new.digest,
        kind: new.kind,
        created_at: new.created_at,
        last_used_at: new.created_at,
        expires_at: new.expires_at,
    }
}

async fn player(store: &Store) -> UserId {
    write(store, |tx| a_user().named("Player").insert(tx)).await.id
}

async fn a_login_reads_back_with_every_field(store: Store) {
    let player = player(&store).await;
    let browser = write(&store, move |tx| a_device(player, "Firefox on Linux").insert(tx)).await.id;
    let api = LoginKind::Api {
        scopes: ScopeSet::ALL,
        refresh: digest_of("refresh"),
        refresh_expires_at: at(7) + Duration::microseconds(1),
    };
    let news = [
        a_login(player, "bare").build(),
        a_login(player, "browser").on(browser).made(at(-3)).until(at(2)).build(),
        NewLogin { kind: api, ..a_login(player, "api").build() },
        a_login(player, "no scope").refreshed_by("other", at(0)).build(),
    ];
    for new in news {
        let inserted = write(&store, {
            let new = new.clone();
            move |tx| tx.logins().insert(&new)
        })
        .await;
        assert!(inserted.id.0 > 0);
        assert_eq!(inserted, as_inserted(inserted.id, new));
        let digest = inserted.digest;
        assert_eq!(look(&store, move |tx| tx.logins().find_by_digest(digest)).await, Some(inserted));
    }
}

async fn a_login_is_found_by_its_id_and_its_digest_alone(store: Store) {
    let player = player(&store).await;
    let login = write(&store, move |tx| {
        a_login(player, "other").insert(tx)?;
        a_login(player, "access").refreshed_by("refresh", at(9)).insert(tx)
    })
    .await;
    let (by_access, by_refresh) =
        look(&store, |tx| Ok((login_of_digest(tx, "access")?, login_of_digest(tx, "refresh")?))).await;
    assert_eq!((by_access, by_refresh), (Some(login.clone()), None));
    let id = login.id;
    assert_eq!(look(&store, move |tx| tx.logins().find(id)).await, Some(login));
}

async fn an_unknown_login_is_none_or_false(store: Store) {
    let player = player(&store).await;
    let login = write(&store, move |tx| a_login(player, "known").insert(tx)).await;
    let unknown = LoginId(login.id.0 + 1);
    write(&store, move |tx| {
        assert_eq!(tx.logins().find(unknown)?, None);
        assert_eq!(login_of_digest(tx, "unknown")?, None);
        assert_eq!(tx.logins().take_by_refresh(digest_of("unknown"))?, None);
        assert!(!tx.logins().delete(unknown)?);
        tx.logins().touch(unknown, at(1))?;
        tx.logins().delete_of_user(UserId(player.0 + 1), None)
    })
    .await;
    assert_eq!(look(&store, |tx| login_of_digest(tx, "known")).await, Some(login));
}

async fn a_digest_that_is_taken_is_a_conflict(store: Store) {
    let player = player(&store).await;
    write(&store, move |tx| a_login(player, "cookie").insert(tx)).await;
    assert_conflict(attempt(&store, move |tx| a_login(player, "cookie").insert(tx)).await);
}

async fn a_refresh_digest_that_is_taken_is_a_conflict(store: Store) {
    let player = player(&store).await;
    write(&store, move |tx| a_login(player, "one").refreshed_by("refresh", at(9)).insert(tx)).await;
    let second = attempt(&store, move |tx| a_login(player, "two").refreshed_by("refresh", at(9)).insert(tx));
    assert_conflict(second.await);
}

async fn a_login_of_an_unknown_user_is_a_conflict(store: Store) {
    assert_conflict(attempt(&store, |tx| a_login(UserId(1), "cookie").insert(tx)).await);
}

async fn a_refresh_token_takes_its_login_away_once(store: Store) {
    let player = player(&store).await;
    let login = write(&store, move |tx| {
        a_login(player, "other").refreshed_by("another", at(9)).insert(tx)?;
        a_login(player, "access").refreshed_by("refresh", at(9)).insert(tx)
    })
    .await;
    let by_access = write(&store, |tx| tx.logins().take_by_refresh(digest_of("access"))).await;
    let once = write(&store, |tx| tx.logins().take_by_refresh(digest_of("refresh"))).await;
    let twice = write(&store, |tx| tx.logins().take_by_refresh(digest_of("refresh"))).await;
    assert_eq!((by_access, once, twice), (None, Some(login), None));
    assert_eq!(left_of(&store, &["access", "other"]).await, ["other"]);
}

async fn of_16_refreshes_with_one_token_one_gets_the_login(store: Store) {
    let player = player(&store).await;
    let login =
        write(&store, move |tx| a_login(player, "access").refreshed_by("refresh", at(9)).insert(tx)).await;
    let answers = race_writes(&store, 16, |_| {
        |tx: &mut dyn Transaction| tx.logins().take_by_refresh(digest_of("refresh"))
    })
    .await;
    let taken: Vec<Login> = answers.into_iter().flatten().collect();
    assert_eq!(taken, [login]);
}

async fn a_touch_notes_the_use_and_nothing_else(store: Store) {
    let player = player(&store).await;
    let (login, other) = write(&store, move |tx| {
        let login = a_login(player, "cookie").insert(tx)?;
        let other = a_login(player, "other").insert(tx)?;
        tx.logins().touch(login.id, at(5))?;
        Ok((login, other))
    })
    .await;
    let seen = look(&store, |tx| Ok((login_of_digest(tx, "cookie")?, login_of_digest(tx, "other")?))).await;
    assert_eq!(seen, (Some(Login { last_used_at: at(5), ..login }), Some(other)));
}

async fn deleting_a_login_leaves_the_others(store: Store) {
    let player = player(&store).await;
    let login = write(&store, move |tx| {
        a_login(player, "kept").insert(tx)?;
        a_login(player, "gone").insert(tx)
    })
    .await;
    assert!(write(&store, move |tx| tx.logins().delete(login.id)).await);
    assert!(!write(&store, move |tx| tx.logins().delete(login.id)).await);
    assert_eq!(left_of(&store, &["kept", "gone"]).await, ["kept"]);
}

async fn every_login_of_a_user_but_one_is_removed(store: Store) {
    const ALL: [&str; 4] = ["kept", "browser", "program", "guest's"];
    let player = player(&store).await;
    let kept = write(&store, move |tx| {
        let guest = a_user().named("Guest").insert(tx)?;
        a_login(guest.id, "guest's").insert(tx)?;
        a_login(player, "browser").insert(tx)?;
        a_login(player, "program").refreshed_by("refresh", at(9)).insert(tx)?;
        a_login(player, "kept").insert(tx)
    })
    .await;
    write(&store, move |tx| tx.logins().delete_of_user(player, Some(kept.id))).await;
    assert_eq!(left_of(&store, &ALL).await, ["kept", "guest's"]);
    write(&store, move |tx| tx.logins().delete_of_user(player, None)).await;
    assert_eq!(left_of(&store, &ALL).await, ["guest's"]);
}

async fn logins_that_can_neither_be_used_nor_refreshed_are_removed(store: Store) {
    let player = player(&store).await;
    let now = at(1000) + BROWSER_IDLE_LIFE;
    let a_moment = Duration::microseconds(1);
    write(&store, move |tx| {
        let lasting = |secret| a_login(player, secret).made(now).until(now + a_moment);
        lasting("browser in use").insert(tx)?;
        lasting("browser at its end").until(now).insert(tx)?;
        lasting("browser long ended").until(now - a_moment).insert(tx)?;
        lasting("browser idle too long").made(now - BROWSER_IDLE_LIFE).insert(tx)?;
        let idle = lasting("browser idle").made(now - BROWSER_IDLE_LIFE - a_moment).insert(tx)?;
        tx.logins().touch(idle.id, now - BROWSER_IDLE_LIFE + a_moment)?;

        lasting("program idle").made(at(0)).refreshed_by("r1", at(0)).insert(tx)?;
        lasting("program to refresh").until(at(0)).refreshed_by("r2", now + a_moment).insert(tx)?;
        lasting("program at its end").until(now).refreshed_by("r3", now).insert(tx)?;
        lasting("program long ended").until(at(0)).refreshed_by("r4", at(1)).insert(tx)?;
        tx.logins().delete_ended(now)
    })
    .await;
    const ALL: [&str; 9] = [
        "browser in use",
        "browser at its end",
        "browser long ended",
        "browser idle too long",
        "browser idle",
        "program idle",
        "program to refresh",
        "program at its end",
        "program long ended",
    ];
    let left = ["browser in use", "browser idle", "program idle", "program to refresh"];
    assert_eq!(left_of(&store, &ALL).await, left);
}
