//! The repositories a transaction hands out. Synchronous; every method runs inside the transaction. An id that does not
//! exist is `None` or `false`, never an error; all errors are [`StoreError`]s.

use crate::account::{ClientToken, Login, NewClientToken, NewLogin, NewUser, User};
use crate::catalogue::{
    Game, GameFile, GameFilter, GameHashes, GameProps, NewGame, NewGameFile, NewPlatform, Platform,
};
use crate::device::{BrowserKey, Device, Fingerprint};
use crate::ids::{
    DeviceId, GameFileId, GameId, LoginId, PlatformId, PlaySessionId, SaveId, ScreenshotId, SessionId,
    SlotId, StateId, TokenId, UserId, VersionId,
};
use crate::play::{NewPlaySession, PlayFilter, PlaySession};
use crate::save::{
    ContentHash, Digest, HistoryFilter, Label, NewVersion, Order, Save, SaveFilter, SetAside, Slot, SlotKey,
    Standing, StateFilter, Visibility,
};
use crate::screenshot::{NewScreenshot, Screenshot};
use crate::secret::SecretDigest;
use crate::sync::{Base, NamedFile, NewSession, SessionStatus, SyncSession, Tracking};
use crate::time::Timestamp;
use crate::upkeep::NamedBy;

use super::StoreError;

type Stored<T> = Result<T, StoreError>;

/// Users.
#[cfg_attr(test, mockall::automock)]
pub trait UserRepository {
    /// Inserts the first user: `None` if there is one already. Of racing callers exactly one gets a user.
    fn insert_first(&mut self, user: &NewUser) -> Stored<Option<User>>;
    /// Inserts a user. A name that is taken (by its [`key`](crate::account::Username::key)) is a
    /// [`StoreError::Conflict`].
    fn insert(&mut self, user: &NewUser) -> Stored<User>;
    /// The user of that id.
    fn find(&mut self, id: UserId) -> Stored<Option<User>>;
    /// The user of that name, by its [`key`](crate::account::Username::key).
    fn find_by_name(&mut self, key: &str) -> Stored<Option<User>>;
    /// Every user, by id.
    fn list(&mut self) -> Stored<Vec<User>>;
    /// How many there are.
    fn count(&mut self) -> Stored<u64>;
    /// Makes every other transaction that locks the same user wait until this one ends: whoever registers devices or
    /// mints tokens holds it. `false` if there is no such user.
    fn lock(&mut self, id: UserId) -> Stored<bool>;
    /// The enabled administrators, by id, each locked as by [`lock`](Self::lock) in the order of their ids. They are
    /// administrators still when their locks are gained.
    fn lock_admins(&mut self) -> Stored<Vec<UserId>>;
    /// Replaces every field but id and creation. `false` if there is no such user.
    fn update(&mut self, user: &User) -> Stored<bool>;
    /// Removes the user and everything that is theirs. `false` if there is no such user.
    fn delete(&mut self, id: UserId) -> Stored<bool>;
}

/// Interactive logins.
#[cfg_attr(test, mockall::automock)]
pub trait LoginRepository {
    /// Inserts a login.
    fn insert(&mut self, login: &NewLogin) -> Stored<Login>;
    /// The login of that id, whosever it is.
    fn find(&mut self, id: LoginId) -> Stored<Option<Login>>;
    /// The login of that cookie or access token.
    fn find_by_digest(&mut self, digest: SecretDigest) -> Stored<Option<Login>>;
    /// Takes away the login of that refresh token: of racing callers exactly one gets it.
    fn take_by_refresh(&mut self, refresh: SecretDigest) -> Stored<Option<Login>>;
    /// Notes a use.
    fn touch(&mut self, id: LoginId, used_at: Timestamp) -> Stored<()>;
    /// Removes one. `false` if there is no such login.
    fn delete(&mut self, id: LoginId) -> Stored<bool>;
    /// Removes every login of a user but one.
    fn delete_of_user(&mut self, user: UserId, except: Option<LoginId>) -> Stored<()>;
    /// Removes those that can neither be used nor refreshed after `now`.
    fn delete_ended(&mut self, now: Timestamp) -> Stored<()>;
}

