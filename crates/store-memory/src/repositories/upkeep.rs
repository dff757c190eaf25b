//! The whole store, for whoever looks after it.

use std::collections::BTreeSet;
use std::ops::Bound;

use memcard_domain::ids::{SlotId, StateId};
use memcard_domain::ports::UpkeepRepository;
use memcard_domain::save::{Digest, Save, Slot};
use memcard_domain::upkeep::NamedBy;

use super::{MemoryTransaction, Stored};

impl UpkeepRepository for MemoryTransaction {
    fn slots(&mut self, after: Option<SlotId>, limit: usize) -> Stored<Vec<Slot>> {
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        let slots = self.tables.slots.range((after, Bound::Unbounded));
        Ok(slots.take(limit).map(|(_, slot)| slot.clone()).collect())
    }

    fn named_digests(&mut self, after: Option<Digest>, limit: usize) -> Stored<Vec<Digest>> {
        let held = self.tables.versions.values().filter(|version| version.held);
        let of_versions = held.map(|version| version.content.digest);
        let of_screenshots = self.tables.screenshots.values().map(|screenshot| screenshot.picture.digest);
        let named: BTreeSet<Digest> =
            of_versions.chain(of_screenshots).filter(|digest| Some(*digest) > after).collect();
        Ok(named.into_iter().take(limit).collect())
    }

    fn naming(&mut self, digest: Digest) -> Stored<Vec<NamedBy>> {
        let name = |save: Save| match save.is_state() {
            true => NamedBy::State(StateId(save.id.0)),
            false => NamedBy::Save(save.id),
        };
        let is_meant = |save: &Save| save.version.held && save.version.content.digest == digest;
        let saves = self.tables.saves().filter(is_meant).map(name);
        let screenshots = self.tables.screenshots.values();
        let screenshots = screenshots.filter(|screenshot| screenshot.picture.digest == digest);
        Ok(saves.chain(screenshots.map(|screenshot| NamedBy::Screenshot(screenshot.id))).collect())
    }
}
