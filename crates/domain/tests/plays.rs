//! Play sessions: what a report of them leaves behind.
#![expect(clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod server;

use chrono::Duration;
use memcard_domain::account::{Caller, Credential, Forbidden, Role, Scope, ScopeSet};
use memcard_domain::ids::{DeviceId, GameId, PlaySessionId};
use memcard_domain::play::{
    IngestError, Ingested, MAX_CLOCK_LEAD, MAX_REPORTED, PlayError, PlayFilter, PlaySession, ReportOrigin,
    Reported, delete, ingest, ingest_all, list,
};
use memcard_testkit::builders::{a_device, a_game, a_session};

use server::Server;

impl Server {
    /// An hour of play that began so many hours ago.
    fn hour(&self, game: Option<GameId>, hours_ago: i64) -> Reported {
        let start = self.now() - Duration::hours(hours_ago);
        let end = start + Duration::hours(1);
        Reported { game, save_slot: None, start, end, duration_ms: 3_600_000 }
    }

    fn report(
        &self,
        caller: &Caller,
        device: Option<DeviceId>,
        reported: Vec<Reported>,
    ) -> Result<Vec<Ingested>, IngestError> {
        self.tx(|tx| ingest(tx, self.now(), caller, device, reported))
    }

    fn plays(&self, caller: &Caller) -> Vec<PlaySession> {
        self.tx(|tx| list(tx, caller, &PlayFilter::default())).unwrap()
    }

    fn last_played(&self, caller: &Caller, game: GameId) -> Option<memcard_domain::time::Timestamp> {
        let known = self.tx(|tx| tx.catalogue().props(caller.user.id, &[game])).unwrap();
        known.into_iter().next().and_then(|(_, props)| props.last_played)
    }
}

fn statuses(results: &[Ingested]) -> Vec<&'static str> {
    let status = |result: &Ingested| match result {
        Ingested::Created(_) => "created",
        Ingested::Duplicate => "duplicate",
        Ingested::Rejected(reason) => reason,
    };
    results.iter().map(status).collect()
}

#[test]
fn a_report_repeated_is_recorded_once() {
    let server = Server::new();
    let player = server.player();
    let game = server.tx(|tx| a_game().insert(tx)).unwrap().id;
    let device = server.tx(|tx| a_device(player.user.id, "card").insert(tx)).unwrap().id;
    let hours = || vec![server.hour(Some(game), 2), server.hour(Some(game), 5)];
    let first = server.report(&player, Some(device), hours()).unwrap();
    assert_eq!(statuses(&first), ["created", "created"]);
    let again = server.report(&player, Some(device), hours()).unwrap();
    assert_eq!(statuses(&again), ["duplicate", "duplicate"]);
    let elsewhere = server.report(&player, None, hours()).unwrap();
    assert_eq!(statuses(&elsewhere), ["created", "created"], "another device is another session");
    assert_eq!(server.plays(&player).len(), 4);
    let twice = vec![server.hour(None, 9), server.hour(None, 9)];
    assert_eq!(statuses(&server.report(&player, None, twice).unwrap()), ["created", "duplicate"]);
}

#[test]
fn times_are_cut_to_seconds_and_the_end_comes_after_the_start() {
    let server = Server::new();
    let player = server.player();
    let second = server.now() - Duration::hours(1) - Duration::microseconds(123_457);
    let stretch = |start_ms, end_ms| Reported {
        start: second + Duration::milliseconds(start_ms),
        end: second + Duration::milliseconds(end_ms),
        ..server.hour(None, 1)
    };
    server.report(&player, None, vec![stretch(400, 1_900)]).unwrap();
    let played = server.plays(&player).remove(0).played;
    assert_eq!((played.start, played.end), (second, second + Duration::seconds(1)));
    for (unsound, why) in
        [(stretch(5_000, 5_000), "equal"), (stretch(9_000, 8_000), "before"), (stretch(3_100, 3_900), "cut")]
    {
        let refused = server.report(&player, None, vec![server.hour(None, 7), unsound]);
        assert!(matches!(refused, Err(IngestError::EndBeforeStart { index: 1 })), "{why}");
    }
    assert_eq!(server.plays(&player).len(), 1, "a refused report leaves nothing");
}

#[test]
fn a_session_from_too_far_ahead_is_rejected_and_the_others_are_not() {
    let server = Server::new();
    let player = server.player();
    let ending = |end| Reported { end, ..server.hour(None, 1) };
    let edge = server.now() + MAX_CLOCK_LEAD;
    let results = vec![ending(edge + Duration::seconds(2)), ending(edge)];
    let results = server.report(&player, None, results).unwrap();
    assert_eq!(statuses(&results), ["end_time is too far in the future", "created"]);
}

#[test]
fn a_report_holds_1_to_100_sessions_and_one_at_a_sync_s_end_any_number() {
    let server = Server::new();
    let player = server.player();
    let hours = |count: usize| (1..=count as i64).map(|ago| server.hour(None, ago)).collect::<Vec<_>>();
    let refused = server.report(&player, None, Vec::new()).unwrap_err();
    assert_eq!(refused.to_string(), "Payload must contain at least one session");
    let refused = server.report(&player, None, hours(MAX_REPORTED + 1)).unwrap_err();
    assert_eq!(refused.to_string(), "Batch size exceeds maximum of 100");
    assert_eq!(server.report(&player, None, hours(MAX_REPORTED)).unwrap().len(), MAX_REPORTED);
    let origin = ReportOrigin { user: player.user.id, device: None, session: None };
    let all = server.tx(|tx| ingest_all(tx, server.now(), origin, hours(MAX_REPORTED + 50))).unwrap();
    assert_eq!(all.iter().filter(|result| matches!(result, Ingested::Created(_))).count(), 50);
    assert!(server.tx(|tx| ingest_all(tx, server.now(), origin, Vec::new())).unwrap().is_empty());
}

