//! How fast blobs are written and read, beside plain files: `cargo run --release -p memcard-blobs --example throughput`.
#![expect(clippy::print_stdout, reason = "it is what the program is for")]

use std::error::Error;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use memcard_blobs::FolderBlobs;
use memcard_domain::ports::BlobStore as _;
use memcard_domain::save::Digest;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What is written: so many files of that size, each with a change of 8 KiB against the one before.
struct Load {
    name: &'static str,
    size: usize,
    files: usize,
}

const LOADS: [Load; 3] = [
    Load { name: "saves of 32 KiB", size: 32 << 10, files: 100 },
    Load { name: "cards of 8 MiB", size: 8 << 20, files: 10 },
    Load { name: "images of 256 MiB", size: 256 << 20, files: 2 },
];

#[tokio::main]
async fn main() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    for load in &LOADS {
        println!("{}", load.name);
        let plain = folder.path().join("plain");
        fs::create_dir_all(&plain)?;
        let blobs = FolderBlobs::open(folder.path().join(load.size.to_string()))?;
        for number in 0..load.files {
            let bytes = load.file(number);
            let begun = Instant::now();
            write_plain(&plain, &bytes)?;
            let plainly = begun.elapsed();
            let (written, digest) = write(&blobs, bytes.clone().into()).await?;
            if number < 2 || number == load.files - 1 {
                let read = read(&blobs, digest).await?;
                println!(
                    "  file {number}: plain write {plainly:.1?}, blob write {written:.1?}, blob read {read:.1?}"
                );
            }
        }
    }
    Ok(())
}

impl Load {
    fn file(&self, number: usize) -> Vec<u8> {
        let mut bytes = noise(self.size as u64, self.size);
        for change in 1..=number {
            let start = (change * 1_000_003) % (self.size / 8192) * 8192;
            bytes[start..start + 8192].copy_from_slice(&noise(change as u64, 8192));
        }
        bytes
    }
}

/// As durable as a blob is: bytes and name.
fn write_plain(folder: &Path, bytes: &[u8]) -> Outcome<()> {
    let mut file = File::create(folder.join("new"))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(folder.join("new"), folder.join("file"))?;
    Ok(File::open(folder)?.sync_all()?)
}

async fn write(blobs: &FolderBlobs, mut bytes: Bytes) -> Outcome<(Duration, Digest)> {
    let begun = Instant::now();
    let mut writer = blobs.writer().await?;
    while !bytes.is_empty() {
        writer.write(bytes.split_to(bytes.len().min(64 << 10))).await?;
    }
    let digest = writer.finish().await?.digest;
    Ok((begun.elapsed(), digest))
}

async fn read(blobs: &FolderBlobs, digest: Digest) -> Outcome<Duration> {
    let begun = Instant::now();
    let mut reader = blobs.reader(digest, 0).await?;
    while reader.next().await?.is_some() {}
    Ok(begun.elapsed())
}

/// Bytes that nothing makes smaller (xorshift).
fn noise(seed: u64, size: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..size).map(|_| next()).collect()
}
