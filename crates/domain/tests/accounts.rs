//! Accounts: the first administrator, passwords and their throttle, logins, client tokens, pair codes.
#![expect(clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod server;

use std::sync::Arc;

use chrono::Duration;
use memcard_domain::account::{
    ACCESS_TOKEN_LIFE, AccountPatch, AddUserError, AuthenticateError, BROWSER_ABSOLUTE_LIFE,
    BROWSER_IDLE_LIFE, Caller, CreateTokenError, Credential, DeleteUserError, EditUserError, ExchangeError,
    Forbidden, InvalidToken, InvalidUser, IssueError, ListUsersError, LogInError, MAX_LIVE_TOKENS,
    MAX_PASSWORD_BYTES, NOTE_EVERY, NewAccount, PAIR_CODE_LIFE, PasswordError, REFRESH_TOKEN_LIFE,
    RefreshError, Role, Scope, ScopeSet, SetUp, SetUpError, Shown, TokenError, TokenExpiry, TokenRequest,
    Username, add_user, authenticate, check_password, create_token, delete_any_token, delete_token,
    delete_user, edit_user, exchange, generate_token, is_offered, is_set_up, issue_access_token,
    list_all_tokens, list_tokens, list_users, log_in_browser, log_out, offer_token, refresh,
    regenerate_token, set_up,
};
use memcard_domain::ids::{TokenId, UserId};
use memcard_domain::limit::Limited;
use memcard_domain::secret::Secret;
use memcard_testkit::builders::{a_device, a_token, a_user};
use tokio::task::JoinSet;

use server::passwords::{new_hash, old_hash};
use server::{HOME, Server};

const PASSWORD: &str = "correct horse";

fn name(text: &str) -> Username {
    Username::new(text).unwrap()
}

fn first_admin(username: &str) -> SetUp {
    SetUp { username: name(username), email: None, password: Secret::new(PASSWORD) }
}

fn account(username: &str) -> NewAccount {
    NewAccount {
        username: name(username),
        email: Some(format!("{username}@example.org")),
        role: Role::User,
        password: Secret::new(PASSWORD),
    }
}

fn basic(username: &str, password: &str) -> Shown {
    Shown::Basic { username: username.to_owned(), password: Secret::new(password) }
}

fn wanted(scopes: &[Scope]) -> TokenRequest {
    TokenRequest { name: "script".to_owned(), scopes: ScopeSet::of(scopes), expiry: TokenExpiry::Never }
}

impl Server {
    /// A user with a password.
    fn member(&self, username: &str, role: Role) -> Caller {
        let user = a_user().named(username).with_role(role).with_password(new_hash(PASSWORD));
        let user = self.tx(|tx| user.insert(tx)).unwrap();
        Caller { user, credential: Credential::Basic }
    }

    async fn try_password(&self, username: &str, password: &str, address: &str) -> Result<(), PasswordError> {
        check_password(&self.ports, username, Secret::new(password), address).await.map(|_| ())
    }

    /// Logs the user in from a browser: the cookie.
    async fn browse(&self, username: &str) -> Secret {
        let user = check_password(&self.ports, username, Secret::new(PASSWORD), HOME).await.unwrap();
        log_in_browser(&self.ports, &user, None).await.unwrap().cookie
    }

    async fn authenticate(&self, shown: Shown) -> Result<Caller, AuthenticateError> {
        authenticate(&self.ports, shown, HOME).await
    }

    async fn is_logged_in(&self, cookie: &Secret) -> bool {
        self.authenticate(Shown::Cookie(cookie.clone())).await.is_ok()
    }

    fn create_token(&self, caller: &Caller, request: TokenRequest) -> Result<Secret, CreateTokenError> {
        let secret = generate_token(&*self.ports.secrets);
        self.tx(|tx| create_token(tx, self.now(), caller, request, &secret)).map(|_| secret)
    }
}

fn is_wrong(answer: &Result<(), PasswordError>) -> bool {
    matches!(answer, Err(PasswordError::Wrong))
}

fn wait_of(answer: &Result<(), PasswordError>) -> Option<Duration> {
    match answer {
        Err(PasswordError::Limited(Limited { retry_after })) => Some(*retry_after),
        _ => None,
    }
}

fn is_unknown<T>(answer: &Result<T, AuthenticateError>) -> bool {
    matches!(answer, Err(AuthenticateError::Unknown))
}

// The first administrator

#[tokio::test]
async fn the_first_user_is_an_administrator_and_there_is_only_one_first() {
    let server = Server::new();
    assert!(!server.tx(is_set_up).unwrap());
    let admin = set_up(&server.ports, first_admin("Admin")).await.unwrap();
    assert_eq!((admin.role, admin.enabled, admin.password), (Role::Admin, true, new_hash(PASSWORD)));
    assert!(server.tx(is_set_up).unwrap());
    let second = set_up(&server.ports, first_admin("Second")).await;
    assert!(matches!(second, Err(SetUpError::AlreadySetUp)));
}

