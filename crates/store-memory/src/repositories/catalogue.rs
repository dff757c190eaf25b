//! Platforms and games. A platform is unique by its folder's name, a game by its file's name on its platform.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use memcard_domain::catalogue::{
    Direction, Game, GameFile, GameFilter, GameHashes, GameKey, GameOrder, GameProps, NewGame, NewGameFile,
    NewPlatform, Platform,
};
use memcard_domain::ids::{GameFileId, GameId, PlatformId, UserId};
use memcard_domain::ports::CatalogueRepository;
use memcard_domain::time::Timestamp;

use super::constraints::unique;
use super::{MemoryTransaction, Stored};
use crate::tables::Tables;

impl CatalogueRepository for MemoryTransaction {
    fn library_folder(&mut self) -> Stored<Option<String>> {
        Ok(self.tables.library_folder.clone())
    }

    fn set_library_folder(&mut self, folder: Option<String>) -> Stored<()> {
        self.writable()?.library_folder = folder;
        Ok(())
    }

    fn find_or_insert_platform(&mut self, platform: &NewPlatform) -> Stored<Platform> {
        let tables = self.writable()?;
        if let Some(known) = tables.platforms.values().find(|known| known.fs_slug == platform.fs_slug) {
            return Ok(known.clone());
        }
        let platform = Platform {
            id: PlatformId(tables.ids.platform.next()),
            slug: platform.slug.clone(),
            fs_slug: platform.fs_slug.clone(),
            name: platform.name.clone(),
            created_at: platform.created_at,
            updated_at: platform.created_at,
        };
        tables.platforms.insert(platform.id, platform.clone());
        Ok(platform)
    }

    fn platform(&mut self, id: PlatformId) -> Stored<Option<Platform>> {
        Ok(self.tables.platforms.get(&id).cloned())
    }

    fn update_platform(&mut self, platform: &Platform) -> Stored<bool> {
        let tables = self.writable()?;
        let Some(stored) = tables.platforms.get(&platform.id) else { return Ok(false) };
        let platform = Platform { created_at: stored.created_at, ..platform.clone() };
        let same_folder = tables.platforms.values().find(|known| known.fs_slug == platform.fs_slug);
        unique("platform folder", same_folder.is_some_and(|other| other.id != platform.id))?;
        tables.platforms.insert(platform.id, platform);
        Ok(true)
    }

    fn platforms(&mut self, updated_after: Option<Timestamp>) -> Stored<Vec<(Platform, u64)>> {
        let changed =
            self.tables.platforms.values().filter(|platform| is_after(platform.updated_at, updated_after));
        let mut platforms: Vec<(Platform, u64)> = changed
            .map(|platform| (platform.clone(), self.tables.games_on(platform.id).count() as u64))
            .collect();
        platforms.sort_by(|(one, _), (two, _)| (&one.name, one.id).cmp(&(&two.name, two.id)));
        Ok(platforms)
    }

    fn find_or_insert_game(&mut self, game: &NewGame) -> Stored<(Game, bool)> {
        let tables = self.writable()?;
        tables.refers_to_platform(game.platform)?;
        if let Some(known) = tables.game_of_file(game.platform, &game.fs_name) {
            return Ok((known.clone(), false));
        }
        let game = Game {
            id: GameId(tables.ids.game.next()),
            platform: game.platform,
            name: game.name.clone(),
            fs_name: game.fs_name.clone(),
            size: game.size,
            hashes: game.hashes.clone(),
            source: game.source,
            created_at: game.created_at,
            updated_at: game.created_at,
        };
        tables.games.insert(game.id, game.clone());
        Ok((game, true))
    }

    fn game(&mut self, id: GameId) -> Stored<Option<Game>> {
        Ok(self.tables.games.get(&id).cloned())
    }

    fn known_games(&mut self, ids: &[GameId]) -> Stored<Vec<GameId>> {
        Ok(self.tables.games.keys().filter(|id| ids.contains(id)).copied().collect())
    }

    fn games(&mut self, filter: &GameFilter) -> Stored<(Vec<Game>, u64)> {
        let mut games: Vec<Game> =
            self.tables.games.values().filter(|game| is_meant(filter, game)).cloned().collect();
        games.sort_by(|one, two| compared(filter.order, one, two));
        let total = games.len() as u64;
        let page = games.into_iter().skip(count(filter.offset)).take(count(filter.limit));
        Ok((page.collect(), total))
    }

    fn games_of_platform(&mut self, platform: PlatformId) -> Stored<Vec<Game>> {
        let mut games: Vec<Game> = self.tables.games_on(platform).cloned().collect();
        games.sort_by(|one, two| one.fs_name.cmp(&two.fs_name));
        Ok(games)
    }

    fn game_by_hash(&mut self, hashes: &GameHashes) -> Stored<Option<Game>> {
        let of_files = self.tables.game_files.values().filter(|file| share_a_hash(&file.hashes, hashes));
        let of_files: BTreeSet<GameId> = of_files.map(|file| file.game).collect();
        let mut games = self.tables.games.values();
        let found = games.find(|game| share_a_hash(&game.hashes, hashes) || of_files.contains(&game.id));
        Ok(found.cloned())
    }

