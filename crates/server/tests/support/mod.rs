//! The real binary over real HTTP, and the people and devices that talk to it.
//!
//! A test begins with a [`Home`] (a data folder and a database), starts a [`Server`] in it, or takes a whole [`Story`]:
//! a server with a player, two devices and a game. Requests read as sentences:
//!
//! ```text
//! story.server.get("/api/users/me").by(&story.player).await.ok();
//! story.get("/api/saves/7").await.is_refused(404, "Save with ID 7 not found");      // by the story's player
//! ```
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]
#![allow(dead_code, unused_imports, unused_macros, reason = "each test file uses its part of it")]

mod answer;
mod connection;
mod description;
mod devices;
mod home;
mod listener;
mod people;
mod request;
mod server;
mod story;
mod waiting;

pub(crate) use answer::Answer;
pub(crate) use connection::Connection;
pub(crate) use devices::{Device, PAIRED_SCOPES};
pub(crate) use home::{Home, files_below};
pub(crate) use listener::{Listener, Told};
pub(crate) use people::{Browser, Caller, PASSWORD, Person, cookie_in};
pub(crate) use request::Request;
pub(crate) use server::Server;
pub(crate) use story::{Story, content_uri};
pub(crate) use waiting::eventually;

/// One rule of the server, as one test per database: the function of that name is called with a [`Home`].
macro_rules! on_every_database {
    ($($rule:ident,)*) => {$(
        mod $rule {
            use crate::support::Home;

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                super::$rule(&Home::with_sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                if let Some(home) = Home::with_postgres().await {
                    super::$rule(&home).await;
                }
            }
        }
    )*};
}
pub(crate) use on_every_database;
