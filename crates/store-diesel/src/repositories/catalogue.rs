//! Platforms, games, and what users have to do with them.

use std::collections::{HashMap, HashSet};

use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::upsert::excluded;
use memcard_domain::catalogue::{
    Direction, Game, GameFile, GameFilter, GameHashes, GameKey, GameOrder, GameProps, GameSource, NewGame,
    NewGameFile, NewPlatform, Platform,
};
use memcard_domain::ids::{GameFileId, GameId, PlatformId, UserId};
use memcard_domain::ports::CatalogueRepository;
use memcard_domain::time::Timestamp;

use super::MOST_IN_LIST;
use crate::connection::on_backend;
use crate::error::{Stored, big, known, unsigned};
use crate::schema::{game_files, games, platforms, settings, user_games};
use crate::transaction::DieselTransaction;
use crate::types::{DbInstant, DbJson};

/// The one row of `settings`.
const SETTINGS: i32 = 1;

#[derive(Queryable, Selectable)]
#[diesel(table_name = platforms)]
struct PlatformRow {
    id: i32,
    slug: String,
    fs_slug: String,
    name: String,
    created_at: DbInstant,
    updated_at: DbInstant,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = games)]
struct GameRow {
    id: i32,
    platform_id: i32,
    name: String,
    fs_name: String,
    size_bytes: i64,
    crc32: Option<String>,
    md5: Option<String>,
    sha1: Option<String>,
    source: String,
    created_at: DbInstant,
    updated_at: DbInstant,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = game_files)]
struct GameFileRow {
    id: i32,
    game_id: i32,
    path: String,
    size_bytes: i64,
    modified_at: DbInstant,
    crc32: Option<String>,
    md5: Option<String>,
    sha1: Option<String>,
}

/// Every column but id, game and path.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = game_files, treat_none_as_null = true, treat_none_as_default_value = false)]
struct GameFileColumns<'a> {
    size_bytes: i64,
    modified_at: DbInstant,
    crc32: Option<&'a str>,
    md5: Option<&'a str>,
    sha1: Option<&'a str>,
}

/// Every column but id, platform and creation.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = games, treat_none_as_null = true, treat_none_as_default_value = false)]
struct GameColumns<'a> {
    name: &'a str,
    name_key: String,
    fs_name: &'a str,
    fs_name_key: String,
    size_bytes: i64,
    crc32: Option<&'a str>,
    md5: Option<&'a str>,
    sha1: Option<&'a str>,
    source: &'static str,
    updated_at: DbInstant,
}

/// What is known, and not only locked.
#[derive(Insertable)]
#[diesel(table_name = user_games, treat_none_as_default_value = false)]
struct PropsRow {
    user_id: i32,
    game_id: i32,
    props: DbJson,
    last_played_at: Option<DbInstant>,
}

impl PropsRow {
    fn of(user: UserId, (game, props): &(GameId, GameProps)) -> Self {
        Self {
            user_id: user.0,
            game_id: game.0,
            props: DbJson(props.data.clone()),
            last_played_at: props.last_played.map(DbInstant),
        }
    }
}

impl PlatformRow {
    fn into_platform(self) -> Platform {
        Platform {
            id: PlatformId(self.id),
            slug: self.slug,
            fs_slug: self.fs_slug,
            name: self.name,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        }
    }
}

impl GameRow {
    fn into_game(self) -> Stored<Game> {
        Ok(Game {
            id: GameId(self.id),
            platform: PlatformId(self.platform_id),
            name: self.name,
            fs_name: self.fs_name,
            size: unsigned("games.size_bytes", self.size_bytes)?,
            hashes: GameHashes { crc32: self.crc32, md5: self.md5, sha1: self.sha1 },
            source: known("games.source", &self.source, source_of_name(&self.source))?,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        })
    }
}

impl GameFileRow {
    fn into_file(self) -> Stored<GameFile> {
        Ok(GameFile {
            id: GameFileId(self.id),
            game: GameId(self.game_id),
            path: self.path,
            size: unsigned("game_files.size_bytes", self.size_bytes)?,
            modified_at: self.modified_at.0,
            hashes: GameHashes { crc32: self.crc32, md5: self.md5, sha1: self.sha1 },
        })
    }
}

