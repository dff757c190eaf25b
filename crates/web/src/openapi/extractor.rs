//! What a handler takes out of a request says how the request may be refused before the handler sees it.

use std::collections::BTreeSet;

use actix_web::web::{Data, Path, Payload};
use actix_web::{FromRequest, HttpRequest};

use crate::state::AppState;

/// Something that a handler takes out of a request. Each extractor implements this beside its code, so that the
/// description of an endpoint cannot forget what its arguments refuse.
pub(crate) trait Extractor: FromRequest {
    /// Notes how it may refuse a request, and what handlers that take it may run into.
    fn note(refusals: &mut Refusals);
}

/// How requests to an endpoint may be refused, whatever its use case says.
#[derive(Default)]
pub(crate) struct Refusals {
    pub(super) credential: Credential,
    pub(super) statuses: BTreeSet<u16>,
}

/// Whether an endpoint wants to know who calls.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Credential {
    /// It does not look.
    #[default]
    Unread,
    /// It may be missing, but a bad one is refused.
    Optional,
    /// It must be there.
    Required,
}

impl Refusals {
    /// What all of a handler's arguments note.
    pub(crate) fn of<Args: Extractor>() -> Self {
        let mut refusals = Self::default();
        Args::note(&mut refusals);
        refusals
    }

    /// Adds a status.
    pub(crate) fn add(&mut self, status: u16) {
        self.statuses.insert(status);
    }

    /// There must be a credential that is good for what is asked.
    pub(crate) fn demand_credential(&mut self) {
        self.credential = Credential::Required;
        self.add_credential_refusals();
    }

    /// If there is a credential, it must be good.
    pub(crate) fn read_credential(&mut self) {
        if self.credential == Credential::Unread {
            self.credential = Credential::Optional;
        }
        self.add_credential_refusals();
    }

    /// A body is collected and read: it may break off, be too large, or not fit.
    pub(crate) fn read_body(&mut self) {
        [400, 413, 422].into_iter().for_each(|status| self.add(status));
    }

    /// The store is asked: it may fail, or be out of reach for a while.
    fn ask_store(&mut self) {
        [500, 503].into_iter().for_each(|status| self.add(status));
    }

    /// None or a bad one; not allowed, or from another site; too many wrong passwords.
    fn add_credential_refusals(&mut self) {
        [401, 403, 429].into_iter().for_each(|status| self.add(status));
        self.ask_store();
    }
}

impl Extractor for Data<AppState> {
    fn note(refusals: &mut Refusals) {
        refusals.ask_store();
    }
}

impl Extractor for HttpRequest {
    fn note(_: &mut Refusals) {}
}

/// Who reads a body as it comes says in the endpoint's own description how it may be refused.
impl Extractor for Payload {
    fn note(_: &mut Refusals) {}
}

/// Any text fits.
impl Extractor for Path<String> {
    fn note(_: &mut Refusals) {}
}

/// The handler gets the refusal and may answer it.
impl<T: Extractor + 'static> Extractor for Result<T, T::Error> {
    fn note(refusals: &mut Refusals) {
        T::note(refusals);
    }
}

impl Extractor for () {
    fn note(_: &mut Refusals) {}
}

macro_rules! tuples {
    ($(($($part:ident),+))*) => {$(
        impl<$($part: Extractor + 'static),+> Extractor for ($($part,)+) {
            fn note(refusals: &mut Refusals) {
                $($part::note(refusals);)+
            }
        }
    )*};
}

tuples! { (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) }
