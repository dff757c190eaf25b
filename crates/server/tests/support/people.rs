//! People, what they call with, and their browsers.

use serde_json::{Value, json};

use super::{Answer, Request, Server};

/// Everybody's password.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// Whoever has a client token.
pub(crate) trait Caller {
    /// The token.
    fn token(&self) -> &str;
}

impl Caller for str {
    fn token(&self) -> &str {
        self
    }
}

impl Caller for String {
    fn token(&self) -> &str {
        self
    }
}

/// Somebody with an account.
pub(crate) struct Person {
    pub(crate) id: i64,
    pub(crate) name: String,
    /// What their password bought, for a quarter of an hour.
    pub(crate) access_token: String,
    /// A client token that may do all that they may.
    pub(crate) token: String,
}

impl Caller for Person {
    fn token(&self) -> &str {
        &self.token
    }
}

impl Server {
    /// Makes the first account, with what the server printed.
    pub(crate) async fn set_up(&self, name: &str) -> Person {
        let account = json!({"username": name, "password": PASSWORD});
        let setup_token = self.setup_token.as_deref().expect("a setup token");
        let made =
            self.post("/api/users").header("x-setup-token", setup_token).json(&account).await.created();
        std::fs::write(&self.set_up_mark, b"").expect("a mark");
        self.log_in(&made).await
    }

    /// An account that an administrator makes.
    pub(crate) async fn add_person(&self, admin: &Person, name: &str, role: &str) -> Person {
        let account = json!({"username": name, "password": PASSWORD, "role": role});
        let made = self.post("/api/users").by(admin).json(&account).await.created();
        self.log_in(&made).await
    }

    async fn log_in(&self, account: &Value) -> Person {
        let name = account["username"].as_str().expect("a name").to_owned();
        let form = [("grant_type", "password"), ("username", &name), ("password", PASSWORD)];
        let bought = self.post("/api/token").form(&form).await.ok();
        let mut person = Person {
            id: account["id"].as_i64().expect("an id"),
            name,
            access_token: text(&bought["access_token"]),
            token: String::new(),
        };
        let scopes: Vec<&str> =
            account["oauth_scopes"].as_array().expect("scopes").iter().filter_map(Value::as_str).collect();
        person.token = self.token_of(&person, &scopes).await;
        person
    }

    /// Another client token of a person's.
    pub(crate) async fn token_of(&self, person: &Person, scopes: &[&str]) -> String {
        let token = json!({"name": "a script", "scopes": scopes});
        let made = self.post("/api/client-tokens").in_person(person).json(&token).await.created();
        text(&made["raw_token"])
    }

    /// A client token that may do all that a person may, but for some scopes.
    pub(crate) async fn token_without(&self, person: &Person, scopes: &[&str]) -> String {
        let me = self.get("/api/users/me").by(person).await.ok();
        let all = me["oauth_scopes"].as_array().expect("scopes").iter().filter_map(Value::as_str);
        self.token_of(person, &all.filter(|scope| !scopes.contains(scope)).collect::<Vec<_>>()).await
    }
}

/// A browser in which somebody has logged in.
pub(crate) struct Browser {
    /// `name=value` as the browser sends it.
    pub(crate) cookie: String,
    /// What its forms carry.
    pub(crate) csrf_token: String,
}

impl Browser {
    /// Logs in.
    pub(crate) async fn of(name: &str, server: &Server) -> Self {
        let answer = server.post("/api/login").basic(name, PASSWORD).await;
        answer.ok();
        Self {
            cookie: cookie_in(&answer),
            csrf_token: answer.header("x-csrf-token").expect("a token").to_owned(),
        }
    }

    /// The request with the cookie, but without the token.
    pub(crate) fn cookie_on(&self, request: Request) -> Request {
        request.header("cookie", &self.cookie)
    }

    /// The request with cookie and token, as a script of ours sends it.
    pub(crate) fn script(&self, request: Request) -> Request {
        self.cookie_on(request).header("x-csrf-token", &self.csrf_token)
    }
}

/// The session that an answer begins, as a browser sends it back.
pub(crate) fn cookie_in(answer: &Answer) -> String {
    let set_cookie = answer.header("set-cookie").expect("a cookie");
    set_cookie.split(';').next().expect("a pair").to_owned()
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}
