//! libFuzzer's way into `memcard_fuzz::multipart`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| memcard_fuzz::multipart::check(bytes));
