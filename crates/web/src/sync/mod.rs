//! Sync (contract § 5): negotiation and its sessions.

mod complete;
mod negotiate;
mod push_pull;
mod sessions;

use crate::routing::Endpoints;

/// The section's endpoints.
pub(crate) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add(negotiate::__path_negotiate, negotiate::negotiate);
    endpoints.add(complete::__path_complete, complete::complete);
    endpoints.add(sessions::__path_list, sessions::list);
    endpoints.add(sessions::__path_find, sessions::find);
    endpoints.add(push_pull::__path_start, push_pull::start);
    endpoints.add(push_pull::__path_make_key, push_pull::make_key);
    endpoints.add(push_pull::__path_remove_key, push_pull::remove_key);
}
