//! The pairing state machine: one test per rule and way to break it. The numbers are those of the rules:
//! 1 codes and where tokens come from, 2 redemption, 3 races, 4 pacing, 5 wrong codes, 6 who may grant what, 7 who
//! holds a flow.
#![expect(clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod server;

use std::sync::Arc;

use chrono::Duration;
use memcard_domain::account::{Caller, Credential, MAX_LIVE_TOKENS, Role, Scope, ScopeSet, TokenExpiry};
use memcard_domain::device::DeviceDetails;
use memcard_domain::limit::Limited;
use memcard_domain::pairing::{
    Approve, ApproveError, Approved, BeginError, BegunPairing, CodeError, CodeKey, DENIED_ANSWER_LIFE,
    DenyError, DeviceCode, FLOW_LIFE, MAX_LIVE_FLOWS, OpenError, PairedDevice, PairingRequest, PairingState,
    PollError, Requester, UNGRANTABLE, approve, begin, deny, open, poll,
};
use memcard_domain::ports::StoreError;
use memcard_domain::secret::Secret;
use memcard_domain::sync::{Base, Point};
use memcard_testkit::builders::{a_game, a_slot, a_token, a_version};
use tokio::task::JoinSet;

use server::{HOME, Server};

const SYNC: ScopeSet =
    ScopeSet::of(&[Scope::AssetsRead, Scope::AssetsWrite, Scope::DevicesRead, Scope::DevicesWrite]);

fn request(identifier: &str) -> PairingRequest {
    PairingRequest {
        client_device_identifier: identifier.to_owned(),
        name: "Handheld".to_owned(),
        client: "grout".to_owned(),
        platform: None,
        client_version: Some("1.4.0".to_owned()),
        scopes: SYNC,
    }
}

fn requester(address: &str) -> Requester {
    Requester { address: address.to_owned(), agent: Some("grout/1.4.0".to_owned()) }
}

fn grant(begun: &BegunPairing) -> Approve {
    Approve {
        typed_code: begun.user_code.expose().to_owned(),
        scopes: SYNC,
        device_name: None,
        expiry: TokenExpiry::Never,
    }
}

impl Server {
    /// A device asks; never so often that its address is limited.
    async fn begin(&self, identifier: &str) -> BegunPairing {
        self.wait(7);
        begin(&self.ports, request(identifier), requester("198.51.100.1")).await.unwrap()
    }

    async fn approve(&self, caller: &Caller, begun: &BegunPairing) -> Approved {
        approve(&self.ports, caller, HOME, grant(begun)).await.unwrap()
    }

    async fn poll(&self, begun: &BegunPairing) -> Result<PairedDevice, PollError> {
        poll(&self.ports, begun.device_code.clone()).await
    }

    async fn pair(&self, caller: &Caller, identifier: &str) -> PairedDevice {
        let begun = self.begin(identifier).await;
        self.approve(caller, &begun).await;
        self.poll(&begun).await.unwrap()
    }

    async fn type_code(&self, caller: &Caller, address: &str, typed: &str) -> Result<(), OpenError> {
        open(&self.ports, caller, typed, address).await.map(|_| ())
    }
}

