//! Rules of [`UserRepository`](memcard_domain::ports::UserRepository).

use memcard_domain::account::{NewUser, PasswordHash, Role, User, Username};
use memcard_domain::catalogue::GameProps;
use memcard_domain::ids::{DeviceId, GameId, SaveId, ScreenshotId, SessionId, SlotId, UserId, VersionId};
use memcard_domain::play::PlayFilter;
use memcard_domain::ports::{StoreError, Transaction};
use memcard_domain::save::SaveFilter;
use memcard_domain::sync::{Base, Holding, NamedFile, Point};

use super::store::{assert_conflict, dawdle, only_winner, race_attempts, race_writes};
use super::{Store, attempt, look, suite, write};
use crate::builders::{
    ODD_TEXT, a_device, a_game, a_login, a_play, a_screenshot, a_session, a_slot, a_slot_key, a_token,
    a_user, a_version, at, digest_of,
};

suite! { $
    /// Hooks the rules of [`UserRepository`](memcard_domain::ports::UserRepository). Takes an async factory of
    /// `Option<`[`Fresh`](crate::contract::Fresh)`<dyn UnitOfWork>>`.
    user_repository_contract: users over dyn memcard_domain::ports::UnitOfWork {
        a_new_user_reads_back_with_every_field,
        every_role_reads_back,
        a_name_of_255_letters_reads_back,
        a_user_is_found_by_the_key_of_the_name,
        an_unknown_user_is_none_or_false,
        a_name_that_is_taken_in_another_case_is_a_conflict,
        a_name_that_is_taken_beyond_ascii_is_a_conflict,
        users_are_listed_by_id_and_counted,
        the_first_user_is_inserted_only_where_there_is_none,
        of_32_first_users_one_is_inserted,
        of_16_users_with_one_name_one_is_inserted,
        an_update_replaces_every_field_but_id_and_creation,
        an_update_may_change_the_case_of_the_own_name,
        an_update_to_a_name_that_is_taken_is_a_conflict,
        transactions_that_lock_the_same_user_follow_one_another,
        the_enabled_administrators_are_locked,
        of_8_administrators_that_go_unless_they_are_the_last_one_stays,
        deleting_a_user_leaves_the_others,
        deleting_a_user_removes_everything_that_is_theirs_and_nothing_else,
    }
}