#[tokio::test]
async fn of_parallel_set_ups_exactly_one_wins() {
    for seed in 0..20 {
        let server = Arc::new(Server::interleaved(seed));
        let mut racers = JoinSet::new();
        for number in 0..8 {
            let server = Arc::clone(&server);
            racers.spawn(async move { set_up(&server.ports, first_admin(&format!("a{number}"))).await });
        }
        let answers = racers.join_all().await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "seed {seed}");
        assert_eq!(server.tx(|tx| tx.users().count()).unwrap(), 1, "seed {seed}");
    }
}

#[tokio::test]
async fn a_password_has_1_to_1024_bytes() {
    let server = Server::new();
    for password in [String::new(), "x".repeat(MAX_PASSWORD_BYTES + 1)] {
        let command = SetUp { password: Secret::new(password), ..first_admin("admin") };
        let refused = set_up(&server.ports, command).await;
        assert!(matches!(refused, Err(SetUpError::Invalid(InvalidUser::Password))));
    }
    let longest = Secret::new("x".repeat(MAX_PASSWORD_BYTES));
    assert!(set_up(&server.ports, SetUp { password: longest, ..first_admin("admin") }).await.is_ok());
}

// Accounts

#[tokio::test]
async fn only_administrators_make_list_and_delete_accounts() {
    let server = Server::new();
    let (admin, player) = (server.member("admin", Role::Admin), server.member("player", Role::User));
    let refused = add_user(&server.ports, &player, account("new")).await;
    assert!(matches!(refused, Err(AddUserError::Forbidden(Forbidden::MissingScope(Scope::UsersWrite)))));
    let refused = server.tx(|tx| list_users(tx, &player));
    assert!(matches!(refused, Err(ListUsersError::Forbidden(_))));
    let refused = server.tx(|tx| delete_user(tx, &player, player.user.id));
    assert!(matches!(refused, Err(DeleteUserError::Forbidden(_))));
    let added = add_user(&server.ports, &admin, account("new")).await.unwrap();
    assert_eq!(added.email.as_deref(), Some("new@example.org"));
    assert_eq!(server.tx(|tx| list_users(tx, &admin)).unwrap().len(), 3);
    server.tx(|tx| delete_user(tx, &admin, added.id)).unwrap();
    let again = server.tx(|tx| delete_user(tx, &admin, added.id));
    assert!(matches!(again, Err(DeleteUserError::NotFound(_))));
}

#[tokio::test]
async fn a_name_is_taken_whatever_its_case() {
    let server = Server::new();
    let admin = server.member("admin", Role::Admin);
    add_user(&server.ports, &admin, account("Player")).await.unwrap();
    let taken = add_user(&server.ports, &admin, account("PLAYER")).await;
    assert!(matches!(taken, Err(AddUserError::NameTaken(taken)) if taken.0 == name("PLAYER")));
    let patch = AccountPatch { username: Some(name("player")), ..AccountPatch::default() };
    let taken = edit_user(&server.ports, &admin, admin.user.id, patch).await;
    assert!(matches!(taken, Err(EditUserError::NameTaken(_))));
}

#[tokio::test]
async fn people_edit_their_own_account_but_not_its_role_and_nobody_else_s() {
    let server = Server::new();
    let (player, other) = (server.member("player", Role::User), server.member("other", Role::User));
    let mail = AccountPatch { email: Some(Some("p@example.org".to_owned())), ..AccountPatch::default() };
    let edited = edit_user(&server.ports, &player, player.user.id, mail.clone()).await.unwrap();
    assert_eq!(edited.email.as_deref(), Some("p@example.org"));
    for patch in [
        AccountPatch { role: Some(Role::Admin), ..AccountPatch::default() },
        AccountPatch { enabled: Some(true), ..AccountPatch::default() },
    ] {
        let refused = edit_user(&server.ports, &player, player.user.id, patch).await;
        assert!(matches!(refused, Err(EditUserError::Forbidden(_))));
    }
    let refused = edit_user(&server.ports, &player, other.user.id, mail.clone()).await;
    assert!(matches!(refused, Err(EditUserError::Forbidden(_))));
    let admin = server.member("admin", Role::Admin);
    assert!(edit_user(&server.ports, &admin, other.user.id, mail.clone()).await.is_ok());
    let unknown = edit_user(&server.ports, &admin, UserId(999), mail).await;
    assert!(matches!(unknown, Err(EditUserError::NotFound(_))));
    let cleared = AccountPatch { email: Some(None), ..AccountPatch::default() };
    assert_eq!(edit_user(&server.ports, &player, player.user.id, cleared).await.unwrap().email, None);
}

