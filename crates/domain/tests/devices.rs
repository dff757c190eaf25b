//! Devices: how one that registers is recognised, and how its owner keeps it.
#![expect(clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod server;

use chrono::Duration;
use memcard_domain::account::{Caller, Credential, Forbidden, Role, Scope, ScopeSet};
use memcard_domain::device::{
    Device, DeviceDetails, DeviceError, DevicePatch, Existing, MASK, MacAddress, RegisterError, Registered,
    Registration, SyncConfig, SyncMode, Syncs, delete, edit, find, list, register,
};
use memcard_domain::ids::{DeviceId, SlotId, VersionId};
use memcard_domain::ports::StoreError;
use memcard_domain::sync::{Base, Point};
use memcard_testkit::builders::{a_device, a_game, a_slot, a_token, a_version};
use serde_json::json;

use server::Server;

const KEEP: Existing = Existing::Allow { syncs: Syncs::Keep };

/// What a device says of itself: hardware address, host name, network address, platform; `-` is nothing.
fn says([mac, host, address, platform]: [&str; 4]) -> DeviceDetails {
    let said = |text: &str| (text != "-").then(|| text.to_owned());
    DeviceDetails {
        mac_address: MacAddress::new(mac).filter(|_| mac != "-"),
        hostname: said(host),
        ip_address: said(address),
        platform: said(platform),
        ..DeviceDetails::default()
    }
}

impl Server {
    fn register(
        &self,
        caller: &Caller,
        details: DeviceDetails,
        existing: Existing,
    ) -> Result<Registered, RegisterError> {
        let candidate = self.fresh_device();
        self.tx(|tx| register(tx, self.now(), caller, Registration { details, existing }, candidate))
    }

    fn known(&self, caller: &Caller, details: DeviceDetails) -> Device {
        match self.register(caller, details, Existing::Duplicate).unwrap() {
            Registered::New(device) => device,
            Registered::Existing(device) => panic!("{} was known", device.id),
        }
    }

    /// A base that the device is strongly known to have.
    fn strong_base(&self, caller: &Caller, device: DeviceId) -> (SlotId, VersionId) {
        self.tx(|tx| -> Result<_, StoreError> {
            let game = a_game().insert(tx)?;
            let slot = a_slot(tx, caller.user.id, game.id)?.id;
            let version = a_version(slot).from_device(device).append(tx)?.version;
            let mut base = Base::new(device, slot);
            base.prove(Point::of(&version), self.now());
            tx.bases().put(&[base])?;
            Ok((slot, version.id))
        })
        .unwrap()
    }

    fn base(&self, device: DeviceId, slot: SlotId) -> Option<Base> {
        self.tx(|tx| tx.bases().find(device, slot)).unwrap()
    }
}

fn same(answer: Registered) -> Option<DeviceId> {
    match answer {
        Registered::Existing(device) => Some(device.id),
        Registered::New(_) => None,
    }
}

#[test]
fn a_device_is_recognised_by_hardware_address_then_host_name_then_network_address() {
    let known = ["AA:BB:CC:00:11:22", "handheld", "10.0.0.5", "Linux"];
    for (shown, is_same, why) in [
        (["AA:BB:CC:00:11:22", "-", "-", "-"], true, "hardware address alone"),
        (
            ["aa-bb-cc-00-11-22", "renamed", "10.9.9.9", "Other"],
            true,
            "its normal form, whatever else differs",
        ),
        (["AA:BB:CC:00:11:33", "handheld", "10.0.0.5", "Linux"], false, "another hardware address"),
        (["-", "handheld", "10.9.9.9", "Linux"], true, "host name and platform"),
        (["-", "handheld", "10.0.0.5", "Other"], false, "host name on another platform"),
        (["-", "handheld", "-", "-"], false, "host name without its platform"),
        (["-", "other", "10.0.0.5", "Linux"], false, "a host name was sent, so the address does not count"),
        (["-", "-", "10.0.0.5", "Linux"], true, "network address and platform"),
        (["-", "-", "10.0.0.5", "Other"], false, "network address on another platform"),
        (["-", "-", "-", "Linux"], false, "no fingerprint"),
    ] {
        let server = Server::new();
        let player = server.player();
        let device = server.known(&player, says(known));
        let answer = server.register(&player, says(shown), KEEP).unwrap();
        assert_eq!(same(answer), is_same.then_some(device.id), "{why}");
    }
}

#[test]
fn a_device_whose_own_hardware_address_is_not_known_matches_by_host_name() {
    let server = Server::new();
    let player = server.player();
    let known = server.known(&player, says(["-", "handheld", "-", "Linux"]));
    let shown = says(["AA:BB:CC:00:11:22", "handheld", "-", "Linux"]);
    assert_eq!(same(server.register(&player, shown, KEEP).unwrap()), Some(known.id));
}

