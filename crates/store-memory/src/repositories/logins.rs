//! Interactive logins. Digests of cookies, access and refresh tokens are unique.

use memcard_domain::account::{Login, LoginKind, NewLogin};
use memcard_domain::ids::{LoginId, UserId};
use memcard_domain::ports::LoginRepository;
use memcard_domain::secret::SecretDigest;
use memcard_domain::time::Timestamp;

use super::constraints::unique;
use super::{MemoryTransaction, Stored};
use crate::tables::Tables;

impl LoginRepository for MemoryTransaction {
    fn insert(&mut self, login: &NewLogin) -> Stored<Login> {
        let tables = self.writable()?;
        tables.refers_to_user(login.user)?;
        tables.allows_kind(&login.kind)?;
        unique("login digest", tables.logins.values().any(|other| other.digest == login.digest))?;
        let login = Login {
            id: LoginId(tables.ids.login.next()),
            user: login.user,
            digest: login.digest,
            kind: login.kind.clone(),
            created_at: login.created_at,
            last_used_at: login.created_at,
            expires_at: login.expires_at,
        };
        tables.logins.insert(login.id, login.clone());
        Ok(login)
    }

    fn find(&mut self, id: LoginId) -> Stored<Option<Login>> {
        Ok(self.tables.logins.get(&id).cloned())
    }

    fn find_by_digest(&mut self, digest: SecretDigest) -> Stored<Option<Login>> {
        Ok(self.tables.logins.values().find(|login| login.digest == digest).cloned())
    }

    fn take_by_refresh(&mut self, refresh: SecretDigest) -> Stored<Option<Login>> {
        let tables = self.writable()?;
        let id =
            tables.logins.values().find(|login| refresh_of(login) == Some(refresh)).map(|login| login.id);
        Ok(id.and_then(|id| tables.logins.remove(&id)))
    }

    fn touch(&mut self, id: LoginId, used_at: Timestamp) -> Stored<()> {
        if let Some(login) = self.writable()?.logins.get_mut(&id) {
            login.last_used_at = used_at;
        }
        Ok(())
    }

    fn delete(&mut self, id: LoginId) -> Stored<bool> {
        Ok(self.writable()?.logins.remove(&id).is_some())
    }

    fn delete_of_user(&mut self, user: UserId, except: Option<LoginId>) -> Stored<()> {
        self.writable()?.logins.retain(|id, login| login.user != user || Some(*id) == except);
        Ok(())
    }

    fn delete_ended(&mut self, now: Timestamp) -> Stored<()> {
        self.writable()?.logins.retain(|_, login| login.is_live(now) || can_be_refreshed(login, now));
        Ok(())
    }
}

impl Tables {
    fn allows_kind(&self, kind: &LoginKind) -> Stored<()> {
        match kind {
            LoginKind::Browser { device } => self.refers_to_device(*device),
            LoginKind::Api { refresh, .. } => {
                let mut logins = self.logins.values();
                unique("login refresh digest", logins.any(|other| refresh_of(other) == Some(*refresh)))
            }
        }
    }
}

fn refresh_of(login: &Login) -> Option<SecretDigest> {
    match login.kind {
        LoginKind::Api { refresh, .. } => Some(refresh),
        LoginKind::Browser { .. } => None,
    }
}

fn can_be_refreshed(login: &Login, now: Timestamp) -> bool {
    match login.kind {
        LoginKind::Api { refresh_expires_at, .. } => now < refresh_expires_at,
        LoginKind::Browser { .. } => false,
    }
}