fn word(answer: &Result<PairedDevice, PollError>) -> String {
    match answer {
        Ok(_) => "token".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn is_unknown<T>(answer: &Result<T, OpenError>) -> bool {
    matches!(answer, Err(OpenError::Code(CodeError::Unknown)))
}

fn limited<T>(answer: &Result<T, OpenError>) -> Option<Limited> {
    match answer {
        Err(OpenError::Code(CodeError::Limited(limited))) => Some(*limited),
        _ => None,
    }
}

// Rule 1

#[tokio::test]
async fn rule_1_codes_are_kept_only_as_digests_and_the_short_one_under_the_server_s_key() {
    let server = Server::new();
    let begun = server.begin("card").await;
    assert_eq!(begun.device_code.0.expose().len(), 64);
    assert_eq!(begun.user_code.expose().len(), 8);
    let kept = server.ports.pairings.by_device_code(begun.device_code.digest()).await.unwrap().unwrap();
    let shown = format!("{kept:?}");
    assert!(!shown.contains(begun.device_code.0.expose()) && !shown.contains(begun.user_code.expose()));
    let guessable = Secret::new(begun.user_code.expose()).digest();
    let other_key = begun.user_code.digest(&CodeKey::new([0; 32]));
    for digest in [guessable, other_key] {
        assert_eq!(server.ports.pairings.by_user_code(digest).await.unwrap(), None);
    }
}

#[tokio::test]
async fn rule_1_no_token_and_no_device_exists_before_the_device_fetches_it() {
    let server = Server::new();
    let player = server.player();
    let begun = server.begin("card").await;
    let approved = server.approve(&player, &begun).await;
    assert!(server.tokens(&player).is_empty() && server.devices(&player).is_empty());
    let paired = server.poll(&begun).await.unwrap();
    assert_eq!(paired.device, approved.device);
    assert!(server.is_good_token(&paired.token));
    assert_eq!(server.tokens(&player)[0].device, Some(paired.device));
}

#[tokio::test]
async fn rule_1_all_live_approvals_of_one_identifier_answer_the_id_that_redemption_uses() {
    let server = Server::new();
    let player = server.player();
    let (one, two, other) = (server.begin("card").await, server.begin("card").await, server.begin("x").await);
    let answered = server.approve(&player, &one).await.device;
    assert_eq!(server.approve(&player, &two).await.device, answered);
    assert_ne!(server.approve(&player, &other).await.device, answered);
    assert_eq!(server.poll(&two).await.unwrap().device, answered);
    assert_eq!(server.poll(&one).await.unwrap().device, answered);
    assert_eq!(server.devices(&player).len(), 1);
}

#[tokio::test]
async fn rule_1_reserved_ids_are_each_user_s_own() {
    let server = Server::new();
    let (player, guest) = (server.person("player", Role::User), server.person("guest", Role::User));
    let (first, second) = (server.pair(&player, "card").await, server.pair(&guest, "card").await);
    assert_ne!(first.device, second.device);
    assert!(server.is_good_token(&first.token) && server.is_good_token(&second.token));
}

// Rule 2

#[tokio::test]
async fn rule_2_the_device_is_what_it_said_of_itself_and_its_token_has_its_name() {
    let server = Server::new();
    let player = server.player();
    let begun = server.begin("card").await;
    let named = Approve {
        device_name: Some("  Living room ".to_owned()),
        expiry: TokenExpiry::Days30,
        ..grant(&begun)
    };
    let approved = approve(&server.ports, &player, HOME, named).await.unwrap();
    assert_eq!(approved.device_name, "Living room");
    server.wait(60);
    let paired = server.poll(&begun).await.unwrap();
    let device = server.devices(&player).remove(0);
    assert_eq!(
        device.details,
        DeviceDetails {
            name: Some("Living room".to_owned()),
            client: Some("grout".to_owned()),
            client_version: Some("1.4.0".to_owned()),
            platform: Some("muOS".to_owned()),
            ..DeviceDetails::default()
        }
    );
    assert_eq!(device.client_device_identifier.as_deref(), Some("card"));
    let token = server.tokens(&player).remove(0);
    assert_eq!((token.name.as_str(), token.scopes, paired.scopes), ("Living room", SYNC, SYNC));
    assert_eq!(paired.expires_at, Some(server.now() + Duration::days(30)));
    assert_eq!(token.expires_at, paired.expires_at);
}

#[tokio::test]
async fn rule_2_a_blank_name_is_the_requested_one() {
    let server = Server::new();
    let player = server.player();
    for blank in [None, Some(String::new()), Some("   ".to_owned())] {
        let begun = server.begin("card").await;
        let unnamed = Approve { device_name: blank, ..grant(&begun) };
        let approved = approve(&server.ports, &player, HOME, unnamed).await.unwrap();
        assert_eq!(approved.device_name, "Handheld");
    }
    let begun = server.begin("card").await;
    let endless = Approve { device_name: Some("x".repeat(256)), ..grant(&begun) };
    let refused = approve(&server.ports, &player, HOME, endless).await;
    assert!(matches!(refused, Err(ApproveError::Invalid(length)) if length.member == "device_name"));
}

#[tokio::test]
async fn rule_2_pairing_again_keeps_the_device_and_revokes_its_earlier_token() {
    let server = Server::new();
    let player = server.player();
    let first = server.pair(&player, "card").await;
    let begun = server.begin("card").await;
    let consent = open(&server.ports, &player, begun.user_code.expose(), HOME).await.unwrap();
    assert_eq!(consent.replaces.map(|device| device.id), Some(first.device));
    server.approve(&player, &begun).await;
    assert!(server.is_good_token(&first.token), "approving alone revokes nothing");
    let second = server.poll(&begun).await.unwrap();
    assert_eq!(second.device, first.device);
    assert!(!server.is_good_token(&first.token) && server.is_good_token(&second.token));
    assert_eq!(server.devices(&player).len(), 1);
    assert_eq!(server.devices(&player)[0].last_seen, server.now());
}

#[tokio::test]
async fn rule_2_pairing_again_weakens_what_the_device_was_known_to_hold() {
    let server = Server::new();
    let player = server.player();
    let device = server.pair(&player, "card").await.device;
    let held = server
        .tx(|tx| -> Result<_, StoreError> {
            let game = a_game().insert(tx)?;
            let slot = a_slot(tx, player.user.id, game.id)?;
            let version = a_version(slot.id).from_device(device).append(tx)?.version;
            let mut base = Base::new(device, slot.id);
            base.prove(Point::of(&version), server.now());
            tx.bases().put(&[base])?;
            Ok(version.id)
        })
        .unwrap();
    server.pair(&player, "card").await;
    let base = server.tx(|tx| tx.bases().of_device(device)).unwrap().remove(0);
    assert!(base.holds(held) && !base.is_strongly_at(held));
}

#[tokio::test]
async fn rule_2_a_user_disabled_or_demoted_meanwhile_grants_nothing_and_nothing_is_left_behind() {
    for who in ["disabled", "demoted", "deleted"] {
        let server = Server::new();
        let editor = server.person("editor", Role::Editor);
        let asked =
            PairingRequest { scopes: SYNC.union(ScopeSet::of(&[Scope::RomsWrite])), ..request("card") };
        let begun = begin(&server.ports, asked.clone(), requester(HOME)).await.unwrap();
        let all = Approve { scopes: asked.scopes, ..grant(&begun) };
        approve(&server.ports, &editor, HOME, all).await.unwrap();
        match who {
            "disabled" => server.change_user(&editor, |user| user.enabled = false),
            "demoted" => server.change_user(&editor, |user| user.role = Role::User),
            _ => assert!(server.tx(|tx| tx.users().delete(editor.user.id)).unwrap()),
        }
        assert_eq!(word(&server.poll(&begun).await), "access_denied", "{who}");
        assert!(server.tokens(&editor).is_empty() && server.devices(&editor).is_empty(), "{who}");
    }
}

#[tokio::test]
async fn rule_2_a_device_deleted_after_approval_comes_back_under_the_approved_id() {
    let server = Server::new();
    let player = server.player();
    let first = server.pair(&player, "card").await;
    let begun = server.begin("card").await;
    let approved = server.approve(&player, &begun).await.device;
    server.tx(|tx| tx.devices().delete(first.device)).unwrap();
    assert_eq!(server.poll(&begun).await.unwrap().device, approved);
}

// Rule 3

#[tokio::test]
async fn rule_3_after_an_acknowledged_deny_there_is_never_a_token() {
    let server = Server::new();
    let player = server.player();
    let begun = server.begin("card").await;
    deny(&server.ports, &player, HOME, begun.user_code.expose()).await.unwrap();
    let late = approve(&server.ports, &player, HOME, grant(&begun)).await;
    assert!(matches!(late, Err(ApproveError::Code(CodeError::AlreadyDenied))));
    for _ in 0..3 {
        assert_eq!(word(&server.poll(&begun).await), "access_denied");
    }
    assert!(server.tokens(&player).is_empty() && server.devices(&player).is_empty());
}

#[tokio::test]
async fn rule_3_a_denied_flow_says_so_for_a_minute_and_is_unknown_then() {
    let server = Server::new();
    let player = server.player();
    let begun = server.begin("card").await;
    deny(&server.ports, &player, HOME, begun.user_code.expose()).await.unwrap();
    server.wait(DENIED_ANSWER_LIFE.num_seconds() - 1);
    assert_eq!(word(&server.poll(&begun).await), "access_denied");
    server.wait(1);
    assert_eq!(word(&server.poll(&begun).await), "expired_token");
}

#[tokio::test]
async fn rule_3_what_was_decided_is_not_decided_again() {
    let server = Server::new();
    let player = server.player();
    let begun = server.begin("card").await;
    let code = begun.user_code.expose();
    server.approve(&player, &begun).await;
    let again = approve(&server.ports, &player, HOME, grant(&begun)).await;
    assert!(matches!(again, Err(ApproveError::Code(CodeError::AlreadyApproved))));
    let regret = deny(&server.ports, &player, HOME, code).await;
    assert!(matches!(regret, Err(DenyError::Code(CodeError::AlreadyApproved))));
    let reopened = open(&server.ports, &player, code, HOME).await;
    assert_eq!(reopened.unwrap_err().to_string(), "Code already approved");
    server.poll(&begun).await.unwrap();
    let reopened = open(&server.ports, &player, code, HOME).await;
    assert_eq!(reopened.unwrap_err().to_string(), "Unknown or expired code");
}

#[tokio::test]
async fn rule_3_of_parallel_approvals_exactly_one_succeeds() {
    for seed in 0..50 {
        let server = Arc::new(Server::interleaved(seed));
        let player = server.player();
        let begun = Arc::new(server.begin("card").await);
        let mut racers = JoinSet::new();
        for _ in 0..12 {
            let (server, player, begun) = (Arc::clone(&server), player.clone(), Arc::clone(&begun));
            racers.spawn(async move { approve(&server.ports, &player, HOME, grant(&begun)).await });
        }
        let answers = racers.join_all().await;
        let won = answers.iter().filter(|answer| answer.is_ok()).count();
        let late = |answer: &&Result<Approved, ApproveError>| {
            matches!(answer, Err(ApproveError::Code(CodeError::AlreadyApproved)))
        };
        assert_eq!((won, answers.iter().filter(late).count()), (1, 11), "seed {seed}");
    }
}

#[tokio::test]
async fn rule_3_of_parallel_redemptions_exactly_one_gets_a_token_and_it_is_good() {
    for seed in 0..50 {
        let server = Arc::new(Server::interleaved(seed));
        let player = server.player();
        let begun = Arc::new(server.begin("card").await);
        server.approve(&player, &begun).await;
        let mut racers = JoinSet::new();
        for _ in 0..12 {
            let (server, begun) = (Arc::clone(&server), Arc::clone(&begun));
            racers.spawn(async move { server.poll(&begun).await });
        }
        let answers = racers.join_all().await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1, "seed {seed}");
        assert!(lost.iter().all(|answer| word(answer) == "expired_token"), "seed {seed}");
        assert!(server.is_good_token(&won[0].as_ref().unwrap().token), "seed {seed}");
        assert_eq!(server.tokens(&player).len(), 1, "seed {seed}");
    }
}

#[tokio::test]
async fn rule_3_approving_denying_and_polling_agree_in_whatever_order_their_steps_come() {
    let (mut tokens, mut denials) = (0, 0);
    for seed in 0..200 {
        let server = Arc::new(Server::interleaved(seed));
        let player = server.player();
        let begun = Arc::new(server.begin("card").await);
        let spawn = || (Arc::clone(&server), player.clone(), Arc::clone(&begun));
        let (on, who, what) = spawn();
        let granting = tokio::spawn(async move { approve(&on.ports, &who, HOME, grant(&what)).await });
        let (on, who, what) = spawn();
        let refusing =
            tokio::spawn(async move { deny(&on.ports, &who, HOME, what.user_code.expose()).await });
        let (on, _, what) = spawn();
        let asking = tokio::spawn(async move {
            for _ in 0..6 {
                if let Ok(paired) = on.poll(&what).await {
                    return Some(paired);
                }
            }
            None
        });
        let approved = granting.await.unwrap().is_ok();
        let denied = refusing.await.unwrap().is_ok();
        let early = asking.await.unwrap();
        let got_token = early.is_some() || server.poll(&begun).await.is_ok();
        assert_ne!(approved, denied, "seed {seed}: exactly one decision holds");
        assert_eq!(got_token, approved, "seed {seed}");
        assert_eq!(server.tokens(&player).len(), usize::from(approved), "seed {seed}");
        tokens += usize::from(approved);
        denials += usize::from(denied);
    }
    assert!(tokens > 20 && denials > 20, "both happened: {tokens} tokens, {denials} denials");
}

#[tokio::test]
async fn rule_3_a_redemption_whose_note_was_lost_is_not_repeated() {
    let server = Server::new();
    let player = server.player();
    let begun = server.begin("card").await;
    server.approve(&player, &begun).await;
    let by_code = || server.ports.pairings.by_device_code(begun.device_code.digest());
    let approved = by_code().await.unwrap().unwrap();
    server.poll(&begun).await.unwrap();
    // The pairing store forgets that it was told: the flow stands as approved again, one revision on.
    let told = by_code().await.unwrap().unwrap();
    let forgotten = memcard_domain::pairing::PairingFlow {
        state: approved.state,
        revision: memcard_domain::pairing::Revision(told.revision.0 + 1),
        ..told.clone()
    };
    server.ports.pairings.swap(told.revision, forgotten).await.unwrap();
    assert_eq!(word(&server.poll(&begun).await), "expired_token");
    assert_eq!(server.tokens(&player).len(), 1);
    let healed = by_code().await.unwrap().unwrap();
    assert!(matches!(healed.state, PairingState::Redeemed { .. }));
}

#[tokio::test]
async fn rule_3_polling_changes_no_decision() {
    let server = Server::new();
    let begun = server.begin("card").await;
    let kept = || server.ports.pairings.by_device_code(begun.device_code.digest());
    let before = kept().await.unwrap().unwrap();
    for _ in 0..20 {
        let _ = server.poll(&begun).await;
    }
    let after = kept().await.unwrap().unwrap();
    assert_eq!((after.state, after.revision), (before.state, before.revision));
}

#[tokio::test]
async fn rule_3_unknown_expired_and_redeemed_codes_are_expired_tokens() {
    let server = Server::new();
    let player = server.player();
    let unknown = poll(&server.ports, DeviceCode(Secret::new("0".repeat(64)))).await;
    assert_eq!(word(&unknown), "expired_token");
    let (pending, approved) = (server.begin("one").await, server.begin("two").await);
    server.approve(&player, &approved).await;
    server.wait(FLOW_LIFE.num_seconds());
    assert_eq!(word(&server.poll(&pending).await), "expired_token");
    assert_eq!(word(&server.poll(&approved).await), "expired_token");
    let redeemed = server.begin("three").await;
    server.approve(&player, &redeemed).await;
    server.poll(&redeemed).await.unwrap();
    assert_eq!(word(&server.poll(&redeemed).await), "expired_token");
}

// Rule 4

#[tokio::test]
async fn rule_4_the_first_poll_is_never_told_to_slow_down() {
    let server = Server::new();
    let begun = server.begin("card").await;
    assert_eq!(word(&server.poll(&begun).await), "authorization_pending");
}

#[tokio::test]
async fn rule_4_who_asks_too_soon_is_slowed_down_and_who_keeps_the_interval_is_answered_again() {
    let server = Server::new();
    let begun = server.begin("card").await;
    let mut answers = Vec::new();
    // The interval is 5 s, then 10 s after the first `slow_down`, then 15 s.
    for pause in [0, 5, 1, 5, 15, 15, 14, 13] {
        server.wait(pause);
        answers.push(word(&server.poll(&begun).await));
    }
    let (pending, slow) = ("authorization_pending", "slow_down");
    assert_eq!(answers, [pending, pending, slow, slow, pending, pending, pending, slow]);
}

#[tokio::test]
async fn rule_4_an_approved_flow_is_handed_over_however_impatient_the_device_is() {
    let server = Server::new();
    let player = server.player();
    let begun = server.begin("card").await;
    for _ in 0..10 {
        let _ = server.poll(&begun).await;
    }
    assert_eq!(word(&server.poll(&begun).await), "slow_down");
    server.approve(&player, &begun).await;
    assert_eq!(word(&server.poll(&begun).await), "token");
}

// Rule 5

#[tokio::test]
async fn rule_5_five_wrong_codes_lock_an_account_for_a_minute_even_for_the_right_one() {
    let server = Server::new();
    let player = server.player();
    let begun = server.begin("card").await;
    for address in ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"] {
        assert!(is_unknown(&server.type_code(&player, address, "ABCDEFGH").await));
    }
    let right = begun.user_code.expose();
    let refused = server.type_code(&player, HOME, right).await;
    assert_eq!(limited(&refused), Some(Limited { retry_after: Duration::seconds(60) }));
    let refused = approve(&server.ports, &player, HOME, grant(&begun)).await;
    assert!(matches!(refused, Err(ApproveError::Code(CodeError::Limited(_)))));
    let refused = deny(&server.ports, &player, HOME, right).await;
    assert!(matches!(refused, Err(DenyError::Code(CodeError::Limited(_)))));
    let other = server.person("other", Role::User);
    assert!(server.type_code(&other, HOME, right).await.is_ok(), "another account is not locked");
    server.wait(60);
    assert!(is_unknown(&server.type_code(&player, HOME, right).await), "answered again");
}

