//! What devices hold: one base per device and slot, one served version per device and row.

use memcard_domain::ids::{DeviceId, SaveId, SlotId, VersionId};
use memcard_domain::ports::BaseRepository;
use memcard_domain::sync::{Base, Holding};

use super::{MemoryTransaction, Stored};
use crate::tables::Tables;

impl BaseRepository for MemoryTransaction {
    fn find(&mut self, device: DeviceId, slot: SlotId) -> Stored<Option<Base>> {
        Ok(self.tables.bases.get(&(device, slot)).cloned())
    }

    fn of_device(&mut self, device: DeviceId) -> Stored<Vec<Base>> {
        Ok(self.tables.bases.values().filter(|base| base.device == device).cloned().collect())
    }

    fn of_slots(&mut self, slots: &[SlotId]) -> Stored<Vec<Base>> {
        Ok(self.tables.bases.values().filter(|base| slots.contains(&base.slot)).cloned().collect())
    }

    fn put(&mut self, bases: &[Base]) -> Stored<()> {
        let tables = self.writable()?;
        for base in bases {
            tables.allows_base(base)?;
        }
        tables.bases.extend(bases.iter().map(|base| ((base.device, base.slot), base.clone())));
        Ok(())
    }

    fn clear(&mut self, device: DeviceId) -> Stored<()> {
        let tables = self.writable()?;
        tables.bases.retain(|(of, _), _| *of != device);
        tables.served.retain(|(to, _), _| *to != device);
        Ok(())
    }

    fn note_served(&mut self, device: DeviceId, row: SaveId, version: VersionId) -> Stored<()> {
        let tables = self.writable()?;
        tables.refers_to_device(device)?;
        tables.refers_to_row(row)?;
        tables.refers_to_version(version)?;
        tables.served.insert((device, row), version);
        Ok(())
    }

    fn served(&mut self, device: DeviceId, row: SaveId) -> Stored<Option<VersionId>> {
        Ok(self.tables.served.get(&(device, row)).copied())
    }
}

impl Tables {
    fn allows_base(&self, base: &Base) -> Stored<()> {
        self.refers_to_device(base.device)?;
        self.refers_to_slot(base.slot)?;
        match base.holding {
            None => Ok(()),
            Some(Holding::Strong(point)) => self.refers_to_version(point.version),
            Some(Holding::Provisional { point, before, session }) => {
                self.refers_to_version(point.version)?;
                self.refers_to_version(before.map(|before| before.version))?;
                self.refers_to_session(session)
            }
        }
    }
}
