//! libFuzzer's way into `memcard_fuzz::zip`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| memcard_fuzz::zip::check(bytes));
