//! Rules of [`DeviceRepository`](memcard_domain::ports::DeviceRepository), what goes with a device included.

use memcard_domain::account::{Login, LoginKind};
use memcard_domain::device::{
    BrowserKey, Device, DeviceDetails, Fingerprint, MacAddress, SyncConfig, SyncMode,
};
use memcard_domain::ids::{DeviceId, UserId};
use memcard_domain::ports::{StoreError, Transaction};
use memcard_domain::sync::{Base, Holding, NamedFile, Point};
use serde_json::{Value, json};

use super::store::{assert_conflict, dawdle, only_winner, race_attempts, race_writes};
use super::{Store, attempt, look, suite, write};
use crate::builders::{
    ODD_TEXT, a_device, a_game, a_login, a_play, a_session, a_slot, a_token, a_user, a_version, at,
    digest_of, uuid_of,
};

suite! { $
    /// Hooks the rules of [`DeviceRepository`](memcard_domain::ports::DeviceRepository). Takes an async factory of
    /// `Option<`[`Fresh`](crate::contract::Fresh)`<dyn UnitOfWork>>`.
    device_repository_contract: devices over dyn memcard_domain::ports::UnitOfWork {
        a_device_reads_back_with_every_field,
        every_sync_mode_reads_back,
        settings_read_back_whatever_json_they_hold,
        a_hardware_address_is_kept_as_it_was_sent,
        another_user_s_device_is_none,
        an_unknown_device_is_none_or_false,
        an_identifier_that_the_user_has_already_is_a_conflict,
        two_users_may_have_one_identifier,
        devices_without_identifier_do_not_stand_in_each_other_s_way,
        of_16_devices_with_one_identifier_one_is_inserted,
        an_id_that_is_taken_is_a_conflict,
        a_device_of_an_unknown_user_is_a_conflict,
        devices_are_listed_by_when_they_were_seen_last,
        candidates_match_any_part_of_the_fingerprint,
        a_device_is_found_by_its_identifier,
        a_device_is_found_by_its_browser,
        a_browser_that_the_user_has_already_is_a_conflict,
        two_users_may_have_one_browser,
        a_reserved_id_stays,
        of_32_reservations_all_get_the_same_id,
        an_update_replaces_every_field_but_id_user_and_creation,
        an_update_to_an_identifier_that_is_taken_is_a_conflict,
        a_touch_notes_the_call_and_nothing_else,
        locking_a_device_reads_it_for_its_user_alone,
        transactions_that_lock_the_same_device_follow_one_another,
        deleting_a_device_takes_what_is_known_of_it_along,
        deleting_a_device_leaves_what_it_brought,
        deleting_a_device_leaves_the_browser_logged_in,
        deleting_a_device_leaves_the_others,
        plays_of_deleted_devices_stay_even_when_they_are_alike,
    }
}

async fn player_and_guest(store: &Store) -> (UserId, UserId) {
    write(store, |tx| Ok((a_user().named("Player").insert(tx)?.id, a_user().named("Guest").insert(tx)?.id)))
        .await
}

/// Every member set, to something odd and of the greatest length.
fn full_details() -> DeviceDetails {
    DeviceDetails {
        name: Some(ODD_TEXT.to_owned()),
        platform: Some("é".repeat(50)),
        client: Some("🎮".repeat(50)),
        client_version: Some(" 1.0 ".to_owned()),
        ip_address: Some("2001:db8:ffff:ffff:ffff:ffff:192.168.100.200".to_owned()),
        mac_address: MacAddress::new("AA-bb:CC:00:11:22"),
        hostname: Some("h".repeat(255)),
        sync_mode: SyncMode::PushPull,
        sync_config: Some(SyncConfig::from_store(odd_members())),
    }
}

fn odd_members() -> serde_json::Map<String, Value> {
    let Value::Object(members) = json!({
        "": null,
        "ssh_password": "hunter2",
        "odd": ODD_TEXT,
        "nul": "a\u{0}b",
        "numbers": [0, -1, i64::MIN, u64::MAX, 0.1, 100.0, 1e300],
        "nested": {"deep": [[], {}, [true, false, null]]},
    }) else {
        unreachable!("it is written as an object")
    };
    members
}

