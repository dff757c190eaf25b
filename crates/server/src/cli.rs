//! The command line. Every option can also be given as an environment variable, as `--help` shows.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use memcard_web::IpNet;

/// One memory card for all your devices.
#[derive(Debug, Parser)]
#[command(name = "memcard-server", version, about)]
pub(crate) struct Cli {
    /// What to log, as `level` or `target=level,…` (error, warn, info, debug, trace)
    #[arg(long, env = "MEMCARD_LOG", default_value = "info,actix_server=warn", global = true)]
    pub(crate) log: String,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server
    Serve(ServeOptions),
    /// Check that everything that is kept is there, intact and consistent
    ///
    /// Needs the data folder to itself: stop the server first. Ends with 0 if nothing is wrong, with 1 if something is, and
    /// with 2 if it could not be checked.
    Verify(VerifyOptions),
}

/// Where things are kept.
#[derive(Debug, Args)]
pub(crate) struct Storage {
    /// Folder for the database, the saves and the server's key; made at first start
    #[arg(long, env = "MEMCARD_DATA", default_value = "./memcard-data", value_name = "FOLDER")]
    pub(crate) data: PathBuf,

    /// Database to use instead of the one in the data folder: sqlite:PATH or postgres://…
    #[arg(long, env = "MEMCARD_DATABASE", value_name = "URL")]
    pub(crate) database: Option<String>,

    /// How long bytes stay that nothing names, in hours; a running server removes them at start and once a day
    #[arg(long, env = "MEMCARD_GRACE", value_name = "HOURS", default_value_t = 24,
        value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) grace: u32,
}

impl Storage {
    /// How long bytes stay that nothing names.
    pub(crate) fn grace(&self) -> Duration {
        Duration::from_secs(u64::from(self.grace) * 3600)
    }
}

/// What to check, and what to do about it.
#[derive(Debug, Args)]
pub(crate) struct VerifyOptions {
    #[command(flatten)]
    pub(crate) storage: Storage,

    /// Remove bytes that nothing names; whatever else is wrong is told of and left as it is
    #[arg(long)]
    pub(crate) repair: bool,

    /// Print one JSON object a line: each finding, and then a summary
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where and how to serve.
#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    #[command(flatten)]
    pub(crate) storage: Storage,

    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, env = "MEMCARD_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    pub(crate) listen: SocketAddr,

    /// Folder of games, scanned at start; can also be named on the library page
    #[arg(long, env = "MEMCARD_LIBRARY", value_name = "FOLDER")]
    pub(crate) library: Option<PathBuf>,

    /// The address people reach the server at, such as `https://saves.example.org`; cookies are secure where it is https
    #[arg(long, env = "MEMCARD_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<String>,

    /// A reverse proxy whose X-Forwarded-For is believed; may be given several times
    #[arg(long, env = "MEMCARD_TRUSTED_PROXIES", value_name = "NETWORK", value_delimiter = ',')]
    pub(crate) trusted_proxy: Vec<IpNet>,

    /// The largest request body in bytes
    #[arg(long, env = "MEMCARD_MAX_BODY_BYTES", value_name = "BYTES", default_value_t = 512 * 1024 * 1024)]
    pub(crate) max_body_bytes: u64,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
