//! Pairing a device: the code is typed, what asks is shown, a person decides (`security.md` § "The consent page").
//!
//! A code in the address only fills the field: nothing is looked up and no pairing is claimed before the form is sent,
//! and everything after that is at the plain address.

use actix_web::HttpResponse;
use actix_web::http::{Method, StatusCode};
use askama::Template;
use memcard_domain::account::{Scope, ScopeSet, TokenExpiry};
use memcard_domain::pairing::{self, Approve, Consent, UserCode};
use serde::Deserialize;

use super::page_error::PageError;
use super::render::{page, page_with};
use super::scope_labels::label;
use super::times::ago;
use super::visitor::{SignedIn, Visitor};
use crate::accounts::{read_expiry, read_scopes};
use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::input::{FormBody, QueryParams};
use crate::pairing::CONSENT_PATH;
use crate::routing::Endpoints;
use crate::state::State;

const DECISION_PATH: &str = "/pair/device/decision";

/// The pages.
pub(super) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add_page(Method::GET, CONSENT_PATH, enter);
    endpoints.add_page(Method::POST, CONSENT_PATH, consider);
    endpoints.add_page(Method::POST, DECISION_PATH, decide);
}

#[derive(Deserialize)]
struct Prefill {
    user_code: Option<String>,
}

#[derive(Deserialize)]
struct CodeForm {
    user_code: String,
}

/// The consent page's form.
#[derive(Deserialize)]
struct DecisionForm {
    user_code: String,
    decision: Decision,
    device_name: Option<String>,
    #[serde(default)]
    scope: Vec<String>,
    expires_in: Option<String>,
    /// Ticked: "this device is in front of me".
    in_front_of_me: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Decision {
    Approve,
    Deny,
}

#[derive(Template)]
#[template(path = "pair_enter.html")]
struct EnterPage<'a> {
    visitor: &'a Visitor,
    user_code: &'a str,
    fault: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "pair_consent.html")]
struct ConsentPage<'a> {
    visitor: &'a Visitor,
    code: ShownCode,
    consent: &'a Consent,
    age: String,
    is_same_network: bool,
    /// Name of the known device that is paired anew, and when it was last seen.
    replaces: Option<(String, String)>,
    form: ConsentForm<'a>,
    fault: Option<&'a str>,
}

/// A code as it stands on the device, in two halves.
struct ShownCode {
    plain: String,
}

impl ShownCode {
    fn halves(&self) -> (&str, &str) {
        self.plain.split_at_checked(4).unwrap_or((&self.plain, ""))
    }
}

/// What the form shows: at first what was asked for, afterwards what the person made of it.
struct ConsentForm<'a> {
    device_name: &'a str,
    scopes: ScopeSet,
    expiry: TokenExpiry,
}

impl ConsentPage<'_> {
    /// Every scope that may be granted, with what it means and whether it is ticked.
    fn scopes(&self) -> Vec<(Scope, &'static str, bool)> {
        let choice = |scope| (scope, label(scope), self.form.scopes.contains(scope));
        self.consent.allowed.iter().map(choice).collect()
    }

    /// Every choice of expiry, with what it means and whether it is chosen.
    fn expiries(&self) -> [(&'static str, &'static str, bool); 4] {
        [
            (TokenExpiry::Never, "never"),
            (TokenExpiry::Days30, "after 30 days"),
            (TokenExpiry::Days90, "after 90 days"),
            (TokenExpiry::Year, "after a year"),
        ]
        .map(|(expiry, meaning)| (expiry.name(), meaning, expiry == self.form.expiry))
    }
}

#[derive(Template)]
#[template(path = "pair_result.html")]
struct ResultPage<'a> {
    visitor: &'a Visitor,
    /// The paired device's name; `None` when it was refused.
    paired: Option<&'a str>,
}

async fn enter(
    SignedIn { visitor, input: QueryParams(prefill) }: SignedIn<QueryParams<Prefill>>,
) -> HttpResponse {
    let user_code = prefill.user_code.unwrap_or_default();
    page(&EnterPage { visitor: &visitor, user_code: &user_code, fault: None })
}

async fn consider(
    SignedIn { visitor, input: (FormBody(form), address) }: SignedIn<(FormBody<CodeForm>, ClientAddress)>,
    state: State,
) -> Result<HttpResponse, PageError> {
    match pairing::open(&state.ports, &visitor.caller, &form.user_code, address.as_str()).await {
        Ok(consent) => {
            let shown = ConsentForm {
                device_name: &consent.flow.request.name,
                scopes: consent.allowed,
                expiry: TokenExpiry::default(),
            };
            Ok(page(&consent_page(&visitor, &form.user_code, &consent, shown, &address, &state)))
        }
        Err(error) => retype(&visitor, &form.user_code, error.into()),
    }
}

