//! What every handler has at hand.

use std::sync::Arc;

use actix_web::web;
use memcard_domain::ports::Ports;
use memcard_domain::time::Timestamp;

use crate::settings::Settings;

/// The ports and the settings. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// Everything the use cases need.
    pub ports: Ports,
    /// What the administrator decided.
    pub settings: Arc<Settings>,
}

impl AppState {
    /// Puts the two together.
    pub fn new(ports: Ports, settings: Settings) -> Self {
        Self { ports, settings: Arc::new(settings) }
    }

    /// Now.
    pub(crate) fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }
}

/// The state as a handler's argument.
pub(crate) type State = web::Data<AppState>;