fn full_device(user: UserId) -> Device {
    Device {
        details: full_details(),
        client_device_identifier: Some(ODD_TEXT.to_owned()),
        browser: Some(browser(ODD_TEXT)),
        sync_enabled: false,
        hash_contradictions: 7,
        last_seen: at(3),
        created_at: at(1),
        updated_at: at(2),
        ..a_device(user, "full").build()
    }
}

fn browser(key: &str) -> BrowserKey {
    BrowserKey::from_store(key.to_owned())
}

fn bare_device(user: UserId) -> Device {
    Device { details: DeviceDetails::default(), ..a_device(user, "bare").build() }
}

async fn a_device_reads_back_with_every_field(store: Store) {
    let (player, _) = player_and_guest(&store).await;
    let empty = DeviceDetails {
        name: Some(String::new()),
        platform: Some(String::new()),
        hostname: Some(String::new()),
        sync_config: Some(SyncConfig::from_store(serde_json::Map::new())),
        ..DeviceDetails::default()
    };
    let empty = Device { details: empty, ..a_device(player, "empty").identified_by("").build() };
    for device in [full_device(player), bare_device(player), empty] {
        let id = device.id;
        write(&store, {
            let device = device.clone();
            move |tx| tx.devices().insert(&device)
        })
        .await;
        assert_eq!(look(&store, move |tx| tx.devices().find(player, id)).await, Some(device));
    }
}

async fn every_sync_mode_reads_back(store: Store) {
    let (player, _) = player_and_guest(&store).await;
    for mode in SyncMode::ALL {
        let device = write(&store, move |tx| a_device(player, mode.name()).syncing_by(mode).insert(tx)).await;
        let seen = look(&store, move |tx| tx.devices().find(player, device.id)).await.unwrap();
        assert_eq!(seen.details.sync_mode, mode);
    }
}

async fn settings_read_back_whatever_json_they_hold(store: Store) {
    let (player, _) = player_and_guest(&store).await;
    let large = json!({"ssh_private_key": "k".repeat(60 * 1024)}).as_object().unwrap().clone();
    for (name, members) in [("odd", odd_members()), ("large", large)] {
        let config = SyncConfig::from_store(members);
        let device = write(&store, {
            let config = config.clone();
            move |tx| a_device(player, name).with_config(config).insert(tx)
        })
        .await;
        let seen = look(&store, move |tx| tx.devices().find(player, device.id)).await.unwrap();
        // Compared by member, because the settings' own Debug masks secrets.
        assert_eq!(seen.details.sync_config.unwrap().members(), config.members(), "{name}");
    }
}

async fn a_hardware_address_is_kept_as_it_was_sent(store: Store) {
    let (player, _) = player_and_guest(&store).await;
    let device =
        write(&store, move |tx| a_device(player, "a").with_mac("AA-bb:CC:00:11:22").insert(tx)).await;
    let seen = look(&store, move |tx| tx.devices().find(player, device.id)).await.unwrap();
    // Addresses are equal by their normal form, so that `assert_eq!` on devices would not notice.
    assert_eq!(seen.details.mac_address.unwrap().as_str(), "AA-bb:CC:00:11:22");
}

async fn another_user_s_device_is_none(store: Store) {
    let (player, guest) = player_and_guest(&store).await;
    let device = write(&store, move |tx| a_device(player, "handheld").identified_by("card").insert(tx)).await;
    write(&store, move |tx| {
        let devices = tx.devices();
        assert_eq!(devices.find(guest, device.id)?, None);
        assert_eq!(devices.lock(guest, device.id)?, None);
        assert_eq!(devices.list(guest)?, []);
        assert_eq!(devices.find_by_identifier(guest, "card")?, None);
        Ok(())
    })
    .await;
}