#[tokio::test]
async fn a_client_token_changes_no_password_whatever_it_may_do() {
    let server = Server::new();
    let admin = server.member("admin", Role::Admin);
    let by_token = server.by_token(&admin, "rmm_all", ScopeSet::ALL);
    let patch = AccountPatch { password: Some(Secret::new("another")), ..AccountPatch::default() };
    let refused = edit_user(&server.ports, &by_token, admin.user.id, patch).await;
    assert!(matches!(refused, Err(EditUserError::Forbidden(Forbidden::NotInteractive))));
}

#[tokio::test]
async fn a_new_password_or_role_ends_every_login_but_the_one_that_changed_it() {
    let server = Server::new();
    let admin = server.member("admin", Role::Admin);
    server.member("player", Role::User);
    let (kept, other) = (server.browse("player").await, server.browse("player").await);
    let player = server.authenticate(Shown::Cookie(kept.clone())).await.unwrap();
    let id = player.user.id;
    let mail = AccountPatch { email: Some(None), ..AccountPatch::default() };
    edit_user(&server.ports, &player, id, mail).await.unwrap();
    assert!(server.is_logged_in(&other).await, "a new address ends nothing");
    let password = AccountPatch { password: Some(Secret::new("new one")), ..AccountPatch::default() };
    edit_user(&server.ports, &player, id, password).await.unwrap();
    assert!(server.is_logged_in(&kept).await && !server.is_logged_in(&other).await);
    let promoted = AccountPatch { role: Some(Role::Editor), ..AccountPatch::default() };
    edit_user(&server.ports, &admin, id, promoted).await.unwrap();
    assert!(!server.is_logged_in(&kept).await);
}

#[tokio::test]
async fn a_disabled_user_s_every_credential_is_refused_and_logins_do_not_come_back() {
    let server = Server::new();
    let admin = server.member("admin", Role::Admin);
    let player = server.member("player", Role::User);
    let cookie = server.browse("player").await;
    let token = server.create_token(&player, wanted(&[Scope::MeRead])).unwrap();
    let issued = issue_access_token(&server.ports, &player.user, None).await;
    let issued = issued.unwrap_or_else(|error| panic!("{error}"));
    let set = |enabled| AccountPatch { enabled: Some(enabled), ..AccountPatch::default() };
    edit_user(&server.ports, &admin, player.user.id, set(false)).await.unwrap();
    for shown in [
        Shown::Cookie(cookie.clone()),
        Shown::Bearer(token.clone()),
        Shown::Bearer(issued.access.clone()),
        basic("player", PASSWORD),
    ] {
        assert!(is_unknown(&server.authenticate(shown).await));
    }
    assert!(matches!(refresh(&server.ports, issued.refresh).await, Err(RefreshError::Unknown)));
    edit_user(&server.ports, &admin, player.user.id, set(true)).await.unwrap();
    assert!(!server.is_logged_in(&cookie).await);
    assert!(
        server.authenticate(Shown::Bearer(token)).await.is_ok(),
        "a client token is the owner's to delete"
    );
}

#[tokio::test]
async fn the_last_enabled_administrator_is_neither_demoted_disabled_nor_deleted() {
    let server = Server::new();
    let admin = server.member("admin", Role::Admin);
    let idle = server.member("idle", Role::Admin);
    server.change_user(&idle, |user| user.enabled = false);
    let demote = AccountPatch { role: Some(Role::User), ..AccountPatch::default() };
    let disable = AccountPatch { enabled: Some(false), ..AccountPatch::default() };
    for patch in [demote.clone(), disable] {
        let refused = edit_user(&server.ports, &admin, admin.user.id, patch).await;
        assert!(matches!(refused, Err(EditUserError::LastAdmin(_))));
    }
    let refused = server.tx(|tx| delete_user(tx, &admin, admin.user.id));
    assert!(matches!(refused, Err(DeleteUserError::LastAdmin(_))));
    server.tx(|tx| delete_user(tx, &admin, idle.user.id)).unwrap();
    let second = server.member("second", Role::Admin);
    edit_user(&server.ports, &admin, admin.user.id, demote.clone()).await.unwrap();
    let refused = edit_user(&server.ports, &second, second.user.id, demote).await;
    assert!(matches!(refused, Err(EditUserError::LastAdmin(_))));
}

// Passwords

#[tokio::test]
async fn a_right_password_is_noted_and_its_name_is_read_in_any_case() {
    let server = Server::new();
    server.member("Player", Role::User);
    let user = check_password(&server.ports, " pLAYER ", Secret::new(PASSWORD), HOME).await.unwrap();
    assert_eq!(user.last_login_at, Some(server.now()));
}

#[tokio::test]
async fn wrong_passwords_unknown_names_and_disabled_users_are_refused_alike() {
    let server = Server::new();
    let player = server.member("player", Role::User);
    let disabled = server.member("disabled", Role::User);
    server.change_user(&disabled, |user| user.enabled = false);
    let long = "x".repeat(MAX_PASSWORD_BYTES + 1);
    for (username, password) in [
        (player.user.username.as_str(), "wrong"),
        ("nobody", PASSWORD),
        ("no:name", PASSWORD),
        ("disabled", PASSWORD),
        ("player", ""),
        ("player", long.as_str()),
    ] {
        assert!(is_wrong(&server.try_password(username, password, HOME).await), "{username}");
    }
}

