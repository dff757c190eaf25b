//! How one rule is run against one adapter.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use memcard_domain::ports::BoxFuture;
use tokio::runtime::Builder;
use tokio::sync::Barrier;

/// A rule that takes longer hangs: a lock that nobody releases, a future that nobody wakes.
const LONGEST: Duration = Duration::from_secs(120);

/// One rule of a port, over a port with nothing in it. It holds when its future ends without panic. A pointer and a box,
/// so that rules are compiled once, here, and not again with each adapter's tests.
pub type Rule<P> = fn(Arc<P>) -> BoxFuture<'static, ()>;

/// A port with nothing in it, made for one rule.
pub struct Fresh<P: ?Sized> {
    // Dropped before the keeper: a store closes before its folder goes.
    port: Arc<P>,
    _keeper: Box<dyn Any>,
}

impl<P: ?Sized> Fresh<P> {
    /// A port that needs nothing else.
    pub fn new(port: Arc<P>) -> Self {
        Self { port, _keeper: Box::new(()) }
    }

    /// Keeps something until the rule is over: a temporary folder, a database that is dropped with it.
    #[must_use]
    pub fn kept_by(self, keeper: impl Any) -> Self {
        Self { port: self.port, _keeper: Box::new(keeper) }
    }
}

/// Runs one rule on a runtime of its own with several threads. A factory that gives `None` has no server at hand: the
/// rule is skipped, and says so on standard error.
///
/// # Panics
/// When the rule does not hold, or hangs.
pub fn check<P: ?Sized>(make: impl AsyncFnOnce() -> Option<Fresh<P>>, rule: Rule<P>) {
    let runtime = Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let Some(fresh) = make().await else {
            eprintln!("skipped: no server at hand");
            return;
        };
        let ended = tokio::time::timeout(LONGEST, rule(Arc::clone(&fresh.port))).await;
        assert!(ended.is_ok(), "the rule hangs");
    });
}

/// Runs `racers` tasks that begin at the same moment; gives their answers in the order of their numbers, from 0.
///
/// # Panics
/// When one of them does.
pub async fn race<T, F>(racers: usize, task: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(racers));
    let running: Vec<_> = (0..racers)
        .map(|number| {
            let (start, task) = (Arc::clone(&start), task(number));
            tokio::spawn(async move {
                start.wait().await;
                task.await
            })
        })
        .collect();
    let mut answers = Vec::with_capacity(racers);
    for racer in running {
        answers.push(racer.await.expect("a racer ends"));
    }
    answers
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    struct Keeper(Arc<AtomicBool>);

    impl Drop for Keeper {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    #[test]
    fn what_keeps_a_port_lives_as_long_as_its_rule() {
        let dropped = Arc::new(AtomicBool::new(false));
        let (keeper, port) = (Keeper(Arc::clone(&dropped)), Arc::clone(&dropped));
        check(
            async || Some(Fresh::new(port).kept_by(keeper)),
            |dropped| Box::pin(async move { assert!(!dropped.load(Ordering::SeqCst)) }),
        );
        assert!(dropped.load(Ordering::SeqCst));
    }

    #[test]
    #[should_panic(expected = "this rule does not hold")]
    fn a_rule_that_does_not_hold_fails_its_test() {
        check(
            async || Some(Fresh::new(Arc::new(()))),
            |_| Box::pin(async { panic!("this rule does not hold") }),
        );
    }

    #[test]
    fn a_factory_without_server_skips_the_rule() {
        check(async || None::<Fresh<()>>, |_| panic!("not reached"));
    }
}
