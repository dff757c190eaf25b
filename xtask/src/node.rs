//! Node.js and the packages that `xtask/typescript` pins. Both may be missing on a contributor's machine, not in CI.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::process::{self, Interrupt};
use crate::workspace;

/// What to say where it is missing.
pub(crate) const MISSING: &str = "node and npm are not installed (Debian: nodejs, npm)";

/// The folder of `package.json`, its packages installed as `package-lock.json` says.
pub(crate) struct Packages {
    folder: PathBuf,
}

/// The packages, installed first where they are not or are others; `None` without Node.js.
pub(crate) fn packages(interrupt: &Interrupt) -> Result<Option<Packages>> {
    let has = |program| workspace::find_program(program, &[]).is_some();
    if !has("node") || !has("npm") {
        return Ok(None);
    }
    let packages = Packages { folder: workspace::root().join("xtask/typescript") };
    if !packages.are_installed() {
        packages.install(interrupt)?;
    }
    Ok(Some(packages))
}

impl Packages {
    /// A program of one of the packages, started in their folder.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.folder.join("node_modules/.bin").join(name));
        command.current_dir(&self.folder);
        command
    }

    /// npm ends an installation by leaving a lockfile of what it installed; ours is kept beside it, because npm writes
    /// its own in other words.
    fn are_installed(&self) -> bool {
        let read = |file: &Path| fs::read(file).ok();
        let installed = read(&self.stamp());
        installed.is_some() && installed == read(&self.folder.join("package-lock.json"))
    }

    fn install(&self, interrupt: &Interrupt) -> Result<()> {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(&self.folder);
        if !process::run(&mut npm, interrupt)?.success() {
            bail!("npm ci failed in {}", self.folder.display());
        }
        fs::copy(self.folder.join("package-lock.json"), self.stamp())
            .context("cannot note what was installed")?;
        Ok(())
    }

    fn stamp(&self) -> PathBuf {
        self.folder.join("node_modules/.installed-package-lock.json")
    }
}

/// Runs a program to its end and returns what it wrote.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start {name}"))?;
    if !output.status.success() {
        bail!("{name} failed ({})", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("{name} wrote something that is no text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_installed_once_per_lockfile() {
        let folder = tempfile::tempdir().unwrap();
        let packages = Packages { folder: folder.path().to_owned() };
        fs::write(folder.path().join("package-lock.json"), "one").unwrap();
        assert!(!packages.are_installed(), "nothing is installed yet");
        fs::create_dir(folder.path().join("node_modules")).unwrap();
        fs::copy(folder.path().join("package-lock.json"), packages.stamp()).unwrap();
        assert!(packages.are_installed());
        fs::write(folder.path().join("package-lock.json"), "two").unwrap();
        assert!(!packages.are_installed(), "what is installed is not what is wanted");
    }

    #[test]
    fn a_program_that_fails_is_no_output() {
        assert_eq!(output(Command::new("echo").arg("models")).unwrap(), "models\n");
        assert!(output(Command::new("sh").args(["-c", "echo half; exit 1"])).is_err());
    }
}
