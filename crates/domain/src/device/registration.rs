//! Registering a device: a new one, or one that is known by its fingerprint (contract § 3).

use thiserror::Error;

use super::evidence::weaken_bases;
use super::{Device, DeviceDetails, Fingerprint, InvalidLength, known_client};
use crate::account::{Caller, Forbidden, Scope};
use crate::ids::DeviceId;
use crate::ports::{StoreError, Transaction};
use crate::time::Timestamp;

/// A device that registers.
#[derive(Debug, Clone, PartialEq)]
pub struct Registration {
    /// What it says of itself.
    pub details: DeviceDetails,
    /// What shall happen if it is known.
    pub existing: Existing,
}

/// What shall happen with a device that is known by its fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It is the same device.
    Allow {
        /// What becomes of what it holds.
        syncs: Syncs,
    },
    /// It is refused.
    Refuse,
    /// Nobody looks: it is a new device.
    Duplicate,
}

/// What becomes of what a known device holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syncs {
    /// It stays known.
    Keep,
    /// It is forgotten: the device starts as if it had never synced.
    Reset,
}

/// A device that registered.
#[derive(Debug, Clone, PartialEq)]
pub enum Registered {
    /// It was not known before.
    New(Device),
    /// It was.
    Existing(Device),
}

/// Why a device was not registered.
#[derive(Debug, Error)]
pub enum RegisterError {
    /// The caller may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A text is too long.
    #[error(transparent)]
    Invalid(#[from] InvalidLength),
    /// It is known, as this device, and that was to be refused.
    #[error("A device with this fingerprint already exists")]
    Exists(DeviceId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Registers a device of the caller's, under the id `candidate` if it is new. Needs `devices.write`. Devices of one
/// user that register at the same time are one after the other: the second sees the first.
///
/// # Errors
/// See [`RegisterError`].
pub fn register(
    tx: &mut dyn Transaction,
    now: Timestamp,
    caller: &Caller,
    registration: Registration,
    candidate: DeviceId,
) -> Result<Registered, RegisterError> {
    caller.require(Scope::DevicesWrite)?;
    registration.details.check()?;
    let details = registration.details.completed();
    tx.users().lock(caller.user.id)?;
    let syncs = match registration.existing {
        Existing::Duplicate => return add(tx, now, caller, details, candidate),
        Existing::Refuse => None,
        Existing::Allow { syncs } => Some(syncs),
    };
    match (recognise(tx, caller, &details)?, syncs) {
        (None, _) => add(tx, now, caller, details, candidate),
        (Some(known), None) => Err(RegisterError::Exists(known.id)),
        (Some(known), Some(syncs)) => Ok(Registered::Existing(welcome_back(tx, now, caller, known, syncs)?)),
    }
}

impl DeviceDetails {
    /// A platform that was left out is that of a known client; a masked secret stands for nothing yet; settings of
    /// SSH are completed.
    fn completed(self) -> Self {
        let platform = self.platform.or_else(|| platform_of(self.client.as_deref()));
        let mode = self.sync_mode;
        let sync_config = self.sync_config.map(|config| config.unmasked_from(None).completed_for(mode));
        Self { platform, sync_config, ..self }
    }
}

/// The platform that a known client runs on.
pub(crate) fn platform_of(client: Option<&str>) -> Option<String> {
    client.and_then(known_client).and_then(|client| client.platform).map(str::to_owned)
}

fn recognise(
    tx: &mut dyn Transaction,
    caller: &Caller,
    details: &DeviceDetails,
) -> Result<Option<Device>, StoreError> {
    let fingerprint = Fingerprint::of(details);
    if fingerprint == Fingerprint::default() {
        return Ok(None);
    }
    let candidates = tx.devices().candidates(caller.user.id, &fingerprint)?;
    Ok(fingerprint.recognise(candidates))
}

fn add(
    tx: &mut dyn Transaction,
    now: Timestamp,
    caller: &Caller,
    details: DeviceDetails,
    id: DeviceId,
) -> Result<Registered, RegisterError> {
    let device = Device::new(id, caller.user.id, details, now);
    tx.devices().insert(&device)?;
    Ok(Registered::New(device))
}

fn welcome_back(
    tx: &mut dyn Transaction,
    now: Timestamp,
    caller: &Caller,
    known: Device,
    syncs: Syncs,
) -> Result<Device, StoreError> {
    match syncs {
        Syncs::Reset => {
            tx.devices().lock(known.user, known.id)?;
            tx.bases().clear(known.id)?;
        }
        Syncs::Keep if is_under_another_token(tx, caller, &known)? => {
            weaken_bases(tx, known.user, known.id)?;
        }
        Syncs::Keep => {}
    }
    tx.devices().touch(known.id, now)?;
    Ok(Device { last_seen: now, ..known })
}

/// Whether the device has tokens of its own and the caller shows none of them: it may be another card with the same
/// address.
fn is_under_another_token(
    tx: &mut dyn Transaction,
    caller: &Caller,
    known: &Device,
) -> Result<bool, StoreError> {
    if caller.bound_device() == Some(known.id) {
        return Ok(false);
    }
    Ok(tx.tokens().list_of_user(known.user)?.iter().any(|token| token.device == Some(known.id)))
}

#[cfg(test)]
mod tests {
    use mockall::Sequence;
    use mockall::predicate::eq;
    use uuid::Uuid;

    use super::*;
    use crate::account::Role;
    use crate::device::MacAddress;
    use crate::ids::UserId;
    use crate::ports::mocks::{MockTransaction, a_caller, now};

    fn registration(existing: Existing) -> Registration {
        let details =
            DeviceDetails { mac_address: MacAddress::new("AA:BB:CC:00:11:22"), ..DeviceDetails::default() };
        Registration { details, existing }
    }

    #[test]
    fn the_user_is_locked_before_known_devices_are_looked_at() {
        let mut tx = MockTransaction::default();
        let mut order = Sequence::new();
        let lock = tx.users.expect_lock().with(eq(UserId(1)));
        lock.times(1).in_sequence(&mut order).returning(|_| Ok(true));
        tx.devices.expect_candidates().times(1).in_sequence(&mut order).returning(|_, _| Ok(Vec::new()));
        tx.devices.expect_insert().times(1).in_sequence(&mut order).returning(|_| Ok(()));
        let candidate = DeviceId(Uuid::from_u128(7));
        let caller = a_caller(1, Role::User);
        let new = register(&mut tx, now(), &caller, registration(Existing::Refuse), candidate).unwrap();
        assert!(matches!(new, Registered::New(device) if device.id == candidate));
    }

    #[test]
    fn for_a_duplicate_nobody_looks() {
        let mut tx = MockTransaction::default();
        tx.users.expect_lock().returning(|_| Ok(true));
        tx.devices.expect_insert().times(1).returning(|_| Ok(()));
        let candidate = DeviceId(Uuid::from_u128(7));
        let caller = a_caller(1, Role::User);
        assert!(register(&mut tx, now(), &caller, registration(Existing::Duplicate), candidate).is_ok());
    }
}
