//! Rules of [`SaveRepository`](memcard_domain::ports::SaveRepository).

mod appending;
mod changes;
mod in_place;
mod reading;
mod slots;
mod states;

use memcard_domain::ids::{DeviceId, GameId, SlotId, UserId, VersionId};
use memcard_domain::ports::{StoreError, Transaction};
use memcard_domain::save::{NewVersion, Save, SlotKey, Version, Visibility};

use self::appending::*;
use self::changes::*;
use self::in_place::*;
use self::reading::*;
use self::slots::*;
use self::states::*;
use super::{Store, look, suite, write};
use crate::builders::{VersionBuilder, a_device, a_game, a_slot_key, a_user};

suite! { $
    /// Hooks the rules of [`SaveRepository`](memcard_domain::ports::SaveRepository). Takes an async factory of
    /// `Option<`[`Fresh`](crate::contract::Fresh)`<dyn UnitOfWork>>`.
    save_repository_contract: saves over dyn memcard_domain::ports::UnitOfWork {
        a_slot_is_opened_once_and_stays,
        slots_are_told_apart_by_every_part_of_their_key,
        of_32_that_open_a_slot_all_get_the_same,
        a_slot_of_an_unknown_user_or_game_is_a_conflict,
        a_slot_that_nobody_opened_is_none,
        a_thousand_slots_are_opened_at_once_and_those_there_are_stay,
        named_slots_come_with_their_heads_the_empty_ones_too,
        an_appended_version_reads_back_with_every_field,
        an_appended_version_gets_a_visible_row_and_moves_no_head,
        every_kind_standing_and_visibility_reads_back,
        every_fill_reads_back,
        a_place_that_is_taken_is_a_conflict,
        of_64_that_append_at_one_place_one_succeeds,
        two_slots_have_orders_of_their_own,
        a_version_of_an_unknown_slot_device_or_parent_is_a_conflict,
        the_last_order_counts_forks_and_deleted_versions,
        the_latest_instant_is_that_of_the_user_and_game_in_every_slot,
        transactions_that_lock_the_same_game_follow_one_another,
        transactions_that_lock_several_games_follow_one_another_whatever_their_order,
        a_version_appended_in_place_takes_over_the_row,
        the_replaced_version_gets_a_row_of_its_own_that_nobody_else_may_fetch,
        each_version_is_named_by_exactly_one_row_however_often_a_row_moves,
        appending_in_place_at_a_place_that_is_taken_is_a_conflict_and_moves_nothing,
        a_row_that_is_not_there_takes_no_version,
        versions_are_found_alone_and_1000_at_once,
        a_row_is_found_by_its_owner_whatever_its_state,
        rows_are_found_1000_at_once,
        a_public_row_is_found_unless_it_is_deleted_or_a_fork,
        a_history_holds_all_versions_newest_first,
        histories_are_read_1000_at_once,
        the_same_bytes_are_found_within_their_slot_newest_first,
        content_hashes_are_found_in_every_slot_of_the_user_1000_at_once,
        saves_are_listed_by_the_filter_greatest_updated_at_first,
        a_game_s_history_holds_the_versions_of_every_slot_greatest_updated_at_first,
        a_head_is_moved_and_taken_away,
        a_head_settles_on_the_newest_visible_row_that_is_no_fork,
        many_heads_settle_at_once_and_no_others,
        slots_are_found_1000_at_once,
        a_slot_s_tracking_changes_alone,
        a_row_s_visibility_and_publicity_change_alone,
        a_version_s_standing_and_notice_change_alone,
        a_version_s_pin_and_label_change_alone,
        many_rows_and_versions_change_at_once,
        changes_to_what_is_not_there_are_no_error,
        a_row_is_found_as_what_it_is_a_state_or_a_save,
        a_public_state_is_found_unless_it_is_deleted,
        states_are_listed_by_the_filter_greatest_updated_at_first,
        lists_of_saves_and_named_slots_hold_no_state,
    }
}

/// Player and Guest, two games, Player's handheld, and Player's slot `autosave` of the first game.
#[derive(Debug, Clone, Copy)]
struct Story {
    player: UserId,
    guest: UserId,
    game: GameId,
    other_game: GameId,
    handheld: DeviceId,
    slot: SlotId,
}

async fn story(store: &Store) -> Story {
    write(store, |tx| {
        let player = a_user().named("Player").insert(tx)?.id;
        let game = a_game().named("one").insert(tx)?.id;
        Ok(Story {
            player,
            guest: a_user().named("Guest").insert(tx)?.id,
            game,
            other_game: a_game().named("two").on("gbc").insert(tx)?.id,
            handheld: a_device(player, "handheld").insert(tx)?.id,
            slot: open(tx, player, game, "autosave")?,
        })
    })
    .await
}

fn open(tx: &mut dyn Transaction, user: UserId, game: GameId, name: &str) -> Result<SlotId, StoreError> {
    Ok(tx.saves().open_slot(&a_slot_key(user, game, name))?.id)
}

async fn append(store: &Store, version: VersionBuilder) -> Save {
    write(store, move |tx| version.append(tx)).await
}

async fn by_version(store: &Store, version: VersionId) -> Option<Save> {
    look(store, move |tx| tx.saves().by_version(version)).await
}

async fn history(store: &Store, slot: SlotId) -> Vec<Save> {
    look(store, move |tx| tx.saves().history(slot)).await
}

fn orders(saves: &[Save]) -> Vec<i32> {
    saves.iter().map(|save| save.version.order.0).collect()
}

/// Hides, deletes or shows a row.
fn show_as(tx: &mut dyn Transaction, save: &Save, visibility: Visibility) -> Result<(), StoreError> {
    tx.saves().set_visibility(&[save.id], visibility)
}

/// What a version and its row are when they are new.
fn as_appended(save: &Save, key: SlotKey, new: NewVersion) -> Save {
    Save {
        id: save.id,
        key,
        file_name: new.file_name,
        emulator: new.emulator,
        visibility: Visibility::Visible,
        is_public: false,
        created_at: new.updated_at,
        version: Version {
            id: save.version.id,
            slot: new.slot,
            order: new.order,
            content: new.content,
            origin: new.origin,
            parent: new.parent,
            kind: new.kind,
            standing: new.standing,
            set_aside: None,
            held: true,
            pinned: false,
            label: None,
            updated_at: new.updated_at,
            screenshot: None,
        },
    }
}
