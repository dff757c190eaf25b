//! Saves (contract § 4): uploads and downloads, streamed; lists; what devices say they hold; deletion;
//! edits in place, the history, restoring and resolving.

mod content;
mod deletion;
mod editing;
mod evidence;
mod forks;
mod outcome;
mod reading;
mod shown;
mod upload;
mod versions;
mod visibility;

pub(crate) use upload::emulator;

use crate::routing::Endpoints;

/// The section's endpoints.
pub(crate) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add(upload::__path_upload, upload::upload);
    endpoints.add(reading::__path_list, reading::list);
    endpoints.add(reading::__path_identifiers, reading::identifiers);
    endpoints.add(reading::__path_summary, reading::summary);
    endpoints.add(reading::__path_find, reading::find);
    endpoints.add_content(content::__path_download, content::download);
    endpoints.add_content(content::__path_measure, content::measure);
    endpoints.add(evidence::__path_downloaded, evidence::downloaded);
    endpoints.add(evidence::__path_track, evidence::track);
    endpoints.add(evidence::__path_untrack, evidence::untrack);
    endpoints.add(deletion::__path_delete, deletion::delete);
    endpoints.add(editing::__path_edit, editing::edit);
    endpoints.add(visibility::__path_set, visibility::set);
    endpoints.add(versions::__path_history, versions::history);
    endpoints.add_content(versions::__path_download, versions::download);
    endpoints.add_content(versions::__path_measure, versions::measure);
    endpoints.add(versions::__path_restore, versions::restore);
    endpoints.add(versions::__path_mark, versions::mark);
    endpoints.add(forks::__path_resolve, forks::resolve);
}
