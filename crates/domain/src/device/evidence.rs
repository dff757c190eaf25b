//! What remains of the evidence for a device's bases when somebody else may now be the device.

use crate::ids::{DeviceId, UserId};
use crate::ports::{StoreError, Transaction};

/// Makes every base of the device provisional: it was paired again, or registered again under another token (promise
/// P5).
pub(crate) fn weaken_bases(
    tx: &mut dyn Transaction,
    user: UserId,
    device: DeviceId,
) -> Result<(), StoreError> {
    tx.devices().lock(user, device)?;
    let mut bases = tx.bases().of_device(device)?;
    for base in &mut bases {
        base.weaken();
    }
    tx.bases().put(&bases)
}
