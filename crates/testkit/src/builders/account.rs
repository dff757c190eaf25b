//! People and their credentials.

use memcard_domain::account::{
    ClientToken, Login, LoginKind, NewClientToken, NewLogin, NewUser, PasswordHash, Role, Scope, ScopeSet,
    User, Username,
};
use memcard_domain::ids::{DeviceId, PairingId, UserId};
use memcard_domain::ports::{StoreError, Transaction};
use memcard_domain::secret::{Secret, SecretDigest};
use memcard_domain::time::Timestamp;

use super::at;

/// The digest that a store keeps of that secret text.
pub fn digest_of(secret: &str) -> SecretDigest {
    Secret::new(secret).digest()
}

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
#[must_use]
pub struct UserBuilder(NewUser);

impl UserBuilder {
    /// With another name.
    ///
    /// # Panics
    /// For what is no [`Username`].
    pub fn named(mut self, name: &str) -> Self {
        self.0.username = Username::new(name).unwrap();
        self
    }

    /// With a mail address.
    pub fn reached_at(mut self, email: &str) -> Self {
        self.0.email = Some(email.to_owned());
        self
    }

    /// With another role.
    pub fn with_role(mut self, role: Role) -> Self {
        self.0.role = role;
        self
    }

    /// Who may do everything.
    pub fn as_admin(self) -> Self {
        self.with_role(Role::Admin)
    }

    /// With a password's hash.
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

/// A browser's login by the cookie of that text, good for an hour from the story's beginning.
pub fn a_login(user: UserId, cookie: &str) -> LoginBuilder {
    LoginBuilder(NewLogin {
        user,
        digest: digest_of(cookie),
        kind: LoginKind::Browser { device: None },
        created_at: at(0),
        expires_at: at(60),
    })
}

/// See [`a_login`].
#[derive(Debug, Clone)]
#[must_use]
pub struct LoginBuilder(NewLogin);

impl LoginBuilder {
    /// From this browser's device.
    pub fn on(mut self, device: DeviceId) -> Self {
        self.0.kind = LoginKind::Browser { device: Some(device) };
        self
    }

    /// A program's, with that refresh token until then.
    pub fn refreshed_by(mut self, refresh: &str, until: Timestamp) -> Self {
        self.0.kind = LoginKind::Api {
            scopes: ScopeSet::of(&[Scope::MeRead, Scope::AssetsWrite]),
            refresh: digest_of(refresh),
            refresh_expires_at: until,
        };
        self
    }

    /// Made at another time.
    pub fn made(mut self, at: Timestamp) -> Self {
        self.0.created_at = at;
        self
    }

    /// Good until then.
    pub fn until(mut self, at: Timestamp) -> Self {
        self.0.expires_at = at;
        self
    }

    /// The login to be inserted.
    pub fn build(self) -> NewLogin {
        self.0
    }

    /// Inserts the login.
    ///
    /// # Errors
    /// What the store says.
    pub fn insert(self, tx: &mut dyn Transaction) -> Result<Login, StoreError> {
        tx.logins().insert(&self.0)
    }
}

/// A client token with the secret of that text, for ever, made when the story begins.
pub fn a_token(user: UserId, secret: &str) -> TokenBuilder {
    TokenBuilder(NewClientToken {
        user,
        name: "handheld".to_owned(),
        scopes: ScopeSet::of(&[
            Scope::AssetsRead,
            Scope::AssetsWrite,
            Scope::DevicesRead,
            Scope::DevicesWrite,
        ]),
        digest: digest_of(secret),
        device: None,
        pairing: None,
        expires_at: None,
        created_at: at(0),
    })
}

/// See [`a_token`].
#[derive(Debug, Clone)]
#[must_use]
pub struct TokenBuilder(NewClientToken);

impl TokenBuilder {
    /// With another name.
    pub fn named(mut self, name: &str) -> Self {
        self.0.name = name.to_owned();
        self
    }

    /// That may do this.
    pub fn with_scopes(mut self, scopes: ScopeSet) -> Self {
        self.0.scopes = scopes;
        self
    }

    /// That stands for the device.
    pub fn bound_to(mut self, device: DeviceId) -> Self {
        self.0.device = Some(device);
        self
    }

    /// From that pairing.
    pub fn from_pairing(mut self, pairing: PairingId) -> Self {
        self.0.pairing = Some(pairing);
        self
    }

    /// Good until then.
    pub fn until(mut self, at: Timestamp) -> Self {
        self.0.expires_at = Some(at);
        self
    }

    /// Made at another time.
    pub fn made(mut self, at: Timestamp) -> Self {
        self.0.created_at = at;
        self
    }

    /// The token to be inserted.
    pub fn build(self) -> NewClientToken {
        self.0
    }

    /// Inserts the token.
    ///
    /// # Errors
    /// What the store says.
    pub fn insert(self, tx: &mut dyn Transaction) -> Result<ClientToken, StoreError> {
        tx.tokens().insert(&self.0)
    }
}
