//! Flushing many files at once.

use std::io;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Does the work for each item, on as many threads as are said to be best at once, this one included. Blocks until all
/// is done. After a failure some items may have been left out.
pub(crate) fn each<T: Sync>(
    items: &[T],
    at_once: NonZeroUsize,
    work: impl Fn(&T) -> io::Result<()> + Sync,
) -> io::Result<()> {
    let next = AtomicUsize::new(0);
    let run = || {
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            work(item)?;
        }
        Ok(())
    };
    let helpers = at_once.get().min(items.len()).saturating_sub(1);
    thread::scope(|scope| {
        // Where no thread is to be had, this one does it alone.
        let start = |_| thread::Builder::new().spawn_scoped(scope, run).ok();
        let helpers: Vec<_> = (0..helpers).map_while(start).collect();
        let own = run();
        helpers
            .into_iter()
            .map(|helper| helper.join().unwrap_or_else(|_| Err(panicked())))
            .fold(own, Result::and)
    })
}

fn panicked() -> io::Error {
    io::Error::other("a thread that flushes files panicked")
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn every_item_is_worked_on_once() {
        for items in [0, 1, 2, 100] {
            for at_once in [1, 3, 16] {
                let seen = Mutex::new(Vec::new());
                let items: Vec<usize> = (0..items).collect();
                each(&items, NonZeroUsize::new(at_once).unwrap(), |item| {
                    seen.lock().unwrap().push(*item);
                    Ok(())
                })
                .unwrap();
                let mut seen = seen.into_inner().unwrap();
                seen.sort_unstable();
                assert_eq!(seen, items, "{at_once} at once");
            }
        }
    }

    #[test]
    fn one_failure_is_a_failure() {
        let items: Vec<usize> = (0..100).collect();
        for failing in [0, 50, 99] {
            let failed = each(&items, NonZeroUsize::new(4).unwrap(), |item| match item {
                item if *item == failing => Err(io::Error::from(io::ErrorKind::StorageFull)),
                _ => Ok(()),
            });
            assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::StorageFull, "{failing}");
        }
    }
}