/// Client tokens.
#[cfg_attr(test, mockall::automock)]
pub trait TokenRepository {
    /// Inserts a token. A pairing that already has one is a [`StoreError::Conflict`].
    fn insert(&mut self, token: &NewClientToken) -> Stored<ClientToken>;
    /// The token of that secret.
    fn find_by_digest(&mut self, digest: SecretDigest) -> Stored<Option<ClientToken>>;
    /// The token of that id, whosever it is.
    fn find(&mut self, id: TokenId) -> Stored<Option<ClientToken>>;
    /// The tokens of a user, newest first.
    fn list_of_user(&mut self, user: UserId) -> Stored<Vec<ClientToken>>;
    /// Every token, newest first.
    fn list_all(&mut self) -> Stored<Vec<ClientToken>>;
    /// Gives the token a new secret; the old one is dead. `false` if there is no such token.
    fn replace_digest(&mut self, id: TokenId, digest: SecretDigest) -> Stored<bool>;
    /// Notes a use.
    fn touch(&mut self, id: TokenId, used_at: Timestamp) -> Stored<()>;
    /// Removes one. `false` if there is no such token.
    fn delete(&mut self, id: TokenId) -> Stored<bool>;
    /// Removes every token bound to the device.
    fn delete_of_device(&mut self, device: DeviceId) -> Stored<()>;
}

/// Devices.
#[cfg_attr(test, mockall::automock)]
pub trait DeviceRepository {
    /// Inserts a device with its own id. An identifier or a browser the user has already is a
    /// [`StoreError::Conflict`].
    fn insert(&mut self, device: &Device) -> Stored<()>;
    /// The user's device of that id; another user's is `None`.
    fn find(&mut self, user: UserId, id: DeviceId) -> Stored<Option<Device>>;
    /// As [`find`](Self::find), and makes every other transaction that locks the same device wait until this one ends:
    /// whoever changes its bases or sessions holds it. Taken after the game's lock where both are.
    fn lock(&mut self, user: UserId, id: DeviceId) -> Stored<Option<Device>>;
    /// The user's devices, the one seen last first.
    fn list(&mut self, user: UserId) -> Stored<Vec<Device>>;
    /// Devices that match any part of the fingerprint (hardware addresses by normal form), the one seen last first.
    /// Which of them counts is decided by the domain.
    fn candidates(&mut self, user: UserId, fingerprint: &Fingerprint) -> Stored<Vec<Device>>;
    /// The user's device of that pairing identifier.
    fn find_by_identifier(&mut self, user: UserId, identifier: &str) -> Stored<Option<Device>>;
    /// The user's device for that browser.
    fn find_by_browser(&mut self, user: UserId, browser: &BrowserKey) -> Stored<Option<Device>>;
    /// The device id that pairings of this user and identifier will use: reserves `candidate` if none is reserved yet.
    /// Racing callers get the same answer.
    fn reserve_id(&mut self, user: UserId, identifier: &str, candidate: DeviceId) -> Stored<DeviceId>;
    /// Replaces every field but id, user and creation. `false` if there is no such device.
    fn update(&mut self, device: &Device) -> Stored<bool>;
    /// Notes that it called.
    fn touch(&mut self, id: DeviceId, seen_at: Timestamp) -> Stored<()>;
    /// Removes the device with its bases, served-records, sessions, tokens and reservation; versions and play sessions
    /// stay, their device `None`. `false` if there is no such device.
    fn delete(&mut self, id: DeviceId) -> Stored<bool>;
}

