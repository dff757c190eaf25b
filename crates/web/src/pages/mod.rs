//! What a browser shows: server-rendered, without JavaScript, nothing from elsewhere (decision 0007).
//!
//! A page is for a [`Visitor`](visitor::Visitor): somebody with a session cookie. Every form carries the session's
//! token. What changes something answers a page or a redirect to one of our own paths.

mod api_docs;
mod home;
mod library;
mod login;
mod page_error;
mod pairing;
mod render;
mod scope_labels;
mod setup;
mod static_files;
mod times;
mod visitor;

use crate::routing::Endpoints;

/// The pages.
pub(crate) fn endpoints(endpoints: &mut Endpoints) {
    api_docs::endpoints(endpoints);
    home::endpoints(endpoints);
    library::endpoints(endpoints);
    login::endpoints(endpoints);
    pairing::endpoints(endpoints);
    setup::endpoints(endpoints);
    static_files::endpoints(endpoints);
}
