//! The OpenAPI document. Handlers describe what is theirs alone (path, parameters, bodies, the refusals that their use
//! case has); what follows from the kind of endpoint is added here, from the extractors that a handler takes
//! ([`extractor`]): credentials, and the refusals that come with credentials, bodies and the store.
//!
//! **Invariant:** every operation has a summary, a tag that is explained, a security requirement and a description of
//! each response, and names every status that its extractors can answer.

mod extractor;
mod operation;
mod responses;
mod served;

use utoipa::openapi::path::{HttpMethod, Operation, PathItem, Paths};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, RefOr, Schema,
};

pub(crate) use extractor::{Extractor, Refusals};
pub(crate) use operation::complete;
pub(crate) use served::endpoints;

/// Each tag and what it gathers, in the order a newcomer should read them.
const TAGS: &[(&str, &str)] = &[
    ("system", "What the server is, and this description of it."),
    ("pairing", "How a device gets its token: it shows a code, a person approves it."),
    ("accounts", "Users, logins and access tokens."),
    ("client tokens", "Long-lived tokens of programs and devices, and the codes that hand them out."),
    ("devices", "What plays: registered by a client, found again by fingerprint or identifier."),
    ("catalogue", "Platforms, games and the library they are scanned from."),
    ("sync", "What a device should upload, download or ask about, and the sessions in which it does."),
    ("saves", "The saves themselves: slots, their heads and their history."),
    ("states", "Snapshots of a running emulator: kept with their history, never synced."),
    ("screenshots", "Pictures of saves and states, and of games."),
    ("events", "What happens, while it happens: server-sent events."),
    ("play sessions", "Who played what, when and for how long."),
];

const ABOUT: &str = "Keeps game saves in sync. The version is the API level spoken.\n\n\
    Every refusal is JSON with a `detail`: a text, or for 422 a list of faults. Every path answers with and without a \
    trailing slash. Unknown parameters and members are ignored; `null` for an optional member is the same as leaving \
    it out. Instants are RFC 3339; one without an offset is UTC.";

/// The document over every endpoint's paths and schemas.
pub(crate) fn document(paths: Paths, schemas: Vec<(String, RefOr<Schema>)>) -> OpenApi {
    let components = ComponentsBuilder::new()
        .schemas_from_iter(schemas)
        .schemas_from_iter(responses::schemas())
        .responses_from_iter(responses::reusable())
        .security_scheme("bearer", SecurityScheme::Http(bearer()))
        .security_scheme("basic", SecurityScheme::Http(Http::new(HttpAuthScheme::Basic)))
        .security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session_cookie())))
        .build();
    let info = InfoBuilder::new()
        .title("Memcard")
        .version(memcard_api::heartbeat::API_LEVEL)
        .description(Some(ABOUT))
        .license(Some(
            LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build(),
        ))
        .build();
    let tags =
        TAGS.iter().map(|(name, about)| TagBuilder::new().name(*name).description(Some(*about)).build());
    OpenApiBuilder::new().info(info).paths(named(paths)).components(Some(components)).tags(Some(tags)).build()
}

/// Every operation at a path, with its method.
pub(crate) fn operations(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    let all = [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Delete, &mut item.delete),
        (HttpMethod::Options, &mut item.options),
        (HttpMethod::Head, &mut item.head),
        (HttpMethod::Patch, &mut item.patch),
        (HttpMethod::Trace, &mut item.trace),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Names each operation by method and path: `get_users_by_id`. Handlers' own names repeat from section to section.
fn named(mut paths: Paths) -> Paths {
    for (path, item) in &mut paths.paths {
        let segments = path.trim_start_matches("/api").split('/').filter(|segment| !segment.is_empty());
        let words = segments.map(|segment| match segment.strip_prefix('{') {
            Some(parameter) => format!("by_{}", parameter.trim_end_matches('}')),
            None => segment.replace(['-', '.'], "_"),
        });
        let name = words.collect::<Vec<_>>().join("_");
        for (method, operation) in operations(item) {
            operation.operation_id = Some(format!("{}_{name}", lower_case(&method)));
        }
    }
    paths
}

fn lower_case(method: &HttpMethod) -> &'static str {
    match method {
        HttpMethod::Get => "get",
        HttpMethod::Put => "put",
        HttpMethod::Post => "post",
        HttpMethod::Delete => "delete",
        HttpMethod::Options => "options",
        HttpMethod::Head => "head",
        HttpMethod::Patch => "patch",
        HttpMethod::Trace => "trace",
    }
}

fn bearer() -> Http {
    let mut bearer = Http::new(HttpAuthScheme::Bearer);
    bearer.description =
        Some("An access token from `POST /api/token`, or a client token (`rmm_…`).".to_owned());
    bearer
}

fn session_cookie() -> ApiKeyValue {
    let mut cookie = ApiKeyValue::new("memcard");
    cookie.description = Some(
        "A browser's session from `POST /api/login`; over https the cookie is called `__Host-memcard`. Whatever is not \
         `GET` must carry the session's token as `X-CSRF-Token`."
            .to_owned(),
    );
    cookie
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn described() -> Vec<(String, Operation)> {
        let mut document = crate::openapi();
        let items = document.paths.paths.iter_mut();
        items
            .flat_map(|(path, item)| {
                operations(item)
                    .map(|(method, operation)| (format!("{} {path}", lower_case(&method)), operation.clone()))
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    #[test]
    fn every_operation_is_explained_tagged_and_says_who_may_call_it() {
        let known: BTreeSet<&str> = TAGS.iter().map(|(name, _)| *name).collect();
        for (endpoint, operation) in described() {
            let summary = operation.summary.unwrap_or_default();
            assert!(!summary.is_empty() && !summary.contains('\n'), "{endpoint}: {summary:?}");
            let tags = operation.tags.unwrap_or_default();
            assert!(
                matches!(&tags[..], [tag] if known.contains(tag.as_str())),
                "{endpoint} is tagged {tags:?}; a new tag is explained in TAGS (openapi/mod.rs)"
            );
            assert!(operation.security.is_some(), "{endpoint} does not say who may call it");
        }
    }

    #[test]
    fn every_response_is_described_and_every_status_is_one() {
        for (endpoint, operation) in described() {
            let responses = operation.responses.responses;
            assert!(responses.keys().any(|status| status.starts_with(['2', '3'])), "{endpoint}");
            for (status, response) in responses {
                assert!(
                    status.parse().is_ok_and(|status: u16| (200..600).contains(&status)),
                    "{endpoint}: {status}"
                );
                let RefOr::T(response) = response else { continue };
                assert!(!response.description.is_empty(), "{endpoint}: {status} is not described");
                let is_refusal = status.starts_with(['4', '5']) && !endpoint.starts_with("head ");
                assert!(!is_refusal || !response.content.is_empty(), "{endpoint}: {status} says nothing");
            }
        }
    }

    #[test]
    fn what_asks_for_credentials_or_a_body_names_the_refusals_that_come_with_them() {
        for (endpoint, operation) in described() {
            let names = |status: &str| operation.responses.responses.contains_key(status);
            let is_open = operation.security.as_ref().is_some_and(Vec::is_empty);
            if !is_open {
                assert!(["401", "403", "429", "500", "503"].into_iter().all(names), "{endpoint}");
            }
            if operation.request_body.is_some() {
                assert!(["400", "413", "422"].into_iter().all(names), "{endpoint}");
            }
        }
    }
}
