//! Events: when they are told, who may listen, and for how long.
#![expect(clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod server;

use memcard_domain::account::{
    Caller, Credential, PasswordHash, Role, Scope, ScopeSet, delete_token, recall,
};
use memcard_domain::event::{DeviceChange, Event, ListenError, Listening, Told, UserEvent, listen, transact};
use memcard_domain::ids::DeviceId;
use memcard_domain::ports::{Cursor, Heard, StoreError};
use memcard_testkit::builders::{a_login, a_token, at, uuid_of};

use server::Server;

const READER: ScopeSet = ScopeSet::of(&[Scope::DevicesRead, Scope::AssetsRead]);

impl Server {
    /// Tells the caller of a device.
    async fn tell(&self, caller: &Caller, name: &str) {
        let (user, device) = (caller.user.id, DeviceId(uuid_of(name)));
        let told: Result<(), StoreError> = transact(&self.ports, move |_, happened| {
            happened.device(user, device, DeviceChange::Updated);
            Ok(())
        })
        .await;
        told.unwrap();
    }

    async fn listening(&self, caller: &Caller) -> Listening {
        listen(&self.ports, caller.clone(), None).await.unwrap()
    }

    async fn hear(&self, listening: &mut Listening) -> Told {
        let heard = listening.next(&self.ports).await.unwrap();
        listening.hear(&self.ports, heard).await.unwrap()
    }

    fn recall(&self, caller: &Caller) -> Option<Caller> {
        self.tx(|tx| recall(tx, self.now(), caller)).unwrap()
    }
}

fn of(caller: &Caller, name: &str) -> Event {
    let device = DeviceId(uuid_of(name));
    Event::OfUser(caller.user.id, UserEvent::Device(device, DeviceChange::Updated))
}

fn events(told: Told) -> Vec<Event> {
    let Told::Events(events) = told else { panic!("{told:?}") };
    events.into_iter().map(|(_, event)| event).collect()
}

#[tokio::test]
async fn what_was_rolled_back_is_not_told() {
    let server = Server::new();
    let player = server.player();
    let mut listening = server.listening(&player).await;
    let user = player.user.id;
    let failed: Result<(), StoreError> = transact(&server.ports, move |_, happened| {
        happened.device(user, DeviceId(uuid_of("lost")), DeviceChange::Registered);
        Err(StoreError::Conflict { constraint: "a test".to_owned() })
    })
    .await;
    failed.unwrap_err();
    server.tell(&player, "kept").await;
    assert_eq!(events(server.hear(&mut listening).await), [of(&player, "kept")]);
}

#[tokio::test]
async fn it_goes_on_after_what_was_heard_last() {
    let server = Server::new();
    let player = server.player();
    let mut listening = server.listening(&player).await;
    server.tell(&player, "one").await;
    assert_eq!(events(server.hear(&mut listening).await), [of(&player, "one")]);
    server.tell(&player, "two").await;
    let last = listening.heard().clone();
    assert_eq!(events(server.hear(&mut listening).await), [of(&player, "two")]);
    let mut again = listen(&server.ports, player.clone(), Some(last)).await.unwrap();
    assert_eq!(events(server.hear(&mut again).await), [of(&player, "two")]);
}

#[tokio::test]
async fn who_missed_something_is_told_and_goes_on() {
    let server = Server::new();
    let player = server.player();
    server.tell(&player, "missed").await;
    let unknown = Some(Cursor("unknown".to_owned()));
    let mut listening = listen(&server.ports, player.clone(), unknown).await.unwrap();
    let told = server.hear(&mut listening).await;
    assert_eq!(told, Told::Missed(listening.heard().clone()));
    server.tell(&player, "after").await;
    assert_eq!(events(server.hear(&mut listening).await), [of(&player, "after")]);
}

#[tokio::test]
async fn devices_read_and_assets_read_are_needed() {
    let server = Server::new();
    let player = server.player();
    for scope in [Scope::DevicesRead, Scope::AssetsRead] {
        let caller = server.by_token(&player, scope.name(), READER.difference(ScopeSet::of(&[scope])));
        let refused = listen(&server.ports, caller, None).await.unwrap_err();
        assert!(matches!(refused, ListenError::Forbidden(_)), "{scope}");
    }
    let caller = server.by_token(&player, "both", READER);
    assert!(listen(&server.ports, caller, None).await.is_ok());
}

#[tokio::test]
async fn a_revoked_token_hears_nothing_more() {
    let server = Server::new();
    let player = server.player();
    let caller = server.by_token(&player, "token", READER);
    let mut listening = server.listening(&caller).await;
    assert!(listening.may_go_on(&server.ports).await.unwrap());
    let Credential::ClientToken { token, .. } = caller.credential else { panic!("a token") };
    server.tx(|tx| delete_token(tx, &player, token)).unwrap();
    server.tell(&player, "secret").await;
    assert!(!listening.may_go_on(&server.ports).await.unwrap());
    assert_eq!(server.hear(&mut listening).await, Told::Over);
}

#[tokio::test]
async fn who_is_no_administrator_any_more_has_to_begin_anew() {
    let server = Server::new();
    let admin = server.person("admin", Role::Admin);
    let mut listening = server.listening(&admin).await;
    server.change_user(&admin, |user| user.role = Role::User);
    assert!(!listening.may_go_on(&server.ports).await.unwrap());
}

#[tokio::test]
async fn a_server_that_stops_ends_it() {
    let server = Server::new();
    let player = server.player();
    let mut listening = server.listening(&player).await;
    server.ports.events.close();
    assert_eq!(listening.next(&server.ports).await.unwrap(), Heard::Over);
    assert_eq!(server.hear(&mut listening).await, Told::Over);
}

#[test]
fn a_password_is_recalled_while_it_and_its_user_stay() {
    let server = Server::new();
    let player = server.player();
    assert_eq!(server.recall(&player), Some(player.clone()));
    server.change_user(&player, |user| user.enabled = false);
    assert_eq!(server.recall(&player), None);
    server.change_user(&player, |user| {
        user.enabled = true;
        user.password = PasswordHash("another".to_owned());
    });
    assert_eq!(server.recall(&player), None);
}

#[test]
fn a_login_or_a_token_is_recalled_until_it_ends_or_goes() {
    let server = Server::new();
    let player = server.player();
    let user = player.user.id;
    let login = server.tx(|tx| a_login(user, "cookie").insert(tx)).unwrap();
    let token = server.tx(|tx| a_token(user, "token").until(at(30)).insert(tx)).unwrap();
    let by = |credential: Credential| Caller { user: player.user.clone(), credential };
    let browser = by(Credential::Browser { login: login.id, device: None });
    let access = by(Credential::AccessToken { login: login.id, scopes: READER });
    let client = by(Credential::ClientToken { token: token.id, scopes: READER, device: None });
    for caller in [&browser, &access, &client] {
        assert_eq!(server.recall(caller).as_ref(), Some(caller));
    }
    server.wait(30 * 60);
    assert_eq!(server.recall(&client), None);
    assert_eq!(server.recall(&browser).as_ref(), Some(&browser));
    server.tx(|tx| tx.logins().delete(login.id)).unwrap();
    for caller in [&browser, &access] {
        assert_eq!(server.recall(caller), None);
    }
}
