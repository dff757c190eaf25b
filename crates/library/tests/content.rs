//! The bytes of games.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up its folder has failed")]

use std::fs;
use std::io::{Cursor, Read as _};
use std::os::unix::fs::symlink;

use memcard_domain::catalogue::FilePlace;
use memcard_domain::ports::{ArchivedFile, LibraryBytes, LibraryError, LibraryFolder as _};
use memcard_library::DiskLibrary;
use tempfile::TempDir;
use zip::ZipArchive;

/// A library of two platforms, and what is beside it.
struct Shelf {
    folder: TempDir,
}

impl Shelf {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        for (path, bytes) in [
            ("library/roms/gba/Game.gba", "a game"),
            ("library/roms/psx/Game/disc 1.bin", "one"),
            ("library/roms/psx/Game/disc 2/track.bin", "two"),
            ("library/secret", "inside, but no game"),
            ("secret", "outside"),
        ] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        Self { folder }
    }

    fn place(&self, platform_folder: &str, path: &str) -> FilePlace {
        FilePlace {
            library: self.folder.path().join("library").to_str().unwrap().to_owned(),
            platform_folder: platform_folder.to_owned(),
            path: path.to_owned(),
        }
    }

    fn archived(&self, name: &str) -> ArchivedFile {
        ArchivedFile { name: name.to_owned(), place: self.place("psx", &format!("Game/{name}")) }
    }

    fn link(&self, target: &str, path: &str) {
        let path = self.folder.path().join("library/roms").join(path);
        symlink(self.folder.path().join(target), path).unwrap();
    }
}

async fn all(mut bytes: Box<dyn LibraryBytes>) -> Result<Vec<u8>, LibraryError> {
    let mut all = Vec::new();
    while let Some(chunk) = bytes.next().await? {
        all.extend_from_slice(&chunk);
    }
    Ok(all)
}

#[tokio::test]
async fn a_file_is_read_from_any_offset_and_says_its_size() {
    let shelf = Shelf::new();
    for (offset, expected) in [(0, "a game"), (2, "game"), (6, ""), (99, "")] {
        let file = DiskLibrary.open(shelf.place("gba", "Game.gba")).await.unwrap();
        assert_eq!(file.size(), 6);
        assert_eq!(all(file.bytes_from(offset)).await.unwrap(), expected.as_bytes());
    }
}

#[tokio::test]
async fn a_large_file_is_read_in_pieces() {
    let shelf = Shelf::new();
    let bytes: Vec<u8> = (0..1_000_003u32).map(|index| (index % 251) as u8).collect();
    fs::write(shelf.folder.path().join("library/roms/gba/Large.gba"), &bytes).unwrap();
    let file = DiskLibrary.open(shelf.place("gba", "Large.gba")).await.unwrap();
    assert_eq!(all(file.bytes_from(3)).await.unwrap(), bytes[3..]);
}

#[tokio::test]
async fn nothing_outside_the_library_is_opened_whatever_the_path_says() {
    let shelf = Shelf::new();
    shelf.link("secret", "gba/Link.gba");
    shelf.link("", "gba/Up");
    shelf.link("library/roms/gba/Game.gba", "gba/Twin.gba");
    let outside = shelf.folder.path().join("secret");
    for (platform, path) in [
        ("gba", "Link.gba"),
        ("gba", "Up/secret"),
        ("gba", "../../../secret"),
        ("..", "../secret"),
        ("gba", outside.to_str().unwrap()),
        ("gba", "nothing"),
        ("gba", "Game.gba/below"),
        ("nothing", "Game.gba"),
        ("gba", ""),
        ("psx", "Game"),
    ] {
        let refused = DiskLibrary.open(shelf.place(platform, path)).await.err();
        assert!(matches!(refused, Some(LibraryError::NoSuchFile)), "{platform} {path}: {refused:?}");
    }
    let twin = DiskLibrary.open(shelf.place("gba", "Twin.gba")).await.unwrap();
    assert_eq!(all(twin.bytes_from(0)).await.unwrap(), b"a game", "a link that stays inside");
}

#[tokio::test]
async fn an_archive_holds_its_files_in_their_order_as_they_are() {
    let shelf = Shelf::new();
    let archive = DiskLibrary
        .archive(vec![shelf.archived("disc 2/track.bin"), shelf.archived("disc 1.bin")])
        .await
        .unwrap();
    let bytes = all(archive.bytes).await.unwrap();
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut seen = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        seen.push((entry.name().unwrap().into_owned(), text));
    }
    let expected = [("disc 2/track.bin", "two"), ("disc 1.bin", "one")];
    assert_eq!(seen, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
}

#[tokio::test]
async fn an_archive_s_mark_changes_with_its_files_and_with_nothing_else() {
    let shelf = Shelf::new();
    let mark = async || DiskLibrary.archive(vec![shelf.archived("disc 1.bin")]).await.unwrap().mark;
    let before = mark().await;
    assert_eq!(mark().await, before);
    fs::write(shelf.folder.path().join("library/roms/psx/Game/disc 1.bin"), "another").unwrap();
    assert_ne!(mark().await, before);
}

#[tokio::test]
async fn an_archive_of_a_file_that_is_gone_is_not_begun() {
    let shelf = Shelf::new();
    let begun = DiskLibrary.archive(vec![shelf.archived("disc 1.bin"), shelf.archived("disc 3.bin")]).await;
    assert!(matches!(begun.err(), Some(LibraryError::NoSuchFile)));
}

#[tokio::test]
async fn an_archive_whose_file_goes_meanwhile_ends_in_an_error() {
    let shelf = Shelf::new();
    let large = shelf.folder.path().join("library/roms/psx/Game/disc 1.bin");
    fs::write(large, vec![7; 16 << 20]).unwrap();
    let archive = vec![shelf.archived("disc 1.bin"), shelf.archived("disc 2/track.bin")];
    let mut archive = DiskLibrary.archive(archive).await.unwrap();
    assert!(archive.bytes.next().await.unwrap().is_some());
    fs::remove_file(shelf.folder.path().join("library/roms/psx/Game/disc 2/track.bin")).unwrap();
    assert!(matches!(all(archive.bytes).await, Err(LibraryError::NoSuchFile)));
}