#[test]
fn the_network_address_does_not_count_beside_a_hardware_address() {
    let server = Server::new();
    let player = server.player();
    server.known(&player, says(["-", "-", "10.0.0.5", "Linux"]));
    let shown = says(["AA:BB:CC:00:11:22", "-", "10.0.0.5", "Linux"]);
    assert_eq!(same(server.register(&player, shown, KEEP).unwrap()), None);
}

#[test]
fn a_stronger_part_wins_over_a_device_seen_later_and_among_equals_the_one_seen_last() {
    let server = Server::new();
    let player = server.player();
    let by_mac = server.known(&player, says(["AA:BB:CC:00:11:22", "old", "-", "Linux"]));
    server.wait(60);
    let earlier = server.known(&player, says(["-", "handheld", "-", "Linux"]));
    server.wait(60);
    let later = server.known(&player, says(["-", "handheld", "-", "Linux"]));
    let both = says(["AA:BB:CC:00:11:22", "handheld", "-", "Linux"]);
    assert_eq!(same(server.register(&player, both, KEEP).unwrap()), Some(by_mac.id));
    let host = || says(["-", "handheld", "-", "Linux"]);
    assert_eq!(same(server.register(&player, host(), KEEP).unwrap()), Some(later.id));
    server.wait(60);
    server.tx(|tx| tx.devices().touch(earlier.id, server.now())).unwrap();
    assert_eq!(same(server.register(&player, host(), KEEP).unwrap()), Some(earlier.id));
}

#[test]
fn another_user_s_device_is_never_recognised() {
    let server = Server::new();
    let (player, guest) = (server.person("player", Role::User), server.person("guest", Role::User));
    let mac = || says(["AA:BB:CC:00:11:22", "-", "-", "-"]);
    server.known(&player, mac());
    assert_eq!(same(server.register(&guest, mac(), KEEP).unwrap()), None);
}

#[test]
fn a_device_without_fingerprint_is_always_new() {
    let server = Server::new();
    let player = server.player();
    for _ in 0..3 {
        assert_eq!(same(server.register(&player, DeviceDetails::default(), KEEP).unwrap()), None);
    }
    assert_eq!(server.devices(&player).len(), 3);
}

#[test]
fn a_known_device_is_welcomed_refused_or_doubled_as_asked() {
    let server = Server::new();
    let player = server.player();
    let mac = || says(["AA:BB:CC:00:11:22", "-", "-", "-"]);
    let known = server.known(&player, mac());
    server.wait(3600);
    let refused = server.register(&player, mac(), Existing::Refuse);
    assert!(matches!(refused, Err(RegisterError::Exists(id)) if id == known.id));
    let Registered::Existing(welcomed) = server.register(&player, mac(), KEEP).unwrap() else {
        panic!("it is known")
    };
    assert_eq!((welcomed.id, welcomed.created_at), (known.id, known.created_at));
    assert_eq!(welcomed.last_seen, server.now());
    assert_eq!(server.devices(&player), [welcomed]);
    assert_eq!(same(server.register(&player, mac(), Existing::Duplicate).unwrap()), None);
    assert_eq!(server.devices(&player).len(), 2);
    let new = says(["AA:BB:CC:00:11:33", "-", "-", "-"]);
    assert_eq!(same(server.register(&player, new, Existing::Refuse).unwrap()), None);
}

#[test]
fn a_reset_forgets_what_the_device_holds_and_keeping_does_not() {
    let server = Server::new();
    let player = server.player();
    let mac = || says(["AA:BB:CC:00:11:22", "-", "-", "-"]);
    let known = server.known(&player, mac());
    let (slot, version) = server.strong_base(&player, known.id);
    server.register(&player, mac(), KEEP).unwrap();
    assert!(server.base(known.id, slot).unwrap().is_strongly_at(version));
    server.register(&player, mac(), Existing::Allow { syncs: Syncs::Reset }).unwrap();
    assert_eq!(server.base(known.id, slot), None);
}

