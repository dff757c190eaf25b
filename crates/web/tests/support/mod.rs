//! What the tests of the endpoints share: the real application over the ports in memory.
#![allow(dead_code, unused_imports, reason = "every test binary uses a part of it")]
#![expect(clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod app;
mod blobs;
mod people;
mod server;
mod story;
mod world;

pub(crate) use memcard_testkit::{BOUNDARY, Multipart};

pub(crate) use app::{Answer, App, Request};
pub(crate) use blobs::WatchedBlobs;
pub(crate) use people::{Browser, PASSWORD};
pub(crate) use server::{Connection, Server};
pub(crate) use story::{Story, content_uri};
pub(crate) use world::{Player, World};
