//! The catalogue (contract § 6): the platforms and games that clients need before they can sync, the library they come
//! from, and what clients ask for around them.

mod content;
mod declaration;
mod extras;
mod games;
mod library;
mod platforms;
mod props;
mod shown;

use crate::routing::Endpoints;

/// The section's endpoints.
pub(crate) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add(platforms::__path_list, platforms::list);
    endpoints.add(platforms::__path_identifiers, platforms::identifiers);
    endpoints.add(platforms::__path_find, platforms::find);
    endpoints.add(games::__path_list, games::list);
    endpoints.add(games::__path_identifiers, games::identifiers);
    endpoints.add(games::__path_by_hash, games::by_hash);
    endpoints.add(games::__path_find, games::find);
    endpoints.add(games::__path_find_simple, games::find_simple);
    endpoints.add_content(content::__path_download_game, content::download_game);
    endpoints.add_content(content::__path_measure_game, content::measure_game);
    endpoints.add_content(content::__path_download_file, content::download_file);
    endpoints.add_content(content::__path_measure_file, content::measure_file);
    endpoints.add(props::__path_edit, props::edit);
    endpoints.add(declaration::__path_declare, declaration::declare);
    endpoints.add(library::__path_show, library::show);
    endpoints.add(library::__path_name, library::name);
    endpoints.add(library::__path_show_scan, library::show_scan);
    endpoints.add(library::__path_start_scan, library::start_scan);
    extras::endpoints(endpoints);
}
