//! A disk in memory that forgets what was not flushed, fills up, or fails, at a step of one's choice.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use memcard_blobs::{Disk, DiskFile, Measure};

use crate::support::Random;

/// The disk. Clones are the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct ForgetfulDisk {
    state: Arc<Mutex<State>>,
}

/// What happens at a step, and from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Nothing works any more.
    PowerCut,
    /// There is no space for files and folders.
    Full,
    /// Nothing can be changed.
    ReadOnly,
    /// This one step fails.
    Hiccup,
}

/// What a power cut does to changes that were not flushed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Forgets {
    /// All of them are undone.
    Everything,
    /// None is.
    Nothing,
    /// Some are, each for itself, drawn from this seed. Bytes may be cut, or be zeros.
    Something(u64),
}

#[derive(Debug, Default)]
struct State {
    root: PathBuf,
    names: BTreeMap<PathBuf, Node>,
    durable_names: BTreeMap<PathBuf, Node>,
    /// By number.
    files: Vec<Contents>,
    /// How many changes were made or tried.
    steps: usize,
    trouble: Option<(Trouble, usize)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    Folder,
    File(usize),
}

#[derive(Debug)]
struct Contents {
    bytes: Vec<u8>,
    durable: Vec<u8>,
    changed: Instant,
    /// How far the clock leaped since.
    leaped: Duration,
}

#[derive(Debug)]
struct OpenFile {
    disk: ForgetfulDisk,
    number: usize,
}

/// What a step does.
#[derive(PartialEq, Eq)]
enum Step {
    TakeSpace,
    Change,
    Flush,
}

impl ForgetfulDisk {
    /// An empty disk with one folder.
    pub(crate) fn with_folder(folder: &Path) -> Self {
        let disk = Self::default();
        let mut state = disk.state();
        state.root = folder.to_owned();
        state.names.insert(folder.to_owned(), Node::Folder);
        state.durable_names.insert(folder.to_owned(), Node::Folder);
        drop(state);
        disk
    }

    /// Makes trouble at that step, counted from now.
    pub(crate) fn trouble_at(&self, trouble: Trouble, step: usize) {
        let mut state = self.state();
        let at = state.steps + step;
        state.trouble = Some((trouble, at));
    }

    /// Whether the step of the trouble was reached.
    pub(crate) fn is_in_trouble(&self) -> bool {
        let state = self.state();
        state.trouble.is_some_and(|(_, at)| state.steps > at)
    }

    /// The disk's clock leaps forward, so that every file looks that much older.
    pub(crate) fn leap(&self, ahead: Duration) {
        for contents in &mut self.state().files {
            contents.leaped += ahead;
        }
    }

    /// All is well again.
    pub(crate) fn mend(&self) {
        self.state().trouble = None;
    }

    /// Cuts the power, if it was not cut already, and gives it back.
    pub(crate) fn power_cycle(&self, forgets: Forgets) {
        let mut state = self.state();
        state.trouble = None;
        match forgets {
            Forgets::Everything => state.forget(&mut |_| Luck::Lost),
            Forgets::Nothing => state.forget(&mut |_| Luck::Kept),
            Forgets::Something(seed) => {
                let mut random = Random(seed);
                state.forget(&mut |size| match random.below(4) {
                    0 => Luck::Lost,
                    1 => Luck::Cut(random.below(size + 1)),
                    2 => Luck::Zeros,
                    _ => Luck::Kept,
                });
            }
        }
    }

    /// Every file, with its bytes.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let state = self.state();
        let file = |(path, node): (&PathBuf, &Node)| match node {
            Node::Folder => None,
            Node::File(number) => Some((path.clone(), state.files[*number].bytes.clone())),
        };
        state.names.iter().filter_map(file).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

/// What becomes of a change that was not flushed.
enum Luck {
    Kept,
    Lost,
    /// Kept, but for the bytes after the first so many.
    Cut(usize),
    /// Kept, but for all bytes.
    Zeros,
}

impl State {
    /// Counts a step, and fails if it is time to.
    fn step(&mut self, step: &Step) -> io::Result<()> {
        let number = self.steps;
        self.steps += 1;
        let Some((trouble, at)) = self.trouble else { return Ok(()) };
        let kind = match trouble {
            Trouble::PowerCut => ErrorKind::Other,
            Trouble::Full if *step == Step::TakeSpace => ErrorKind::StorageFull,
            Trouble::ReadOnly if *step != Step::Flush => ErrorKind::ReadOnlyFilesystem,
            Trouble::Hiccup if number == at => ErrorKind::Other,
            _ => return Ok(()),
        };
        if number >= at { Err(kind.into()) } else { Ok(()) }
    }