fn odd_user() -> NewUser {
    a_user()
        .named("Plåyer 🎮 'O\\Neil%_")
        .reached_at(ODD_TEXT)
        .as_admin()
        .with_password(PasswordHash("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned()))
        .build()
}

fn as_inserted(id: UserId, new: NewUser) -> User {
    User {
        id,
        username: new.username,
        email: new.email,
        role: new.role,
        enabled: true,
        password: new.password,
        last_login_at: None,
        last_active_at: None,
        created_at: new.created_at,
        updated_at: new.created_at,
    }
}

async fn a_new_user_reads_back_with_every_field(store: Store) {
    for new in [odd_user(), a_user().build(), a_user().named("no mail").reached_at("").build()] {
        let inserted = write(&store, {
            let new = new.clone();
            move |tx| tx.users().insert(&new)
        })
        .await;
        assert!(inserted.id.0 > 0);
        assert_eq!(inserted, as_inserted(inserted.id, new));
        assert_eq!(look(&store, move |tx| tx.users().find(inserted.id)).await, Some(inserted));
    }
}

async fn every_role_reads_back(store: Store) {
    for role in [Role::User, Role::Editor, Role::Admin] {
        let inserted = write(&store, move |tx| a_user().named(role.name()).with_role(role).insert(tx)).await;
        let seen = look(&store, move |tx| tx.users().find(inserted.id)).await.unwrap();
        assert_eq!(seen.role, role);
    }
}

async fn a_name_of_255_letters_reads_back(store: Store) {
    let name = "é".repeat(255);
    let inserted = write(&store, {
        let name = name.clone();
        move |tx| a_user().named(&name).insert(tx)
    })
    .await;
    assert_eq!(inserted.username.as_str(), name);
}

async fn a_user_is_found_by_the_key_of_the_name(store: Store) {
    let player = write(&store, |tx| a_user().named("PLÅYER").insert(tx)).await;
    let (by_key, by_name, by_part) = look(&store, |tx| {
        let users = tx.users();
        Ok((users.find_by_name("plåyer")?, users.find_by_name("PLÅYER")?, users.find_by_name("plåy")?))
    })
    .await;
    assert_eq!(by_key, Some(player));
    assert_eq!((by_name, by_part), (None, None), "only the key finds");
}

async fn an_unknown_user_is_none_or_false(store: Store) {
    let player = write(&store, |tx| a_user().named("Player").insert(tx)).await;
    let nobody =
        User { id: UserId(player.id.0 + 1), username: Username::new("Nobody").unwrap(), ..player.clone() };
    write(&store, move |tx| {
        let users = tx.users();
        assert_eq!(users.find(nobody.id)?, None);
        assert_eq!(users.find_by_name("nobody")?, None);
        assert!(!users.lock(nobody.id)?);
        assert!(!users.update(&nobody)?);
        assert!(!users.delete(nobody.id)?);
        Ok(())
    })
    .await;
    assert_eq!(look(&store, |tx| tx.users().list()).await, [player]);
}

async fn a_name_that_is_taken_in_another_case_is_a_conflict(store: Store) {
    write(&store, |tx| a_user().named("Player").insert(tx)).await;
    assert_conflict(attempt(&store, |tx| a_user().named("pLAYER").insert(tx)).await);
    assert_eq!(look(&store, |tx| tx.users().count()).await, 1);
}

async fn a_name_that_is_taken_beyond_ascii_is_a_conflict(store: Store) {
    write(&store, |tx| a_user().named("Plåyer").insert(tx)).await;
    assert_conflict(attempt(&store, |tx| a_user().named("PLÅYER").insert(tx)).await);
}

async fn users_are_listed_by_id_and_counted(store: Store) {
    assert_eq!(look(&store, |tx| tx.users().count()).await, 0);
    let mut users = Vec::new();
    for name in ["Visitor", "Player", "Admin"] {
        users.push(write(&store, move |tx| a_user().named(name).insert(tx)).await);
    }
    users.sort_by_key(|user| user.id);
    let (listed, count) = look(&store, |tx| Ok((tx.users().list()?, tx.users().count()?))).await;
    assert_eq!(listed, users);
    assert_eq!(count, 3);
}

async fn the_first_user_is_inserted_only_where_there_is_none(store: Store) {
    let first = write(&store, |tx| tx.users().insert_first(&odd_user())).await.expect("nobody is there");
    assert_eq!(first, as_inserted(first.id, odd_user()));
    let second = write(&store, |tx| tx.users().insert_first(&a_user().named("Guest").build())).await;
    assert_eq!(second, None);
    assert_eq!(look(&store, |tx| tx.users().list()).await, [first]);
}

async fn of_32_first_users_one_is_inserted(store: Store) {
    let answers = race_writes(&store, 32, |number| {
        let user = a_user().named(&format!("user {number}")).build();
        move |tx: &mut dyn Transaction| tx.users().insert_first(&user)
    })
    .await;
    let inserted: Vec<User> = answers.into_iter().flatten().collect();
    assert_eq!(inserted.len(), 1);
    assert_eq!(look(&store, |tx| tx.users().list()).await, inserted);
}

async fn of_16_users_with_one_name_one_is_inserted(store: Store) {
    let answers =
        race_attempts(&store, 16, |_| |tx: &mut dyn Transaction| a_user().named("Player").insert(tx)).await;
    let player = only_winner(answers);
    assert_eq!(look(&store, |tx| tx.users().list()).await, [player]);
}

async fn an_update_replaces_every_field_but_id_and_creation(store: Store) {
    let (player, guest) =
        write(&store, |tx| Ok((a_user().named("Player").insert(tx)?, a_user().named("Guest").insert(tx)?)))
            .await;
    let update = User {
        id: player.id,
        username: Username::new("Plåyer 🎮").unwrap(),
        email: Some(ODD_TEXT.to_owned()),
        role: Role::Editor,
        enabled: false,
        password: PasswordHash("$another".to_owned()),
        last_login_at: Some(at(1)),
        last_active_at: Some(at(2)),
        created_at: at(99),
        updated_at: at(3),
    };
    let expected = User { created_at: player.created_at, ..update.clone() };
    assert!(write(&store, move |tx| tx.users().update(&update)).await);
    assert_eq!(look(&store, |tx| tx.users().list()).await, [expected.clone(), guest.clone()]);
    let (by_old, by_new) =
        look(&store, |tx| Ok((tx.users().find_by_name("player")?, tx.users().find_by_name("plåyer 🎮")?)))
            .await;
    assert_eq!((by_old, by_new), (None, Some(expected)));

    let back = player.clone();
    assert!(write(&store, move |tx| tx.users().update(&back)).await);
    assert_eq!(look(&store, |tx| tx.users().list()).await, [player, guest], "what was set is cleared again");
}

async fn an_update_may_change_the_case_of_the_own_name(store: Store) {
    let player = write(&store, |tx| a_user().named("Player").insert(tx)).await;
    let update = User { username: Username::new("PLAYER").unwrap(), ..player };
    let expected = update.clone();
    assert!(write(&store, move |tx| tx.users().update(&update)).await);
    assert_eq!(look(&store, |tx| tx.users().find_by_name("player")).await, Some(expected));
}

async fn an_update_to_a_name_that_is_taken_is_a_conflict(store: Store) {
    let guest = write(&store, |tx| {
        a_user().named("Player").insert(tx)?;
        a_user().named("Guest").insert(tx)
    })
    .await;
    let update = User { username: Username::new("PLAYER").unwrap(), ..guest.clone() };
    assert_conflict(attempt(&store, move |tx| tx.users().update(&update)).await);
    assert_eq!(look(&store, move |tx| tx.users().find(guest.id)).await, Some(guest));
}

async fn transactions_that_lock_the_same_user_follow_one_another(store: Store) {
    let player = write(&store, |tx| a_user().reached_at("0").insert(tx)).await.id;
    race_writes(&store, 32, |_| {
        move |tx: &mut dyn Transaction| {
            assert!(tx.users().lock(player)?);
            let user = tx.users().find(player)?.expect("Player is there");
            let counted: u32 = user.email.as_deref().unwrap().parse().unwrap();
            dawdle();
            tx.users().update(&User { email: Some((counted + 1).to_string()), ..user })
        }
    })
    .await;
    let seen = look(&store, move |tx| tx.users().find(player)).await.unwrap();
    assert_eq!(seen.email.as_deref(), Some("32"), "no increment is lost");
}

async fn the_enabled_administrators_are_locked(store: Store) {
    assert_eq!(write(&store, |tx| tx.users().lock_admins()).await, []);
    let admins = write(&store, |tx| {
        let first = a_user().named("first").as_admin().insert(tx)?.id;
        a_user().named("editor").with_role(Role::Editor).insert(tx)?;
        let disabled = a_user().named("disabled").as_admin().insert(tx)?;
        tx.users().update(&User { enabled: false, ..disabled })?;
        a_user().named("player").insert(tx)?;
        Ok([first, a_user().named("second").as_admin().insert(tx)?.id])
    })
    .await;
    assert_eq!(write(&store, |tx| tx.users().lock_admins()).await, admins);
}

async fn of_8_administrators_that_go_unless_they_are_the_last_one_stays(store: Store) {
    let admins: Vec<User> = write(&store, |tx| {
        (0..8).map(|number| a_user().named(&format!("admin {number}")).as_admin().insert(tx)).collect()
    })
    .await;
    race_writes(&store, 8, |number| {
        let admin = admins[number].clone();
        move |tx: &mut dyn Transaction| {
            if tx.users().lock_admins()? == [admin.id] {
                return Ok(());
            }
            dawdle();
            tx.users().update(&User { enabled: false, ..admin }).map(drop)
        }
    })
    .await;
    assert_eq!(write(&store, |tx| tx.users().lock_admins()).await.len(), 1);
}

async fn deleting_a_user_leaves_the_others(store: Store) {
    let (player, guest) =
        write(&store, |tx| Ok((a_user().named("Player").insert(tx)?, a_user().named("Guest").insert(tx)?)))
            .await;
    assert!(write(&store, move |tx| tx.users().delete(player.id)).await);
    let (listed, found, by_name) = look(&store, move |tx| {
        Ok((tx.users().list()?, tx.users().find(player.id)?, tx.users().find_by_name("player")?))
    })
    .await;
    assert_eq!((listed, found, by_name), (vec![guest], None, None));
    write(&store, |tx| a_user().named("Player").insert(tx)).await;
}

/// Someone with a row in every table that a user can have rows in.
#[derive(Debug, Clone, Copy)]
struct Furnished {
    name: &'static str,
    user: UserId,
    device: DeviceId,
    game: GameId,
    slot: SlotId,
    row: SaveId,
    version: VersionId,
    session: SessionId,
    screenshots: [ScreenshotId; 2],
}

fn furnish(tx: &mut dyn Transaction, name: &'static str) -> Result<Furnished, StoreError> {
    let user = a_user().named(name).insert(tx)?.id;
    let device = a_device(user, "handheld").identified_by("card").insert(tx)?.id;
    tx.devices().reserve_id(user, "card", device)?;
    a_login(user, &format!("{name}'s cookie")).on(device).insert(tx)?;
    a_token(user, &format!("{name}'s token")).bound_to(device).insert(tx)?;
    let game = a_game().insert(tx)?.id;
    let props = GameProps { last_played: Some(at(1)), ..GameProps::default() };
    tx.catalogue().put_props(user, &[(game, props)])?;
    let slot = a_slot(tx, user, game)?.id;
    let first = a_version(slot).from_device(device).append(tx)?.version;
    let save = a_version(slot).from_device(device).derived_from(first.id).append_as_head(tx)?;
    tx.saves().set_public(save.id, true)?;
    let session = a_session(tx, user, device, at(0))?.id;
    let (point, before) = (Point::of(&save.version), Some(Point::of(&first)));
    let holding = Holding::Provisional { point, before, session: Some(session) };
    tx.bases().put(&[Base { holding: Some(holding), ..Base::new(device, slot) }])?;
    tx.bases().note_served(device, save.id, save.version.id)?;
    let named = NamedFile { slot, content_hash: None, file_time: at(0), size: 1 };
    tx.sessions().put_named(session, &[named])?;
    a_play(user).of(game).on(device).reported_with(session).insert(tx)?;
    let alone = a_screenshot(user, game).insert(tx)?.id;
    let screenshots = [a_screenshot(user, game).of(save.version.id).insert(tx)?.id, alone];
    let (row, version) = (save.id, save.version.id);
    Ok(Furnished { name, user, device, game, slot, row, version, session, screenshots })
}

/// What of it is still there, by name.
fn left(tx: &mut dyn Transaction, of: Furnished) -> Result<Vec<&'static str>, StoreError> {
    let Furnished { name, user, device, game, slot, row, version, session, screenshots } = of;
    let saves = SaveFilter { user, game: None, platform: None, slot: None };
    let found = [
        ("user", tx.users().find(user)?.is_some()),
        ("login", tx.logins().find_by_digest(digest_of(&format!("{name}'s cookie")))?.is_some()),
        ("token", tx.tokens().find_by_digest(digest_of(&format!("{name}'s token")))?.is_some()),
        ("device", tx.devices().find(user, device)?.is_some()),
        ("device by identifier", tx.devices().find_by_identifier(user, "card")?.is_some()),
        ("props", !tx.catalogue().props(user, &[game])?.is_empty()),
        ("slot", tx.saves().slot(&a_slot_key(user, game, "autosave"))?.is_some()),
        ("named slot", !tx.saves().named_slots(user)?.is_empty()),
        ("save", tx.saves().by_id(user, row)?.is_some()),
        ("public save", tx.saves().public_by_id(row)?.is_some()),
        ("version", tx.saves().by_version(version)?.is_some()),
        ("list of saves", !tx.saves().list(&saves)?.is_empty()),
        ("history", tx.saves().history(slot)?.len() == 2),
        ("base", tx.bases().find(device, slot)?.is_some()),
        ("served version", tx.bases().served(device, row)?.is_some()),
        ("session", tx.sessions().find(user, session)?.is_some()),
        ("named file", tx.sessions().named(session, slot)?.is_some()),
        ("screenshot", tx.screenshots().find(screenshots[0])?.is_some()),
        ("screenshot that stands alone", tx.screenshots().find(screenshots[1])?.is_some()),
        ("play session", !tx.plays().list(user, &PlayFilter::default())?.is_empty()),
    ];
    Ok(found.into_iter().filter(|(_, is_there)| *is_there).map(|(what, _)| what).collect())
}

async fn deleting_a_user_removes_everything_that_is_theirs_and_nothing_else(store: Store) {
    let (player, guest) = write(&store, |tx| Ok((furnish(tx, "Player")?, furnish(tx, "Guest")?))).await;
    let everything = look(&store, move |tx| left(tx, player)).await;
    assert_eq!(everything.len(), 20, "{everything:?}");
    assert!(write(&store, move |tx| tx.users().delete(player.user)).await);
    let (of_player, of_guest) = look(&store, move |tx| Ok((left(tx, player)?, left(tx, guest)?))).await;
    assert_eq!(of_player, [""; 0]);
    assert_eq!(of_guest, everything);
    assert!(
        look(&store, move |tx| tx.catalogue().game(player.game)).await.is_some(),
        "games are everybody's"
    );
}