#[tokio::test]
async fn after_five_wrong_passwords_an_account_waits_longer_each_time_even_with_the_right_one() {
    for username in ["player", "nobody"] {
        let server = Server::new();
        server.member("player", Role::User);
        for number in 0..5 {
            let address = format!("192.0.2.{number}");
            assert!(is_wrong(&server.try_password(username, "wrong", &address).await));
        }
        for seconds in [1, 2, 4, 8] {
            let locked = server.try_password(username, PASSWORD, HOME).await;
            assert_eq!(wait_of(&locked), Some(Duration::seconds(seconds)), "{username}");
            server.wait(seconds);
            assert!(is_wrong(&server.try_password(username, "wrong", HOME).await), "{username}");
        }
    }
}

#[tokio::test]
async fn a_right_password_opens_again_once_the_wait_is_over() {
    let server = Server::new();
    server.member("player", Role::User);
    for _ in 0..5 {
        assert!(is_wrong(&server.try_password("player", "wrong", HOME).await));
    }
    server.wait(1);
    assert!(server.try_password("player", PASSWORD, HOME).await.is_ok());
}

#[tokio::test]
async fn twenty_wrong_passwords_lock_an_address_over_all_accounts_and_ways_in() {
    let server = Server::new();
    server.member("player", Role::User);
    for number in 0..20 {
        let shown = basic(&format!("guess {number}"), "wrong");
        assert!(is_unknown(&server.authenticate(shown).await));
    }
    assert!(wait_of(&server.try_password("player", PASSWORD, HOME).await).is_some());
    let refused = server.authenticate(basic("player", PASSWORD)).await;
    assert!(matches!(refused, Err(AuthenticateError::Limited(_))));
    assert!(server.try_password("player", PASSWORD, "198.51.100.9").await.is_ok());
}

#[tokio::test]
async fn guesses_sent_all_at_once_learn_no_more_than_one_after_the_other() {
    for seed in 0..20 {
        let server = Arc::new(Server::interleaved(seed));
        server.member("player", Role::User);
        let mut racers = JoinSet::new();
        for number in 0..30 {
            let server = Arc::clone(&server);
            let guess = if number == 29 { PASSWORD.to_owned() } else { format!("guess {number}") };
            racers.spawn(async move { server.try_password("player", &guess, HOME).await });
        }
        // Two are compared at once, so that a few may slip in between the comparing and the counting.
        let answers = racers.join_all().await;
        let judged = answers.iter().filter(|answer| wait_of(answer).is_none()).count();
        assert!((5..=9).contains(&judged), "seed {seed}: {judged} of 30 were judged");
    }
}

#[tokio::test]
async fn an_outdated_hash_is_replaced_at_the_next_right_password_and_not_at_a_wrong_one() {
    let server = Server::new();
    let player = server.member("player", Role::User);
    server.change_user(&player, |user| user.password = old_hash(PASSWORD));
    let kept = || server.tx(|tx| tx.users().find(player.user.id)).unwrap().unwrap().password;
    assert!(is_wrong(&server.try_password("player", "wrong", HOME).await));
    assert_eq!(kept(), old_hash(PASSWORD));
    assert!(server.try_password("player", PASSWORD, HOME).await.is_ok());
    assert_eq!(kept(), new_hash(PASSWORD));
}

#[tokio::test]
async fn logins_that_renew_one_hash_at_once_all_succeed() {
    for seed in 0..20 {
        let server = Arc::new(Server::interleaved(seed));
        let player = server.member("player", Role::User);
        server.change_user(&player, |user| user.password = old_hash(PASSWORD));
        let mut racers = JoinSet::new();
        for _ in 0..6 {
            let server = Arc::clone(&server);
            racers.spawn(async move { server.try_password("player", PASSWORD, HOME).await.is_ok() });
        }
        assert_eq!(racers.join_all().await, [true; 6], "seed {seed}");
    }
}

#[tokio::test]
async fn a_login_by_a_password_that_was_changed_meanwhile_does_not_begin() {
    let server = Server::new();
    server.member("player", Role::User);
    let checked = check_password(&server.ports, "player", Secret::new(PASSWORD), HOME).await.unwrap();
    let player = Caller { user: checked.clone(), credential: Credential::Basic };
    let patch = AccountPatch { password: Some(Secret::new("new one")), ..AccountPatch::default() };
    edit_user(&server.ports, &player, checked.id, patch).await.unwrap();
    let late = log_in_browser(&server.ports, &checked, None).await;
    assert!(matches!(late, Err(LogInError::AccountChanged)));
    let late = issue_access_token(&server.ports, &checked, None).await;
    assert!(matches!(late, Err(IssueError::AccountChanged)));
}

// Logins

