//! A transaction of mocked repositories, for unit tests of what a use case asks of them and in which order. A call that
//! a test does not expect fails it.

use chrono::DateTime;

use crate::account::{Caller, Credential, PasswordHash, Role, User, Username};
use crate::ids::UserId;
use crate::time::Timestamp;

use super::repositories::{
    MockBaseRepository, MockCatalogueRepository, MockDeviceRepository, MockLoginRepository,
    MockPlayRepository, MockSaveRepository, MockScreenshotRepository, MockSessionRepository,
    MockTokenRepository, MockUpkeepRepository, MockUserRepository,
};
use super::{
    BaseRepository, CatalogueRepository, DeviceRepository, LoginRepository, PlayRepository, SaveRepository,
    ScreenshotRepository, SessionRepository, TokenRepository, Transaction, UpkeepRepository, UserRepository,
};

#[derive(Default)]
pub(crate) struct MockTransaction {
    pub(crate) users: MockUserRepository,
    pub(crate) logins: MockLoginRepository,
    pub(crate) tokens: MockTokenRepository,
    pub(crate) devices: MockDeviceRepository,
    pub(crate) catalogue: MockCatalogueRepository,
    pub(crate) saves: MockSaveRepository,
    pub(crate) screenshots: MockScreenshotRepository,
    pub(crate) bases: MockBaseRepository,
    pub(crate) sessions: MockSessionRepository,
    pub(crate) plays: MockPlayRepository,
    pub(crate) upkeep: MockUpkeepRepository,
}

impl Transaction for MockTransaction {
    fn users(&mut self) -> &mut dyn UserRepository {
        &mut self.users
    }

    fn logins(&mut self) -> &mut dyn LoginRepository {
        &mut self.logins
    }

    fn tokens(&mut self) -> &mut dyn TokenRepository {
        &mut self.tokens
    }

    fn devices(&mut self) -> &mut dyn DeviceRepository {
        &mut self.devices
    }

    fn catalogue(&mut self) -> &mut dyn CatalogueRepository {
        &mut self.catalogue
    }

    fn saves(&mut self) -> &mut dyn SaveRepository {
        &mut self.saves
    }

    fn screenshots(&mut self) -> &mut dyn ScreenshotRepository {
        &mut self.screenshots
    }

    fn bases(&mut self) -> &mut dyn BaseRepository {
        &mut self.bases
    }

    fn sessions(&mut self) -> &mut dyn SessionRepository {
        &mut self.sessions
    }

    fn plays(&mut self) -> &mut dyn PlayRepository {
        &mut self.plays
    }

    fn upkeep(&mut self) -> &mut dyn UpkeepRepository {
        &mut self.upkeep
    }
}

pub(crate) fn now() -> Timestamp {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

pub(crate) fn a_user(id: i32, role: Role) -> User {
    User {
        id: UserId(id),
        username: Username::new(&format!("user {id}")).unwrap(),
        email: None,
        role,
        enabled: true,
        password: PasswordHash("unused".to_owned()),
        last_login_at: None,
        last_active_at: None,
        created_at: now(),
        updated_at: now(),
    }
}

/// Somebody with that id and role who gave their password.
pub(crate) fn a_caller(id: i32, role: Role) -> Caller {
    Caller { user: a_user(id, role), credential: Credential::Basic }
}
