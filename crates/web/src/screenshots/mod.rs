//! Screenshots (contract § 4): taken in with a save or a state, or here; served to whoever may see what they show.

mod adding;
mod reading;
mod shown;

pub(crate) use shown::show_screenshot;

use crate::routing::Endpoints;

/// The section's endpoints.
pub(crate) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add(adding::__path_add, adding::add);
    endpoints.add(reading::__path_find, reading::find);
    endpoints.add_content(reading::__path_download, reading::download);
    endpoints.add_content(reading::__path_measure, reading::measure);
}
