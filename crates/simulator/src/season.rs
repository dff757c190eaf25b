//! A season: a house, and what happens in it until all comes to rest.

use std::collections::BTreeSet;

use memcard_api::saves::{Save, Version};

use crate::SimulationError;
use crate::chance::Chance;
use crate::contents::{ContentId, Contents};
use crate::device::Device;
use crate::history::{History, content_of};
use crate::house::{House, SLOT};
use crate::network::HeldBack;
use crate::report::{Happening, Loss, Report};
use crate::wire::Sent;

/// After how many steps everything comes to rest once.
const BETWEEN_CALMS: u64 = 250;
/// How many cycles of each device rest may take.
const ROUNDS: usize = 6;

/// Whether the network, the players and their devices behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weather {
    Stormy,
    /// Nothing is lost, nobody plays, and every conflict is settled for the server's side.
    Calm,
}

/// Everything that there is.
pub(crate) struct Season<'a> {
    pub(crate) report: &'a mut Report,
    pub(crate) chance: Chance,
    pub(crate) house: House,
    pub(crate) contents: Contents,
    pub(crate) devices: Vec<Device>,
    pub(crate) held_back: Vec<HeldBack>,
    /// What was answered 2xx or 409: by owner and game.
    pub(crate) kept: BTreeSet<(usize, usize, ContentId)>,
    pub(crate) weather: Weather,
}

impl<'a> Season<'a> {
    pub(crate) async fn begin(report: &'a mut Report) -> Result<Self, SimulationError> {
        let seed = report.next_season();
        let (house, devices) = House::furnish(seed).await?;
        Ok(Self {
            report,
            chance: Chance::new(seed),
            house,
            contents: Contents::default(),
            devices,
            held_back: Vec::new(),
            kept: BTreeSet::new(),
            weather: Weather::Stormy,
        })
    }

    pub(crate) async fn run(mut self, steps: u64) -> Result<(), SimulationError> {
        for step in 1..=steps {
            self.report.count_step();
            self.step().await?;
            if step.is_multiple_of(BETWEEN_CALMS) || step == steps {
                self.come_to_rest().await?;
            }
        }
        self.audit().await?;
        let (requests, transcript) = self.house.wire.end();
        self.report.end_season(requests, transcript);
        Ok(())
    }

    async fn step(&mut self) -> Result<(), SimulationError> {
        let seconds = 1 + self.chance.below(600);
        self.house.wait(seconds);
        if self.chance.per_mille(30) && !self.held_back.is_empty() {
            return self.deliver_a_copy().await;
        }
        if self.chance.per_mille(25) {
            return self.act_from_outside().await;
        }
        let device = self.chance.below(self.devices.len());
        match (self.devices[device].cycle.is_some(), self.chance.below(1000)) {
            (true, 0..30) => {
                self.report.count(Happening::Crashed);
                self.devices[device].cycle = None;
            }
            (false, 0..400) => self.play(device),
            (false, 400..440) => self.go_back(device),
            _ => self.go_on(device).await?,
        }
        Ok(())
    }

    /// The network delivers what it still has, nobody plays, and every device syncs until nothing changes any more.
    async fn come_to_rest(&mut self) -> Result<(), SimulationError> {
        self.weather = Weather::Calm;
        while !self.held_back.is_empty() {
            self.deliver_a_copy().await?;
        }
        for _ in 0..ROUNDS {
            for device in 0..self.devices.len() {
                self.sync(device).await?;
            }
        }
        for device in 0..self.devices.len() {
            for game in 0..self.house.games.len() {
                self.is_on_head(device, game).await?;
            }
        }
        self.report.count(Happening::Calm);
        self.weather = Weather::Stormy;
        Ok(())
    }

    /// A whole cycle.
    async fn sync(&mut self, device: usize) -> Result<(), SimulationError> {
        self.devices[device].cycle = None;
        loop {
            self.house.wait(1);
            self.go_on(device).await?;
            if self.devices[device].cycle.is_none() {
                return Ok(());
            }
        }
    }

    async fn is_on_head(&mut self, device: usize, game: usize) -> Result<(), SimulationError> {
        let history = self.history(self.devices[device].owner, game).await?;
        let head = history.head().and_then(|head| content_of(head, &self.contents));
        // A device that was emptied and set up again under its identity has nothing to report, and nothing is promised.
        let Some(file) = self.devices[device].cards[game].file else { return Ok(()) };
        if Some(file.content) != head {
            let how = format!("device {device} has {} of game {game}, whose head is {head:?}", file.content);
            self.report.lose(Loss::NotConverged, &how);
        }
        Ok(())
    }

    /// Whether all that was ever answered is there, and in order.
    async fn audit(&mut self) -> Result<(), SimulationError> {
        for owner in 0..self.house.owners.len() {
            for game in 0..self.house.games.len() {
                let history = self.history(owner, game).await?;
                self.is_in_order(owner, game, &history).await?;
                self.is_all_there(owner, game, &history).await?;
            }
        }
        Ok(())
    }

    async fn is_all_there(
        &mut self,
        owner: usize,
        game: usize,
        history: &History,
    ) -> Result<(), SimulationError> {
        let mut fetched = BTreeSet::new();
        for version in &history.0 {
            let path = format!("/api/saves/versions/{}/content", version.version_id);
            let answer = self.deliver(&Sent::get(path, &self.house.owners[owner])).await?;
            let content = content_of(version, &self.contents);
            self.report.count(Happening::Fetched);
            match content.filter(|content| answer.status == 200 && content.bytes() == answer.body) {
                Some(content) => drop(fetched.insert(content)),
                None => self.report.lose(Loss::TornRead, &format!("version {}", version.version_id)),
            }
        }
        let kept = self.kept.iter().filter(|(of, about, _)| (*of, *about) == (owner, game));
        let missing: Vec<ContentId> =
            kept.map(|(_, _, content)| *content).filter(|content| !fetched.contains(content)).collect();
        for content in missing {
            self.report.lose(Loss::Unrecoverable, &format!("{content} of owner {owner}"));
        }
        Ok(())
    }

    async fn is_in_order(
        &mut self,
        owner: usize,
        game: usize,
        history: &History,
    ) -> Result<(), SimulationError> {
        let path = format!("/api/saves?rom_id={}&slot={SLOT}", self.house.games[game]);
        let listed: Vec<Save> = self.deliver(&Sent::get(path, &self.house.owners[owner])).await?.json()?;
        let newest = listed.first().map(|save| save.id);
        let head = history.head().map(|head| head.save.id);
        let is_increasing = history.0.windows(2).all(|pair| {
            pair[0].version_id > pair[1].version_id && pair[0].save.updated_at > pair[1].save.updated_at
        });
        if newest != head || !is_increasing {
            self.report.lose(Loss::Disorder, &format!("game {game} of owner {owner}"));
        }
        Ok(())
    }

    /// What the server shows of the slot.
    pub(crate) async fn history(&mut self, owner: usize, game: usize) -> Result<History, SimulationError> {
        let path = format!("/api/saves/history?rom_id={}&slot={SLOT}", self.house.games[game]);
        let versions: Vec<Version> =
            self.deliver(&Sent::get(path, &self.house.owners[owner])).await?.json()?;
        Ok(History(versions))
    }
}
