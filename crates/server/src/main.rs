//! The Memcard server.
fn main() {}