#[test]
fn registering_again_under_another_token_weakens_what_a_paired_device_was_known_to_hold() {
    let by = |caller: &Caller, device| Caller {
        credential: Credential::ClientToken {
            token: memcard_domain::ids::TokenId(1),
            scopes: ScopeSet::ALL,
            device,
        },
        ..caller.clone()
    };
    for (shows_its_own, stays_strong) in [(true, true), (false, false)] {
        let server = Server::new();
        let player = server.player();
        let mac = || says(["AA:BB:CC:00:11:22", "-", "-", "-"]);
        let known = server.known(&player, mac());
        server.tx(|tx| a_token(player.user.id, "rmm_own").bound_to(known.id).insert(tx)).unwrap();
        let (slot, version) = server.strong_base(&player, known.id);
        let caller = by(&player, shows_its_own.then_some(known.id));
        server.register(&caller, mac(), KEEP).unwrap();
        let base = server.base(known.id, slot).unwrap();
        assert!(base.holds(version));
        assert_eq!(base.is_strongly_at(version), stays_strong);
    }
}

#[test]
fn a_known_client_fills_a_platform_that_was_left_out() {
    let server = Server::new();
    let player = server.player();
    let client = |name: &str, platform: Option<&str>| DeviceDetails {
        client: Some(name.to_owned()),
        platform: platform.map(str::to_owned),
        ..DeviceDetails::default()
    };
    for (name, said, platform) in [
        ("grout", None, Some("muOS")),
        ("Argosy-Launcher", None, Some("Android")),
        ("web", None, Some("Web")),
        ("grout", Some("Knulli"), Some("Knulli")),
        ("unheard-of", None, None),
    ] {
        assert_eq!(server.known(&player, client(name, said)).details.platform.as_deref(), platform, "{name}");
    }
}

#[test]
fn texts_have_bounds() {
    let server = Server::new();
    let player = server.player();
    let long = |length: usize| Some("x".repeat(length));
    for (member, most) in [
        ("name", 255),
        ("platform", 50),
        ("client", 50),
        ("client_version", 50),
        ("ip_address", 45),
        ("mac_address", 17),
        ("hostname", 255),
    ] {
        let with = |length| {
            let mut details = DeviceDetails::default();
            match member {
                "name" => details.name = long(length),
                "platform" => details.platform = long(length),
                "client" => details.client = long(length),
                "client_version" => details.client_version = long(length),
                "ip_address" => details.ip_address = long(length),
                "mac_address" => details.mac_address = MacAddress::new(&"0".repeat(length)),
                _ => details.hostname = long(length),
            }
            details
        };
        assert!(server.register(&player, with(most), Existing::Duplicate).is_ok(), "{member}");
        let refused = server.register(&player, with(most + 1), Existing::Duplicate);
        assert!(
            matches!(refused, Err(RegisterError::Invalid(length)) if length.member == member),
            "{member}"
        );
    }
    let umlauts = DeviceDetails { name: Some("ö".repeat(255)), ..DeviceDetails::default() };
    assert!(server.register(&player, umlauts, Existing::Duplicate).is_ok(), "characters, not bytes");
}

#[test]
fn devices_are_their_owner_s() {
    let server = Server::new();
    let (player, guest) = (server.person("player", Role::User), server.person("guest", Role::User));
    let device = server.known(&player, DeviceDetails::default());
    assert_eq!(server.tx(|tx| find(tx, &player, device.id)).unwrap(), device);
    assert!(server.tx(|tx| list(tx, &guest)).unwrap().is_empty());
    let patch = DevicePatch { name: Some(Some("mine".to_owned())), ..DevicePatch::default() };
    for refused in [
        server.tx(|tx| find(tx, &guest, device.id)).map(|_| ()),
        server.tx(|tx| edit(tx, server.now(), &guest, device.id, patch)).map(|_| ()),
        server.tx(|tx| delete(tx, &guest, device.id)),
    ] {
        assert_eq!(refused.unwrap_err().to_string(), format!("Device with ID {} not found", device.id));
    }
    assert_eq!(server.devices(&player), [device]);
}

#[test]
fn reading_and_writing_have_a_scope_each() {
    let server = Server::new();
    let player = server.player();
    let device = server.known(&player, DeviceDetails::default());
    let reader = server.by_token(&player, "rmm_r", ScopeSet::of(&[Scope::DevicesRead]));
    let writer = server.by_token(&player, "rmm_w", ScopeSet::of(&[Scope::DevicesWrite]));
    let missing = |error: &DeviceError| match error {
        DeviceError::Forbidden(Forbidden::MissingScope(scope)) => Some(*scope),
        _ => None,
    };
    let refused = server.tx(|tx| list(tx, &writer)).unwrap_err();
    assert_eq!(missing(&refused), Some(Scope::DevicesRead));
    let refused = server.tx(|tx| find(tx, &writer, device.id)).unwrap_err();
    assert_eq!(missing(&refused), Some(Scope::DevicesRead));
    let refused = server.tx(|tx| edit(tx, server.now(), &reader, device.id, DevicePatch::default()));
    assert_eq!(missing(&refused.unwrap_err()), Some(Scope::DevicesWrite));
    let refused = server.tx(|tx| delete(tx, &reader, device.id)).unwrap_err();
    assert_eq!(missing(&refused), Some(Scope::DevicesWrite));
    let refused = server.register(&reader, DeviceDetails::default(), KEEP);
    assert!(matches!(refused, Err(RegisterError::Forbidden(_))));
    assert!(server.tx(|tx| find(tx, &reader, device.id)).is_ok());
    assert!(server.tx(|tx| delete(tx, &writer, device.id)).is_ok());
}

