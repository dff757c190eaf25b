//! libFuzzer's way into `memcard_fuzz::datetime`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| memcard_fuzz::datetime::check(bytes));