/// Platforms and games.
#[cfg_attr(test, mockall::automock)]
pub trait CatalogueRepository {
    /// The library's folder, if the administrator named one.
    fn library_folder(&mut self) -> Stored<Option<String>>;
    /// Names the library's folder.
    fn set_library_folder(&mut self, folder: Option<String>) -> Stored<()>;
    /// The platform of that folder name, inserted if there is none. Racing callers get the same one.
    fn find_or_insert_platform(&mut self, platform: &NewPlatform) -> Stored<Platform>;
    /// The platform of that id.
    fn platform(&mut self, id: PlatformId) -> Stored<Option<Platform>>;
    /// Replaces every field but id and creation. `false` if there is no such platform; a folder name that another has is a
    /// [`StoreError::Conflict`].
    fn update_platform(&mut self, platform: &Platform) -> Stored<bool>;
    /// Every platform with the number of its games, by name; only those changed after the instant, if one is given.
    fn platforms(&mut self, updated_after: Option<Timestamp>) -> Stored<Vec<(Platform, u64)>>;
    /// The game of that file name on that platform, inserted if there is none, with whether it was inserted. Racing
    /// callers get the same one.
    fn find_or_insert_game(&mut self, game: &NewGame) -> Stored<(Game, bool)>;
    /// The game of that id.
    fn game(&mut self, id: GameId) -> Stored<Option<Game>>;
    /// Those of the games that there are, ascending: a constant number of queries for up to 1,000 ids.
    fn known_games(&mut self, ids: &[GameId]) -> Stored<Vec<GameId>>;
    /// The games of that filter in its order, and how many there are without limit and offset.
    fn games(&mut self, filter: &GameFilter) -> Stored<(Vec<Game>, u64)>;
    /// Every game of a platform, by file name.
    fn games_of_platform(&mut self, platform: PlatformId) -> Stored<Vec<Game>>;
    /// A game that has, or a file of which has, one of the given hashes, the first by id.
    fn game_by_hash(&mut self, hashes: &GameHashes) -> Stored<Option<Game>>;
    /// The ids of all games, ascending.
    fn game_ids(&mut self) -> Stored<Vec<GameId>>;
    /// The ids of all platforms, ascending.
    fn platform_ids(&mut self) -> Stored<Vec<PlatformId>>;
    /// Replaces every field but id, platform and creation. `false` if there is no such game.
    fn update_game(&mut self, game: &Game) -> Stored<bool>;
    /// The files of the games, by path: a constant number of queries for up to 1,000 ids.
    fn files(&mut self, games: &[GameId]) -> Stored<Vec<GameFile>>;
    /// The file of that id.
    fn file(&mut self, id: GameFileId) -> Stored<Option<GameFile>>;
    /// Gives the game these files in place of those it had; a path that it had before keeps its id.
    fn put_files(&mut self, game: GameId, files: &[NewGameFile]) -> Stored<()>;
    /// What the user has to do with the games, for those where anything is known.
    fn props(&mut self, user: UserId, games: &[GameId]) -> Stored<Vec<(GameId, GameProps)>>;
    /// Replaces what the user has to do with the games, each named once: a constant number of queries for up to 1,000.
    fn put_props(&mut self, user: UserId, props: &[(GameId, GameProps)]) -> Stored<()>;
}

