//! Syncs that the server begins, and the keys they need: who may, in which order it is refused, and what SSH mode is
//! asked for once it is there.
#![expect(clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod server;

use std::sync::{Arc, Mutex};

use memcard_domain::account::{Caller, Forbidden, Role, ScopeSet};
use memcard_domain::device::{Device, SyncConfig, SyncMode};
use memcard_domain::ids::DeviceId;
use memcard_domain::ports::{BoxFuture, Ports, SshPublicKey, SshSync, StoreError};
use memcard_domain::sync::{
    MISSING_SETTINGS, NewSession, PushPullError, SessionStatus, SshKeyError, SyncSession, make_ssh_key,
    push_pull, remove_ssh_key,
};
use memcard_testkit::builders::a_device;
use serde_json::json;

use server::Server;

/// SSH mode that connects to nothing, and remembers what it was asked for.
#[derive(Default)]
struct Remembering {
    started: Mutex<Vec<(SyncSession, DeviceId)>>,
    keys: Mutex<Vec<DeviceId>>,
}

impl SshSync for Remembering {
    fn start(&self, session: SyncSession, device: Device) {
        self.started.lock().unwrap().push((session, device.id));
    }

    fn make_key(&self, device: DeviceId) -> BoxFuture<'_, Result<SshPublicKey, StoreError>> {
        let mut keys = self.keys.lock().unwrap();
        keys.retain(|known| *known != device);
        keys.push(device);
        let key = SshPublicKey { line: format!("for {device}"), fingerprint: "SHA256:x".to_owned() };
        Box::pin(async { Ok(key) })
    }

    fn remove_key(&self, device: DeviceId) -> BoxFuture<'_, Result<bool, StoreError>> {
        let mut keys = self.keys.lock().unwrap();
        let before = keys.len();
        keys.retain(|known| *known != device);
        let removed = keys.len() < before;
        Box::pin(async move { Ok(removed) })
    }
}

fn with_ssh() -> (Server, Arc<Remembering>) {
    let (server, ssh) = (Server::new(), Arc::new(Remembering::default()));
    let ports = Ports { ssh: Some(ssh.clone()), ..server.ports };
    (Server { ports, ..server }, ssh)
}

impl Server {
    fn card(&self, owner: &Caller, mode: SyncMode, config: Option<serde_json::Value>) -> DeviceId {
        let mut card = a_device(owner.user.id, "card").syncing_by(mode);
        if let Some(config) = config {
            card = card.with_config(SyncConfig::from_client(config).unwrap());
        }
        self.tx(|tx| card.insert(tx)).unwrap().id
    }

    fn switch_off(&self, owner: &Caller, id: DeviceId) {
        self.tx(|tx| -> Result<_, StoreError> {
            let device = tx.devices().find(owner.user.id, id)?.unwrap();
            tx.devices().update(&Device { sync_enabled: false, ..device })
        })
        .unwrap();
    }
}

#[tokio::test]
async fn a_sync_is_refused_for_the_device_first_then_its_mode_then_its_switch_then_the_server() {
    let server = Server::new();
    let player = server.player();
    let stranger = server.person("stranger", Role::User);
    let card = server.card(&player, SyncMode::Api, None);

    let answer = push_pull(&server.ports, &stranger, card).await;
    assert!(matches!(answer, Err(PushPullError::DeviceNotFound(_))), "{answer:?}");
    server.switch_off(&player, card);
    let answer = push_pull(&server.ports, &player, card).await;
    assert!(matches!(answer, Err(PushPullError::OtherMode)), "{answer:?}");
    server
        .tx(|tx| -> Result<_, StoreError> {
            let mut device = tx.devices().find(player.user.id, card)?.unwrap();
            device.details.sync_mode = SyncMode::PushPull;
            tx.devices().update(&device)
        })
        .unwrap();
    let answer = push_pull(&server.ports, &player, card).await;
    assert!(matches!(answer, Err(PushPullError::SyncDisabled)), "{answer:?}");
    server
        .tx(|tx| -> Result<_, StoreError> {
            let device = tx.devices().find(player.user.id, card)?.unwrap();
            tx.devices().update(&Device { sync_enabled: true, ..device })
        })
        .unwrap();
    let answer = push_pull(&server.ports, &player, card).await;
    assert!(matches!(answer, Err(PushPullError::SshDisabled(_))), "{answer:?}");
    assert_eq!(server.tx(|tx| tx.sessions().list(player.user.id, None, 9)).unwrap(), []);
}