#[test]
fn an_unknown_device_or_game_is_recorded_as_none() {
    let server = Server::new();
    let (player, guest) = (server.person("player", Role::User), server.person("guest", Role::User));
    let hers = server.tx(|tx| a_device(player.user.id, "card").insert(tx)).unwrap().id;
    server.report(&guest, Some(hers), vec![server.hour(Some(GameId(999)), 2)]).unwrap();
    let played = server.plays(&guest).remove(0).played;
    assert_eq!((played.device, played.game), (None, None));
}

#[test]
fn a_bound_token_s_device_stands_for_the_one_that_is_not_named() {
    let server = Server::new();
    let player = server.player();
    let device = |name: &str| server.tx(|tx| a_device(player.user.id, name).insert(tx)).unwrap().id;
    let (card, other) = (device("card"), device("other"));
    let bound = Caller {
        credential: Credential::ClientToken {
            token: memcard_domain::ids::TokenId(1),
            scopes: Role::User.scopes(),
            device: Some(card),
        },
        ..player.clone()
    };
    server.report(&bound, None, vec![server.hour(None, 2)]).unwrap();
    server.report(&bound, Some(other), vec![server.hour(None, 3)]).unwrap();
    let devices: Vec<_> = server.plays(&player).iter().map(|session| session.played.device).collect();
    assert_eq!(devices, [Some(card), Some(other)]);
    assert_eq!(server.plays(&bound).len(), 1, "its own");
    let named = PlayFilter { device: Some(other), ..PlayFilter::default() };
    assert_eq!(server.tx(|tx| list(tx, &bound, &named)).unwrap()[0].played.device, Some(other));
}

#[test]
fn play_raises_when_a_game_was_last_played_and_never_lowers_it() {
    let server = Server::new();
    let player = server.player();
    let game = server.tx(|tx| a_game().insert(tx)).unwrap().id;
    let cut = |at: memcard_domain::time::Timestamp| chrono::SubsecRound::trunc_subsecs(at, 0);
    server.report(&player, None, vec![server.hour(Some(game), 9), server.hour(Some(game), 5)]).unwrap();
    let latest = Some(cut(server.now() - Duration::hours(4)));
    assert_eq!(server.last_played(&player, game), latest);
    server.report(&player, None, vec![server.hour(Some(game), 20)]).unwrap();
    assert_eq!(server.last_played(&player, game), latest);
    server.wait(3600);
    server.report(&player, None, vec![server.hour(Some(game), 10)]).unwrap();
    assert_eq!(server.last_played(&player, game), latest, "a session that was known");
}

#[test]
fn a_report_at_a_sync_s_end_names_its_session() {
    let server = Server::new();
    let player = server.player();
    let device = server.tx(|tx| a_device(player.user.id, "card").insert(tx)).unwrap().id;
    let session = server.tx(|tx| a_session(tx, player.user.id, device, server.now())).unwrap();
    let session = Some(session.id);
    let origin = ReportOrigin { user: player.user.id, device: Some(device), session };
    server.tx(|tx| ingest_all(tx, server.now(), origin, vec![server.hour(None, 2)])).unwrap();
    let played = server.plays(&player).remove(0).played;
    assert_eq!((played.sync_session, played.device), (session, Some(device)));
}

#[test]
fn a_range_of_time_lifts_the_limit() {
    let server = Server::new();
    let player = server.player();
    server.report(&player, None, (1..=9).map(|ago| server.hour(None, ago)).collect()).unwrap();
    let count = |filter: PlayFilter| server.tx(|tx| list(tx, &player, &filter)).unwrap().len();
    let limited = PlayFilter { limit: Some(2), ..PlayFilter::default() };
    assert_eq!(count(limited.clone()), 2);
    let since = server.now() - Duration::hours(6);
    assert_eq!(count(PlayFilter { start_after: Some(since), ..limited.clone() }), 5);
    assert_eq!(count(PlayFilter { end_before: Some(since), ..limited }), 3);
}

#[test]
fn play_sessions_are_each_user_s_own_to_read_and_delete() {
    let server = Server::new();
    let (player, guest) = (server.person("player", Role::User), server.person("guest", Role::User));
    let created = server.report(&player, None, vec![server.hour(None, 2)]).unwrap();
    let Ingested::Created(id) = created[0] else { panic!("it is new") };
    assert!(server.plays(&guest).is_empty());
    let refused = server.tx(|tx| delete(tx, &guest, id)).unwrap_err();
    assert_eq!(refused.to_string(), format!("Play session {id} not found"));
    server.tx(|tx| delete(tx, &player, id)).unwrap();
    assert!(matches!(server.tx(|tx| delete(tx, &player, id)), Err(PlayError::NotFound(_))));
    let reader = server.by_token(&player, "rmm_r", ScopeSet::of(&[Scope::RomsUserRead]));
    let refused = server.tx(|tx| delete(tx, &reader, PlaySessionId(1)));
    assert!(matches!(refused, Err(PlayError::Forbidden(Forbidden::MissingScope(Scope::RomsUserWrite)))));
    let refused = server.report(&reader, None, vec![server.hour(None, 2)]);
    assert!(matches!(refused, Err(IngestError::Forbidden(_))));
    let writer = server.by_token(&player, "rmm_w", ScopeSet::of(&[Scope::RomsUserWrite]));
    let refused = server.tx(|tx| list(tx, &writer, &PlayFilter::default()));
    assert!(matches!(refused, Err(PlayError::Forbidden(Forbidden::MissingScope(Scope::RomsUserRead)))));
}