/// Slots, versions and rows, of saves and of states.
#[cfg_attr(test, mockall::automock)]
pub trait SaveRepository {
    /// Makes every other transaction that locks this user's saves of this game wait until this one ends. Whoever
    /// appends a version, moves a head or changes a row's visibility holds it; nothing about the game's slots may be
    /// read for a decision before.
    fn lock_game(&mut self, user: UserId, game: GameId) -> Stored<()>;
    /// As [`lock_game`](Self::lock_game) for each of the games, in the order of their ids whatever the order they are
    /// named in, so that no two who lock several wait for one another. A constant number of queries for up to 1,000 ids.
    fn lock_games(&mut self, user: UserId, games: &[GameId]) -> Stored<()>;
    /// The greatest `updated_at` of any version of this user's saves of this game.
    fn latest_instant(&mut self, user: UserId, game: GameId) -> Stored<Option<Timestamp>>;
    /// The slot of that key.
    fn slot(&mut self, key: &SlotKey) -> Stored<Option<Slot>>;
    /// The slot of that key, inserted if there is none, as one that is [tracked](Slot::tracking).
    fn open_slot(&mut self, key: &SlotKey) -> Stored<Slot>;
    /// Makes sure that there is a slot for each of the keys: a constant number of queries for up to 1,000 keys.
    fn open_slots(&mut self, keys: &[SlotKey]) -> Stored<()>;
    /// The slots of those ids, in any order: a constant number of queries for up to 1,000 ids.
    fn slots(&mut self, ids: &[SlotId]) -> Stored<Vec<Slot>>;
    /// Every named slot of the user, empty ones included, with its head's save: a constant number of queries.
    fn named_slots(&mut self, user: UserId) -> Stored<Vec<(Slot, Option<Save>)>>;
    /// The last place taken in the slot's order, forks included.
    fn last_order(&mut self, slot: SlotId) -> Stored<Option<Order>>;
    /// Appends a version with a visible row of its own.
    fn append(&mut self, version: &NewVersion) -> Stored<Save>;
    /// Appends a version and moves the row `row` to it; the version the row pointed at gets a row of its own, with the
    /// old name and [`Visibility::Replaced`]. The row takes name and emulator of the new version.
    fn append_in_place(&mut self, row: SaveId, version: &NewVersion) -> Stored<Save>;
    /// The save that holds the version.
    fn by_version(&mut self, version: VersionId) -> Stored<Option<Save>>;
    /// The saves that hold the versions, in any order: a constant number of queries for up to 1,000 ids.
    fn by_versions(&mut self, versions: &[VersionId]) -> Stored<Vec<Save>>;
    /// The user's save of that row id, deleted ones and forks included; never a state.
    fn by_id(&mut self, user: UserId, id: SaveId) -> Stored<Option<Save>>;
    /// As [`by_id`](Self::by_id) for each of the ids, in any order, unknown ones left out: a constant number of queries for
    /// up to 1,000 ids.
    fn by_ids(&mut self, user: UserId, ids: &[SaveId]) -> Stored<Vec<Save>>;
    /// The save of that row id if its owner made it public and it is neither deleted nor a fork; never a state.
    fn public_by_id(&mut self, id: SaveId) -> Stored<Option<Save>>;
    /// The user's state of that row id, deleted ones included; never a save.
    fn state_by_id(&mut self, user: UserId, id: StateId) -> Stored<Option<Save>>;
    /// As [`state_by_id`](Self::state_by_id) for each of the ids, in any order, unknown ones left out: a constant number
    /// of queries for up to 1,000 ids.
    fn states_by_ids(&mut self, user: UserId, ids: &[StateId]) -> Stored<Vec<Save>>;
    /// The state of that row id if its owner made it public and it is not deleted; never a save.
    fn public_state_by_id(&mut self, id: StateId) -> Stored<Option<Save>>;
    /// All versions of a slot, newest first, forks and deleted ones included.
    fn history(&mut self, slot: SlotId) -> Stored<Vec<Save>>;
    /// As [`history`](Self::history) for each of the slots, one slot after the other: a constant number of queries for
    /// up to 1,000 ids.
    fn histories(&mut self, slots: &[SlotId]) -> Stored<Vec<Save>>;
    /// The slot's versions with exactly these bytes, newest first.
    fn by_digest(&mut self, slot: SlotId, digest: Digest) -> Stored<Vec<Save>>;
    /// The user's versions with one of these content hashes, in any slot, in any order: a constant number of queries
    /// for up to 1,000 hashes.
    fn by_content_hashes(&mut self, user: UserId, hashes: &[ContentHash]) -> Stored<Vec<Save>>;
    /// The listed saves of that filter, greatest `updated_at` first; no state.
    fn list(&mut self, filter: &SaveFilter) -> Stored<Vec<Save>>;
    /// The listed states of that filter, greatest `updated_at` first; no save.
    fn list_states(&mut self, filter: &StateFilter) -> Stored<Vec<Save>>;
    /// Every version of a save of that filter in whatever slot, greatest `updated_at` first, forks and deleted ones
    /// included; no state's. One query.
    fn list_history(&mut self, filter: &HistoryFilter) -> Stored<Vec<Save>>;
    /// Moves the slot's head.
    fn set_head(&mut self, slot: SlotId, head: Option<VersionId>) -> Stored<()>;
    /// Changes whether the slot syncs on a device of which nothing is known; a new one does.
    fn set_slot_tracking(&mut self, slot: SlotId, tracking: Tracking) -> Stored<()>;
    /// Moves the head of each of the slots to its newest version that is listed, or takes it away where none is: a
    /// constant number of queries for up to 1,000 ids.
    fn settle_heads(&mut self, slots: &[SlotId]) -> Stored<()>;
    /// Changes whether rows are shown: a constant number of queries for up to 1,000 ids.
    fn set_visibility(&mut self, rows: &[SaveId], visibility: Visibility) -> Stored<()>;
    /// Changes whether other users may fetch it.
    fn set_public(&mut self, row: SaveId, is_public: bool) -> Stored<()>;
    /// Changes what became of forks: a constant number of queries for up to 1,000 ids.
    fn set_standing(&mut self, versions: &[VersionId], standing: Standing) -> Stored<()>;
    /// Marks a version as set aside, or no longer.
    fn set_set_aside(&mut self, version: VersionId, set_aside: Option<SetAside>) -> Stored<()>;
    /// Pins a version, or no longer.
    fn set_pinned(&mut self, version: VersionId, pinned: bool) -> Stored<()>;
    /// Labels a version, or no longer.
    fn set_label(&mut self, version: VersionId, label: Option<Label>) -> Stored<()>;
}