#[test]
fn an_edit_changes_the_members_that_are_present_and_null_clears() {
    let server = Server::new();
    let player = server.player();
    let mut details = says(["AA:BB:CC:00:11:22", "handheld", "10.0.0.5", "Linux"]);
    details.name = Some("old".to_owned());
    let before = server.known(&player, details);
    server.wait(5);
    let patch = DevicePatch {
        name: Some(Some("new".to_owned())),
        hostname: Some(None),
        sync_mode: Some(SyncMode::FileTransfer),
        sync_enabled: Some(false),
        ..DevicePatch::default()
    };
    let after = server.tx(|tx| edit(tx, server.now(), &player, before.id, patch)).unwrap();
    assert_eq!(after.details.name.as_deref(), Some("new"));
    assert_eq!(after.details.hostname, None);
    assert_eq!(after.details.mac_address, before.details.mac_address);
    assert_eq!(after.details.platform, before.details.platform);
    assert_eq!((after.details.sync_mode, after.sync_enabled), (SyncMode::FileTransfer, false));
    assert_eq!((after.updated_at, after.last_seen), (server.now(), before.last_seen));
    assert_eq!(server.devices(&player), std::slice::from_ref(&after));
    let endless = DevicePatch { client: Some(Some("x".repeat(51))), ..DevicePatch::default() };
    let refused = server.tx(|tx| edit(tx, server.now(), &player, before.id, endless));
    assert!(matches!(refused, Err(DeviceError::Invalid(length)) if length.member == "client"));
    assert_eq!(server.devices(&player), [after]);
}

#[test]
fn a_masked_secret_written_back_keeps_the_stored_one() {
    let server = Server::new();
    let player = server.player();
    let config = |value| SyncConfig::from_client(value).unwrap();
    let details = DeviceDetails {
        sync_config: Some(config(json!({"ssh_host": "a", "ssh_password": "hunter2"}))),
        ..DeviceDetails::default()
    };
    let device = server.known(&player, details);
    let edit_config = |value| {
        let patch = DevicePatch { sync_config: Some(Some(config(value))), ..DevicePatch::default() };
        let edited = server.tx(|tx| edit(tx, server.now(), &player, device.id, patch)).unwrap();
        edited.details.sync_config.unwrap().members().clone()
    };
    let kept = edit_config(json!({"ssh_host": "b", "ssh_password": MASK}));
    assert_eq!((&kept["ssh_host"], &kept["ssh_password"]), (&json!("b"), &json!("hunter2")));
    assert_eq!(edit_config(json!({"ssh_password": "new"}))["ssh_password"], "new");
    let masked = DeviceDetails {
        sync_config: Some(config(json!({"ssh_password": MASK, "x": 1}))),
        ..DeviceDetails::default()
    };
    let fresh = server.known(&player, masked).details.sync_config.unwrap();
    assert_eq!(fresh.members().get("ssh_password"), None, "a mask that stands for nothing");
}

#[test]
fn deleting_a_device_takes_its_tokens_and_bases_along_and_leaves_its_versions() {
    let server = Server::new();
    let player = server.player();
    let device = server.tx(|tx| a_device(player.user.id, "card").insert(tx)).unwrap();
    server.tx(|tx| a_token(player.user.id, "rmm_own").bound_to(device.id).insert(tx)).unwrap();
    server.tx(|tx| a_token(player.user.id, "rmm_other").insert(tx)).unwrap();
    let (slot, version) = server.strong_base(&player, device.id);
    server.clock.advance(Duration::minutes(1));
    server.tx(|tx| delete(tx, &player, device.id)).unwrap();
    assert_eq!(server.tokens(&player).len(), 1);
    assert_eq!(server.base(device.id, slot), None);
    let save = server.tx(|tx| tx.saves().by_version(version)).unwrap().unwrap();
    assert_eq!(save.version.origin, None);
    let again = server.tx(|tx| delete(tx, &player, device.id));
    assert!(matches!(again, Err(DeviceError::NotFound(_))));
}
