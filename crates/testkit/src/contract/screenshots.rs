//! Rules of [`ScreenshotRepository`](memcard_domain::ports::ScreenshotRepository).

use chrono::Duration;
use memcard_domain::ids::{GameId, ScreenshotId, SlotId, UserId, VersionId};
use memcard_domain::ports::Transaction;
use memcard_domain::save::{Digest, FileName, Save, SaveFilter};
use memcard_domain::screenshot::{ImageKind, NewScreenshot, Picture, Screenshot};

use super::store::{assert_conflict, race_writes};
use super::{Store, attempt, look, suite, write};
use crate::builders::{ODD_TEXT, ScreenshotBuilder, a_game, a_screenshot, a_slot, a_user, a_version, at};

suite! { $
    /// Hooks the rules of [`ScreenshotRepository`](memcard_domain::ports::ScreenshotRepository). Takes an async factory
    /// of `Option<`[`Fresh`](crate::contract::Fresh)`<dyn UnitOfWork>>`.
    screenshot_repository_contract: screenshots over dyn memcard_domain::ports::UnitOfWork {
        a_screenshot_reads_back_with_every_field,
        a_screenshot_of_an_unknown_user_game_or_version_is_a_conflict,
        a_version_is_read_with_its_newest_screenshot_wherever_it_is_read,
        a_screenshot_that_was_replaced_stays_under_its_id,
        a_version_appended_in_place_has_no_screenshot_and_the_replaced_one_keeps_its_own,
        of_32_screenshots_of_one_version_the_last_is_its,
    }
}

#[derive(Debug, Clone, Copy)]
struct Story {
    player: UserId,
    game: GameId,
    slot: SlotId,
}

async fn story(store: &Store) -> Story {
    write(store, |tx| {
        let player = a_user().named("Player").insert(tx)?.id;
        let game = a_game().insert(tx)?.id;
        Ok(Story { player, game, slot: a_slot(tx, player, game)?.id })
    })
    .await
}

async fn insert(store: &Store, screenshot: ScreenshotBuilder) -> Screenshot {
    write(store, move |tx| screenshot.insert(tx)).await
}

async fn find(store: &Store, id: ScreenshotId) -> Option<Screenshot> {
    look(store, move |tx| tx.screenshots().find(id)).await
}

async fn a_save(store: &Store, slot: SlotId) -> Save {
    write(store, move |tx| a_version(slot).append_as_head(tx)).await
}

async fn screenshot_of(store: &Store, version: VersionId) -> Option<Screenshot> {
    let save = look(store, move |tx| tx.saves().by_version(version)).await;
    save.expect("it is there").version.screenshot
}

async fn a_screenshot_reads_back_with_every_field(store: Store) {
    let Story { player, game, slot } = story(&store).await;
    let version = a_save(&store, slot).await.version.id;
    let kinds = ImageKind::ALL.into_iter().map(Some).chain([None]);
    let long = "é".repeat(127);
    let pictures = kinds.zip([ODD_TEXT, "a", "b.jpg", ".png", "c.d.gif", &long]);
    for (index, (kind, name)) in pictures.enumerate() {
        let picture = Picture {
            file_name: FileName::new(name).unwrap(),
            digest: Digest([0xF0 + index as u8; 32]),
            size: (1 << 40) + index as u64,
            kind,
        };
        for version in [None, Some(version)] {
            let new = NewScreenshot {
                version,
                created_at: at(3) + Duration::microseconds(1),
                ..a_screenshot(player, game).with_picture(picture.clone()).build()
            };
            let inserted = write(&store, move |tx| tx.screenshots().insert(&new)).await;
            let expected = Screenshot {
                id: inserted.id,
                user: player,
                game,
                version,
                picture: picture.clone(),
                created_at: at(3) + Duration::microseconds(1),
            };
            assert!(inserted.id.0 > 0);
            assert_eq!(inserted, expected);
            assert_eq!(find(&store, inserted.id).await, Some(expected));
        }
    }
    assert_eq!(find(&store, ScreenshotId(i32::MAX)).await, None);
}

