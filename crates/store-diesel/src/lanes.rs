//! Lanes: threads that own one connection each and do one transaction after the other.
//!
//! **Invariants:** a connection never leaves its thread; work that was sent is run, whether or not anybody still waits
//! for it; a lane outlives whatever happens on it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};

use diesel::Connection as _;
use memcard_domain::ports::Access;
use tokio::sync::oneshot;

use crate::connection::{AnyConnection, Ending, Session};
use crate::error::{Stored, unavailable};
use crate::statements::StatementCounter;
use crate::{postgres, sqlite};

/// How a lane gets its connection.
#[derive(Clone)]
pub(crate) enum Connector {
    SqliteFile { path: PathBuf, role: sqlite::Role },
    SqliteMemory,
    Postgres(Box<tokio_postgres::Config>),
}

/// One lane, as the work on it sees it.
pub(crate) struct Lane {
    connector: Connector,
    counter: StatementCounter,
    session: Option<Session>,
}

type Job = Box<dyn FnOnce(&mut Lane) + Send>;

/// Lanes that share one queue.
pub(crate) struct LaneGroup {
    jobs: Option<mpsc::Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Connector {
    fn connect(&self, counter: &StatementCounter) -> Stored<Session> {
        let mut connection = match self {
            Self::SqliteFile { path, role } => AnyConnection::Sqlite(sqlite::open_file(path, *role)?),
            Self::SqliteMemory => AnyConnection::Sqlite(sqlite::open_memory()?),
            Self::Postgres(config) => AnyConnection::Postgres(postgres::connect(config)?),
        };
        match &mut connection {
            AnyConnection::Sqlite(connection) => connection.set_instrumentation(counter.clone()),
            AnyConnection::Postgres(connection) => connection.set_instrumentation(counter.clone()),
        }
        Ok(Session::new(connection))
    }
}

impl Lane {
    /// Runs the work in a transaction of its own.
    pub(crate) fn transact<T, E>(
        &mut self,
        access: Access,
        work: impl FnOnce(&mut Session) -> Result<T, E>,
    ) -> Stored<Ending<T, E>> {
        let mut session = self.begin(access)?;
        let ending = session.finish(work);
        self.keep(session);
        ending
    }

    /// Runs the work outside any transaction.
    pub(crate) fn run<T>(&mut self, work: impl FnOnce(&mut Session) -> Stored<T>) -> Stored<T> {
        let mut session = self.session.take().map_or_else(|| self.connector.connect(&self.counter), Ok)?;
        let result = work(&mut session);
        self.keep(session);
        result
    }

    /// A connection on which a transaction was begun. One that died while it was idle is replaced: nothing has happened
    /// on it yet, so that nobody needs to know.
    fn begin(&mut self, access: Access) -> Stored<Session> {
        if let Some(mut session) = self.session.take() {
            match session.begin(access) {
                Ok(()) => return Ok(session),
                Err(error) if !session.is_lost() => {
                    self.session = Some(session);
                    return Err(error);
                }
                Err(error) => {
                    tracing::info!(error = %error, "a connection was lost while idle; making a new one");
                }
            }
        }
        let mut session = self.connector.connect(&self.counter)?;
        let begun = session.begin(access);
        if let Err(error) = begun {
            self.keep(session);
            return Err(error);
        }
        Ok(session)
    }

    fn keep(&mut self, session: Session) {
        if !session.is_lost() {
            self.session = Some(session);
        }
    }
}

impl LaneGroup {
    /// Starts so many lanes; each makes its connection with its first work.
    pub(crate) fn start(
        name: &str,
        connector: &Connector,
        counter: &StatementCounter,
        count: usize,
    ) -> Stored<Self> {
        let (jobs, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        let mut group = Self { jobs: Some(jobs), threads: Vec::with_capacity(count) };
        for number in 1..=count {
            let queue = Arc::clone(&queue);
            let lane = Lane { connector: connector.clone(), counter: counter.clone(), session: None };
            let thread = thread::Builder::new().name(format!("{name}-{number}"));
            group.threads.push(thread.spawn(move || drive(lane, &queue)).map_err(unavailable)?);
        }
        Ok(group)
    }

    /// Sends work to the next free lane and waits for what it returns.
    pub(crate) async fn send<T, F>(&self, work: F) -> Stored<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Lane) -> Stored<T> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |lane| {
            // Whoever asked may be gone; the work counts all the same.
            let _ = answer.send(work(lane));
        });
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        if !sent {
            return Err(unavailable("the store is closed"));
        }
        answered.await.unwrap_or_else(|_| Err(unavailable("the lane broke off")))
    }
}

impl Drop for LaneGroup {
    /// Lets the lanes finish what was sent and close their connections.
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            // The last handle may be owned by work on a lane, which cannot wait for itself.
            if thread.thread().id() != thread::current().id() && thread.join().is_err() {
                tracing::error!("a lane of the store panicked");
            }
        }
    }
}

fn drive(mut lane: Lane, queue: &Mutex<mpsc::Receiver<Job>>) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        if catch_unwind(AssertUnwindSafe(|| job(&mut lane))).is_err() {
            tracing::error!("work on a lane of the store panicked outside its transaction");
        }
    }
}
