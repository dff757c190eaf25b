//! Another program embeds the rules: no server, no HTTP, no database, no async runtime. It keeps everything in memory,
//! tells the time itself, and decides who its player is. Two devices play one game; both edit the save; nothing is lost.
//!
//! Run it with `cargo run -p memcard-domain --example embed`. It ends with an error if the story goes otherwise.

use std::error::Error;
use std::future::Future;
use std::io::{self, Write};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use chrono::{DateTime, Duration};
use memcard_domain::account::{Caller, Credential, NewUser, PasswordHash, Role, Username};
use memcard_domain::catalogue::{self, Declaration, Game};
use memcard_domain::device::{self, DeviceDetails, Existing, Registered, Registration, Syncs};
use memcard_domain::ids::{DeviceId, SaveId};
use memcard_domain::ports::{BlobError, BlobStore as _};
use memcard_domain::save::{
    self, Cleanup, Content, FileName, Save, SaveFilter, SlotName, Upload, UploadMode, UploadOutcome,
};
use memcard_domain::sync::decision::Action;
use memcard_domain::sync::{self, ClientFile, ReportedOperations};
use memcard_domain::time::Timestamp;
use memcard_store_memory::{MemoryBlobs, MemoryStore};
use uuid::Uuid;

type Outcome<T> = Result<T, Box<dyn Error>>;

const FILE: &str = "Moon Garden (USA).srm";
const SLOT: &str = "autosave";

fn main() -> Outcome<()> {
    story(&mut io::stdout().lock())
}

/// The story, told to `out`.
///
/// # Errors
/// It goes otherwise.
pub fn story(out: &mut dyn Write) -> Outcome<()> {
    let mut shelf = Shelf::new()?;
    let handheld = shelf.register("Handheld", Uuid::from_u128(1))?;
    let desk = shelf.register("Desk", Uuid::from_u128(2))?;
    let game = shelf.declare("gba", "Moon Garden (USA).gba")?;
    writeln!(out, "The {} plays {} on the handheld and at the desk.", shelf.player.user.username, game.name)?;

    let UploadOutcome::Stored(first) = shelf.upload(handheld, &game, "chapter 1")? else {
        return Err("the first save of an empty slot is stored".into());
    };
    writeln!(out, "The handheld uploads its save: {} is the head.", first.file_name)?;

    let planned = shelf.sync_empty_card(desk)?;
    check(planned == [first.id], "the desk is told to download what the handheld uploaded")?;
    let fetched = shelf.download(desk, first.id)?;
    check(fetched == "chapter 1", "it gets the bytes that were uploaded")?;
    writeln!(out, "The desk negotiates, is told to download it, and has \"{fetched}\".")?;
    check(shelf.action(desk, &game, "chapter 1")? == Action::NoOp, "now it is in sync")?;

    let UploadOutcome::Stored(head) = shelf.upload(handheld, &game, "chapter 2, by the bridge")? else {
        return Err("who holds the head may replace it".into());
    };
    let UploadOutcome::Refused(refusal) = shelf.upload(desk, &game, "chapter 2, by the tower")? else {
        return Err("of two edits of one save only one becomes the head".into());
    };
    writeln!(out, "Both play on. The handheld is first; the desk is refused: {}.", refusal.reason.text())?;
    check(refusal.head.id == head.id, "the head is the handheld's")?;
    check(shelf.listed(&game)? == [head.id, first.id], "a fork is in no list")?;

    let kept = shelf.bytes(&refusal.kept)?;
    check(kept == "chapter 2, by the tower", "the refused bytes are kept as a fork")?;
    check(shelf.bytes(&head)? == "chapter 2, by the bridge", "and so are the head's")?;
    check(
        shelf.action(desk, &game, "chapter 2, by the tower")? == Action::Conflict,
        "until somebody chooses",
    )?;
    writeln!(
        out,
        "Nothing is lost: the fork still has \"{kept}\", and waits for {} to choose.",
        shelf.player.user.username
    )?;
    Ok(())
}

/// All that the embedding program has: a store, a place for bytes, a clock, its one player.
struct Shelf {
    store: MemoryStore,
    blobs: MemoryBlobs,
    player: Caller,
    now: Timestamp,
}

impl Shelf {
    fn new() -> Outcome<Self> {
        let now = DateTime::from_timestamp(1_800_000_000, 0).ok_or("an instant of our century")?;
        let store = MemoryStore::new();
        let player = NewUser {
            username: Username::new("player")?,
            email: None,
            role: Role::User,
            // Nobody logs in here: no password has this hash.
            password: PasswordHash("!".to_owned()),
            created_at: now,
        };
        let user = store.transact_now(|tx| tx.users().insert(&player))?;
        let player = Caller { user, credential: Credential::Basic };
        Ok(Self { store, blobs: MemoryBlobs::new(), player, now })
    }

    /// The time is the embedding program's to tell.
    fn tick(&mut self) -> Timestamp {
        self.now += Duration::minutes(1);
        self.now
    }

