//! libFuzzer's way into `memcard_fuzz::file_name`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| memcard_fuzz::file_name::check(bytes));