impl<'a> GameFileColumns<'a> {
    fn of(file: &'a NewGameFile) -> Stored<Self> {
        Ok(Self {
            size_bytes: big(file.size)?,
            modified_at: DbInstant(file.modified_at),
            crc32: file.hashes.crc32.as_deref(),
            md5: file.hashes.md5.as_deref(),
            sha1: file.hashes.sha1.as_deref(),
        })
    }
}

impl<'a> GameColumns<'a> {
    fn of_new(game: &'a NewGame) -> Stored<Self> {
        Self::new((&game.name, &game.fs_name), game.size, &game.hashes, game.source, game.created_at)
    }

    fn of(game: &'a Game) -> Stored<Self> {
        Self::new((&game.name, &game.fs_name), game.size, &game.hashes, game.source, game.updated_at)
    }

    fn new(
        (name, fs_name): (&'a str, &'a str),
        size: u64,
        hashes: &'a GameHashes,
        source: GameSource,
        updated_at: Timestamp,
    ) -> Stored<Self> {
        Ok(Self {
            name,
            name_key: name.to_lowercase(),
            fs_name,
            fs_name_key: fs_name.to_lowercase(),
            size_bytes: big(size)?,
            crc32: hashes.crc32.as_deref(),
            md5: hashes.md5.as_deref(),
            sha1: hashes.sha1.as_deref(),
            source: source_name(source),
            updated_at: DbInstant(updated_at),
        })
    }
}

const fn source_name(source: GameSource) -> &'static str {
    match source {
        GameSource::Library => "library",
        GameSource::Missing => "missing",
        GameSource::Declared => "declared",
    }
}

fn source_of_name(name: &str) -> Option<GameSource> {
    [GameSource::Library, GameSource::Missing, GameSource::Declared]
        .into_iter()
        .find(|source| source_name(*source) == name)
}