async fn an_unknown_device_is_none_or_false(store: Store) {
    let (player, _) = player_and_guest(&store).await;
    let device = write(&store, move |tx| a_device(player, "known").insert(tx)).await;
    let unknown = a_device(player, "unknown").build();
    write(&store, move |tx| {
        let devices = tx.devices();
        assert_eq!(devices.find(player, unknown.id)?, None);
        assert_eq!(devices.lock(player, unknown.id)?, None);
        assert_eq!(devices.find_by_identifier(player, "unknown")?, None);
        assert!(!devices.update(&unknown)?);
        assert!(!devices.delete(unknown.id)?);
        devices.touch(unknown.id, at(9))
    })
    .await;
    assert_eq!(look(&store, move |tx| tx.devices().list(player)).await, [device]);
}

async fn an_identifier_that_the_user_has_already_is_a_conflict(store: Store) {
    let (player, _) = player_and_guest(&store).await;
    write(&store, move |tx| a_device(player, "one").identified_by("card").insert(tx)).await;
    let second = attempt(&store, move |tx| a_device(player, "two").identified_by("card").insert(tx)).await;
    assert_conflict(second);
    // Identifiers are the device's own words: case counts.
    write(&store, move |tx| a_device(player, "three").identified_by("CARD").insert(tx)).await;
}

async fn two_users_may_have_one_identifier(store: Store) {
    let (player, guest) = player_and_guest(&store).await;
    let (players, guests) = write(&store, move |tx| {
        let players = a_device(player, "handheld").identified_by("card").insert(tx)?;
        Ok((players, a_device(guest, "handheld").identified_by("card").insert(tx)?))
    })
    .await;
    let seen = look(&store, move |tx| {
        Ok((
            tx.devices().find_by_identifier(player, "card")?,
            tx.devices().find_by_identifier(guest, "card")?,
        ))
    })
    .await;
    assert_eq!(seen, (Some(players), Some(guests)));
}

async fn devices_without_identifier_do_not_stand_in_each_other_s_way(store: Store) {
    let (player, _) = player_and_guest(&store).await;
    write(&store, move |tx| {
        a_device(player, "one").insert(tx)?;
        a_device(player, "two").insert(tx)
    })
    .await;
    assert_eq!(look(&store, move |tx| tx.devices().list(player)).await.len(), 2);
}

async fn of_16_devices_with_one_identifier_one_is_inserted(store: Store) {
    let (player, _) = player_and_guest(&store).await;
    let answers = race_attempts(&store, 16, |number| {
        let device = a_device(player, &format!("device {number}")).identified_by("card");
        move |tx: &mut dyn Transaction| device.insert(tx)
    })
    .await;
    let device = only_winner(answers);
    assert_eq!(look(&store, move |tx| tx.devices().list(player)).await, [device]);
}

async fn an_id_that_is_taken_is_a_conflict(store: Store) {
    let (player, guest) = player_and_guest(&store).await;
    let device = write(&store, move |tx| a_device(player, "handheld").insert(tx)).await;
    let again = a_device(guest, "another").with_id(device.id);
    assert_conflict(attempt(&store, move |tx| again.insert(tx)).await);
    assert_eq!(look(&store, move |tx| tx.devices().list(player)).await, [device]);
}

async fn a_device_of_an_unknown_user_is_a_conflict(store: Store) {
    assert_conflict(attempt(&store, |tx| a_device(UserId(1), "handheld").insert(tx)).await);
}

async fn devices_are_listed_by_when_they_were_seen_last(store: Store) {
    let (player, guest) = player_and_guest(&store).await;
    let (first, second, third) = write(&store, move |tx| {
        a_device(guest, "guest's").seen(at(9)).insert(tx)?;
        let second = a_device(player, "second").seen(at(2)).insert(tx)?;
        let first = a_device(player, "first").seen(at(3)).insert(tx)?;
        Ok((first, second, a_device(player, "third").seen(at(1)).insert(tx)?))
    })
    .await;
    let devices = look(&store, move |tx| tx.devices().list(player)).await;
    assert_eq!(devices, [first, second, third]);
}

