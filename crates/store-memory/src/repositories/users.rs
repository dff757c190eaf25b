//! Users. A user's name is unique by its key.

use memcard_domain::account::{NewUser, Role, User, Username};
use memcard_domain::ids::{DeviceId, UserId};
use memcard_domain::ports::UserRepository;

use super::constraints::unique;
use super::{MemoryTransaction, Stored};
use crate::tables::Tables;

impl UserRepository for MemoryTransaction {
    fn insert_first(&mut self, user: &NewUser) -> Stored<Option<User>> {
        if self.writable()?.users.is_empty() { self.insert(user).map(Some) } else { Ok(None) }
    }

    fn insert(&mut self, user: &NewUser) -> Stored<User> {
        let tables = self.writable()?;
        unique("user name", tables.user_named(&user.username.key()).is_some())?;
        let user = User {
            id: UserId(tables.ids.user.next()),
            username: user.username.clone(),
            email: user.email.clone(),
            role: user.role,
            enabled: true,
            password: user.password.clone(),
            last_login_at: None,
            last_active_at: None,
            created_at: user.created_at,
            updated_at: user.created_at,
        };
        tables.users.insert(user.id, user.clone());
        Ok(user)
    }

    fn find(&mut self, id: UserId) -> Stored<Option<User>> {
        Ok(self.tables.users.get(&id).cloned())
    }

    fn find_by_name(&mut self, key: &str) -> Stored<Option<User>> {
        Ok(self.tables.user_named(key).cloned())
    }

    fn list(&mut self) -> Stored<Vec<User>> {
        Ok(self.tables.users.values().cloned().collect())
    }

    fn count(&mut self) -> Stored<u64> {
        Ok(self.tables.users.len() as u64)
    }

    /// Transactions that may write follow one another anyway.
    fn lock(&mut self, id: UserId) -> Stored<bool> {
        Ok(self.tables.users.contains_key(&id))
    }

    fn lock_admins(&mut self) -> Stored<Vec<UserId>> {
        let users = self.tables.users.values();
        Ok(users.filter(|user| user.enabled && user.role == Role::Admin).map(|user| user.id).collect())
    }

    fn update(&mut self, user: &User) -> Stored<bool> {
        let tables = self.writable()?;
        let same_name = tables.user_named(&user.username.key());
        unique("user name", same_name.is_some_and(|other| other.id != user.id))?;
        let Some(stored) = tables.users.get_mut(&user.id) else { return Ok(false) };
        *stored = User { created_at: stored.created_at, ..user.clone() };
        Ok(true)
    }

    fn delete(&mut self, id: UserId) -> Stored<bool> {
        let tables = self.writable()?;
        if tables.users.remove(&id).is_none() {
            return Ok(false);
        }
        tables.logins.retain(|_, login| login.user != id);
        tables.tokens.retain(|_, token| token.user != id);
        tables.props.retain(|(user, _), _| *user != id);
        tables.reservations.retain(|(user, _), _| *user != id);
        tables.plays.retain(|_, play| play.played.user != id);
        tables.remove_saves_of_user(id);
        tables.screenshots.retain(|_, screenshot| screenshot.user != id);
        let devices: Vec<DeviceId> =
            tables.devices.values().filter(|device| device.user == id).map(|device| device.id).collect();
        for device in devices {
            tables.remove_device(device);
        }
        Ok(true)
    }
}

impl Tables {
    fn user_named(&self, key: &str) -> Option<&User> {
        self.users.values().find(|user| Username::key(&user.username) == key)
    }

    fn remove_saves_of_user(&mut self, user: UserId) {
        let Self { slots, versions, rows, bases, served, named_files, .. } = self;
        slots.retain(|_, slot| slot.key.user != user);
        versions.retain(|_, version| slots.contains_key(&version.slot));
        rows.retain(|_, row| versions.contains_key(&row.version));
        bases.retain(|(_, slot), _| slots.contains_key(slot));
        served.retain(|(_, row), _| rows.contains_key(row));
        named_files.retain(|(_, slot), _| slots.contains_key(slot));
    }
}