    fn game_ids(&mut self) -> Stored<Vec<GameId>> {
        Ok(self.tables.games.keys().copied().collect())
    }

    fn platform_ids(&mut self) -> Stored<Vec<PlatformId>> {
        Ok(self.tables.platforms.keys().copied().collect())
    }

    fn update_game(&mut self, game: &Game) -> Stored<bool> {
        let tables = self.writable()?;
        let Some(stored) = tables.games.get(&game.id) else { return Ok(false) };
        let game = Game { platform: stored.platform, created_at: stored.created_at, ..game.clone() };
        let same_file = tables.game_of_file(game.platform, &game.fs_name);
        unique("game file", same_file.is_some_and(|other| other.id != game.id))?;
        tables.games.insert(game.id, game);
        Ok(true)
    }

    fn files(&mut self, games: &[GameId]) -> Stored<Vec<GameFile>> {
        let games: BTreeSet<&GameId> = games.iter().collect();
        let of_games = self.tables.game_files.values().filter(|file| games.contains(&file.game));
        let mut files: Vec<GameFile> = of_games.cloned().collect();
        files.sort_by(|one, two| (one.game, &one.path).cmp(&(two.game, &two.path)));
        Ok(files)
    }

    fn file(&mut self, id: GameFileId) -> Stored<Option<GameFile>> {
        Ok(self.tables.game_files.get(&id).cloned())
    }

    fn put_files(&mut self, game: GameId, files: &[NewGameFile]) -> Stored<()> {
        let tables = self.writable()?;
        tables.refers_to_game(game)?;
        let had = tables.game_files.values().filter(|file| file.game == game);
        let had: BTreeMap<String, GameFileId> = had.map(|file| (file.path.clone(), file.id)).collect();
        had.values().for_each(|id| {
            tables.game_files.remove(id);
        });
        for file in files {
            let NewGameFile { path, size, modified_at, hashes } = file.clone();
            let id = had.get(&path).copied();
            let id = id.unwrap_or_else(|| GameFileId(tables.ids.game_file.next()));
            tables.game_files.insert(id, GameFile { id, game, path, size, modified_at, hashes });
        }
        Ok(())
    }

    fn props(&mut self, user: UserId, games: &[GameId]) -> Stored<Vec<(GameId, GameProps)>> {
        let known = |game: &GameId| Some((*game, self.tables.props.get(&(user, *game))?.clone()));
        Ok(games.iter().filter_map(known).collect())
    }

    fn put_props(&mut self, user: UserId, props: &[(GameId, GameProps)]) -> Stored<()> {
        let tables = self.writable()?;
        for (game, props) in props {
            tables.refers_to_user(user)?;
            tables.refers_to_game(*game)?;
            tables.props.insert((user, *game), props.clone());
        }
        Ok(())
    }
}

impl Tables {
    fn games_on(&self, platform: PlatformId) -> impl Iterator<Item = &Game> {
        self.games.values().filter(move |game| game.platform == platform)
    }

    fn game_of_file(&self, platform: PlatformId, fs_name: &str) -> Option<&Game> {
        self.games_on(platform).find(|game| game.fs_name == fs_name)
    }
}

fn is_meant(filter: &GameFilter, game: &Game) -> bool {
    let on_platform = filter.platforms.is_empty() || filter.platforms.contains(&game.platform);
    let found = filter.search.as_ref().is_none_or(|text| {
        let text = text.to_lowercase();
        [&game.name, &game.fs_name].iter().any(|name| name.to_lowercase().contains(&text))
    });
    on_platform && found && is_after(game.updated_at, filter.updated_after)
}

fn compared(order: GameOrder, one: &Game, two: &Game) -> Ordering {
    let by_key = match order.by {
        GameKey::Name => one.name.to_lowercase().cmp(&two.name.to_lowercase()),
        GameKey::Id => Ordering::Equal,
        GameKey::FsName => one.fs_name.to_lowercase().cmp(&two.fs_name.to_lowercase()),
        GameKey::Size => one.size.cmp(&two.size),
        GameKey::CreatedAt => one.created_at.cmp(&two.created_at),
        GameKey::UpdatedAt => one.updated_at.cmp(&two.updated_at),
    };
    let ascending = by_key.then(one.id.cmp(&two.id));
    match order.direction {
        Direction::Ascending => ascending,
        Direction::Descending => ascending.reverse(),
    }
}

fn is_after(updated_at: Timestamp, instant: Option<Timestamp>) -> bool {
    instant.is_none_or(|instant| updated_at > instant)
}

fn share_a_hash(known: &GameHashes, given: &GameHashes) -> bool {
    let pairs = [(&known.crc32, &given.crc32), (&known.md5, &given.md5), (&known.sha1, &given.sha1)];
    pairs.iter().any(|(known, given)| given.is_some() && known == given)
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
