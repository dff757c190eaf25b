//! What clients do, request by request: contract § 7.

use std::collections::VecDeque;

use memcard_api::DateTime;
use memcard_api::saves::{Save, UploadConflict};
use memcard_api::sync::{Action, Operation, Plan};
use memcard_explorer::Client;
use serde_json::{Value, json};

use crate::contents::ContentId;
use crate::device::{Cycle, File, Over, Task};
use crate::house::{FILE_NAME, SLOT};
use crate::judgement::Act;
use crate::network::{Fate, HeldBack};
use crate::report::{Happening, Loss};
use crate::season::{Season, Weather};
use crate::wire::{Answer, Body, Sent};
use crate::{Ablation, SimulationError};

type Done = Result<(), SimulationError>;

impl Season<'_> {
    /// The device does the next thing of its cycle, or begins one.
    pub(crate) async fn go_on(&mut self, device: usize) -> Done {
        let next = self.devices[device].cycle.as_mut().map(|cycle| cycle.left.pop_front());
        match next {
            None => self.negotiate(device).await,
            Some(Some(task)) => self.perform(device, task).await,
            Some(None) => {
                self.devices[device].cycle = None;
                Ok(())
            }
        }
    }

    async fn perform(&mut self, device: usize, task: Task) -> Done {
        match task {
            Task::Upload { game } => self.upload(device, game, Act::Upload).await,
            Task::Overwrite { game } => self.upload(device, game, Act::Overwrite).await,
            Task::Settle { game, row } => {
                self.settle(device, game, row);
                Ok(())
            }
            Task::Fetch { game, row, over } => self.fetch(device, game, row, over).await,
            Task::Write { game, row, content, over } => self.write(device, game, row, content, over).await,
            Task::Confirm { row } => {
                let sent = self.post(device, &format!("/api/saves/{row}/downloaded"), self.named(device));
                self.ask_or_give_up(device, sent).await.map(drop)
            }
            Task::Complete => {
                let path = format!("/api/sync/sessions/{}/complete", self.session(device));
                let sent = self.post(device, &path, json!({ "operations_failed": 0 }));
                self.ask_or_give_up(device, sent).await.map(drop)
            }
        }
    }

    async fn negotiate(&mut self, device: usize) -> Done {
        let entries: Vec<Value> =
            (0..self.house.games.len()).filter_map(|game| self.entry(device, game)).collect();
        let body = json!({ "device_id": self.devices[device].id, "saves": entries });
        let sent = self.post(device, "/api/sync/negotiate", body);
        let Some(answer) = self.ask(device, sent).await? else { return Ok(()) };
        let plan: Plan = answer.json()?;
        self.report.count(Happening::Negotiated);
        let mut left = VecDeque::new();
        for operation in &plan.operations {
            left.extend(self.task(device, operation));
        }
        left.push_back(Task::Complete);
        self.devices[device].cycle = Some(Cycle { session: plan.session_id, left });
        Ok(())
    }

    /// What the device says of its file.
    fn entry(&self, device: usize, game: usize) -> Option<Value> {
        let device = &self.devices[device];
        let card = &device.cards[game];
        let file = card.file?;
        let hash = match device.client {
            Client::Hashing | Client::Optimistic => Some(file.content),
            Client::Adopting => card.adopted,
            Client::Hashless => None,
        };
        Some(json!({
            "rom_id": self.house.games[game],
            "file_name": FILE_NAME,
            "slot": SLOT,
            "content_hash": hash.map(ContentId::hash),
            "updated_at": DateTime(file.time).to_string(),
            "file_size_bytes": file.content.bytes().len(),
        }))
    }

    fn task(&mut self, device: usize, operation: &Operation) -> Option<Task> {
        // Where both of a conflict were kept, the other slot is for nobody's sync.
        let game = self.house.games.iter().position(|game| *game == operation.rom_id)?;
        if operation.slot.as_deref() != Some(SLOT) {
            return None;
        }
        match (operation.action, operation.save_id) {
            (Action::Upload, _) => Some(Task::Upload { game }),
            (Action::Download, Some(row)) => Some(Task::Fetch { game, row, over: Over::Planned }),
            (Action::Conflict, Some(row)) => {
                self.report.count(Happening::Conflict);
                self.weigh_conflict(device, game, operation);
                Some(Task::Settle { game, row })
            }
            _ => None,
        }
    }

    /// A conflict is needless in hindsight where one side was played on from the other.
    fn weigh_conflict(&mut self, device: usize, game: usize, operation: &Operation) {
        let card = &self.devices[device].cards[game];
        let head = operation.server_content_hash.as_deref().and_then(|hash| self.contents.of_hash(hash));
        if let (Some(file), Some(head), false) = (card.file, head, card.went_back)
            && (self.contents.descends(file.content, head) || self.contents.descends(head, file.content))
        {
            self.report.count(Happening::SpuriousConflict);
        }
    }

    async fn upload(&mut self, device: usize, game: usize, act: Act) -> Done {
        let Some(file) = self.devices[device].cards[game].file else { return Ok(()) };
        let sent = self.upload_request(device, game, act, file.content);
        let fate = self.fate();
        if fate == Fate::IsLost {
            self.devices[device].cycle = None;
            return Ok(());
        }
        let answer = self.watch(Some(device), self.devices[device].owner, game, act, &sent).await?;
        self.note_answer(device, game, file.content, &answer);
        if fate == Fate::ComesAgain && act == Act::Upload {
            self.held_back.push(HeldBack { device, game: Some(game), sent });
        }
        if fate == Fate::AnswerIsLost {
            self.devices[device].cycle = None;
            return Ok(());
        }
        self.heed(device, game, file.content, &answer)
    }

    fn upload_request(&mut self, device: usize, game: usize, act: Act, content: ContentId) -> Sent {
        let mut path = format!(
            "/api/saves?rom_id={}&slot={SLOT}&device_id={}&session_id={}",
            self.house.games[game],
            self.devices[device].id,
            self.session(device),
        );
        if act == Act::Overwrite || self.report.is_without(Ablation::Guard) {
            path.push_str("&overwrite=true");
        }
        if self.chance.per_mille(250) {
            path.push_str("&autocleanup=true&autocleanup_limit=2");
        }
        Sent::post(path, &self.devices[device].token, Body::Save { file_name: FILE_NAME, content })
    }

    /// What was answered 2xx or 409 has to be there for ever.
    fn note_answer(&mut self, device: usize, game: usize, content: ContentId, answer: &Answer) {
        let happening = match answer.status.as_u16() {
            200 | 201 => Happening::Accepted,
            409 => Happening::Refused,
            _ => return,
        };
        self.report.count(happening);
        self.kept.insert((self.devices[device].owner, game, content));
    }

    /// What a client does on the answer to its upload.
    fn heed(&mut self, device: usize, game: usize, content: ContentId, answer: &Answer) -> Done {
        if answer.status.is_success() {
            self.devices[device].cards[game].adopted = Some(content);
        } else if answer.status == 409 {
            let row = answer.json::<UploadConflict>()?.save_id;
            self.next(device, [Task::Settle { game, row }]);
        }
        Ok(())
    }

    /// A copy of an upload arrives.
    pub(crate) async fn upload_again(&mut self, device: usize, game: usize, sent: &Sent) -> Done {
        self.watch(Some(device), self.devices[device].owner, game, Act::Copy, sent).await.map(drop)
    }

    fn settle(&mut self, device: usize, game: usize, row: i32) {
        let card = &self.devices[device].cards[game];
        let is_unchanged = card.file.map(|file| file.content) == card.adopted;
        let task = if self.devices[device].client == Client::Adopting && is_unchanged
            || self.report.is_without(Ablation::Conflict)
        {
            Task::Fetch { game, row, over: Over::Planned }
        } else if self.weather == Weather::Calm || self.chance.per_mille(500) {
            Task::Fetch { game, row, over: Over::Chosen }
        } else {
            self.report.count(Happening::Overwrote);
            Task::Overwrite { game }
        };
        self.next(device, [task]);
    }

    async fn fetch(&mut self, device: usize, game: usize, row: i32, over: Over) -> Done {
        let shown = Sent::get(format!("/api/saves/{row}"), &self.devices[device].token);
        let shown = self.deliver(&shown).await?;
        let path = format!(
            "/api/saves/{row}/content?device_id={}&session_id={}&optimistic={}",
            self.devices[device].id,
            self.session(device),
            !self.devices[device].client.confirms(),
        );
        let sent = Sent::get(path, &self.devices[device].token);
        let Some(answer) = self.ask_or_give_up(device, sent).await? else { return Ok(()) };
        if answer.status != 200 {
            // Somebody deleted the row meanwhile.
            return Ok(());
        }
        self.report.count(Happening::Downloaded);
        let named = shown.json::<Save>()?.content_hash.and_then(|hash| self.contents.of_hash(&hash));
        let Some(content) = named.filter(|content| content.bytes() == answer.body) else {
            self.report.lose(Loss::TornRead, &format!("device {device} fetched row {row}"));
            return Ok(());
        };
        self.next(device, [Task::Write { game, row, content, over }]);
        Ok(())
    }

    async fn write(&mut self, device: usize, game: usize, row: i32, content: ContentId, over: Over) -> Done {
        if let (Over::Planned, Some(file)) = (over, self.devices[device].cards[game].file) {
            let history = self.history(self.devices[device].owner, game).await?;
            if !history.holds(file.content) {
                let how = format!("device {device} writes {content} over {}", file.content);
                self.report.lose(Loss::SilentLocalLoss, &how);
            }
        }
        let time = self.house.time_on(self.devices[device].clock);
        let card = &mut self.devices[device].cards[game];
        card.put(File { content, time });
        card.adopted = Some(content);
        if self.devices[device].client.confirms() {
            self.next(device, [Task::Confirm { row }]);
        }
        Ok(())
    }

    /// The answer; a client that gets none gives the cycle up.
    async fn ask_or_give_up(&mut self, device: usize, sent: Sent) -> Result<Option<Answer>, SimulationError> {
        let answer = self.ask(device, sent).await?;
        if answer.is_none() {
            self.devices[device].cycle = None;
        }
        Ok(answer)
    }

    fn next<const N: usize>(&mut self, device: usize, tasks: [Task; N]) {
        if let Some(cycle) = &mut self.devices[device].cycle {
            tasks.into_iter().rev().for_each(|task| cycle.left.push_front(task));
        }
    }

    fn session(&self, device: usize) -> i32 {
        self.devices[device].cycle.as_ref().map_or(0, |cycle| cycle.session)
    }

    fn named(&self, device: usize) -> Value {
        json!({ "device_id": self.devices[device].id })
    }

    fn post(&self, device: usize, path: &str, body: Value) -> Sent {
        Sent::post(path.to_owned(), &self.devices[device].token, Body::Json(body))
    }
}
