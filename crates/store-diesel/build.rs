//! The migrations are compiled into the crate; cargo has to be told that they are files of its own.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
