//! People and their credentials.

use memcard_domain::account::{NewUser, PasswordHash, Role, User, Username};
use memcard_domain::ports::{StoreError, Transaction};

use super::at;

/// A user: `player`, without mail address, made when the story begins.
pub fn a_user() -> UserBuilder {
    UserBuilder(NewUser {
        username: Username::new("player").unwrap(),
        email: None,
        role: Role::User,
        password: PasswordHash("$quick$unusable".to_owned()),
        created_at: at(0),
    })
}

/// See [`a_user`].
#[derive(Debug, Clone)]
pub struct UserBuilder(NewUser);

impl UserBuilder {
    /// With another name.
    ///
    /// # Panics
    /// For what is no [`Username`].
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.0.username = Username::new(name).unwrap();
        self
    }

    /// With a mail address.
    #[must_use]
    pub fn reached_at(mut self, email: &str) -> Self {
        self.0.email = Some(email.to_owned());
        self
    }

    /// With another role.
    #[must_use]
    pub fn with_role(mut self, role: Role) -> Self {
        self.0.role = role;
        self
    }

    /// Who may do everything.
    #[must_use]
    pub fn as_admin(self) -> Self {
        self.with_role(Role::Admin)
    }

    /// With a password's hash.
    #[must_use]
    pub fn with_password(mut self, hash: PasswordHash) -> Self {
        self.0.password = hash;
        self
    }

    /// The user to be inserted.
    pub fn build(self) -> NewUser {
        self.0
    }

    /// Inserts the user.
    ///
    /// # Errors
    /// What the store says.
    pub fn insert(self, tx: &mut dyn Transaction) -> Result<User, StoreError> {
        tx.users().insert(&self.0)
    }
}
