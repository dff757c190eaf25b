//! One transaction, and the repositories it hands out: all of them are the transaction itself.

mod bases;
mod catalogue;
mod constraints;
mod devices;
mod logins;
mod plays;
mod saves;
mod screenshots;
mod sessions;
mod tokens;
mod upkeep;
mod users;

use memcard_domain::ports::{
    Access, BaseRepository, CatalogueRepository, DeviceRepository, LoginRepository, PlayRepository,
    SaveRepository, ScreenshotRepository, SessionRepository, StoreError, TokenRepository, Transaction,
    UpkeepRepository, UserRepository,
};

use crate::tables::Tables;

type Stored<T> = Result<T, StoreError>;

/// A transaction on a copy of the tables.
pub(crate) struct MemoryTransaction {
    tables: Tables,
    access: Access,
}

impl MemoryTransaction {
    pub(crate) fn new(tables: Tables, access: Access) -> Self {
        Self { tables, access }
    }

    /// The tables as the transaction leaves them.
    pub(crate) fn into_tables(self) -> Tables {
        self.tables
    }

    /// The tables, to be changed. Every method that writes goes through here, before it checks anything else.
    fn writable(&mut self) -> Stored<&mut Tables> {
        match self.access {
            Access::Write => Ok(&mut self.tables),
            Access::Read => Err(StoreError::Backend("a write in work that only reads".into())),
        }
    }
}

impl Transaction for MemoryTransaction {
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
