//! The whole store, for whoever looks after it.

use std::collections::BTreeSet;

use diesel::prelude::*;
use memcard_domain::ids::{SaveId, ScreenshotId, SlotId, StateId};
use memcard_domain::ports::UpkeepRepository;
use memcard_domain::save::{Digest, Slot};
use memcard_domain::upkeep::NamedBy;

use super::saves::SlotRow;
use crate::connection::on_backend;
use crate::error::{Stored, bytes};
use crate::schema::{saves, screenshots, slots, versions};
use crate::transaction::DieselTransaction;

impl UpkeepRepository for DieselTransaction<'_> {
    fn slots(&mut self, after: Option<SlotId>, limit: usize) -> Stored<Vec<Slot>> {
        let after = after.map_or(0, |slot| slot.0);
        let rows: Vec<SlotRow> = on_backend!(self.session, |c| {
            slots::table
                .filter(slots::id.gt(after))
                .order(slots::id)
                .limit(rows(limit))
                .select(SlotRow::as_select())
                .load(c)
        })?;
        rows.into_iter().map(SlotRow::into_slot).collect()
    }

    fn named_digests(&mut self, after: Option<Digest>, limit: usize) -> Stored<Vec<Digest>> {
        // No bytes come before all others.
        let after = after.map_or_else(Vec::new, |digest| digest.0.to_vec());
        let of_versions: Vec<Vec<u8>> = on_backend!(self.session, |c| {
            versions::table
                .filter(versions::held.eq(true).and(versions::digest.gt(after.as_slice())))
                .order(versions::digest)
                .limit(rows(limit))
                .select(versions::digest)
                .distinct()
                .load(c)
        })?;
        let of_screenshots: Vec<Vec<u8>> = on_backend!(self.session, |c| {
            screenshots::table
                .filter(screenshots::digest.gt(after.as_slice()))
                .order(screenshots::digest)
                .limit(rows(limit))
                .select(screenshots::digest)
                .distinct()
                .load(c)
        })?;
        let named: BTreeSet<Vec<u8>> = of_versions.into_iter().chain(of_screenshots).collect();
        named.iter().take(limit).map(|digest| Ok(Digest(bytes("digest", digest)?))).collect()
    }

    fn naming(&mut self, digest: Digest) -> Stored<Vec<NamedBy>> {
        let of_rows: Vec<(i32, bool)> = on_backend!(self.session, |c| {
            saves::table
                .inner_join(versions::table.inner_join(slots::table))
                .filter(versions::held.eq(true).and(versions::digest.eq(digest.0.as_slice())))
                .select((saves::id, slots::state_file_name.is_not_null()))
                .load(c)
        })?;
        let of_screenshots: Vec<i32> = on_backend!(self.session, |c| {
            screenshots::table
                .filter(screenshots::digest.eq(digest.0.as_slice()))
                .select(screenshots::id)
                .load(c)
        })?;
        let name = |(id, is_state)| match is_state {
            true => NamedBy::State(StateId(id)),
            false => NamedBy::Save(SaveId(id)),
        };
        let screenshots = of_screenshots.into_iter().map(|id| NamedBy::Screenshot(ScreenshotId(id)));
        Ok(of_rows.into_iter().map(name).chain(screenshots).collect())
    }
}

/// A limit, as databases take it.
fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