async fn candidates_match_any_part_of_the_fingerprint(store: Store) {
    let (player, guest) = player_and_guest(&store).await;
    write(&store, move |tx| {
        a_device(guest, "guest's").with_mac("aa:bb:cc:00:11:22").with_hostname("deck").insert(tx)?;
        a_device(player, "mac").with_mac("AABBCC001122").seen(at(1)).insert(tx)?;
        a_device(player, "host").with_hostname("deck").seen(at(2)).insert(tx)?;
        a_device(player, "host and platform")
            .with_hostname("deck")
            .on_platform("muOS")
            .seen(at(3))
            .insert(tx)?;
        a_device(player, "address").with_address("10.0.0.5").seen(at(4)).insert(tx)?;
        a_device(player, "address and platform")
            .with_address("10.0.0.5")
            .on_platform("muOS")
            .seen(at(5))
            .insert(tx)?;
        a_device(player, "platform").on_platform("muOS").seen(at(6)).insert(tx)?;
        a_device(player, "bare").seen(at(7)).insert(tx)
    })
    .await;

    let mac = || MacAddress::new("aa-bb-cc-00-11-22");
    let on = |name: &str, platform: Option<&str>| Some((name.to_owned(), platform.map(str::to_owned)));
    let cases = [
        (Fingerprint::default(), vec![]),
        (Fingerprint { mac: mac(), ..Fingerprint::default() }, vec!["mac"]),
        (Fingerprint { mac: MacAddress::new("00:00:00:00:00:00"), ..Fingerprint::default() }, vec![]),
        (Fingerprint { host: on("deck", None), ..Fingerprint::default() }, vec!["host"]),
        (Fingerprint { host: on("DECK", None), ..Fingerprint::default() }, vec![]),
        (Fingerprint { host: on("deck", Some("muOS")), ..Fingerprint::default() }, vec!["host and platform"]),
        (Fingerprint { host: on("deck", Some("")), ..Fingerprint::default() }, vec![]),
        (Fingerprint { address: on("10.0.0.5", None), ..Fingerprint::default() }, vec!["address"]),
        (
            Fingerprint { address: on("10.0.0.5", Some("muOS")), ..Fingerprint::default() },
            vec!["address and platform"],
        ),
        (
            Fingerprint { mac: mac(), host: on("deck", None), address: on("10.0.0.5", Some("muOS")) },
            vec!["address and platform", "host", "mac"],
        ),
    ];
    for (fingerprint, expected) in cases {
        let shown = fingerprint.clone();
        let found = look(&store, move |tx| tx.devices().candidates(player, &shown)).await;
        let names: Vec<&str> = found.iter().filter_map(|device| device.details.name.as_deref()).collect();
        assert_eq!(names, expected, "{fingerprint:?}");
    }
}

async fn a_device_is_found_by_its_identifier(store: Store) {
    let (player, _) = player_and_guest(&store).await;
    let device = write(&store, move |tx| {
        a_device(player, "other").identified_by("other").insert(tx)?;
        a_device(player, "handheld").identified_by(ODD_TEXT).insert(tx)
    })
    .await;
    let seen = look(&store, move |tx| {
        Ok((tx.devices().find_by_identifier(player, ODD_TEXT)?, tx.devices().find_by_identifier(player, "")?))
    })
    .await;
    assert_eq!(seen, (Some(device), None));
}

async fn a_device_is_found_by_its_browser(store: Store) {
    let (player, guest) = player_and_guest(&store).await;
    let device = write(&store, move |tx| {
        a_device(player, "other").browsing_as("other").insert(tx)?;
        a_device(player, "browser").browsing_as(ODD_TEXT).insert(tx)
    })
    .await;
    let seen = look(&store, move |tx| {
        let devices = tx.devices();
        Ok([
            devices.find_by_browser(player, &browser(ODD_TEXT))?,
            devices.find_by_browser(player, &browser(""))?,
            devices.find_by_browser(guest, &browser(ODD_TEXT))?,
        ])
    })
    .await;
    assert_eq!(seen, [Some(device), None, None]);
}