#[tokio::test]
async fn rule_5_twenty_wrong_codes_lock_an_address_and_an_ipv6_address_is_its_64() {
    let server = Server::new();
    let person = |number: usize| server.person(&format!("p{number}"), Role::User);
    for number in 0..20 {
        let address = format!("2001:db8::{number:x}");
        assert!(is_unknown(&server.type_code(&person(number), &address, "ABCDEFGH").await));
    }
    let newcomer = person(20);
    assert!(limited(&server.type_code(&newcomer, "2001:db8::ffff:1", "ABCDEFGH").await).is_some());
    assert!(is_unknown(&server.type_code(&newcomer, "2001:db8:0:1::1", "ABCDEFGH").await));
}

#[tokio::test]
async fn rule_5_a_hundred_wrong_codes_lock_everybody() {
    let server = Server::new();
    for number in 0..100 {
        let person = server.person(&format!("p{number}"), Role::User);
        let address = format!("203.0.113.{number}");
        assert!(is_unknown(&server.type_code(&person, &address, "ABCDEFGH").await), "{number}");
    }
    let newcomer = server.person("newcomer", Role::User);
    assert!(limited(&server.type_code(&newcomer, HOME, "ABCDEFGH").await).is_some());
}

#[tokio::test]
async fn rule_5_success_resets_no_counter() {
    let server = Server::new();
    let player = server.player();
    for _ in 0..4 {
        assert!(is_unknown(&server.type_code(&player, HOME, "ABCDEFGH").await));
    }
    let begun = server.begin("card").await;
    server.approve(&player, &begun).await;
    assert!(is_unknown(&server.type_code(&player, HOME, "ABCDEFGH").await));
    assert!(limited(&server.type_code(&player, HOME, "ABCDEFGH").await).is_some());
}

