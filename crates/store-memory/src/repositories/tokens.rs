//! Client tokens. Digests are unique, and so are the pairings that tokens come from.

use std::cmp::Reverse;

use memcard_domain::account::{ClientToken, NewClientToken};
use memcard_domain::ids::{DeviceId, TokenId, UserId};
use memcard_domain::ports::TokenRepository;
use memcard_domain::secret::SecretDigest;
use memcard_domain::time::Timestamp;

use super::constraints::unique;
use super::{MemoryTransaction, Stored};
use crate::tables::Tables;

impl TokenRepository for MemoryTransaction {
    fn insert(&mut self, token: &NewClientToken) -> Stored<ClientToken> {
        let tables = self.writable()?;
        tables.refers_to_user(token.user)?;
        tables.refers_to_device(token.device)?;
        unique("token digest", tables.token_of(token.digest).is_some())?;
        let mut pairings = tables.tokens.values().filter_map(|other| other.pairing);
        unique("token pairing", pairings.any(|other| Some(other) == token.pairing))?;
        let token = ClientToken {
            id: TokenId(tables.ids.token.next()),
            user: token.user,
            name: token.name.clone(),
            scopes: token.scopes,
            digest: token.digest,
            device: token.device,
            pairing: token.pairing,
            expires_at: token.expires_at,
            last_used_at: None,
            created_at: token.created_at,
        };
        tables.tokens.insert(token.id, token.clone());
        Ok(token)
    }

    fn find_by_digest(&mut self, digest: SecretDigest) -> Stored<Option<ClientToken>> {
        Ok(self.tables.token_of(digest).cloned())
    }

    fn find(&mut self, id: TokenId) -> Stored<Option<ClientToken>> {
        Ok(self.tables.tokens.get(&id).cloned())
    }

    fn list_of_user(&mut self, user: UserId) -> Stored<Vec<ClientToken>> {
        Ok(newest_first(self.tables.tokens.values().filter(|token| token.user == user)))
    }

    fn list_all(&mut self) -> Stored<Vec<ClientToken>> {
        Ok(newest_first(self.tables.tokens.values()))
    }

    fn replace_digest(&mut self, id: TokenId, digest: SecretDigest) -> Stored<bool> {
        let tables = self.writable()?;
        unique("token digest", tables.token_of(digest).is_some_and(|other| other.id != id))?;
        let Some(token) = tables.tokens.get_mut(&id) else { return Ok(false) };
        token.digest = digest;
        Ok(true)
    }

    fn touch(&mut self, id: TokenId, used_at: Timestamp) -> Stored<()> {
        if let Some(token) = self.writable()?.tokens.get_mut(&id) {
            token.last_used_at = Some(used_at);
        }
        Ok(())
    }

    fn delete(&mut self, id: TokenId) -> Stored<bool> {
        Ok(self.writable()?.tokens.remove(&id).is_some())
    }

    fn delete_of_device(&mut self, device: DeviceId) -> Stored<()> {
        self.writable()?.tokens.retain(|_, token| token.device != Some(device));
        Ok(())
    }
}

impl Tables {
    fn token_of(&self, digest: SecretDigest) -> Option<&ClientToken> {
        self.tokens.values().find(|token| token.digest == digest)
    }
}

fn newest_first<'a>(tokens: impl Iterator<Item = &'a ClientToken>) -> Vec<ClientToken> {
    let mut tokens: Vec<ClientToken> = tokens.cloned().collect();
    tokens.sort_by_key(|token| Reverse((token.created_at, token.id)));
    tokens
}
