//! What becomes of a request between a device and the server.

use crate::SimulationError;
use crate::report::{Happening, Loss};
use crate::season::{Season, Weather};
use crate::wire::{Answer, Sent};

/// A request that the network will deliver once more.
pub(crate) struct HeldBack {
    /// The device that sent it, by its number.
    pub(crate) device: usize,
    /// The game that it is about.
    pub(crate) game: Option<usize>,
    pub(crate) sent: Sent,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Arrives,
    IsLost,
    AnswerIsLost,
    /// It arrives, and a copy of it later.
    ComesAgain,
}

impl Season<'_> {
    /// What becomes of the next request.
    pub(crate) fn fate(&mut self) -> Fate {
        if self.weather == Weather::Calm {
            return Fate::Arrives;
        }
        let (fate, happening) = match self.chance.below(1000) {
            0..40 => (Fate::IsLost, Happening::LostRequest),
            40..80 => (Fate::AnswerIsLost, Happening::LostAnswer),
            80..110 => (Fate::ComesAgain, Happening::CameAgain),
            _ => return Fate::Arrives,
        };
        self.report.count(happening);
        fate
    }

    /// Sends a request that changes no head, and gives the answer, if the client gets one.
    pub(crate) async fn ask(&mut self, device: usize, sent: Sent) -> Result<Option<Answer>, SimulationError> {
        let fate = self.fate();
        if fate == Fate::IsLost {
            return Ok(None);
        }
        let answer = self.deliver(&sent).await?;
        match fate {
            Fate::AnswerIsLost => return Ok(None),
            // What starts a session or reads does no harm a second time that a new one would not.
            Fate::ComesAgain if sent.path.ends_with("/downloaded") || sent.path.ends_with("/complete") => {
                self.held_back.push(HeldBack { device, game: None, sent });
            }
            _ => {}
        }
        Ok(Some(answer))
    }

    /// A request as it arrives.
    pub(crate) async fn deliver(&mut self, sent: &Sent) -> Result<Answer, SimulationError> {
        let answer = self.house.wire.send(sent).await?;
        if answer.status.is_server_error() {
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            self.report.lose(Loss::ServerError, &format!("{} {}: {body}", sent.method, sent.path));
        }
        Ok(answer)
    }

    /// A copy arrives that the network held back, whichever.
    pub(crate) async fn deliver_a_copy(&mut self) -> Result<(), SimulationError> {
        let number = self.chance.below(self.held_back.len());
        let copy = self.held_back.swap_remove(number);
        match copy.game {
            Some(game) => self.upload_again(copy.device, game, &copy.sent).await,
            None => self.deliver(&copy.sent).await.map(drop),
        }
    }
}
