//! The explorer as a program: `cargo xtask explore`.

#![expect(clippy::print_stdout, reason = "a command line tool prints its result")]

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use memcard_explorer::{Clients, Events, Report, Setting, Start, explore};

/// Explores what devices, players and a bad network can do to Memcard's rules, breadth-first, and says which promises
/// hold. Ends with a failure if one is broken, with a shortest way to it.
#[derive(Parser)]
#[command(name = "cargo xtask explore", bin_name = "cargo xtask explore")]
struct Options {
    /// How many devices there are.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=3))]
    devices: u8,
    /// Only these clients, one letter a device: a hashes its file and confirms, b hashes it and does not confirm, c
    /// names the hash it last adopted, d names none. Without it: every choice of so many devices.
    #[arg(long)]
    clients: Option<Clients>,
    /// Only from there: `empty` or `in-sync`. Without it: from both.
    #[arg(long, value_parser = start)]
    start: Option<Start>,
    /// After how many events a path ends. Without it, by the number of devices: what takes some minutes.
    #[arg(long)]
    depth: Option<u32>,
    /// What may happen beside playing and syncing, with commas between. Without it: all that the design speaks of.
    #[arg(long)]
    events: Option<Events>,
    /// Ends after so many minutes, which the settings share; without --depth each goes as deep as its share allows.
    #[arg(long)]
    minutes: Option<u32>,
    /// How many threads explore. Without it: one for each processor.
    #[arg(long)]
    threads: Option<usize>,
}

fn start(name: &str) -> Result<Start, String> {
    Start::ALL
        .into_iter()
        .find(|start| start.to_string().replace(' ', "-") == name)
        .ok_or_else(|| "it is empty or in-sync".to_owned())
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every promise held.
fn run(options: &Options) -> Result<bool, memcard_explorer::ExploreError> {
    let mut reports = Vec::new();
    for setting in options.settings() {
        let report = explore(&setting)?;
        println!("{report}");
        reports.push(report);
    }
    let states: usize = reports.iter().map(|report| report.states).sum();
    let transitions: u64 = reports.iter().map(|report| report.transitions).sum();
    let held = reports.iter().all(Report::holds);
    let verdict = if held { "every promise holds" } else { "a promise is broken, see above" };
    println!("{} settings, {states} states, {transitions} transitions: {verdict}", reports.len());
    Ok(held)
}

impl Options {
    fn settings(&self) -> Vec<Setting> {
        let clients = match &self.clients {
            Some(clients) => vec![clients.clone()],
            None => Clients::choices(self.devices.into()),
        };
        let starts = self.start.map_or(Start::ALL.to_vec(), |start| vec![start]);
        let pairs: Vec<(Clients, Start)> = clients
            .into_iter()
            .flat_map(|clients| starts.iter().map(move |start| (clients.clone(), *start)))
            .collect();
        let time = self.minutes.map(|minutes| {
            Duration::from_secs(60 * u64::from(minutes)) / u32::try_from(pairs.len()).unwrap_or(1)
        });
        pairs.into_iter().map(|(clients, start)| self.setting(clients, start, time)).collect()
    }

    fn setting(&self, clients: Clients, start: Start, time: Option<Duration>) -> Setting {
        let usual = match clients.kinds().len() {
            ..=2 => 8,
            _ => 6,
        };
        let depth = self.depth.unwrap_or(if time.is_some() { u32::MAX } else { usual });
        let setting = Setting::new(clients, start, depth);
        Setting {
            events: self.events.unwrap_or(setting.events),
            threads: self.threads.unwrap_or(setting.threads),
            time,
            ..setting
        }
    }
}
