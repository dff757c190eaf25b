//! `cargo xtask codegen`: files that are made from code and checked in, so that a reader and a diff can see them.
//!
//! **Invariant:** every generated file is the same on every machine, and `--check` says how it differs from what is
//! checked in.

mod schema;
mod typescript;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use similar::TextDiff;

use crate::process::Interrupt;
use crate::{node, workspace};

/// Options of `cargo xtask codegen`.
#[derive(clap::Args)]
pub(crate) struct Codegen {
    /// Only this one; without it, all.
    #[command(subcommand)]
    artifact: Option<Artifact>,
    /// Write nothing; fail with a diff when a file is not up to date.
    #[arg(long, global = true)]
    check: bool,
}

impl Codegen {
    /// As CI calls it.
    pub(crate) fn check_all() -> Self {
        Self { artifact: None, check: true }
    }
}

/// What can be generated.
#[derive(Clone, Copy, clap::Subcommand)]
enum Artifact {
    /// docs/api/openapi.json, from the routes of memcard-web.
    Openapi,
    /// docs/schema.md, from the migrations.
    Schema,
    /// docs/api/memcard.d.ts, from the API's description.
    Typescript,
}

impl Artifact {
    const ALL: &[Self] = &[Self::Openapi, Self::Schema, Self::Typescript];

    fn path(self) -> &'static str {
        match self {
            Self::Openapi => "docs/api/openapi.json",
            Self::Schema => "docs/schema.md",
            Self::Typescript => "docs/api/memcard.d.ts",
        }
    }

    /// The text; `None` where what makes it is not installed.
    fn generate(self, interrupt: &Interrupt) -> Result<Option<String>> {
        match self {
            Self::Openapi => Ok(Some(memcard_web::openapi().to_pretty_json()? + "\n")),
            Self::Schema => schema::generate(interrupt).map(Some),
            Self::Typescript => typescript::generate(interrupt),
        }
    }
}

/// Writes or checks what was asked for.
pub(crate) fn run(options: &Codegen, interrupt: &Interrupt) -> Result<()> {
    let artifacts = options.artifact.as_ref().map_or(Artifact::ALL, std::slice::from_ref);
    let mut stale = 0;
    for artifact in artifacts {
        let path = artifact.path();
        let generated = artifact.generate(interrupt).with_context(|| format!("cannot generate {path}"))?;
        let Some(text) = generated else {
            println!("!!! SKIPPED: {path}: {} !!!", node::MISSING);
            continue;
        };
        let file = workspace::root().join(path);
        if options.check {
            stale += usize::from(!is_current(&file, path, &text));
        } else {
            write(&file, &text)?;
            println!("{path}: written");
        }
    }
    if stale > 0 {
        bail!("{stale} generated file(s) not up to date: run `cargo xtask codegen` and commit the result");
    }
    Ok(())
}

fn write(file: &Path, text: &str) -> Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// Compares with what is checked in, and prints the difference.
fn is_current(file: &Path, path: &str, text: &str) -> bool {
    let present = fs::read_to_string(file).unwrap_or_default();
    if present == text {
        println!("{path}: up to date");
        return true;
    }
    println!("{path}: NOT up to date");
    let diff = TextDiff::from_lines(present.as_str(), text);
    println!("{}", diff.unified_diff().context_radius(3).header("checked in", "generated"));
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_current_only_when_it_is_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("docs/a.txt");
        assert!(!is_current(&file, "docs/a.txt", "one\n"), "a missing file is not current");
        write(&file, "one\n").unwrap();
        assert!(is_current(&file, "docs/a.txt", "one\n"));
        assert!(!is_current(&file, "docs/a.txt", "two\n"));
    }
}