async fn a_browser_that_the_user_has_already_is_a_conflict(store: Store) {
    let (player, _) = player_and_guest(&store).await;
    write(&store, move |tx| a_device(player, "one").browsing_as("browser").insert(tx)).await;
    assert_conflict(
        attempt(&store, move |tx| a_device(player, "two").browsing_as("browser").insert(tx)).await,
    );
    let other = write(&store, move |tx| a_device(player, "three").insert(tx)).await;
    let taking = Device { browser: Some(browser("browser")), ..other };
    assert_conflict(attempt(&store, move |tx| tx.devices().update(&taking)).await);
}

async fn two_users_may_have_one_browser(store: Store) {
    let (player, guest) = player_and_guest(&store).await;
    let devices = write(&store, move |tx| {
        let players = a_device(player, "browser").browsing_as("browser").insert(tx)?;
        Ok([players, a_device(guest, "browser").browsing_as("browser").insert(tx)?])
    })
    .await;
    let seen = look(&store, move |tx| {
        let key = browser("browser");
        Ok([tx.devices().find_by_browser(player, &key)?, tx.devices().find_by_browser(guest, &key)?])
    })
    .await;
    assert_eq!(seen, devices.map(Some));
}

async fn a_reserved_id_stays(store: Store) {
    let (player, guest) = player_and_guest(&store).await;
    let id = |name: &str| DeviceId(uuid_of(name));
    write(&store, move |tx| {
        let devices = tx.devices();
        assert_eq!(devices.reserve_id(player, "card", id("first"))?, id("first"));
        assert_eq!(devices.reserve_id(player, "card", id("second"))?, id("first"));
        assert_eq!(devices.reserve_id(player, "CARD", id("third"))?, id("third"));
        assert_eq!(devices.reserve_id(guest, "card", id("fourth"))?, id("fourth"));
        Ok(())
    })
    .await;
    let again = write(&store, move |tx| tx.devices().reserve_id(player, "card", id("fifth"))).await;
    assert_eq!(again, id("first"), "also in a later transaction");
}

async fn of_32_reservations_all_get_the_same_id(store: Store) {
    let (player, _) = player_and_guest(&store).await;
    let answers = race_writes(&store, 32, |number| {
        let candidate = DeviceId(uuid_of(&format!("candidate {number}")));
        move |tx: &mut dyn Transaction| tx.devices().reserve_id(player, "card", candidate)
    })
    .await;
    assert!(answers.iter().all(|id| *id == answers[0]), "{answers:?}");
}

async fn an_update_replaces_every_field_but_id_user_and_creation(store: Store) {
    let (player, guest) = player_and_guest(&store).await;
    let (bare, other) = write(&store, move |tx| {
        let bare = bare_device(player);
        tx.devices().insert(&bare)?;
        Ok((bare, a_device(player, "other").seen(at(-1)).insert(tx)?))
    })
    .await;
    let update = Device { id: bare.id, user: guest, created_at: at(99), ..full_device(player) };
    let expected = Device { user: player, created_at: bare.created_at, ..update.clone() };
    assert!(write(&store, move |tx| tx.devices().update(&update)).await);
    assert_eq!(look(&store, move |tx| tx.devices().list(player)).await, [expected, other.clone()]);

    let back = bare.clone();
    assert!(write(&store, move |tx| tx.devices().update(&back)).await);
    let devices = look(&store, move |tx| tx.devices().list(player)).await;
    assert_eq!(devices, [bare, other], "what was set is cleared again");
}

async fn an_update_to_an_identifier_that_is_taken_is_a_conflict(store: Store) {
    let (player, _) = player_and_guest(&store).await;
    let device = write(&store, move |tx| {
        a_device(player, "one").identified_by("card").insert(tx)?;
        a_device(player, "two").insert(tx)
    })
    .await;
    let update = Device { client_device_identifier: Some("card".to_owned()), ..device.clone() };
    assert_conflict(attempt(&store, move |tx| tx.devices().update(&update)).await);
    assert_eq!(look(&store, move |tx| tx.devices().find(player, device.id)).await, Some(device));
}