    fn register(&mut self, name: &str, id: Uuid) -> Outcome<DeviceId> {
        let now = self.tick();
        let details = DeviceDetails {
            name: Some(name.to_owned()),
            hostname: Some(name.to_lowercase()),
            ..DeviceDetails::default()
        };
        let registration = Registration { details, existing: Existing::Allow { syncs: Syncs::Keep } };
        let registered = self
            .store
            .transact_now(|tx| device::register(tx, now, &self.player, registration, DeviceId(id)))?;
        match registered {
            Registered::New(device) | Registered::Existing(device) => Ok(device.id),
        }
    }

    fn declare(&mut self, platform: &str, file: &str) -> Outcome<Game> {
        let now = self.tick();
        let declaration = Declaration {
            platform_slug: platform.to_owned(),
            file_name: file.to_owned(),
            ..Declaration::default()
        };
        Ok(self.store.transact_now(|tx| catalogue::declare(tx, now, &self.player, declaration))?)
    }

    /// Bytes first, then the row that names them.
    fn upload(&mut self, device: DeviceId, game: &Game, text: &str) -> Outcome<UploadOutcome> {
        let upload = Upload {
            user: self.player.user.id,
            game: game.id,
            slot: Some(SlotName::new(SLOT)?),
            file_name: FileName::new(FILE)?,
            emulator: None,
            content: self.keep(text)?,
            screenshot: None,
            device: Some(device),
            session: None,
            mode: UploadMode::Guarded,
            cleanup: Cleanup::Off,
        };
        let now = self.tick();
        Ok(self.store.transact_now(|tx| save::upload(tx, now, &upload))?)
    }

    /// A device without any save asks what to do: the saves that it should download.
    fn sync_empty_card(&mut self, device: DeviceId) -> Outcome<Vec<SaveId>> {
        let now = self.tick();
        let plan =
            self.store.transact_now(|tx| sync::negotiate(tx, now, self.player.user.id, device, &[]))?;
        let downloads = plan.operations.iter().filter(|operation| operation.action == Action::Download);
        Ok(downloads.filter_map(|operation| operation.save).collect())
    }

    /// What a device whose file says `text` should do with it.
    fn action(&mut self, device: DeviceId, game: &Game, text: &str) -> Outcome<Action> {
        let content = self.keep(text)?;
        let now = self.tick();
        let file = ClientFile {
            game: game.id,
            file_name: FileName::new(FILE)?,
            slot: Some(SlotName::new(SLOT)?),
            emulator: None,
            content_hash: content.content_hash,
            file_time: now,
            size: content.size,
        };
        let user = self.player.user.id;
        let plan = self.store.transact_now(|tx| -> Outcome<_> {
            let plan = sync::negotiate(tx, now, user, device, &[file])?;
            sync::complete(tx, now, user, plan.session.id, ReportedOperations::default())?;
            Ok(plan)
        })?;
        let operation = plan.operations.first().ok_or("every file that is named has an operation")?;
        Ok(operation.action)
    }

    /// The device fetches the save, and confirms that it has it.
    fn download(&mut self, device: DeviceId, id: SaveId) -> Outcome<String> {
        let user = self.player.user.id;
        let served = self.store.transact_now(|tx| save::serve(tx, user, id, Some(device)))?;
        let text = self.bytes(&served)?;
        let now = self.tick();
        self.store.transact_now(|tx| save::downloaded(tx, now, user, id, device))?;
        Ok(text)
    }

    /// The saves of the game that a player sees, newest first.
    fn listed(&self, game: &Game) -> Outcome<Vec<SaveId>> {
        let user = self.player.user.id;
        let filter = SaveFilter { user, game: Some(game.id), platform: None, slot: None };
        let listed = self.store.read_now(|tx| save::list(tx, &filter, None))?;
        Ok(listed.into_iter().map(|listed| listed.save.id).collect())
    }

    fn keep(&self, text: &str) -> Outcome<Content> {
        let keeping = async {
            let mut writer = self.blobs.writer().await?;
            writer.write(Bytes::copy_from_slice(text.as_bytes())).await?;
            writer.finish().await
        };
        Ok(at_once(keeping)?)
    }

    fn bytes(&self, save: &Save) -> Outcome<String> {
        let reading = async {
            let mut reader = self.blobs.reader(save.version.content.digest, 0).await?;
            let mut bytes = Vec::new();
            while let Some(chunk) = reader.next().await? {
                bytes.extend_from_slice(&chunk);
            }
            Ok::<_, BlobError>(bytes)
        };
        Ok(String::from_utf8(at_once(reading)?)?)
    }
}

/// The answer of an adapter that never waits. A program whose blobs are on a network has a runtime for this.
fn at_once<T>(work: impl Future<Output = Result<T, BlobError>>) -> Result<T, BlobError> {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => Err(BlobError::Backend("blobs in memory do not wait".into())),
    }
}

fn check(holds: bool, what: &str) -> Outcome<()> {
    if holds { Ok(()) } else { Err(format!("it should be that {what}").into()) }
}