impl CatalogueRepository for DieselTransaction<'_> {
    fn library_folder(&mut self) -> Stored<Option<String>> {
        let folder: Option<Option<String>> = on_backend!(self.session, |c| {
            settings::table.find(SETTINGS).select(settings::library_folder).first(c).optional()
        })?;
        Ok(folder.flatten())
    }

    fn set_library_folder(&mut self, folder: Option<String>) -> Stored<()> {
        on_backend!(self.session, |c| {
            diesel::insert_into(settings::table)
                .values((settings::id.eq(SETTINGS), settings::library_folder.eq(&folder)))
                .on_conflict(settings::id)
                .do_update()
                .set(settings::library_folder.eq(&folder))
                .execute(c)
        })?;
        Ok(())
    }

    fn find_or_insert_platform(&mut self, platform: &NewPlatform) -> Stored<Platform> {
        if let Some(found) = self.platform_of_folder(&platform.fs_slug)? {
            return Ok(found);
        }
        on_backend!(self.session, |c| {
            diesel::insert_into(platforms::table)
                .values((
                    platforms::slug.eq(&platform.slug),
                    platforms::fs_slug.eq(&platform.fs_slug),
                    platforms::name.eq(&platform.name),
                    platforms::created_at.eq(DbInstant(platform.created_at)),
                    platforms::updated_at.eq(DbInstant(platform.created_at)),
                ))
                .on_conflict_do_nothing()
                .execute(c)
        })?;
        let inserted = self.platform_of_folder(&platform.fs_slug)?;
        known("platforms.fs_slug", &platform.fs_slug, inserted)
    }

    fn platform(&mut self, id: PlatformId) -> Stored<Option<Platform>> {
        let row: Option<PlatformRow> = on_backend!(self.session, |c| {
            platforms::table.find(id.0).select(PlatformRow::as_select()).first(c).optional()
        })?;
        Ok(row.map(PlatformRow::into_platform))
    }

    fn update_platform(&mut self, platform: &Platform) -> Stored<bool> {
        let updated = on_backend!(self.session, |c| {
            diesel::update(platforms::table.find(platform.id.0))
                .set((
                    platforms::slug.eq(&platform.slug),
                    platforms::fs_slug.eq(&platform.fs_slug),
                    platforms::name.eq(&platform.name),
                    platforms::updated_at.eq(DbInstant(platform.updated_at)),
                ))
                .execute(c)
        })?;
        Ok(updated == 1)
    }

    fn platforms(&mut self, updated_after: Option<Timestamp>) -> Stored<Vec<(Platform, u64)>> {
        let rows: Vec<PlatformRow> = on_backend!(self.session, |c: Db| {
            let mut query = platforms::table.select(PlatformRow::as_select()).into_boxed::<Db>();
            if let Some(after) = updated_after {
                query = query.filter(platforms::updated_at.gt(DbInstant(after)));
            }
            query.order((platforms::name, platforms::id)).load(c)
        })?;
        let counts: Vec<(i32, i64)> = on_backend!(self.session, |c| {
            games::table.group_by(games::platform_id).select((games::platform_id, count_star())).load(c)
        })?;
        let counts: HashMap<i32, i64> = counts.into_iter().collect();
        let counted = |row: PlatformRow| {
            let games = counts.get(&row.id).copied().unwrap_or_default().unsigned_abs();
            (row.into_platform(), games)
        };
        Ok(rows.into_iter().map(counted).collect())
    }

    fn find_or_insert_game(&mut self, game: &NewGame) -> Stored<(Game, bool)> {
        if let Some(found) = self.game_of_file(game.platform, &game.fs_name)? {
            return Ok((found, false));
        }
        let columns = GameColumns::of_new(game)?;
        let inserted = on_backend!(self.session, |c| {
            diesel::insert_into(games::table)
                .values((
                    games::platform_id.eq(game.platform.0),
                    &columns,
                    games::created_at.eq(DbInstant(game.created_at)),
                ))
                .on_conflict_do_nothing()
                .execute(c)
        })?;
        let found = self.game_of_file(game.platform, &game.fs_name)?;
        Ok((known("games.fs_name", &game.fs_name, found)?, inserted == 1))
    }

    fn game(&mut self, id: GameId) -> Stored<Option<Game>> {
        let row: Option<GameRow> = on_backend!(self.session, |c| {
            games::table.find(id.0).select(GameRow::as_select()).first(c).optional()
        })?;
        row.map(GameRow::into_game).transpose()
    }

    fn known_games(&mut self, ids: &[GameId]) -> Stored<Vec<GameId>> {
        let mut known = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(MOST_IN_LIST) {
            let asked: Vec<i32> = chunk.iter().map(|game| game.0).collect();
            let found: Vec<i32> = on_backend!(self.session, |c| {
                games::table.filter(games::id.eq_any(&asked)).select(games::id).load(c)
            })?;
            known.extend(found.into_iter().map(GameId));
        }
        known.sort_unstable();
        Ok(known)
    }

    fn games(&mut self, filter: &GameFilter) -> Stored<(Vec<Game>, u64)> {
        let count: i64 = on_backend!(self.session, |c: Db| filtered!(Db, filter).count().get_result(c))?;
        let (limit, offset) = (clamped(filter.limit), clamped(filter.offset));
        let rows: Vec<GameRow> = on_backend!(self.session, |c: Db| {
            ordered!(filtered!(Db, filter), filter.order)
                .limit(limit)
                .offset(offset)
                .select(GameRow::as_select())
                .load(c)
        })?;
        let games = rows.into_iter().map(GameRow::into_game).collect::<Stored<_>>()?;
        Ok((games, count.unsigned_abs()))
    }

    fn games_of_platform(&mut self, platform: PlatformId) -> Stored<Vec<Game>> {
        let rows: Vec<GameRow> = on_backend!(self.session, |c| {
            games::table
                .filter(games::platform_id.eq(platform.0))
                .order(games::fs_name)
                .select(GameRow::as_select())
                .load(c)
        })?;
        rows.into_iter().map(GameRow::into_game).collect()
    }

    fn game_by_hash(&mut self, hashes: &GameHashes) -> Stored<Option<Game>> {
        // A hash that is not known equals nothing: `= NULL` holds for no row.
        let (crc32, md5, sha1) = (hashes.crc32.as_deref(), hashes.md5.as_deref(), hashes.sha1.as_deref());
        let files = game_files::crc32.eq(crc32).or(game_files::md5.eq(md5)).or(game_files::sha1.eq(sha1));
        let of_files = game_files::table.filter(files).select(game_files::game_id);
        let own = games::crc32.eq(crc32).or(games::md5.eq(md5)).or(games::sha1.eq(sha1));
        let matches = own.or(games::id.eq_any(of_files));
        let row: Option<GameRow> = on_backend!(self.session, |c| {
            games::table.filter(matches).order(games::id).select(GameRow::as_select()).first(c).optional()
        })?;
        row.map(GameRow::into_game).transpose()
    }

    fn game_ids(&mut self) -> Stored<Vec<GameId>> {
        let ids: Vec<i32> =
            on_backend!(self.session, |c| games::table.select(games::id).order(games::id).load(c))?;
        Ok(ids.into_iter().map(GameId).collect())
    }

    fn platform_ids(&mut self) -> Stored<Vec<PlatformId>> {
        let ids: Vec<i32> = on_backend!(self.session, |c| platforms::table
            .select(platforms::id)
            .order(platforms::id)
            .load(c))?;
        Ok(ids.into_iter().map(PlatformId).collect())
    }

    fn update_game(&mut self, game: &Game) -> Stored<bool> {
        let columns = GameColumns::of(game)?;
        let updated = on_backend!(self.session, |c| {
            diesel::update(games::table.find(game.id.0)).set(&columns).execute(c)
        })?;
        Ok(updated == 1)
    }

    fn files(&mut self, games: &[GameId]) -> Stored<Vec<GameFile>> {
        let mut files = Vec::new();
        for chunk in games.chunks(MOST_IN_LIST) {
            let ids: Vec<i32> = chunk.iter().map(|game| game.0).collect();
            let rows: Vec<GameFileRow> = on_backend!(self.session, |c| {
                game_files::table
                    .filter(game_files::game_id.eq_any(&ids))
                    .order((game_files::game_id, game_files::path))
                    .select(GameFileRow::as_select())
                    .load(c)
            })?;
            for row in rows {
                files.push(row.into_file()?);
            }
        }
        Ok(files)
    }

    fn file(&mut self, id: GameFileId) -> Stored<Option<GameFile>> {
        let row: Option<GameFileRow> = on_backend!(self.session, |c| {
            game_files::table.find(id.0).select(GameFileRow::as_select()).first(c).optional()
        })?;
        row.map(GameFileRow::into_file).transpose()
    }

    fn put_files(&mut self, game: GameId, files: &[NewGameFile]) -> Stored<()> {
        let stay: HashSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
        for known in self.files(&[game])? {
            if !stay.contains(known.path.as_str()) {
                on_backend!(self.session, |c| diesel::delete(game_files::table.find(known.id.0)).execute(c))?;
            }
        }
        for file in files {
            let columns = GameFileColumns::of(file)?;
            on_backend!(self.session, |c| {
                diesel::insert_into(game_files::table)
                    .values((game_files::game_id.eq(game.0), game_files::path.eq(&file.path), &columns))
                    .on_conflict((game_files::game_id, game_files::path))
                    .do_update()
                    .set(&columns)
                    .execute(c)
            })?;
        }
        Ok(())
    }

    fn props(&mut self, user: UserId, games: &[GameId]) -> Stored<Vec<(GameId, GameProps)>> {
        let mut known_props = Vec::new();
        for chunk in games.chunks(MOST_IN_LIST) {
            let ids: Vec<i32> = chunk.iter().map(|game| game.0).collect();
            let rows: Vec<(i32, DbJson, Option<DbInstant>)> = on_backend!(self.session, |c| {
                user_games::table
                    .filter(user_games::user_id.eq(user.0).and(user_games::game_id.eq_any(&ids)))
                    .filter(user_games::props.is_not_null())
                    .order(user_games::game_id)
                    .select((
                        user_games::game_id,
                        user_games::props.assume_not_null(),
                        user_games::last_played_at,
                    ))
                    .load(c)
            })?;
            known_props.extend(rows.into_iter().map(|(game, data, last_played)| {
                (GameId(game), GameProps { data: data.0, last_played: last_played.map(|at| at.0) })
            }));
        }
        Ok(known_props)
    }

    fn put_props(&mut self, user: UserId, props: &[(GameId, GameProps)]) -> Stored<()> {
        for chunk in props.chunks(MOST_IN_LIST) {
            let rows: Vec<PropsRow> = chunk.iter().map(|known| PropsRow::of(user, known)).collect();
            on_backend!(self.session, |c| {
                diesel::insert_into(user_games::table)
                    .values(&rows)
                    .on_conflict((user_games::user_id, user_games::game_id))
                    .do_update()
                    .set((
                        user_games::props.eq(excluded(user_games::props)),
                        user_games::last_played_at.eq(excluded(user_games::last_played_at)),
                    ))
                    .execute(c)
            })?;
        }
        Ok(())
    }
}

