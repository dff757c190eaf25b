//! The tables as both databases have them, written by hand because no tool prints one schema for two databases. A test
//! compares it with freshly migrated ones.
//!
//! What the tables are for, and their keys and checks, stands in the migrations.

diesel::table! {
    use crate::types::sql::*;

    users (id) {
        id -> Integer,
        username -> Text,
        username_key -> Text,
        email -> Nullable<Text>,
        role -> Text,
        enabled -> Bool,
        password_hash -> Text,
        last_login_at -> Nullable<Instant>,
        last_active_at -> Nullable<Instant>,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use crate::types::sql::*;

    devices (id) {
        id -> UuidBytes,
        user_id -> Integer,
        name -> Nullable<Text>,
        platform -> Nullable<Text>,
        client -> Nullable<Text>,
        client_version -> Nullable<Text>,
        ip_address -> Nullable<Text>,
        mac_address -> Nullable<Text>,
        mac_normal -> Nullable<Text>,
        hostname -> Nullable<Text>,
        sync_mode -> Text,
        sync_config -> Nullable<JsonObject>,
        client_device_identifier -> Nullable<Text>,
        sync_enabled -> Bool,
        hash_contradictions -> BigInt,
        last_seen_at -> Instant,
        created_at -> Instant,
        updated_at -> Instant,
        browser_key -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::types::sql::*;

    device_reservations (user_id, client_device_identifier) {
        user_id -> Integer,
        client_device_identifier -> Text,
        device_id -> UuidBytes,
    }
}

diesel::table! {
    use crate::types::sql::*;

    logins (id) {
        id -> Integer,
        user_id -> Integer,
        digest -> Binary,
        kind -> Text,
        device_id -> Nullable<UuidBytes>,
        scopes -> Nullable<Text>,
        refresh_digest -> Nullable<Binary>,
        refresh_expires_at -> Nullable<Instant>,
        created_at -> Instant,
        last_used_at -> Instant,
        expires_at -> Instant,
    }
}

diesel::table! {
    use crate::types::sql::*;

    client_tokens (id) {
        id -> Integer,
        user_id -> Integer,
        name -> Text,
        scopes -> Text,
        digest -> Binary,
        device_id -> Nullable<UuidBytes>,
        pairing_id -> Nullable<UuidBytes>,
        expires_at -> Nullable<Instant>,
        last_used_at -> Nullable<Instant>,
        created_at -> Instant,
    }
}

diesel::table! {
    use crate::types::sql::*;

    settings (id) {
        id -> Integer,
        library_folder -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::types::sql::*;

    platforms (id) {
        id -> Integer,
        slug -> Text,
        fs_slug -> Text,
        name -> Text,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use crate::types::sql::*;

    games (id) {
        id -> Integer,
        platform_id -> Integer,
        name -> Text,
        name_key -> Text,
        fs_name -> Text,
        fs_name_key -> Text,
        size_bytes -> BigInt,
        crc32 -> Nullable<Text>,
        md5 -> Nullable<Text>,
        sha1 -> Nullable<Text>,
        source -> Text,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use crate::types::sql::*;

    game_files (id) {
        id -> Integer,
        game_id -> Integer,
        path -> Text,
        size_bytes -> BigInt,
        modified_at -> Instant,
        crc32 -> Nullable<Text>,
        md5 -> Nullable<Text>,
        sha1 -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::types::sql::*;

    user_games (user_id, game_id) {
        user_id -> Integer,
        game_id -> Integer,
        props -> Nullable<JsonObject>,
        last_played_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use crate::types::sql::*;

    slots (id) {
        id -> Integer,
        user_id -> Integer,
        game_id -> Integer,
        slot_name -> Nullable<Text>,
        companion -> Nullable<Text>,
        archival_file_name -> Nullable<Text>,
        head_version_id -> Nullable<Integer>,
        state_file_name -> Nullable<Text>,
        state_emulator -> Nullable<Text>,
        tracking -> Text,
    }
}

diesel::table! {
    use crate::types::sql::*;

    versions (id) {
        id -> Integer,
        slot_id -> Integer,
        user_id -> Integer,
        ordinal -> Integer,
        digest -> Binary,
        content_hash -> Nullable<Binary>,
        size_bytes -> BigInt,
        fill -> Text,
        origin_device_id -> Nullable<UuidBytes>,
        parent_id -> Nullable<Integer>,
        kind -> Text,
        standing -> Text,
        set_aside_at -> Nullable<Instant>,
        set_aside_dismissed -> Bool,
        held -> Bool,
        pinned -> Bool,
        label -> Nullable<Text>,
        updated_at -> Instant,
    }
}

diesel::table! {
    use crate::types::sql::*;

    saves (id) {
        id -> Integer,
        version_id -> Integer,
        file_name -> Text,
        emulator -> Nullable<Text>,
        visibility -> Text,
        is_public -> Bool,
        created_at -> Instant,
    }
}

diesel::table! {
    use crate::types::sql::*;

    screenshots (id) {
        id -> Integer,
        user_id -> Integer,
        game_id -> Integer,
        version_id -> Nullable<Integer>,
        replaced -> Bool,
        file_name -> Text,
        digest -> Binary,
        size_bytes -> BigInt,
        image_kind -> Nullable<Text>,
        created_at -> Instant,
    }
}

diesel::table! {
    use crate::types::sql::*;

    sync_sessions (id) {
        id -> Integer,
        user_id -> Integer,
        device_id -> UuidBytes,
        status -> Text,
        operations_planned -> BigInt,
        operations_completed -> BigInt,
        operations_failed -> BigInt,
        error_message -> Nullable<Text>,
        initiated_at -> Instant,
        completed_at -> Nullable<Instant>,
        updated_at -> Instant,
    }
}

diesel::table! {
    use crate::types::sql::*;

    named_files (session_id, slot_id) {
        session_id -> Integer,
        slot_id -> Integer,
        content_hash -> Nullable<Binary>,
        file_time -> Instant,
        size_bytes -> BigInt,
    }
}

diesel::table! {
    use crate::types::sql::*;

    bases (device_id, slot_id) {
        device_id -> UuidBytes,
        slot_id -> Integer,
        version_id -> Nullable<Integer>,
        ordinal -> Nullable<Integer>,
        strength -> Nullable<Text>,
        before_version_id -> Nullable<Integer>,
        before_ordinal -> Nullable<Integer>,
        session_id -> Nullable<Integer>,
        stamp -> Nullable<Instant>,
        file_times -> Text,
        tracking -> Text,
        rollbacks -> BigInt,
        last_synced_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use crate::types::sql::*;

    served (device_id, save_id) {
        device_id -> UuidBytes,
        save_id -> Integer,
        version_id -> Integer,
    }
}

diesel::table! {
    use crate::types::sql::*;

    play_sessions (id) {
        id -> Integer,
        user_id -> Integer,
        device_id -> Nullable<UuidBytes>,
        device_key -> Text,
        game_id -> Nullable<Integer>,
        game_key -> Integer,
        save_slot -> Nullable<Text>,
        sync_session_id -> Nullable<Integer>,
        started_at -> Instant,
        ended_at -> Instant,
        duration_ms -> BigInt,
        reported_at -> Instant,
    }
}

diesel::table! {
    use crate::types::sql::*;

    pairings (id) {
        id -> UuidBytes,
        device_code -> Binary,
        user_code -> Binary,
        client_device_identifier -> Text,
        name -> Text,
        client -> Text,
        platform -> Nullable<Text>,
        client_version -> Nullable<Text>,
        requested_scopes -> Text,
        requester_address -> Text,
        requester_agent -> Nullable<Text>,
        state -> Text,
        account -> Nullable<Integer>,
        granted_scopes -> Nullable<Text>,
        device_name -> Nullable<Text>,
        device -> Nullable<UuidBytes>,
        token_expiry -> Nullable<Text>,
        decided_at -> Nullable<Instant>,
        revision -> Integer,
        last_poll_at -> Nullable<Instant>,
        penalty_ms -> BigInt,
        created_at -> Instant,
        expires_at -> Instant,
    }
}

diesel::table! {
    use crate::types::sql::*;

    pair_codes (code) {
        code -> Binary,
        token -> Integer,
        account -> Integer,
        expires_at -> Instant,
    }
}

diesel::table! {
    use crate::types::sql::*;

    recent_events (id) {
        id -> BigInt,
        event -> Text,
        subject -> Text,
        happened_at -> Instant,
        forget_at -> Instant,
    }
}

diesel::joinable!(saves -> versions (version_id));
diesel::joinable!(slots -> games (game_id));
diesel::joinable!(versions -> slots (slot_id));
diesel::joinable!(game_files -> games (game_id));
diesel::allow_tables_to_appear_in_same_query!(game_files, games, saves, screenshots, slots, versions);
