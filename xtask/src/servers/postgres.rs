//! A private PostgreSQL: a fresh cluster in a temporary folder, on a free loopback port, gone afterwards.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Signal, geteuid};
use tempfile::TempDir;

use super::{Kind, Running};
use crate::process::{self, Interrupt};
use crate::workspace::find_program;

/// PostgreSQL, as the suites know it.
pub(crate) const KIND: Kind = Kind {
    name: "PostgreSQL",
    marker: "postgres",
    programs: "postgres, initdb",
    remedy: "install PostgreSQL 15 or newer (Debian: apt-get install postgresql)",
    start,
};

const VARIABLE: &str = "MEMCARD_TEST_POSTGRES_URL";
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// Starts a private server, unless the caller names one already.
fn start(interrupt: &Interrupt) -> Result<Option<Running>> {
    if let Some(url) = env::var_os(VARIABLE) {
        let value = url.into_string().ok().with_context(|| format!("{VARIABLE} is not text"))?;
        return Ok(Some(Running { variable: VARIABLE, value, _guard: None }));
    }
    let server = start_private(interrupt)?;
    Ok(server.map(|server| Running {
        variable: VARIABLE,
        value: server.url(),
        _guard: Some(Box::new(server)),
    }))
}

/// Starts a server that nobody else uses; none where PostgreSQL is not installed.
pub(crate) fn start_private(interrupt: &Interrupt) -> Result<Option<Server>> {
    Programs::find().map(|programs| Server::start(&programs, interrupt)).transpose()
}

/// The two programs of one PostgreSQL installation.
struct Programs {
    initdb: PathBuf,
    postgres: PathBuf,
}

impl Programs {
    fn find() -> Option<Self> {
        let folders = debian_folders();
        Some(Self {
            initdb: find_program("initdb", &folders)?,
            postgres: find_program("postgres", &folders)?,
        })
    }
}

/// Debian keeps each major version's programs in a folder of its own, out of `PATH`; newest first.
fn debian_folders() -> Vec<PathBuf> {
    let Ok(versions) = fs::read_dir("/usr/lib/postgresql") else { return Vec::new() };
    let mut versions: Vec<(u32, PathBuf)> = versions
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort_by(|a, b| b.cmp(a));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

/// A running server and the folder it lives in. Dropping it ends the one and removes the other.
pub(crate) struct Server {
    process: Child,
    port: u16,
    folder: TempDir,
}

impl Server {
    /// The address of its first, empty database.
    pub(crate) fn url(&self) -> String {
        format!("postgres://memcard@127.0.0.1:{}/postgres", self.port)
    }

    fn start(programs: &Programs, interrupt: &Interrupt) -> Result<Self> {
        let account = Account::to_run_as()?;
        let folder =
            tempfile::Builder::new().prefix("memcard-postgres-").tempdir().context("no temporary folder")?;
        if let Some(account) = &account {
            chown(folder.path(), Some(account.uid), Some(account.gid))
                .context("cannot give the folder away")?;
        }
        create_cluster(programs, account.as_ref(), folder.path(), interrupt)?;
        let port = free_port()?;
        let process = launch(programs, account.as_ref(), folder.path(), port)?;
        let mut server = Self { process, port, folder };
        server.wait_until_ready(interrupt)?;
        Ok(server)
    }

    /// The server writes `ready` into its pid file once it takes connections.
    fn wait_until_ready(&mut self, interrupt: &Interrupt) -> Result<()> {
        let pid_file = self.folder.path().join("data/postmaster.pid");
        let start = Instant::now();
        while start.elapsed() < START_TIMEOUT {
            interrupt.check()?;
            if let Some(status) = self.process.try_wait().context("cannot look at the server")? {
                bail!("it ended at once ({status}):\n{}", self.log());
            }
            if fs::read_to_string(&pid_file).is_ok_and(|text| text.lines().any(|line| line.trim() == "ready"))
            {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        bail!("it was not ready after {} s:\n{}", START_TIMEOUT.as_secs(), self.log());
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's fast shutdown: it does not wait for clients that are still connected.
        process::stop(&mut self.process, Signal::INT);
    }
}

fn create_cluster(
    programs: &Programs,
    account: Option<&Account>,
    folder: &Path,
    interrupt: &Interrupt,
) -> Result<()> {
    let log = log_file(folder)?;
    let mut command = command(&programs.initdb, account, folder)?;
    command.args(["--username=memcard", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"]);
    command.arg(folder.join("data")).stdout(log.try_clone()?).stderr(log);
    let status = process::run(&mut command, interrupt)?;
    if !status.success() {
        let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
        bail!("initdb failed ({status}):\n{log}");
    }
    Ok(())
}

/// The server gets a process group of its own, so that Ctrl-C in a terminal ends the tests first and it last. What
/// it holds need not survive a power cut, so it does not wait for the disk.
fn launch(programs: &Programs, account: Option<&Account>, folder: &Path, port: u16) -> Result<Child> {
    let log = log_file(folder)?;
    let mut command = command(&programs.postgres, account, folder)?;
    command.arg("-D").arg(folder.join("data"));
    let settings = [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "max_connections=300",
        "fsync=off",
        "full_page_writes=off",
        "synchronous_commit=off",
    ];
    for setting in settings.map(String::from).into_iter().chain([format!("port={port}")]) {
        command.arg("-c").arg(setting);
    }
    command.stdout(log.try_clone()?).stderr(log).process_group(0);
    process::spawn(&mut command)
}

fn log_file(folder: &Path) -> Result<File> {
    File::options().create(true).append(true).open(folder.join("log")).context("cannot open the server's log")
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free loopback port")?;
    Ok(listener.local_addr()?.port())
}

/// A program of PostgreSQL, under the account it shall run as. Where `setpriv` is at hand, the kernel ends the
/// program should this one die without a chance to clean up.
fn command(program: &Path, account: Option<&Account>, folder: &Path) -> Result<Command> {
    let mut command = match (find_program("setpriv", &[]), account) {
        (Some(setpriv), account) => {
            let mut command = Command::new(setpriv);
            command.arg("--pdeathsig=INT");
            if let Some(account) = account {
                command.arg(format!("--reuid={}", account.uid)).arg(format!("--regid={}", account.gid));
                command.arg("--clear-groups");
            }
            command.arg("--").arg(program);
            command
        }
        (None, Some(_)) => {
            bail!("PostgreSQL does not run as root, and setpriv (package util-linux) is missing")
        }
        (None, None) => Command::new(program),
    };
    command.current_dir(folder).stdin(Stdio::null());
    Ok(command)
}

/// The account a server runs as when we are root, which PostgreSQL refuses.
struct Account {
    uid: u32,
    gid: u32,
}

impl Account {
    fn to_run_as() -> Result<Option<Self>> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        let accounts =
            fs::read_to_string("/etc/passwd").context("cannot read the accounts of this machine")?;
        let account = ["postgres", "nobody"].iter().find_map(|name| Self::find(&accounts, name));
        account
            .map(Some)
            .context("PostgreSQL does not run as root, and there is no account postgres or nobody")
    }

    fn find(accounts: &str, name: &str) -> Option<Self> {
        let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2).map(str::parse);
        Some(Self { uid: numbers.next()?.ok()?, gid: numbers.next()?.ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let accounts =
            "root:x:0:0:root:/root:/bin/bash\nnobody2:x:7:8::/:/bin/sh\nnobody:x:65534:65533::/:/bin/sh\n";
        let account = Account::find(accounts, "nobody").unwrap();
        assert_eq!((account.uid, account.gid), (65534, 65533));
        assert!(Account::find(accounts, "postgres").is_none());
    }
}