#[tokio::test]
async fn a_sync_that_starts_takes_the_place_of_what_the_device_was_doing() {
    let (server, ssh) = with_ssh();
    let player = server.player();
    let card = server.card(&player, SyncMode::PushPull, Some(json!({"ssh_host": "192.0.2.9"})));
    let running =
        NewSession { user: player.user.id, device: card, operations_planned: 1, initiated_at: server.now() };
    let running = server.tx(|tx| tx.sessions().insert(&running)).unwrap();

    let begun = push_pull(&server.ports, &player, card).await.unwrap();
    assert_eq!((begun.status, begun.device), (SessionStatus::InProgress, card));
    assert_eq!(*ssh.started.lock().unwrap(), [(begun, card)]);
    let before = server.tx(|tx| tx.sessions().find(player.user.id, running.id)).unwrap().unwrap();
    assert_eq!(before.status, SessionStatus::Cancelled);
}

#[tokio::test]
async fn without_a_host_the_session_has_failed_and_nothing_is_started() {
    for config in [None, Some(json!({})), Some(json!({"ssh_host": " "})), Some(json!({"ssh_host": null}))] {
        let (server, ssh) = with_ssh();
        let player = server.player();
        let card = server.card(&player, SyncMode::PushPull, config.clone());
        let failed = push_pull(&server.ports, &player, card).await.unwrap();
        assert_eq!(failed.error_message.as_deref(), Some(MISSING_SETTINGS), "{config:?}");
        assert_eq!((failed.status, failed.completed_at), (SessionStatus::Failed, Some(server.now())));
        assert_eq!(server.tx(|tx| tx.sessions().find(player.user.id, failed.id)).unwrap(), Some(failed));
        assert!(ssh.started.lock().unwrap().is_empty(), "{config:?}");
    }
}

#[tokio::test]
async fn a_key_is_made_in_place_of_an_earlier_one_and_can_be_removed_once() {
    let (server, ssh) = with_ssh();
    let player = server.player();
    let card = server.card(&player, SyncMode::Api, None);
    for _ in 0..2 {
        let key = make_ssh_key(&server.ports, &player, card).await.unwrap();
        assert_eq!(key.line, format!("for {card}"));
    }
    assert_eq!(*ssh.keys.lock().unwrap(), [card]);
    remove_ssh_key(&server.ports, &player, card).await.unwrap();
    let again = remove_ssh_key(&server.ports, &player, card).await;
    assert!(matches!(again, Err(SshKeyError::NoKey)), "{again:?}");
}

#[tokio::test]
async fn on_a_server_without_ssh_mode_no_key_is_made_and_there_is_none_to_remove() {
    let server = Server::new();
    let player = server.player();
    let card = server.card(&player, SyncMode::PushPull, None);
    let made = make_ssh_key(&server.ports, &player, card).await;
    assert!(matches!(made, Err(SshKeyError::SshDisabled(_))), "{made:?}");
    let removed = remove_ssh_key(&server.ports, &player, card).await;
    assert!(matches!(removed, Err(SshKeyError::NoKey)), "{removed:?}");
}

#[tokio::test]
async fn another_user_s_device_has_no_key_to_be_made_or_removed() {
    let (server, ssh) = with_ssh();
    let card = server.card(&server.player(), SyncMode::PushPull, None);
    let stranger = server.person("stranger", Role::User);
    let made = make_ssh_key(&server.ports, &stranger, card).await;
    assert!(matches!(made, Err(SshKeyError::DeviceNotFound(_))), "{made:?}");
    let removed = remove_ssh_key(&server.ports, &stranger, card).await;
    assert!(matches!(removed, Err(SshKeyError::DeviceNotFound(_))), "{removed:?}");
    assert!(ssh.keys.lock().unwrap().is_empty());
}

#[tokio::test]
async fn whoever_may_not_write_devices_starts_nothing_and_makes_no_key() {
    let (server, ssh) = with_ssh();
    let player = server.player();
    let card = server.card(&player, SyncMode::PushPull, Some(json!({"ssh_host": "192.0.2.9"})));
    let reader = server.by_token(&player, "rmm_reader", ScopeSet::EMPTY);
    let started = push_pull(&server.ports, &reader, card).await;
    assert!(matches!(started, Err(PushPullError::Forbidden(Forbidden::MissingScope(_)))), "{started:?}");
    let made = make_ssh_key(&server.ports, &reader, card).await;
    assert!(matches!(made, Err(SshKeyError::Forbidden(_))), "{made:?}");
    let removed = remove_ssh_key(&server.ports, &reader, card).await;
    assert!(matches!(removed, Err(SshKeyError::Forbidden(_))), "{removed:?}");
    assert!(ssh.started.lock().unwrap().is_empty() && ssh.keys.lock().unwrap().is_empty());
}
