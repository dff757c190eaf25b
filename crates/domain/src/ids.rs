//! Identifiers. Ids that stand on the wire as JSON integers fit 32 bits and are positive; device and pairing ids are
//! UUIDv4.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! integer_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i32);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

integer_ids! {
    /// A user.
    UserId;
    /// An interactive login: a browser's session or an access token from a password.
    LoginId;
    /// A client token.
    TokenId;
    /// A platform of the catalogue.
    PlatformId;
    /// A game of the catalogue (`rom_id` on the wire).
    GameId;
    /// A file of a game.
    GameFileId;
    /// A slot.
    SlotId;
    /// A save row (`save_id` on the wire).
    SaveId;
    /// A state's row. Numbered together with save rows; neither is taken for the other.
    StateId;
    /// A screenshot.
    ScreenshotId;
    /// A version: one immutable content in a slot.
    VersionId;
    /// A sync session.
    SessionId;
    /// A play session.
    PlaySessionId;
}

uuid_ids! {
    /// A device.
    DeviceId;
    /// A pairing flow.
    PairingId;
}