#[tokio::test]
async fn rule_5_what_cannot_be_a_code_counts_as_a_wrong_one_and_what_the_caller_decided_does_not() {
    let server = Server::new();
    let player = server.player();
    let begun = server.begin("card").await;
    server.approve(&player, &begun).await;
    for _ in 0..10 {
        let answer = server.type_code(&player, HOME, begun.user_code.expose()).await;
        assert!(matches!(answer, Err(OpenError::Code(CodeError::AlreadyApproved))));
    }
    for _ in 0..5 {
        assert!(is_unknown(&server.type_code(&player, HOME, "?").await));
    }
    assert!(limited(&server.type_code(&player, HOME, "?").await).is_some());
}

#[tokio::test]
async fn rule_5_an_address_begins_ten_flows_a_minute_and_polls_are_never_refused() {
    let server = Server::new();
    for number in 0..10 {
        begin(&server.ports, request(&format!("card {number}")), requester("2001:db8::1")).await.unwrap();
    }
    let eleventh = begin(&server.ports, request("card"), requester("2001:db8::2")).await;
    assert!(matches!(eleventh, Err(BeginError::Limited(wait)) if wait.retry_after == Duration::minutes(1)));
    begin(&server.ports, request("card"), requester(HOME)).await.unwrap();
    server.wait(60);
    let again = begin(&server.ports, request("card"), requester("2001:db8::2")).await.unwrap();
    for _ in 0..100 {
        assert_ne!(word(&server.poll(&again).await), "token");
    }
}

