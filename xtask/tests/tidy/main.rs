//! The repository's rules as tests. Each failure says what to do about it; each rule is tried on a bad sample too.
//!
//! What a compiler, rustfmt, clippy or cargo-deny already checks is not repeated here.

mod arrows;
mod layout;
mod schemas;
mod text;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context as _, Result, ensure};

/// The folder of the workspace's `Cargo.toml`.
fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// A file of the repository: its path from the root, with `/`, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn extension(&self) -> &str {
        Path::new(&self.path).extension().and_then(|extension| extension.to_str()).unwrap_or_default()
    }

    /// A violation at a line, counted from 0.
    fn at(&self, line: usize, what: &str) -> String {
        format!("{}:{}: {what}", self.path, line + 1)
    }

    #[cfg(test)]
    fn sample(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }
}

/// The paths of all files that git knows or would take.
fn paths() -> Result<Vec<String>> {
    // The folder may belong to another account than ours, as in a CI container; git would refuse it.
    let output = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .context("cannot run git")?;
    ensure!(output.status.success(), "git ls-files failed: {}", String::from_utf8_lossy(&output.stderr));
    let list = String::from_utf8(output.stdout).context("a path is not UTF-8")?;
    Ok(list.split_terminator('\0').filter(|path| root().join(path).is_file()).map(String::from).collect())
}

/// All text files of the repository.
fn sources() -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for path in paths()? {
        let bytes = fs::read(root().join(&path)).with_context(|| format!("cannot read {path}"))?;
        if let Ok(text) = String::from_utf8(bytes)
            && !text.contains('\0')
        {
            sources.push(Source { path, text });
        }
    }
    Ok(sources)
}

/// Fails with every violation and what to do.
#[track_caller]
fn assert_none(violations: &[String], remedy: &str) {
    assert!(violations.is_empty(), "\n{}\n\nWhat to do: {remedy}\n", violations.join("\n"));
}

/// The cargo that builds this test.
fn cargo() -> Command {
    let program = env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}