async fn a_screenshot_of_an_unknown_user_game_or_version_is_a_conflict(store: Store) {
    let Story { player, game, slot } = story(&store).await;
    let version = a_save(&store, slot).await.version.id;
    for screenshot in [
        a_screenshot(UserId(player.0 + 1), game),
        a_screenshot(player, GameId(game.0 + 1)),
        a_screenshot(player, game).of(VersionId(version.0 + 1)),
    ] {
        assert_conflict(attempt(&store, move |tx| screenshot.insert(tx)).await);
    }
    assert_eq!(screenshot_of(&store, version).await, None);
}

async fn a_version_is_read_with_its_newest_screenshot_wherever_it_is_read(store: Store) {
    let Story { player, game, slot } = story(&store).await;
    let save = a_save(&store, slot).await;
    let other = a_save(&store, slot).await;
    let (version, row, content) = (save.version.id, save.id, save.version.content);
    insert(&store, a_screenshot(player, game)).await;
    insert(&store, a_screenshot(player, game).of(version).of_bytes(b"older")).await;
    let newest = insert(&store, a_screenshot(player, game).of(version).of_bytes(b"newer")).await;
    let of_other = insert(&store, a_screenshot(player, game).of(other.version.id)).await;

    let all = SaveFilter { user: player, game: None, platform: None, slot: None };
    let read = look(&store, move |tx| {
        let saves = tx.saves();
        let hashes = [content.content_hash.expect("it has one")];
        Ok([
            saves.by_version(version)?.into_iter().collect(),
            saves.by_versions(&[version])?,
            saves.by_id(player, row)?.into_iter().collect(),
            saves.by_ids(player, &[row])?,
            saves.history(slot)?,
            saves.histories(&[slot])?,
            saves.by_digest(slot, content.digest)?,
            saves.by_content_hashes(player, &hashes)?,
            saves.list(&all)?,
        ])
    })
    .await;
    for saves in read {
        let of_save: Vec<_> = saves.into_iter().filter(|read| read.id == row).collect();
        assert_eq!(of_save.len(), 1, "each save is read once");
        assert_eq!(of_save[0].version.screenshot, Some(newest.clone()));
    }
    let head = look(&store, move |tx| Ok(tx.saves().named_slots(player)?.remove(0).1)).await;
    assert_eq!(head.expect("it is there").version.screenshot, Some(of_other));
}

async fn a_screenshot_that_was_replaced_stays_under_its_id(store: Store) {
    let Story { player, game, slot } = story(&store).await;
    let version = a_save(&store, slot).await.version.id;
    let older = insert(&store, a_screenshot(player, game).of(version).of_bytes(b"older")).await;
    let newer = insert(&store, a_screenshot(player, game).of(version).of_bytes(b"newer")).await;
    assert_ne!(older.id, newer.id);
    assert_eq!(find(&store, older.id).await, Some(older));
    assert_eq!(screenshot_of(&store, version).await, Some(newer));
}

async fn a_version_appended_in_place_has_no_screenshot_and_the_replaced_one_keeps_its_own(store: Store) {
    let Story { player, game, slot } = story(&store).await;
    let before = a_save(&store, slot).await;
    let picture = insert(&store, a_screenshot(player, game).of(before.version.id)).await;
    let row = before.id;
    let after = write(&store, move |tx| a_version(slot).append_in_place(tx, row)).await;
    assert_eq!(after.version.screenshot, None);
    assert_eq!(screenshot_of(&store, after.version.id).await, None);
    assert_eq!(screenshot_of(&store, before.version.id).await, Some(picture));
}

async fn of_32_screenshots_of_one_version_the_last_is_its(store: Store) {
    let Story { player, game, slot } = story(&store).await;
    let version = a_save(&store, slot).await.version.id;
    let inserted = race_writes(&store, 32, |number| {
        let picture = a_screenshot(player, game).of(version).of_bytes(format!("racer {number}").as_bytes());
        move |tx: &mut dyn Transaction| {
            tx.saves().lock_game(player, game)?;
            picture.insert(tx)
        }
    })
    .await;
    let last = inserted.into_iter().max_by_key(|screenshot| screenshot.id);
    assert_eq!(screenshot_of(&store, version).await, last);
}