#[tokio::test]
async fn a_browser_s_session_ends_at_logout_and_each_login_has_its_own() {
    let server = Server::new();
    server.member("player", Role::User);
    let (one, two) = (server.browse("player").await, server.browse("player").await);
    assert_ne!(one, two);
    let caller = server.authenticate(Shown::Cookie(one.clone())).await.unwrap();
    assert_eq!(caller.scopes(), Role::User.scopes());
    server.tx(|tx| log_out(tx, &caller)).unwrap();
    assert!(!server.is_logged_in(&one).await && server.is_logged_in(&two).await);
}

#[tokio::test]
async fn a_browser_s_session_ends_without_use_and_at_last_in_any_case() {
    let server = Server::new();
    server.member("player", Role::User);
    let idle = server.browse("player").await;
    server.clock.advance(BROWSER_IDLE_LIFE);
    assert!(!server.is_logged_in(&idle).await);
    let used = server.browse("player").await;
    let day = Duration::days(1);
    let mut age = Duration::zero();
    while age + day < BROWSER_ABSOLUTE_LIFE {
        server.clock.advance(day);
        age += day;
        assert!(server.is_logged_in(&used).await, "after {} days", age.num_days());
    }
    server.clock.advance(day);
    assert!(!server.is_logged_in(&used).await);
}

#[tokio::test]
async fn a_cookie_is_no_access_token_and_an_access_token_no_cookie() {
    let server = Server::new();
    let player = server.member("player", Role::User);
    let cookie = server.browse("player").await;
    assert!(is_unknown(&server.authenticate(Shown::Bearer(cookie)).await));
    let user = server.tx(|tx| tx.users().find(player.user.id)).unwrap().unwrap();
    let issued = issue_access_token(&server.ports, &user, None).await.unwrap();
    assert!(is_unknown(&server.authenticate(Shown::Cookie(issued.access.clone())).await));
    assert!(is_unknown(&server.authenticate(Shown::Bearer(issued.refresh.clone())).await));
    assert!(server.authenticate(Shown::Bearer(issued.access)).await.is_ok());
}

