//! What must hold whatever bytes come from outside. One module per target: an input, made by the fuzzer, and a `check`
//! that panics where the property does not hold. Time and memory per input are bounded by the fuzzer itself.
#![deny(missing_docs)]
#![expect(clippy::expect_used, reason = "what does not hold is a panic: that is how a fuzzer learns of it")]

pub mod datetime;
pub mod file_name;
pub mod multipart;
mod server;
pub mod zip;