    fn forget(&mut self, luck: &mut dyn FnMut(usize) -> Luck) {
        for contents in &mut self.files {
            if contents.bytes == contents.durable {
                continue;
            }
            match luck(contents.bytes.len()) {
                Luck::Kept => {}
                Luck::Lost => contents.bytes = contents.durable.clone(),
                Luck::Cut(size) => contents.bytes.truncate(size),
                Luck::Zeros => contents.bytes.fill(0),
            }
            contents.durable = contents.bytes.clone();
        }
        let mut survived = self.durable_names.clone();
        let changed = self
            .names
            .keys()
            .chain(self.durable_names.keys())
            .filter(|path| self.names.get(*path) != self.durable_names.get(*path));
        for path in changed {
            match (luck(0), self.names.get(path)) {
                (Luck::Lost, _) => {}
                (_, Some(node)) => drop(survived.insert(path.clone(), *node)),
                (_, None) => drop(survived.remove(path)),
            }
        }
        // What is in a folder goes with it.
        let nodes = survived.clone();
        survived.retain(|path, _| {
            let mut above = path.ancestors().skip(1).take_while(|above| above.starts_with(&self.root));
            above.all(|folder| nodes.get(folder) == Some(&Node::Folder))
        });
        self.names.clone_from(&survived);
        self.durable_names = survived;
    }

    fn file(&self, path: &Path) -> io::Result<usize> {
        match self.names.get(path) {
            Some(Node::File(number)) => Ok(*number),
            Some(Node::Folder) => Err(ErrorKind::IsADirectory.into()),
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    fn folder(&self, path: &Path) -> io::Result<()> {
        match self.names.get(path) {
            Some(Node::Folder) => Ok(()),
            Some(Node::File(_)) => Err(ErrorKind::NotADirectory.into()),
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    fn folder_of(&self, path: &Path) -> io::Result<()> {
        self.folder(path.parent().unwrap())
    }
}

impl Disk for ForgetfulDisk {
    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.state();
        if state.names.contains_key(folder) {
            return state.folder(folder);
        }
        state.step(&Step::TakeSpace)?;
        state.folder_of(folder)?;
        state.names.insert(folder.to_owned(), Node::Folder);
        Ok(())
    }

    fn create(&self, file: &Path, bytes: &[u8]) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        state.folder_of(file)?;
        if state.names.contains_key(file) {
            return Err(ErrorKind::AlreadyExists.into());
        }
        let number = state.files.len();
        state.files.push(Contents {
            bytes: Vec::new(),
            durable: Vec::new(),
            changed: Instant::now(),
            leaped: Duration::ZERO,
        });
        state.step(&Step::Change)?;
        state.names.insert(file.to_owned(), Node::File(number));
        if let Err(error) = state.step(&Step::TakeSpace) {
            state.files[number].bytes.extend_from_slice(&bytes[..bytes.len() / 2]);
            return Err(error);
        }
        state.files[number].bytes.extend_from_slice(bytes);
        Ok(Box::new(OpenFile { disk: self.clone(), number }))
    }

    fn open(&self, file: &Path) -> io::Result<Box<dyn DiskFile>> {
        let number = self.state().file(file)?;
        Ok(Box::new(OpenFile { disk: self.clone(), number }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        let number = state.file(from)?;
        state.folder_of(to)?;
        state.step(&Step::Change)?;
        state.names.remove(from);
        state.names.insert(to.to_owned(), Node::File(number));
        Ok(())
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.file(file)?;
        state.step(&Step::Change)?;
        state.names.remove(file);
        Ok(())
    }

    fn renew(&self, file: &Path) -> io::Result<()> {
        let mut state = self.state();
        let number = state.file(file)?;
        state.step(&Step::Change)?;
        state.files[number].changed = Instant::now();
        state.files[number].leaped = Duration::ZERO;
        Ok(())
    }

    fn measure(&self, file: &Path) -> io::Result<Measure> {
        let state = self.state();
        let contents = &state.files[state.file(file)?];
        Ok(Measure {
            on_disk: contents.bytes.len() as u64,
            age: contents.changed.elapsed() + contents.leaped,
        })
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        let state = self.state();
        state.folder(folder)?;
        let within = state.names.keys().filter(|path| path.parent() == Some(folder));
        Ok(within.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect())
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.folder(folder)?;
        state.step(&Step::Flush)?;
        let is_within = |path: &Path| path.parent() == Some(folder);
        state.durable_names.retain(|path, _| !is_within(path));
        let within: Vec<_> = state
            .names
            .iter()
            .filter(|(path, _)| is_within(path))
            .map(|(path, node)| (path.clone(), *node))
            .collect();
        state.durable_names.extend(within);
        Ok(())
    }

    fn syncs_at_once(&self) -> NonZeroUsize {
        // So that steps come in the same order each time.
        NonZeroUsize::MIN
    }
}

impl DiskFile for OpenFile {
    fn size(&self) -> io::Result<u64> {
        Ok(self.disk.state().files[self.number].bytes.len() as u64)
    }

    fn read_exact_at(&self, buffer: &mut [u8], position: u64) -> io::Result<()> {
        let state = self.disk.state();
        let bytes = &state.files[self.number].bytes;
        let start = usize::try_from(position).unwrap();
        let wanted = bytes.get(start..start + buffer.len()).ok_or(ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(wanted);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.state();
        state.step(&Step::Flush)?;
        let contents = &mut state.files[self.number];
        contents.durable = contents.bytes.clone();
        Ok(())
    }
}