#[tokio::test]
async fn rule_5_live_flows_are_capped_and_decided_ones_stay() {
    let server = Server::new();
    let player = server.player();
    let first = server.begin("first").await;
    server.approve(&player, &first).await;
    let second = begin(&server.ports, request("second"), requester("198.51.100.2")).await.unwrap();
    server.wait(1);
    for number in 0..MAX_LIVE_FLOWS {
        let from = requester(&format!("203.0.113.{number}"));
        begin(&server.ports, request(&format!("card {number}")), from).await.unwrap();
    }
    assert_eq!(word(&server.poll(&second).await), "expired_token", "the oldest pending one went");
    assert_eq!(word(&server.poll(&first).await), "token", "the approved one stayed");
}

// Rule 6

#[tokio::test]
async fn rule_6_a_client_token_neither_approves_nor_denies_whatever_it_may_do() {
    let server = Server::new();
    let admin = server.person("admin", Role::Admin);
    let by_token = server.by_token(&admin, "rmm_all", ScopeSet::ALL);
    let begun = server.begin("card").await;
    let refused = approve(&server.ports, &by_token, HOME, grant(&begun)).await;
    assert!(matches!(refused, Err(ApproveError::Forbidden(_))));
    let refused = deny(&server.ports, &by_token, HOME, begun.user_code.expose()).await;
    assert!(matches!(refused, Err(DenyError::Forbidden(_))));
    assert_eq!(word(&server.poll(&begun).await), "authorization_pending");
}

