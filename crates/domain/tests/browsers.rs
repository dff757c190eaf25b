//! Browsers that log in: each is one of the user's devices, found again by what it is and where it calls from.
#![expect(clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod server;

use std::sync::Arc;

use memcard_domain::account::{
    Caller, NOTE_EVERY, Role, Shown, authenticate, check_password, log_in_browser,
};
use memcard_domain::device::{self, Browser, Device, DeviceDetails, DevicePatch, SyncMode};
use memcard_domain::ids::DeviceId;
use memcard_domain::secret::Secret;
use memcard_testkit::builders::a_user;
use tokio::task::JoinSet;

use server::passwords::new_hash;
use server::{HOME, Server};

const PASSWORD: &str = "correct horse";

fn firefox() -> Browser {
    Browser {
        name: "Firefox".to_owned(),
        system: Some("Linux".to_owned()),
        major_version: Some(128),
        address: HOME.to_owned(),
    }
}

impl Server {
    fn member(&self, username: &str) {
        let user = a_user().named(username).with_role(Role::User).with_password(new_hash(PASSWORD));
        self.tx(|tx| user.insert(tx)).unwrap();
    }

    /// Logs a user in from a browser: the cookie.
    async fn browse(&self, username: &str, browser: Option<Browser>) -> Secret {
        let user = check_password(&self.ports, username, Secret::new(PASSWORD), HOME).await.unwrap();
        log_in_browser(&self.ports, &user, browser).await.unwrap().cookie
    }

    async fn caller(&self, cookie: &Secret) -> Caller {
        authenticate(&self.ports, Shown::Cookie(cookie.clone()), HOME).await.unwrap()
    }

    /// The device that a session stands for, as it is kept.
    async fn device_of(&self, cookie: &Secret) -> Device {
        let caller = self.caller(cookie).await;
        let id = caller.current_device().unwrap();
        self.tx(|tx| tx.devices().find(caller.user.id, id)).unwrap().unwrap()
    }
}

#[tokio::test]
async fn a_browser_s_first_login_makes_a_web_device() {
    let server = Server::new();
    server.member("player");
    let cookie = server.browse("player", Some(firefox())).await;
    let made = server.device_of(&cookie).await;
    let expected = DeviceDetails {
        name: Some("Firefox on Linux".to_owned()),
        client: Some("web".to_owned()),
        client_version: Some("128".to_owned()),
        platform: Some("Web".to_owned()),
        ip_address: Some(HOME.to_owned()),
        sync_mode: SyncMode::Api,
        ..DeviceDetails::default()
    };
    assert_eq!((made.details, made.last_seen), (expected, server.now()));
}

#[tokio::test]
async fn a_later_login_finds_the_device_with_its_new_version_and_whatever_its_owner_called_it() {
    let server = Server::new();
    server.member("player");
    let first = server.browse("player", Some(firefox())).await;
    let (caller, before) = (server.caller(&first).await, server.device_of(&first).await);
    let name = Some(Some("Desk".to_owned()));
    let renamed = DevicePatch { name, client: Some(None), ip_address: Some(None), ..DevicePatch::default() };
    server.tx(|tx| device::edit(tx, server.now(), &caller, before.id, renamed)).unwrap();

    server.wait(60);
    let second = server.browse("player", Some(Browser { major_version: Some(129), ..firefox() })).await;
    let after = server.device_of(&second).await;
    assert_eq!((after.id, after.last_seen), (before.id, server.now()));
    assert_eq!(after.details.name.as_deref(), Some("Desk"));
    assert_eq!(after.details.client_version.as_deref(), Some("129"));
}

#[tokio::test]
async fn another_browser_system_network_or_user_is_another_device() {
    let server = Server::new();
    server.member("player");
    server.member("guest");
    let mut devices: Vec<DeviceId> = Vec::new();
    for (user, browser) in [
        ("player", firefox()),
        ("player", Browser { name: "Chrome".to_owned(), ..firefox() }),
        ("player", Browser { system: Some("Android".to_owned()), ..firefox() }),
        ("player", Browser { address: "192.0.2.8".to_owned(), ..firefox() }),
        ("guest", firefox()),
    ] {
        let cookie = server.browse(user, Some(browser.clone())).await;
        let id = server.device_of(&cookie).await.id;
        assert!(!devices.contains(&id), "{user} {browser:?}");
        devices.push(id);
    }
}

#[tokio::test]
async fn a_login_that_is_no_browser_s_makes_no_device() {
    let server = Server::new();
    server.member("player");
    let cookie = server.browse("player", None).await;
    let caller = server.caller(&cookie).await;
    assert_eq!((caller.current_device(), server.devices(&caller)), (None, Vec::new()));
}

#[tokio::test]
async fn parallel_logins_of_one_browser_make_one_device() {
    for seed in 0..20 {
        let server = Arc::new(Server::interleaved(seed));
        server.member("player");
        let mut racers = JoinSet::new();
        for _ in 0..8 {
            let server = Arc::clone(&server);
            racers.spawn(async move { server.browse("player", Some(firefox())).await });
        }
        let cookies = racers.join_all().await;
        let caller = server.caller(&cookies[0]).await;
        assert_eq!(server.devices(&caller).len(), 1, "seed {seed}");
        for cookie in &cookies {
            assert_eq!(server.caller(cookie).await.current_device(), caller.current_device(), "seed {seed}");
        }
    }
}

#[tokio::test]
async fn using_the_session_moves_the_device_s_last_seen_every_five_minutes() {
    let server = Server::new();
    server.member("player");
    let cookie = server.browse("player", Some(firefox())).await;
    let logged_in = server.now();
    server.wait(NOTE_EVERY.num_seconds() - 1);
    assert_eq!(server.device_of(&cookie).await.last_seen, logged_in);
    server.wait(1);
    assert_eq!(server.device_of(&cookie).await.last_seen, server.now());
}

#[tokio::test]
async fn deleting_the_device_leaves_the_session_and_the_next_login_makes_another() {
    let server = Server::new();
    server.member("player");
    let cookie = server.browse("player", Some(firefox())).await;
    let (caller, deleted) = (server.caller(&cookie).await, server.device_of(&cookie).await.id);
    server.tx(|tx| device::delete(tx, &caller, deleted)).unwrap();
    assert_eq!(server.caller(&cookie).await.current_device(), None);

    let again = server.browse("player", Some(firefox())).await;
    assert_ne!(server.device_of(&again).await.id, deleted);
    assert_eq!(server.caller(&cookie).await.current_device(), None);
}
