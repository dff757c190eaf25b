//! A short run of every target with inputs from random bytes: enough to see that the properties hold and can be checked.
//! `cargo xtask fuzz` looks for inputs that break them, guided by coverage.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

const INPUTS: u32 = 256;
const LONGEST: usize = 2048;

/// Checks random inputs and says how many there were.
fn run(target: &str, check: fn(&[u8])) {
    let config = ProptestConfig { cases: INPUTS, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new(config);
    let bytes = prop::collection::vec(any::<u8>(), 0..LONGEST);
    runner
        .run(&bytes, |bytes| {
            check(&bytes);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{target}: {error}"));
}

#[test]
fn what_is_read_as_an_instant_can_be_written_and_read_again() {
    run("datetime", memcard_fuzz::datetime::check);
}

#[test]
fn what_is_kept_as_a_file_name_is_harmless() {
    run("file-name", memcard_fuzz::file_name::check);
}

#[test]
fn an_upload_is_kept_whole_or_not_at_all() {
    run("multipart", memcard_fuzz::multipart::check);
}

#[test]
fn any_bytes_have_a_description() {
    run("zip", memcard_fuzz::zip::check);
}