#[tokio::test]
async fn rule_6_allowed_is_what_is_asked_for_held_by_user_and_credential_and_grantable() {
    let server = Server::new();
    let admin = server.person("admin", Role::Admin);
    let player = server.player();
    let narrow = Caller {
        credential: Credential::AccessToken {
            login: memcard_domain::ids::LoginId(1),
            scopes: ScopeSet::of(&[Scope::MeRead, Scope::MeWrite, Scope::AssetsRead]),
        },
        ..player.clone()
    };
    let only = |scopes: &[Scope]| ScopeSet::of(scopes);
    for (who, asked, allowed) in [
        (&admin, ScopeSet::ALL, ScopeSet::ALL.difference(UNGRANTABLE)),
        (&player, ScopeSet::ALL, Role::User.scopes().difference(UNGRANTABLE)),
        (&player, only(&[Scope::AssetsRead, Scope::RomsWrite]), only(&[Scope::AssetsRead])),
        (&narrow, SYNC, only(&[Scope::AssetsRead])),
    ] {
        server.wait(60);
        let asking = PairingRequest { scopes: asked, ..request("card") };
        let begun = begin(&server.ports, asking, requester(HOME)).await.unwrap();
        let consent = open(&server.ports, who, begun.user_code.expose(), HOME).await.unwrap();
        assert_eq!(consent.allowed, allowed);
        for beyond in Scope::ALL.into_iter().filter(|scope| !allowed.contains(*scope)) {
            let more = Approve { scopes: allowed.union(only(&[beyond])), ..grant(&begun) };
            let refused = approve(&server.ports, who, HOME, more).await.unwrap_err();
            assert_eq!(refused.to_string(), "Approved scopes exceed what's allowed for this user");
        }
        let nothing = Approve { scopes: ScopeSet::EMPTY, ..grant(&begun) };
        let refused = approve(&server.ports, who, HOME, nothing).await;
        assert!(matches!(refused, Err(ApproveError::NoScopes)));
        let less = Approve { scopes: only(&[Scope::AssetsRead]), ..grant(&begun) };
        approve(&server.ports, who, HOME, less).await.unwrap();
        assert_eq!(server.poll(&begun).await.unwrap().scopes, only(&[Scope::AssetsRead]));
    }
}