async fn a_touch_notes_the_call_and_nothing_else(store: Store) {
    let (player, _) = player_and_guest(&store).await;
    let (device, other) = write(&store, move |tx| {
        let device = a_device(player, "handheld").insert(tx)?;
        let other = a_device(player, "other").insert(tx)?;
        tx.devices().touch(device.id, at(5))?;
        Ok((device, other))
    })
    .await;
    let devices = look(&store, move |tx| tx.devices().list(player)).await;
    assert_eq!(devices, [Device { last_seen: at(5), ..device }, other]);
}

async fn locking_a_device_reads_it_for_its_user_alone(store: Store) {
    let (player, guest) = player_and_guest(&store).await;
    let device = write(&store, move |tx| a_device(player, "handheld").insert(tx)).await;
    let id = device.id;
    let seen =
        write(&store, move |tx| Ok((tx.devices().lock(player, id)?, tx.devices().lock(guest, id)?))).await;
    assert_eq!(seen, (Some(device), None));
}

async fn transactions_that_lock_the_same_device_follow_one_another(store: Store) {
    let (player, _) = player_and_guest(&store).await;
    let id = write(&store, move |tx| a_device(player, "handheld").insert(tx)).await.id;
    race_writes(&store, 32, |_| {
        move |tx: &mut dyn Transaction| {
            let device = tx.devices().lock(player, id)?.expect("it is there");
            let hash_contradictions = device.hash_contradictions + 1;
            dawdle();
            tx.devices().update(&Device { hash_contradictions, ..device })
        }
    })
    .await;
    let seen = look(&store, move |tx| tx.devices().find(player, id)).await.unwrap();
    assert_eq!(seen.hash_contradictions, 32, "no increment is lost");
}

async fn deleting_a_device_takes_what_is_known_of_it_along(store: Store) {
    let (player, _) = player_and_guest(&store).await;
    let id = DeviceId(uuid_of("handheld"));
    let (slot, row, session) = write(&store, move |tx| {
        a_device(player, "handheld").with_id(id).identified_by("card").insert(tx)?;
        tx.devices().reserve_id(player, "card", id)?;
        a_token(player, "secret").bound_to(id).insert(tx)?;
        let game = a_game().insert(tx)?;
        let slot = a_slot(tx, player, game.id)?;
        let save = a_version(slot.id).from_device(id).append_as_head(tx)?;
        let session = a_session(tx, player, id, at(0))?;
        let point = Point::of(&save.version);
        let holding = Holding::Provisional { point, before: Some(point), session: Some(session.id) };
        tx.bases().put(&[Base { holding: Some(holding), ..Base::new(id, slot.id) }])?;
        tx.bases().note_served(id, save.id, save.version.id)?;
        let named = NamedFile { slot: slot.id, content_hash: None, file_time: at(0), size: 1 };
        tx.sessions().put_named(session.id, &[named])?;
        Ok((slot.id, save.id, session.id))
    })
    .await;

    assert!(write(&store, move |tx| tx.devices().delete(id)).await);
    look(&store, move |tx| {
        assert_eq!(tx.devices().find(player, id)?, None);
        assert_eq!(tx.tokens().list_all()?, []);
        assert_eq!(tx.bases().of_device(id)?, []);
        assert_eq!(tx.bases().of_slots(&[slot])?, []);
        assert_eq!(tx.bases().served(id, row)?, None);
        assert_eq!(tx.sessions().list(player, None, 50)?, []);
        assert_eq!(tx.sessions().active(id)?, []);
        assert_eq!(tx.sessions().named(session, slot)?, None);
        Ok(())
    })
    .await;
    let another = DeviceId(uuid_of("another"));
    let reserved = write(&store, move |tx| tx.devices().reserve_id(player, "card", another)).await;
    assert_eq!(reserved, another, "the reservation is gone");
    assert!(!write(&store, move |tx| tx.devices().delete(id)).await);
}

