//! One open transaction: it is every repository at once (see [`repositories`](crate::repositories)).

use memcard_domain::ports::{
    BaseRepository, CatalogueRepository, DeviceRepository, LoginRepository, PlayRepository, SaveRepository,
    ScreenshotRepository, SessionRepository, TokenRepository, Transaction, UpkeepRepository, UserRepository,
};

use crate::connection::Session;

/// A transaction on a lane's connection.
pub(crate) struct DieselTransaction<'a> {
    pub(crate) session: &'a mut Session,
}

impl<'a> DieselTransaction<'a> {
    pub(crate) const fn new(session: &'a mut Session) -> Self {
        Self { session }
    }
}

impl Transaction for DieselTransaction<'_> {
    fn users(&mut self) -> &mut dyn UserRepository {
        self
    }

    fn logins(&mut self) -> &mut dyn LoginRepository {
        self
    }

    fn tokens(&mut self) -> &mut dyn TokenRepository {
        self
    }

    fn devices(&mut self) -> &mut dyn DeviceRepository {
        self
    }

    fn catalogue(&mut self) -> &mut dyn CatalogueRepository {
        self
    }

    fn saves(&mut self) -> &mut dyn SaveRepository {
        self
    }

    fn screenshots(&mut self) -> &mut dyn ScreenshotRepository {
        self
    }

    fn bases(&mut self) -> &mut dyn BaseRepository {
        self
    }

    fn sessions(&mut self) -> &mut dyn SessionRepository {
        self
    }

    fn plays(&mut self) -> &mut dyn PlayRepository {
        self
    }

    fn upkeep(&mut self) -> &mut dyn UpkeepRepository {
        self
    }
}
