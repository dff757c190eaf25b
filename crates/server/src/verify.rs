//! `verify`: whether everything that is kept is there, intact and consistent.

mod json;

use std::io::{self, Write as _};
use std::time::Duration;

use anyhow::{Context as _, Result};
use memcard_domain::ports::{BlobUpkeep, BlobUsage, Swept, UnitOfWork};
use memcard_domain::upkeep::{self, Checked, Finding};

use crate::cli::VerifyOptions;
use crate::data_folder::DataFolder;
use crate::wiring;

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing is wrong, or no longer.
    Sound,
    /// Something is.
    Unsound,
}

/// How much was looked at, and what is left of what was found.
struct Summary {
    checked: Checked,
    usage: BlobUsage,
    /// `None` unless it was asked to repair.
    removed: Option<Swept>,
    /// How many findings there were that are still true.
    wrong: u64,
}

/// Checks everything, prints what is wrong, and repairs what can be repaired without losing anything, if asked to.
pub(crate) fn run(options: &VerifyOptions) -> Result<Verdict> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    let data = DataFolder::open(&options.storage.data)?;
    runtime.block_on(async {
        let opened = wiring::open(&data, options.storage.database.as_deref()).await?;
        verify(opened.ports.store.as_ref(), opened.upkeep.as_ref(), options).await
    })
}

async fn verify(store: &dyn UnitOfWork, blobs: &dyn BlobUpkeep, options: &VerifyOptions) -> Result<Verdict> {
    let grace = options.storage.grace();
    let mut lines = Lines { as_json: options.json, wrong: 0, unused: 0, failure: Ok(()) };
    let checked = upkeep::verify(store, blobs, grace, &mut |finding| lines.print(&finding)).await?;
    let Lines { wrong, unused, failure, .. } = lines;
    failure?;
    let removed = if options.repair { Some(repair(store, blobs, grace).await?) } else { None };
    let wrong = if removed.is_some() { wrong - unused } else { wrong };
    let summary = Summary { checked, usage: blobs.usage().await?, removed, wrong };
    let mut out = io::stdout().lock();
    if options.json {
        writeln!(out, "{}", json::summary(&summary))?;
    } else {
        summary.print(&mut out)?;
    }
    Ok(if summary.wrong == 0 { Verdict::Sound } else { Verdict::Unsound })
}

/// Removes what nothing names: all that can be mended without losing anything.
async fn repair(store: &dyn UnitOfWork, blobs: &dyn BlobUpkeep, grace: Duration) -> Result<Swept> {
    upkeep::sweep(store, blobs, grace).await.context("cannot remove unused bytes")
}

/// Prints findings as they come.
struct Lines {
    as_json: bool,
    wrong: u64,
    unused: u64,
    /// The first failure to print.
    failure: io::Result<()>,
}

impl Lines {
    fn print(&mut self, finding: &Finding) {
        self.wrong += 1;
        self.unused += u64::from(matches!(finding, Finding::Unused { .. }));
        let mut out = io::stdout().lock();
        let printed = if self.as_json {
            writeln!(out, "{}", json::finding(finding))
        } else {
            writeln!(out, "{finding}")
        };
        if self.failure.is_ok() {
            self.failure = printed;
        }
    }
}

impl Summary {
    fn print(&self, out: &mut impl io::Write) -> io::Result<()> {
        let Checked { slots, versions, contents, bytes } = self.checked;
        writeln!(
            out,
            "Checked {slots} slots with {versions} versions, and read {contents} contents of {bytes} bytes."
        )?;
        writeln!(out, "They take up {} bytes on disk.", self.usage.bytes)?;
        if let Some(Swept { blobs, bytes, .. }) = &self.removed {
            writeln!(out, "Removed {blobs} contents that nothing named, which took up {bytes} bytes.")?;
        }
        match self.wrong {
            0 => writeln!(out, "Nothing is wrong."),
            1 => writeln!(out, "One thing is wrong."),
            wrong => writeln!(out, "{wrong} things are wrong."),
        }
    }
}