async fn decide(
    SignedIn { visitor, input: (FormBody(form), address) }: SignedIn<(FormBody<DecisionForm>, ClientAddress)>,
    state: State,
) -> Result<HttpResponse, PageError> {
    match form.decision {
        Decision::Deny => deny(&visitor, &form, &address, &state).await,
        Decision::Approve if form.in_front_of_me.is_none() => {
            let fault =
                "Tick that the device is in front of you. If it is not, somebody else may want your saves.";
            reconsider(&visitor, &form, &address, &state, fault).await
        }
        Decision::Approve => approve(&visitor, &form, &address, &state).await,
    }
}

async fn deny(
    visitor: &Visitor,
    form: &DecisionForm,
    address: &ClientAddress,
    state: &State,
) -> Result<HttpResponse, PageError> {
    match pairing::deny(&state.ports, &visitor.caller, address.as_str(), &form.user_code).await {
        Ok(()) => Ok(page(&ResultPage { visitor, paired: None })),
        Err(error) => retype(visitor, &form.user_code, error.into()),
    }
}

async fn approve(
    visitor: &Visitor,
    form: &DecisionForm,
    address: &ClientAddress,
    state: &State,
) -> Result<HttpResponse, PageError> {
    if form.scope.is_empty() {
        let fault = "Allow at least one thing, or deny.";
        return reconsider(visitor, form, address, state, fault).await;
    }
    let command = Approve {
        typed_code: form.user_code.clone(),
        scopes: read_scopes("scope", &form.scope)?,
        device_name: form.device_name.clone(),
        expiry: read_expiry(form.expires_in.as_deref())?,
    };
    match pairing::approve(&state.ports, &visitor.caller, address.as_str(), command).await {
        Ok(approved) => Ok(page(&ResultPage { visitor, paired: Some(&approved.device_name) })),
        Err(error) => retype(visitor, &form.user_code, error.into()),
    }
}

/// The consent page once more, as the person left it.
async fn reconsider(
    visitor: &Visitor,
    form: &DecisionForm,
    address: &ClientAddress,
    state: &State,
    fault: &str,
) -> Result<HttpResponse, PageError> {
    let consent = match pairing::open(&state.ports, &visitor.caller, &form.user_code, address.as_str()).await
    {
        Ok(consent) => consent,
        Err(error) => return retype(visitor, &form.user_code, error.into()),
    };
    let shown = ConsentForm {
        device_name: form.device_name.as_deref().unwrap_or(&consent.flow.request.name),
        scopes: read_scopes("scope", &form.scope)?,
        expiry: read_expiry(form.expires_in.as_deref())?,
    };
    let page = consent_page(visitor, &form.user_code, &consent, shown, address, state);
    Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &ConsentPage { fault: Some(fault), ..page }))
}

/// The field once more, with what is wrong with the code; anything else is an error of its own.
fn retype(visitor: &Visitor, typed: &str, error: ApiError) -> Result<HttpResponse, PageError> {
    let fault = match error.status() {
        StatusCode::NOT_FOUND => {
            "No device waits under this code. Codes end after ten minutes; another account may hold it."
        }
        StatusCode::GONE => "This code was used already. If the device still waits, let it show a new one.",
        _ => return Err(error.into()),
    };
    let page = EnterPage { visitor, user_code: typed, fault: Some(fault) };
    Ok(page_with(error.status(), &page))
}

fn consent_page<'a>(
    visitor: &'a Visitor,
    typed: &str,
    consent: &'a Consent,
    form: ConsentForm<'a>,
    address: &ClientAddress,
    state: &State,
) -> ConsentPage<'a> {
    let now = state.now();
    let plain = UserCode::parse(typed).map_or_else(String::new, |code| code.expose().to_owned());
    let replaces = consent.replaces.as_ref().map(|device| {
        let name = device.details.name.clone().unwrap_or_else(|| device.id.to_string());
        (name, ago(device.last_seen, now))
    });
    ConsentPage {
        visitor,
        code: ShownCode { plain },
        age: ago(consent.flow.created_at, now),
        is_same_network: address.shares_network_with(&consent.flow.requester.address),
        consent,
        replaces,
        form,
        fault: None,
    }
}