#[tokio::test]
async fn rule_6_opening_needs_me_read_and_deciding_me_write() {
    let server = Server::new();
    let player = server.player();
    let with = |scopes: &[Scope]| Caller {
        credential: Credential::AccessToken {
            login: memcard_domain::ids::LoginId(1),
            scopes: ScopeSet::of(scopes),
        },
        ..player.clone()
    };
    let begun = server.begin("card").await;
    let code = begun.user_code.expose();
    let refused = open(&server.ports, &with(&[Scope::MeWrite]), code, HOME).await;
    assert!(matches!(refused, Err(OpenError::Forbidden(_))));
    let reader = with(&[Scope::MeRead, Scope::AssetsRead]);
    open(&server.ports, &reader, code, HOME).await.unwrap();
    let refused = approve(&server.ports, &reader, HOME, grant(&begun)).await;
    assert!(matches!(refused, Err(ApproveError::Forbidden(_))));
    let refused = deny(&server.ports, &reader, HOME, code).await;
    assert!(matches!(refused, Err(DenyError::Forbidden(_))));
}

#[tokio::test]
async fn a_user_with_all_their_tokens_pairs_no_new_device_but_an_old_one_again() {
    let server = Server::new();
    let player = server.player();
    server.pair(&player, "card").await;
    for number in 1..MAX_LIVE_TOKENS {
        let token = a_token(player.user.id, &format!("rmm_{number}"));
        server.tx(|tx| token.insert(tx)).unwrap();
    }
    let new = server.begin("another").await;
    let refused = approve(&server.ports, &player, HOME, grant(&new)).await.unwrap_err();
    assert_eq!(refused.to_string(), "Maximum of 25 tokens per user reached");
    assert_eq!(word(&server.poll(&new).await), "authorization_pending", "it may be approved later");
    server.pair(&player, "card").await;
    assert_eq!(server.tokens(&player).len(), MAX_LIVE_TOKENS);
}

