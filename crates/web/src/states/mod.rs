//! States: kept as archival saves are, but for their emulator; nothing here is about devices.

mod content;
mod deletion;
mod reading;
mod shown;
mod writing;

use crate::routing::Endpoints;

/// The section's endpoints.
pub(crate) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add(writing::__path_upload, writing::upload);
    endpoints.add(writing::__path_edit, writing::edit);
    endpoints.add(reading::__path_list, reading::list);
    endpoints.add(reading::__path_identifiers, reading::identifiers);
    endpoints.add(reading::__path_find, reading::find);
    endpoints.add_content(content::__path_download, content::download);
    endpoints.add_content(content::__path_measure, content::measure);
    endpoints.add(deletion::__path_delete, deletion::delete);
}