impl DieselTransaction<'_> {
    fn platform_of_folder(&mut self, fs_slug: &str) -> Stored<Option<Platform>> {
        let row: Option<PlatformRow> = on_backend!(self.session, |c| {
            platforms::table
                .filter(platforms::fs_slug.eq(fs_slug))
                .select(PlatformRow::as_select())
                .first(c)
                .optional()
        })?;
        Ok(row.map(PlatformRow::into_platform))
    }

    fn game_of_file(&mut self, platform: PlatformId, fs_name: &str) -> Stored<Option<Game>> {
        let row: Option<GameRow> = on_backend!(self.session, |c| {
            games::table
                .filter(games::platform_id.eq(platform.0).and(games::fs_name.eq(fs_name)))
                .select(GameRow::as_select())
                .first(c)
                .optional()
        })?;
        row.map(GameRow::into_game).transpose()
    }
}

/// The games of a filter, without order and limit.
macro_rules! filtered {
    ($Db:ty, $filter:expr) => {{
        let filter: &GameFilter = $filter;
        let mut query = games::table.into_boxed::<$Db>();
        if !filter.platforms.is_empty() {
            query =
                query.filter(games::platform_id.eq_any(filter.platforms.iter().map(|platform| platform.0)));
        }
        if let Some(search) = &filter.search {
            let pattern = containing(search);
            query = query.filter(
                games::name_key
                    .like(pattern.clone())
                    .escape('\\')
                    .or(games::fs_name_key.like(pattern).escape('\\')),
            );
        }
        if let Some(after) = filter.updated_after {
            query = query.filter(games::updated_at.gt(DbInstant(after)));
        }
        query
    }};
}
use filtered;

/// A boxed query for games in an order.
macro_rules! ordered {
    ($query:expr, $order:expr) => {{
        let (query, order): (_, GameOrder) = ($query, $order);
        match order.by {
            GameKey::Name => directed!(query, order.direction, games::name_key),
            GameKey::Id => directed!(query, order.direction, games::id),
            GameKey::FsName => directed!(query, order.direction, games::fs_name_key),
            GameKey::Size => directed!(query, order.direction, games::size_bytes),
            GameKey::CreatedAt => directed!(query, order.direction, games::created_at),
            GameKey::UpdatedAt => directed!(query, order.direction, games::updated_at),
        }
    }};
}
use ordered;

/// By a column, and by id where that is equal.
macro_rules! directed {
    ($query:expr, $direction:expr, $column:path) => {
        match $direction {
            Direction::Ascending => $query.order(($column.asc(), games::id.asc())),
            Direction::Descending => $query.order(($column.desc(), games::id.desc())),
        }
    };
}
use directed;

/// The pattern of texts in lower case that contain this.
fn containing(search: &str) -> String {
    let mut pattern = String::from("%");
    for symbol in search.to_lowercase().chars() {
        if matches!(symbol, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(symbol);
    }
    pattern.push('%');
    pattern
}

fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