async fn deleting_a_device_leaves_what_it_brought(store: Store) {
    let (player, _) = player_and_guest(&store).await;
    let (save, play) = write(&store, move |tx| {
        let device = a_device(player, "handheld").insert(tx)?.id;
        let game = a_game().insert(tx)?;
        let slot = a_slot(tx, player, game.id)?;
        let mut save = a_version(slot.id).from_device(device).append_as_head(tx)?;
        let session = a_session(tx, player, device, at(0))?.id;
        let mut play = a_play(player).of(game.id).on(device).reported_with(session).insert(tx)?.unwrap();
        tx.devices().delete(device)?;
        save.version.origin = None;
        play.played.device = None;
        play.played.sync_session = None;
        Ok((save, play))
    })
    .await;
    let version = save.version.id;
    let seen = look(&store, move |tx| {
        Ok((tx.saves().by_version(version)?, tx.plays().list(player, &Default::default())?))
    })
    .await;
    assert_eq!(seen, (Some(save), vec![play]));
}

async fn deleting_a_device_leaves_the_browser_logged_in(store: Store) {
    let (player, _) = player_and_guest(&store).await;
    let login = write(&store, move |tx| {
        let device = a_device(player, "Firefox on Linux").insert(tx)?.id;
        let login = a_login(player, "cookie").on(device).insert(tx)?;
        tx.devices().delete(device)?;
        Ok(login)
    })
    .await;
    let seen = look(&store, |tx| tx.logins().find_by_digest(digest_of("cookie"))).await;
    assert_eq!(seen, Some(Login { kind: LoginKind::Browser { device: None }, ..login }));
}

async fn deleting_a_device_leaves_the_others(store: Store) {
    let (player, guest) = player_and_guest(&store).await;
    let (kept, guests) = write(&store, move |tx| {
        let gone = a_device(player, "gone").insert(tx)?.id;
        let kept = furnished(tx, player, "kept")?;
        let guests = furnished(tx, guest, "guest's")?;
        tx.devices().delete(gone)?;
        Ok((kept, guests))
    })
    .await;
    for (user, device) in [(player, kept), (guest, guests)] {
        let id = device.id;
        look(&store, move |tx| {
            assert_eq!(tx.devices().list(user)?, [device]);
            assert_eq!(tx.tokens().list_of_user(user)?.len(), 1);
            assert_eq!(tx.bases().of_device(id)?.len(), 1);
            assert_eq!(tx.sessions().active(id)?.len(), 1);
            Ok(())
        })
        .await;
    }
}

/// A device with a token, a base and a session.
fn furnished(tx: &mut dyn Transaction, user: UserId, name: &str) -> Result<Device, StoreError> {
    let device = a_device(user, name).insert(tx)?;
    a_token(user, name).bound_to(device.id).insert(tx)?;
    let game = a_game().insert(tx)?;
    let slot = a_slot(tx, user, game.id)?;
    tx.bases().put(&[Base::new(device.id, slot.id)])?;
    a_session(tx, user, device.id, at(0))?;
    Ok(device)
}

async fn plays_of_deleted_devices_stay_even_when_they_are_alike(store: Store) {
    let (player, _) = player_and_guest(&store).await;
    write(&store, move |tx| {
        for name in ["one", "two"] {
            let device = a_device(player, name).insert(tx)?.id;
            a_play(player).on(device).insert(tx)?;
        }
        a_play(player).insert(tx)?;
        for device in tx.devices().list(player)? {
            assert!(tx.devices().delete(device.id)?);
        }
        Ok(())
    })
    .await;
    let plays = look(&store, move |tx| tx.plays().list(player, &Default::default())).await;
    assert_eq!(plays.len(), 3);
    assert!(plays.iter().all(|play| play.played.device.is_none()));
}
