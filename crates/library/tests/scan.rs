//! What a scan finds.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up its folder has failed")]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use memcard_domain::ports::{FoundGames, LibraryError, LibraryFolder as _};
use memcard_library::DiskLibrary;
use tempfile::TempDir;

/// A library with these files, each as many bytes long as it says.
fn library(files: &[(&str, usize)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (path, size) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, vec![7; *size]).unwrap();
    }
    folder
}

async fn scan(folder: &Path) -> Result<Vec<(String, String, u64)>, LibraryError> {
    let folder = folder.to_str().unwrap();
    let mut found = Vec::new();
    for platform in DiskLibrary.platforms(folder).await?.folders {
        let games = games(folder, &platform).await?;
        found.extend(games.games.iter().map(|game| (platform.clone(), game.fs_name.clone(), game.size())));
    }
    Ok(found)
}

/// The games of a platform, all pieces together.
async fn games(folder: &str, platform: &str) -> Result<FoundGames, LibraryError> {
    let mut reader = DiskLibrary.games(folder, platform).await?;
    let mut all = FoundGames::default();
    while let Some(piece) = reader.next().await? {
        all.games.extend(piece.games);
        all.unreadable.extend(piece.unreadable);
    }
    Ok(all)
}

/// Asserts that exactly these games are found, in this order.
async fn assert_finds(library: &TempDir, expected: &[(&str, &str, u64)]) {
    let found = scan(library.path()).await.unwrap();
    let found: Vec<_> =
        found.iter().map(|(platform, name, size)| (platform.as_str(), name.as_str(), *size)).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn platforms_are_found_below_roms() {
    let library =
        library(&[("roms/snes/Game.sfc", 3), ("roms/gba/Other (USA).gba", 5), ("bios/scph.bin", 1)]);
    assert_finds(&library, &[("gba", "Other (USA).gba", 5), ("snes", "Game.sfc", 3)]).await;
}

#[tokio::test]
async fn platforms_are_found_above_roms() {
    let library = library(&[
        ("snes/roms/Game.sfc", 3),
        ("gba/roms/Other.gba", 5),
        ("gba/bios/gba.bin", 1),
        ("no platform/Game.sfc", 1),
    ]);
    assert_finds(&library, &[("gba", "Other.gba", 5), ("snes", "Game.sfc", 3)]).await;
}

#[tokio::test]
async fn roms_with_a_platform_decides_between_the_layouts() {
    let both = library(&[("roms/snes/Game.sfc", 3), ("gba/roms/Other.gba", 5)]);
    assert_finds(&both, &[("snes", "Game.sfc", 3)]).await;
    let without_platform = library(&[("roms/stray.txt", 3), ("gba/roms/Other.gba", 5)]);
    assert_finds(&without_platform, &[("gba", "Other.gba", 5)]).await;
}

#[tokio::test]
async fn a_folder_is_one_game_as_large_as_its_files() {
    let library = library(&[
        ("roms/psx/Game/disc 1/track.bin", 100),
        ("roms/psx/Game/disc 2/track.bin", 200),
        ("roms/psx/Game/Game.m3u", 7),
        ("roms/psx/Game/.DS_Store", 1000),
        ("roms/psx/Game/disc 2/Thumbs.db", 1000),
    ]);
    assert_finds(&library, &[("psx", "Game", 307)]).await;
}

#[tokio::test]
async fn a_folder_without_files_is_no_game_and_an_empty_file_is_one() {
    let library = library(&[("roms/psx/empty.bin", 0), ("roms/psx/only litter/.nomedia", 1)]);
    fs::create_dir_all(library.path().join("roms/psx/nothing/below")).unwrap();
    assert_finds(&library, &[("psx", "empty.bin", 0)]).await;
}

#[tokio::test]
async fn a_platform_without_games_is_found_with_none() {
    let library = library(&[]);
    fs::create_dir_all(library.path().join("roms/snes")).unwrap();
    assert_finds(&library, &[]).await;
}

#[tokio::test]
async fn hidden_files_and_litter_are_passed_over() {
    let library = library(&[
        ("roms/snes/Game.sfc", 3),
        ("roms/snes/.Game.sfc.part", 3),
        ("roms/snes/Thumbs.db", 3),
        ("roms/snes/@eaDir/Game.sfc", 3),
        ("roms/.stversions/Game.sfc", 3),
        ("roms/System Volume Information/x", 3),
    ]);
    assert_finds(&library, &[("snes", "Game.sfc", 3)]).await;
}

#[tokio::test]
async fn games_are_in_the_order_of_platform_and_name() {
    let library = library(&[
        ("roms/b/z", 1),
        ("roms/b/A", 1),
        ("roms/b/ä", 1),
        ("roms/b/a", 1),
        ("roms/B/m/file", 1),
        ("roms/B/m.zip", 1),
        ("roms/a b/x", 1),
        ("roms/a/x", 1),
    ]);
    let expected = [
        ("B", "m", 1),
        ("B", "m.zip", 1),
        ("a", "x", 1),
        ("a b", "x", 1),
        ("b", "A", 1),
        ("b", "a", 1),
        ("b", "z", 1),
        ("b", "ä", 1),
    ];
    assert_finds(&library, &expected).await;
}

#[tokio::test]
async fn links_inside_the_library_count_and_links_out_of_it_do_not() {
    let outside = library(&[("secret.txt", 9), ("roms/file", 9), ("Game/disc.bin", 9)]);
    let library =
        library(&[("roms/snes/Game.sfc", 3), ("roms/psx/Game/disc.bin", 5), ("other/Disc.bin", 11)]);
    let roms = library.path().join("roms");
    symlink(roms.join("snes/Game.sfc"), roms.join("snes/Twin.sfc")).unwrap();
    symlink("../../other", roms.join("psx/Linked")).unwrap();
    symlink(roms.join("snes"), roms.join("sfc")).unwrap();
    symlink(outside.path().join("secret.txt"), roms.join("snes/secret.txt")).unwrap();
    symlink(outside.path().join("Game"), roms.join("psx/Outside")).unwrap();
    symlink(outside.path().join("secret.txt"), roms.join("psx/Game/secret.txt")).unwrap();
    symlink(outside.path(), roms.join("outside")).unwrap();

    let expected = [
        ("psx", "Game", 5),
        ("psx", "Linked", 11),
        ("sfc", "Game.sfc", 3),
        ("sfc", "Twin.sfc", 3),
        ("snes", "Game.sfc", 3),
        ("snes", "Twin.sfc", 3),
    ];
    assert_finds(&library, &expected).await;
}

#[tokio::test]
async fn a_layout_s_roms_may_not_be_a_link_out_of_the_library() {
    let outside = library(&[("snes/Game.sfc", 3)]);
    let below = library(&[]);
    symlink(outside.path(), below.path().join("roms")).unwrap();
    assert!(matches!(scan(below.path()).await, Err(LibraryError::NoPlatforms(_))));

    let above = library(&[("gba/roms/Game.gba", 3), ("snes/readme", 1)]);
    symlink(outside.path(), above.path().join("snes/roms")).unwrap();
    assert_finds(&above, &[("gba", "Game.gba", 3)]).await;
}

#[tokio::test]
async fn the_library_itself_may_be_a_link() {
    let library = library(&[("roms/snes/Game.sfc", 3)]);
    let elsewhere = TempDir::new().unwrap();
    let link = elsewhere.path().join("library");
    symlink(library.path(), &link).unwrap();
    assert_eq!(scan(&link).await.unwrap(), [("snes".to_owned(), "Game.sfc".to_owned(), 3)]);
}

#[tokio::test]
async fn entries_that_cannot_be_read_are_passed_over() {
    let library = library(&[("roms/snes/Game.sfc", 3)]);
    let snes = library.path().join("roms/snes");
    symlink("nowhere", snes.join("Broken.sfc")).unwrap();
    symlink(&snes, snes.join("Circle")).unwrap();
    symlink("Itself.sfc", snes.join("Itself.sfc")).unwrap();
    fs::write(snes.join(OsStr::from_bytes(b"not UTF-8 \xff.sfc")), "x").unwrap();
    let _socket = UnixListener::bind(snes.join("socket")).unwrap();
    assert_finds(&library, &[("snes", "Game.sfc", 3)]).await;
}

#[tokio::test]
async fn what_is_there_and_cannot_be_read_is_said_to_be_there() {
    let library = library(&[("roms/psx/Game/1.bin", 1), ("roms/psx/Other.bin", 1), ("roms/gba/a.gba", 1)]);
    let roms = library.path().join("roms");
    symlink("locked", roms.join("psx/Game/locked")).unwrap();
    symlink("snes", roms.join("snes")).unwrap();
    let folder = library.path().to_str().unwrap();

    let platforms = DiskLibrary.platforms(folder).await.unwrap();
    assert_eq!(platforms.folders, ["gba", "psx"].map(str::to_owned).into());
    assert_eq!(platforms.unreadable, ["snes"].map(str::to_owned).into());
    let found = games(folder, "psx").await.unwrap();
    assert_eq!(found.games.iter().map(|game| &game.fs_name).collect::<Vec<_>>(), ["Other.bin"]);
    assert_eq!(found.unreadable, ["Game"]);
    assert!(matches!(games(folder, "snes").await, Err(LibraryError::Unreadable(_))));
}

#[tokio::test]
async fn a_library_of_many_games_is_read_piece_by_piece_and_each_game_is_in_one() {
    let names: Vec<String> = (0..700).map(|index| format!("roms/gba/{index:03}.gba")).collect();
    let discs: Vec<String> = (0..300).map(|index| format!("roms/gba/250/{index:03}.bin")).collect();
    let files: Vec<(&str, usize)> = names.iter().chain(&discs).map(|path| (path.as_str(), 1)).collect();
    let library = library(&files);
    let mut reader = DiskLibrary.games(library.path().to_str().unwrap(), "gba").await.unwrap();
    let mut pieces = Vec::new();
    while let Some(piece) = reader.next().await.unwrap() {
        pieces.push(piece.games);
    }
    assert!(pieces.len() >= 3, "{}", pieces.len());
    let games: Vec<_> = pieces.into_iter().flatten().collect();
    assert!(games.is_sorted_by(|one, two| one.fs_name < two.fs_name));
    assert_eq!(games.len(), 701);
    let disc = games.iter().find(|game| game.fs_name == "250").unwrap();
    assert_eq!((disc.files.len(), disc.files[299].path.as_str()), (300, "250/299.bin"));
}

#[tokio::test]
async fn a_folder_that_is_not_there_or_is_none_is_not_found() {
    let library = library(&[("file", 1)]);
    for missing in ["nothing", "nothing/below", "file", "file/below"] {
        let folder = library.path().join(missing);
        match scan(&folder).await {
            Err(LibraryError::NotFound(named)) => assert_eq!(named, folder.to_str().unwrap()),
            other => panic!("{missing}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_folder_of_neither_layout_has_no_platforms() {
    for files in [&[][..], &[("snes/Game.sfc", 1)], &[("roms/Game.sfc", 1)], &[("Game.sfc", 1)]] {
        let library = library(files);
        match scan(library.path()).await {
            Err(LibraryError::NoPlatforms(named)) => assert_eq!(named, library.path().to_str().unwrap()),
            other => panic!("{files:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_path_no_system_takes_is_an_error_of_the_library() {
    let answer = DiskLibrary.platforms("nul\0byte").await;
    assert!(matches!(answer, Err(LibraryError::Unreadable(_))), "{answer:?}");
}