/// Screenshots. Those of versions are read [with them](SaveRepository).
#[cfg_attr(test, mockall::automock)]
pub trait ScreenshotRepository {
    /// Inserts a screenshot. One of a version becomes that version's, the one that was stays under its id; whoever inserts
    /// one holds the [game's lock](SaveRepository::lock_game).
    fn insert(&mut self, screenshot: &NewScreenshot) -> Stored<Screenshot>;
    /// The screenshot of that id, whosever it is.
    fn find(&mut self, id: ScreenshotId) -> Stored<Option<Screenshot>>;
}

/// What devices hold.
#[cfg_attr(test, mockall::automock)]
pub trait BaseRepository {
    /// What is known of the device and the slot.
    fn find(&mut self, device: DeviceId, slot: SlotId) -> Stored<Option<Base>>;
    /// Everything known of the device: one query.
    fn of_device(&mut self, device: DeviceId) -> Stored<Vec<Base>>;
    /// Everything known of the slots, of every device: a constant number of queries for up to 1,000 slots.
    fn of_slots(&mut self, slots: &[SlotId]) -> Stored<Vec<Base>>;
    /// Keeps what is now known, in place of what was.
    fn put(&mut self, bases: &[Base]) -> Stored<()>;
    /// Forgets everything known of the device, served-records included.
    fn clear(&mut self, device: DeviceId) -> Stored<()>;
    /// Notes which version was served to the device under the row's id.
    fn note_served(&mut self, device: DeviceId, row: SaveId, version: VersionId) -> Stored<()>;
    /// The version last served to the device under the row's id.
    fn served(&mut self, device: DeviceId, row: SaveId) -> Stored<Option<VersionId>>;
}

/// Sync sessions.
#[cfg_attr(test, mockall::automock)]
pub trait SessionRepository {
    /// Inserts a session with status [`SessionStatus::InProgress`].
    fn insert(&mut self, session: &NewSession) -> Stored<SyncSession>;
    /// The user's session of that id.
    fn find(&mut self, user: UserId, id: SessionId) -> Stored<Option<SyncSession>>;
    /// The device's sessions that have not ended, newest first.
    fn active(&mut self, device: DeviceId) -> Stored<Vec<SyncSession>>;
    /// The user's sessions, newest first.
    fn list(&mut self, user: UserId, device: Option<DeviceId>, limit: u32) -> Stored<Vec<SyncSession>>;
    /// Replaces the session if its status still is `expected`: compare-and-set. `false` if it is not.
    fn update(&mut self, expected: SessionStatus, session: &SyncSession) -> Stored<bool>;
    /// Keeps what the client named; of two entries for one slot the last.
    fn put_named(&mut self, session: SessionId, files: &[NamedFile]) -> Stored<()>;
    /// What the client named for the slot.
    fn named(&mut self, session: SessionId, slot: SlotId) -> Stored<Option<NamedFile>>;
}

/// Play sessions.
#[cfg_attr(test, mockall::automock)]
pub trait PlayRepository {
    /// Inserts sessions, and answers for each in order: `None` if the same (user, device, game, start) is there already
    /// or stands before it, unknown device and game counting as values. Of racing callers exactly one gets it. A
    /// constant number of queries for up to 1,000.
    fn insert(&mut self, sessions: &[NewPlaySession]) -> Stored<Vec<Option<PlaySession>>>;
    /// The user's sessions of that filter, newest start first.
    fn list(&mut self, user: UserId, filter: &PlayFilter) -> Stored<Vec<PlaySession>>;
    /// Removes the user's session of that id. `false` if there is none.
    fn delete(&mut self, user: UserId, id: PlaySessionId) -> Stored<bool>;
}

/// The whole store page by page, for whoever looks after it.
#[cfg_attr(test, mockall::automock)]
pub trait UpkeepRepository {
    /// At most `limit` slots of any user with ids greater than `after`, by id.
    fn slots(&mut self, after: Option<SlotId>, limit: usize) -> Stored<Vec<Slot>>;
    /// At most `limit` digests greater than `after`, in their order, each once: of the bytes that versions hold and
    /// screenshots have, of any user.
    fn named_digests(&mut self, after: Option<Digest>, limit: usize) -> Stored<Vec<Digest>>;
    /// What names those bytes, of any user, in any order: held versions by their rows, and screenshots.
    fn naming(&mut self, digest: Digest) -> Stored<Vec<NamedBy>>;
}