#[tokio::test]
async fn an_access_token_lives_a_quarter_of_an_hour_and_does_what_was_asked_for() {
    let server = Server::new();
    let player = server.member("player", Role::User);
    let asked = ScopeSet::of(&[Scope::MeRead, Scope::RomsRead]);
    let issued = issue_access_token(&server.ports, &player.user, Some(asked)).await.unwrap();
    assert_eq!((issued.expires_in, issued.refresh_expires_in), (ACCESS_TOKEN_LIFE, REFRESH_TOKEN_LIFE));
    let caller = server.authenticate(Shown::Bearer(issued.access.clone())).await.unwrap();
    assert_eq!((caller.scopes(), issued.scopes), (asked, asked));
    server.clock.advance(ACCESS_TOKEN_LIFE);
    assert!(is_unknown(&server.authenticate(Shown::Bearer(issued.access)).await));
    let own = issue_access_token(&server.ports, &player.user, None).await.unwrap();
    assert_eq!(own.scopes, Role::User.scopes());
    let beyond = asked.union(ScopeSet::of(&[Scope::UsersRead, Scope::LogsRead]));
    let refused = issue_access_token(&server.ports, &player.user, Some(beyond)).await.unwrap_err();
    assert_eq!(refused.to_string(), "Requested scopes exceed your permissions: logs.read, users.read");
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_the_old_access_token_dies_with_it() {
    let server = Server::new();
    let player = server.member("player", Role::User);
    let old = issue_access_token(&server.ports, &player.user, None).await.unwrap();
    let new = refresh(&server.ports, old.refresh.clone()).await.unwrap();
    assert!(is_unknown(&server.authenticate(Shown::Bearer(old.access)).await));
    assert!(server.authenticate(Shown::Bearer(new.access)).await.is_ok());
    assert!(matches!(refresh(&server.ports, old.refresh).await, Err(RefreshError::Unknown)));
    server.clock.advance(REFRESH_TOKEN_LIFE);
    assert!(matches!(refresh(&server.ports, new.refresh).await, Err(RefreshError::Unknown)));
}

#[tokio::test]
async fn a_refresh_token_outlives_its_access_token() {
    let server = Server::new();
    let player = server.member("player", Role::User);
    let old = issue_access_token(&server.ports, &player.user, None).await.unwrap();
    server.clock.advance(REFRESH_TOKEN_LIFE - Duration::seconds(1));
    server.browse("player").await;
    assert!(refresh(&server.ports, old.refresh).await.is_ok());
}

#[tokio::test]
async fn of_parallel_refreshes_exactly_one_gets_tokens() {
    for seed in 0..20 {
        let server = Arc::new(Server::interleaved(seed));
        let player = server.member("player", Role::User);
        let issued = issue_access_token(&server.ports, &player.user, None).await.unwrap();
        let mut racers = JoinSet::new();
        for _ in 0..8 {
            let (server, token) = (Arc::clone(&server), issued.refresh.clone());
            racers.spawn(async move { refresh(&server.ports, token).await.is_ok() });
        }
        let won = racers.join_all().await.into_iter().filter(|won| *won).count();
        assert_eq!(won, 1, "seed {seed}");
    }
}

#[tokio::test]
async fn refreshing_shrinks_the_scopes_to_what_the_user_still_holds() {
    let server = Server::new();
    let editor = server.member("editor", Role::Editor);
    let asked = ScopeSet::of(&[Scope::MeRead, Scope::RomsWrite]);
    let issued = issue_access_token(&server.ports, &editor.user, Some(asked)).await.unwrap();
    server.change_user(&editor, |user| user.role = Role::User);
    let again = refresh(&server.ports, issued.refresh).await.unwrap();
    assert_eq!(again.scopes, ScopeSet::of(&[Scope::MeRead]));
}

// Authentication

#[tokio::test]
async fn a_client_token_does_what_it_and_its_owner_may_and_stands_for_its_device() {
    let server = Server::new();
    let editor = server.member("editor", Role::Editor);
    let device = a_device(editor.user.id, "card").build();
    let device = device.id;
    server.tx(|tx| a_device(editor.user.id, "card").insert(tx)).unwrap();
    let scopes = ScopeSet::of(&[Scope::MeRead, Scope::RomsWrite]);
    let bound = a_token(editor.user.id, "rmm_card").with_scopes(scopes).bound_to(device);
    server.tx(|tx| bound.insert(tx)).unwrap();
    let shown = || Shown::Bearer(Secret::new("rmm_card"));
    let caller = server.authenticate(shown()).await.unwrap();
    assert_eq!((caller.scopes(), caller.bound_device()), (scopes, Some(device)));
    server.change_user(&editor, |user| user.role = Role::User);
    let caller = server.authenticate(shown()).await.unwrap();
    assert_eq!(caller.scopes(), ScopeSet::of(&[Scope::MeRead]));
}

#[tokio::test]
async fn what_is_no_credential_or_no_longer_is_unknown() {
    let server = Server::new();
    let player = server.member("player", Role::User);
    let short = a_token(player.user.id, "rmm_short").until(server.now() + Duration::minutes(1));
    server.tx(|tx| short.insert(tx)).unwrap();
    let shown = || Shown::Bearer(Secret::new("rmm_short"));
    assert!(server.authenticate(shown()).await.is_ok());
    server.wait(60);
    for shown in [
        shown(),
        Shown::Bearer(Secret::new("rmm_none")),
        Shown::Bearer(Secret::new("")),
        Shown::Cookie(Secret::new("none")),
    ] {
        assert!(is_unknown(&server.authenticate(shown).await));
    }
}

#[tokio::test]
async fn a_use_is_noted_at_most_every_five_minutes() {
    let server = Server::new();
    let player = server.member("player", Role::User);
    let device = a_device(player.user.id, "card").seen(server.now());
    let device = server.tx(|tx| device.insert(tx)).unwrap().id;
    let bound = a_token(player.user.id, "rmm_card").bound_to(device);
    let token = server.tx(|tx| bound.insert(tx)).unwrap().id;
    let noted = || {
        server
            .tx(|tx| -> Result<_, memcard_domain::ports::StoreError> {
                let used = tx.tokens().find(token)?.unwrap().last_used_at;
                let seen = tx.devices().find(player.user.id, device)?.unwrap().last_seen;
                Ok((used, seen, tx.users().find(player.user.id)?.unwrap().last_active_at))
            })
            .unwrap()
    };
    let begin = server.now();
    let all_at = |at| (Some(at), at, Some(at));
    server.authenticate(Shown::Bearer(Secret::new("rmm_card"))).await.unwrap();
    assert_eq!(noted(), all_at(begin));
    server.clock.advance(NOTE_EVERY - Duration::seconds(1));
    server.authenticate(Shown::Bearer(Secret::new("rmm_card"))).await.unwrap();
    assert_eq!(noted(), all_at(begin));
    server.wait(1);
    server.authenticate(Shown::Bearer(Secret::new("rmm_card"))).await.unwrap();
    assert_eq!(noted(), all_at(server.now()));
}

// Client tokens

#[tokio::test]
async fn a_token_is_made_by_an_interactive_login_within_its_scopes_and_bounds() {
    let server = Server::new();
    let player = server.member("player", Role::User);
    let by_token = server.by_token(&player, "rmm_x", ScopeSet::ALL);
    let refused = server.create_token(&by_token, wanted(&[Scope::MeRead]));
    assert!(matches!(refused, Err(CreateTokenError::Forbidden(Forbidden::NotInteractive))));
    let refused = server.create_token(&player, wanted(&[Scope::TasksRun, Scope::LogsRead, Scope::MeRead]));
    assert_eq!(
        refused.unwrap_err().to_string(),
        "Requested scopes exceed your permissions: logs.read, tasks.run"
    );
    for name in [String::new(), "x".repeat(256)] {
        let refused = server.create_token(&player, TokenRequest { name, ..wanted(&[Scope::MeRead]) });
        assert!(matches!(refused, Err(CreateTokenError::Invalid(InvalidToken::Name))));
    }
    let refused = server.create_token(&player, wanted(&[]));
    assert!(matches!(refused, Err(CreateTokenError::Invalid(InvalidToken::Scopes))));
    let month = TokenRequest { expiry: TokenExpiry::Days30, ..wanted(&[Scope::MeRead]) };
    let secret = server.create_token(&player, month).unwrap();
    assert!(secret.expose().starts_with("rmm_") && secret.expose().len() == 68);
    server.clock.advance(Duration::days(30) - Duration::seconds(1));
    assert!(server.is_good_token(&secret));
    server.wait(1);
    assert!(!server.is_good_token(&secret));
}

#[tokio::test]
async fn a_user_has_25_live_tokens_and_ended_ones_do_not_count() {
    let server = Server::new();
    let player = server.member("player", Role::User);
    let month = TokenRequest { expiry: TokenExpiry::Days30, ..wanted(&[Scope::MeRead]) };
    server.create_token(&player, month).unwrap();
    for _ in 1..MAX_LIVE_TOKENS {
        server.create_token(&player, wanted(&[Scope::MeRead])).unwrap();
    }
    let refused = server.create_token(&player, wanted(&[Scope::MeRead])).unwrap_err();
    assert_eq!(refused.to_string(), "Maximum of 25 tokens per user reached");
    let other = server.member("other", Role::User);
    assert!(server.create_token(&other, wanted(&[Scope::MeRead])).is_ok());
    server.clock.advance(Duration::days(30));
    assert!(server.create_token(&player, wanted(&[Scope::MeRead])).is_ok());
}

#[tokio::test]
async fn a_token_is_its_owner_s_to_list_delete_and_renew() {
    let server = Server::new();
    let (player, guest) = (server.member("player", Role::User), server.member("guest", Role::User));
    let secret = server.create_token(&player, wanted(&[Scope::MeRead])).unwrap();
    let id = server.tx(|tx| list_tokens(tx, &player)).unwrap()[0].id;
    assert!(server.tx(|tx| list_tokens(tx, &guest)).unwrap().is_empty());
    let fresh = generate_token(&*server.ports.secrets);
    for refused in [
        server.tx(|tx| delete_token(tx, &guest, id)),
        server.tx(|tx| regenerate_token(tx, &guest, id, &fresh)).map(|_| ()),
        server.tx(|tx| delete_token(tx, &player, TokenId(999))),
    ] {
        assert_eq!(refused.unwrap_err().to_string(), "Token not found");
    }
    let by_token = server.by_token(&player, "rmm_x", ScopeSet::ALL);
    let refused = server.tx(|tx| regenerate_token(tx, &by_token, id, &fresh));
    assert!(matches!(refused, Err(TokenError::Forbidden(Forbidden::NotInteractive))));
    server.tx(|tx| regenerate_token(tx, &player, id, &fresh)).unwrap();
    assert!(!server.is_good_token(&secret) && server.is_good_token(&fresh));
    server.tx(|tx| delete_token(tx, &player, id)).unwrap();
    assert!(!server.is_good_token(&fresh));
}

#[tokio::test]
async fn administrators_see_and_delete_everybody_s_tokens() {
    let server = Server::new();
    let (admin, player) = (server.member("admin", Role::Admin), server.member("player", Role::User));
    let secret = server.create_token(&player, wanted(&[Scope::MeRead])).unwrap();
    let (token, owner) = server.tx(|tx| list_all_tokens(tx, &admin)).unwrap().remove(0);
    assert_eq!(owner.username, name("player"));
    assert!(matches!(server.tx(|tx| list_all_tokens(tx, &player)), Err(TokenError::Forbidden(_))));
    let refused = server.tx(|tx| delete_any_token(tx, &player, token.id));
    assert!(matches!(refused, Err(TokenError::Forbidden(_))));
    server.tx(|tx| delete_any_token(tx, &admin, token.id)).unwrap();
    assert!(!server.is_good_token(&secret));
}

// Pair codes

impl Server {
    async fn offered(&self, owner: &Caller) -> (TokenId, Secret, Secret) {
        let secret = self.create_token(owner, wanted(&[Scope::MeRead])).unwrap();
        let id = self.tx(|tx| tx.tokens().find_by_digest(secret.digest())).unwrap().unwrap().id;
        let code = offer_token(&self.ports, owner, id).await.unwrap();
        (id, secret, code)
    }
}

#[tokio::test]
async fn a_pair_code_hands_the_token_out_once_with_a_fresh_secret() {
    let server = Server::new();
    let player = server.member("player", Role::User);
    let (id, old, code) = server.offered(&player).await;
    assert!(is_offered(&server.ports, code.expose()).await.unwrap());
    let typed = format!("{}-{}", &code.expose()[..4], &code.expose()[4..]).to_lowercase();
    let given = exchange(&server.ports, &typed, HOME).await.unwrap();
    assert_eq!(given.token.id, id);
    assert!(server.is_good_token(&given.secret) && !server.is_good_token(&old));
    assert!(!is_offered(&server.ports, code.expose()).await.unwrap());
    let again = exchange(&server.ports, code.expose(), HOME).await.unwrap_err();
    assert_eq!(again.to_string(), "Invalid or expired pairing code");
}

#[tokio::test]
async fn a_pair_code_lives_a_minute_and_a_newer_one_replaces_it() {
    let server = Server::new();
    let player = server.member("player", Role::User);
    let (id, _, first) = server.offered(&player).await;
    let second = offer_token(&server.ports, &player, id).await.unwrap();
    assert!(!is_offered(&server.ports, first.expose()).await.unwrap());
    server.clock.advance(PAIR_CODE_LIFE - Duration::seconds(1));
    assert!(is_offered(&server.ports, second.expose()).await.unwrap());
    server.wait(1);
    assert!(!is_offered(&server.ports, second.expose()).await.unwrap());
    let late = exchange(&server.ports, second.expose(), HOME).await;
    assert!(matches!(late, Err(ExchangeError::InvalidCode)));
}

#[tokio::test]
async fn of_parallel_exchanges_exactly_one_gets_the_token() {
    for seed in 0..20 {
        let server = Arc::new(Server::interleaved(seed));
        let player = server.member("player", Role::User);
        let (_, _, code) = server.offered(&player).await;
        let mut racers = JoinSet::new();
        for number in 0..8 {
            let (server, code) = (Arc::clone(&server), code.clone());
            let address = format!("192.0.2.{number}");
            racers.spawn(async move { exchange(&server.ports, code.expose(), &address).await.is_ok() });
        }
        let won = racers.join_all().await.into_iter().filter(|won| *won).count();
        assert_eq!(won, 1, "seed {seed}");
    }
}

#[tokio::test]
async fn a_code_of_a_deleted_or_ended_token_or_a_disabled_owner_buys_nothing() {
    let server = Server::new();
    let player = server.member("player", Role::User);
    let (id, _, code) = server.offered(&player).await;
    server.tx(|tx| delete_token(tx, &player, id)).unwrap();
    let gone = exchange(&server.ports, code.expose(), HOME).await.unwrap_err();
    assert_eq!(gone.to_string(), "Token no longer exists");
    let short = a_token(player.user.id, "rmm_short").until(server.now() + Duration::seconds(30));
    let short = server.tx(|tx| short.insert(tx)).unwrap().id;
    let code = offer_token(&server.ports, &player, short).await.unwrap();
    server.wait(30);
    let ended = exchange(&server.ports, code.expose(), HOME).await;
    assert!(matches!(ended, Err(ExchangeError::TokenGone)));
    let late = offer_token(&server.ports, &player, short).await;
    assert!(matches!(late, Err(TokenError::NotFound(_))));
    let (_, _, code) = server.offered(&player).await;
    server.change_user(&player, |user| user.enabled = false);
    let disabled = exchange(&server.ports, code.expose(), HOME).await.unwrap_err();
    assert_eq!(disabled.to_string(), "Token owner is disabled");
}

#[tokio::test]
async fn an_address_tries_five_codes_a_minute_and_is_admitted_again_when_it_was_told_to_come() {
    let server = Server::new();
    let player = server.member("player", Role::User);
    for _ in 0..5 {
        let wrong = exchange(&server.ports, "ABCDEFGH", HOME).await;
        assert!(matches!(wrong, Err(ExchangeError::InvalidCode)));
        server.wait(1);
    }
    let (_, _, code) = server.offered(&player).await;
    for _ in 0..20 {
        let limited = exchange(&server.ports, code.expose(), HOME).await;
        assert!(matches!(limited, Err(ExchangeError::Limited(_))));
    }
    let Err(ExchangeError::Limited(Limited { retry_after })) =
        exchange(&server.ports, code.expose(), HOME).await
    else {
        panic!("still limited")
    };
    assert_eq!(retry_after, Duration::seconds(55));
    server.clock.advance(retry_after);
    assert!(exchange(&server.ports, code.expose(), HOME).await.is_ok());
}

#[tokio::test]
async fn only_an_interactive_owner_offers_a_token() {
    let server = Server::new();
    let (player, guest) = (server.member("player", Role::User), server.member("guest", Role::User));
    let (id, _, _) = server.offered(&player).await;
    let refused = offer_token(&server.ports, &guest, id).await;
    assert!(matches!(refused, Err(TokenError::NotFound(_))));
    let by_token = server.by_token(&player, "rmm_x", ScopeSet::ALL);
    let refused = offer_token(&server.ports, &by_token, id).await;
    assert!(matches!(refused, Err(TokenError::Forbidden(Forbidden::NotInteractive))));
}
