//! Child processes that end when they should: by themselves, or because someone asked us to stop.
//!
//! **Invariant:** after a SIGINT, SIGTERM or SIGHUP the functions here return an error instead of ending the program,
//! so that every guard up the stack (servers, temporary folders) is dropped.

use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

const POLL: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(15);

/// Knows whether a signal asked this program to stop.
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Takes the stopping signals over from their default, which would end the program on the spot.
    pub(crate) fn watch() -> Result<Self> {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&flag)).context("cannot watch for signals")?;
        }
        Ok(Self(flag))
    }

    /// An error once a signal has come.
    pub(crate) fn check(&self) -> Result<()> {
        if self.0.load(Ordering::Relaxed) {
            bail!("interrupted");
        }
        Ok(())
    }
}

/// Runs a command to its end; at an interrupt ends it first.
pub(crate) fn run(command: &mut Command, interrupt: &Interrupt) -> Result<ExitStatus> {
    let mut child = spawn(command)?;
    wait(&mut child, interrupt)
}

/// Starts a command; the error names it.
pub(crate) fn spawn(command: &mut Command) -> Result<Child> {
    command.spawn().with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))
}

/// Waits for a child to end; at an interrupt ends it first.
pub(crate) fn wait(child: &mut Child, interrupt: &Interrupt) -> Result<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait().context("cannot wait for a child process")? {
            interrupt.check()?;
            return Ok(status);
        }
        if let Err(interrupted) = interrupt.check() {
            stop(child, Signal::TERM);
            return Err(interrupted);
        }
        thread::sleep(POLL);
    }
}

/// Asks a child to end with `signal`, and ends it by force when it does not.
pub(crate) fn stop(child: &mut Child, signal: Signal) {
    if !matches!(child.try_wait(), Ok(None)) {
        return;
    }
    if kill_process(Pid::from_child(child), signal).is_ok() && ends_within(child, PATIENCE) {
        return;
    }
    if let Err(error) = child.kill().and_then(|()| child.wait()) {
        eprintln!("warning: cannot end process {}: {error}", child.id());
    }
}

fn ends_within(child: &mut Child, patience: Duration) -> bool {
    let start = Instant::now();
    while start.elapsed() < patience {
        if !matches!(child.try_wait(), Ok(None)) {
            return true;
        }
        thread::sleep(POLL);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_command_reports_how_it_ended() {
        let calm = Interrupt(Arc::default());
        assert!(run(&mut sh("exit 0"), &calm).unwrap().success());
        assert_eq!(run(&mut sh("exit 3"), &calm).unwrap().code(), Some(3));
    }

    #[test]
    fn an_interrupt_ends_the_child_and_is_an_error() {
        let interrupted = Interrupt(Arc::new(AtomicBool::new(true)));
        let mut child = spawn(&mut sh("exec sleep 60")).unwrap();
        let error = wait(&mut child, &interrupted).unwrap_err();
        assert_eq!(error.to_string(), "interrupted");
        assert!(child.try_wait().unwrap().is_some(), "the child should have ended");
    }
}
