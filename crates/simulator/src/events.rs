//! What happens beside playing and syncing.

use serde_json::json;

use crate::SimulationError;
use crate::device::{Card, File};
use crate::history::{History, content_of};
use crate::house::{FILE_NAME, SLOT};
use crate::judgement::Act;
use crate::report::Happening;
use crate::season::Season;
use crate::wire::{Body, Sent};

type Done = Result<(), SimulationError>;

impl Season<'_> {
    /// Somebody plays: the file gets a content that derives from the one it has.
    pub(crate) fn play(&mut self, device: usize) {
        self.report.count(Happening::Played);
        let game = self.chance.below(self.house.games.len());
        let time = self.house.time_on(self.devices[device].clock);
        let card = &mut self.devices[device].cards[game];
        let content = self.contents.derive(card.file.map(|file| file.content));
        card.put(File { content, time });
    }

    /// The player takes the file back that was there before, with its time.
    pub(crate) fn go_back(&mut self, device: usize) {
        let game = self.chance.below(self.house.games.len());
        let card = &mut self.devices[device].cards[game];
        if card.backup.is_some() {
            std::mem::swap(&mut card.file, &mut card.backup);
            card.went_back = true;
            self.report.count(Happening::WentBack);
        }
    }

    /// Something that an owner does, on no device or to one.
    pub(crate) async fn act_from_outside(&mut self) -> Done {
        let owner = self.chance.below(self.house.owners.len());
        let game = self.chance.below(self.house.games.len());
        match self.chance.below(5) {
            0 => self.upload_in_browser(owner, game).await,
            1 => self.delete(owner, game).await,
            2 => self.restore(owner, game).await,
            3 => self.resolve(owner, game).await,
            _ => self.set_up_anew().await,
        }
    }

    async fn upload_in_browser(&mut self, owner: usize, game: usize) -> Done {
        let history = self.history(owner, game).await?;
        let content = self.contents.derive(history.head().and_then(|head| content_of(head, &self.contents)));
        let path = format!("/api/saves?rom_id={}&slot={SLOT}", self.house.games[game]);
        let sent = Sent::post(path, &self.house.owners[owner], Body::Save { file_name: FILE_NAME, content });
        let answer = self.watch(None, owner, game, Act::Explicit, &sent).await?;
        if answer.status.is_success() {
            self.report.count(Happening::WebUpload);
            self.kept.insert((owner, game, content));
        }
        Ok(())
    }

    async fn delete(&mut self, owner: usize, game: usize) -> Done {
        let history = self.history(owner, game).await?;
        let listed: Vec<i32> = history
            .0
            .iter()
            .filter(|version| History::is_listed(version))
            .map(|version| version.save.id)
            .collect();
        let Some(row) = self.chance.pick(&listed).copied() else { return Ok(()) };
        self.report.count(Happening::Deleted);
        self.explicit("/api/saves/delete".to_owned(), owner, json!({ "saves": [row] })).await
    }

    async fn restore(&mut self, owner: usize, game: usize) -> Done {
        let history = self.history(owner, game).await?;
        let held: Vec<i32> =
            history.0.iter().filter(|version| version.held).map(|version| version.version_id).collect();
        let Some(version) = self.chance.pick(&held).copied() else { return Ok(()) };
        self.report.count(Happening::Restored);
        let path = format!("/api/saves/versions/{version}/restore");
        let sent = Sent::post(path, &self.house.owners[owner], Body::None);
        self.watch(None, owner, game, Act::Explicit, &sent).await.map(drop)
    }

    async fn resolve(&mut self, owner: usize, game: usize) -> Done {
        let history = self.history(owner, game).await?;
        let open: Vec<i32> = history
            .0
            .iter()
            .filter(|version| version.state == "fork_open")
            .map(|version| version.version_id)
            .collect();
        let Some(fork) = self.chance.pick(&open).copied() else { return Ok(()) };
        self.report.count(Happening::Resolved);
        let keep = ["head", "fork", "both"][self.chance.below(3)];
        let path = format!("/api/saves/forks/{fork}/resolve");
        let sent = Sent::post(path, &self.house.owners[owner], Body::Json(json!({ "keep": keep })));
        self.watch(None, owner, game, Act::Explicit, &sent).await.map(drop)
    }

    /// A device loses all it had and is set up again. What the network still had of it has lost its token.
    async fn set_up_anew(&mut self) -> Done {
        let number = self.chance.below(self.devices.len());
        self.report.count(Happening::Registered);
        self.held_back.retain(|copy| copy.device != number);
        let is_reset = self.chance.per_mille(500);
        let device = &mut self.devices[number];
        device.cycle = None;
        device.cards.fill(Card::default());
        let body =
            json!({ "mac_address": device.mac_address, "allow_existing": true, "reset_syncs": is_reset });
        let owner = device.owner;
        self.explicit("/api/devices".to_owned(), owner, body).await
    }

    async fn explicit(&mut self, path: String, owner: usize, body: serde_json::Value) -> Done {
        let sent = Sent::post(path, &self.house.owners[owner], Body::Json(body));
        self.deliver(&sent).await.map(drop)
    }
}
