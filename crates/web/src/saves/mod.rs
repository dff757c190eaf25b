//! Saves (contract § 4): uploads and downloads, streamed; lists; what devices say they hold; deletion.

mod content;
mod deletion;
mod evidence;
mod reading;
mod shown;
mod upload;

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
}