#[tokio::test]
async fn approvals_that_saw_the_same_last_place_do_not_both_get_it() {
    let server = Server::new();
    let player = server.player();
    for number in 1..MAX_LIVE_TOKENS {
        let token = a_token(player.user.id, &format!("rmm_{number}"));
        server.tx(|tx| token.insert(tx)).unwrap();
    }
    let (one, two) = (server.begin("one").await, server.begin("two").await);
    server.approve(&player, &one).await;
    server.approve(&player, &two).await;
    assert_eq!(word(&server.poll(&one).await), "token");
    assert_eq!(word(&server.poll(&two).await), "access_denied");
    assert_eq!(server.tokens(&player).len(), MAX_LIVE_TOKENS);
    assert_eq!(server.devices(&player).len(), 1);
}

// Rule 7

#[tokio::test]
async fn rule_7_the_account_that_opened_the_page_holds_the_flow_and_others_see_none() {
    let server = Server::new();
    let (player, guest) = (server.person("player", Role::User), server.person("guest", Role::User));
    let begun = server.begin("card").await;
    let code = begun.user_code.expose();
    let consent = open(&server.ports, &player, code, HOME).await.unwrap();
    assert_eq!(consent.flow.state, PairingState::Pending { claimed_by: Some(player.user.id) });
    assert!(is_unknown(&server.type_code(&guest, HOME, code).await));
    let refused = approve(&server.ports, &guest, HOME, grant(&begun)).await;
    assert!(matches!(refused, Err(ApproveError::Code(CodeError::Unknown))));
    let refused = deny(&server.ports, &guest, HOME, code).await;
    assert!(matches!(refused, Err(DenyError::Code(CodeError::Unknown))));
    open(&server.ports, &player, code, HOME).await.unwrap();
    server.approve(&player, &begun).await;
    assert!(is_unknown(&server.type_code(&guest, HOME, code).await), "nor that it was approved");
}

#[tokio::test]
async fn rule_7_of_accounts_that_open_one_page_at_once_exactly_one_holds_it() {
    for seed in 0..50 {
        let server = Arc::new(Server::interleaved(seed));
        let begun = Arc::new(server.begin("card").await);
        let mut racers = JoinSet::new();
        for number in 0..8 {
            let person = server.person(&format!("p{number}"), Role::User);
            let (server, begun) = (Arc::clone(&server), Arc::clone(&begun));
            racers.spawn(async move { open(&server.ports, &person, begun.user_code.expose(), HOME).await });
        }
        let answers = racers.join_all().await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "seed {seed}");
        assert_eq!(answers.iter().filter(|answer| is_unknown(answer)).count(), 7, "seed {seed}");
    }
}

#[tokio::test]
async fn a_code_is_read_as_people_type_it() {
    let server = Server::new();
    let player = server.player();
    let begun = server.begin("card").await;
    let code = begun.user_code.expose().to_lowercase();
    let typed = format!(" {}-{} ", &code[..4], &code[4..]);
    assert!(server.type_code(&player, HOME, &typed).await.is_ok());
}

#[tokio::test]
async fn a_request_without_scopes_or_with_texts_out_of_bounds_begins_nothing() {
    let server = Server::new();
    let long = |length| "x".repeat(length);
    let sound = request("card");
    for (what, unsound) in [
        ("identifier", PairingRequest { client_device_identifier: String::new(), ..sound.clone() }),
        ("identifier", PairingRequest { client_device_identifier: long(256), ..sound.clone() }),
        ("name", PairingRequest { name: String::new(), ..sound.clone() }),
        ("name", PairingRequest { name: long(256), ..sound.clone() }),
        ("client", PairingRequest { client: long(51), ..sound.clone() }),
        ("platform", PairingRequest { platform: Some(long(51)), ..sound.clone() }),
        ("version", PairingRequest { client_version: Some(long(51)), ..sound.clone() }),
    ] {
        let refused = begin(&server.ports, unsound, requester(HOME)).await;
        assert!(matches!(refused, Err(BeginError::Invalid(_))), "{what}");
    }
    let idle = PairingRequest { scopes: ScopeSet::EMPTY, ..sound };
    assert!(matches!(begin(&server.ports, idle, requester(HOME)).await, Err(BeginError::NoScopes)));
}
