//! People with passwords, and their browsers.

use memcard_domain::account::{Role, User};
use memcard_domain::secret::Secret;
use memcard_testkit::builders::a_user;

use super::{App, Request, World};

/// Everybody's password.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

impl World {
    /// Somebody who can log in.
    pub(crate) async fn a_person(&self, name: &str, role: Role) -> User {
        let hash = self.state.ports.passwords.hash(Secret::new(PASSWORD)).await.unwrap();
        self.keep(|tx| a_user().named(name).with_role(role).with_password(hash).insert(tx))
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
    pub(crate) async fn of(name: &str, app: &App) -> Self {
        let answer = app.send(Request::post("/api/login").basic(name, PASSWORD)).await;
        answer.ok();
        let set_cookie = answer.header("set-cookie").unwrap();
        let cookie = set_cookie.split(';').next().unwrap().to_owned();
        Self { cookie, csrf_token: answer.header("x-csrf-token").unwrap().to_owned() }
    }

    /// A page.
    pub(crate) fn get(&self, uri: &str) -> Request {
        Request::get(uri).header("cookie", &self.cookie)
    }

    /// A form of one of our pages.
    pub(crate) fn send(&self, uri: &str, members: &[(&str, &str)]) -> Request {
        let mut members = members.to_vec();
        members.push(("csrf_token", &self.csrf_token));
        Request::post(uri).header("cookie", &self.cookie).form(&members)
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
