//! Completes what a handler says of itself.

use actix_web::http::StatusCode;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{RefOr, Response};

use super::extractor::{Credential, Refusals};
use super::responses::shared;

/// Adds what follows from the handler's arguments, and puts the words where readers look for them.
pub(crate) fn complete(operation: &mut Operation, refusals: &Refusals) {
    summarise(operation);
    secure(operation, refusals.credential);
    for status in &refusals.statuses {
        operation.responses.responses.entry(status.to_string()).or_insert_with(|| Response::default().into());
    }
    for (status, response) in &mut operation.responses.responses {
        describe(status, response);
    }
}

/// The first sentence is the summary, the rest the description.
fn summarise(operation: &mut Operation) {
    let told = operation.summary.take().unwrap_or_default().replace('\n', " ");
    let (summary, rest) = told.split_once(". ").unwrap_or((told.trim_end_matches('.'), ""));
    let more = operation.description.take().unwrap_or_default();
    let description = [rest, more.as_str()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>();
    operation.description = (!description.is_empty()).then(|| description.join("\n\n"));
    operation.summary = Some(summary.to_owned());
}

/// Says which credentials are taken.
fn secure(operation: &mut Operation, credential: Credential) {
    let any = ["bearer", "basic", "session"].map(|scheme| SecurityRequirement::new(scheme, [] as [&str; 0]));
    let none = SecurityRequirement::default();
    operation.security = Some(match credential {
        Credential::Required => any.into(),
        Credential::Optional => [none].into_iter().chain(any).collect(),
        Credential::Unread => Vec::new(),
    });
}

/// A response without words of its own gets the shared ones, or at least the status's name.
fn describe(status: &str, response: &mut RefOr<Response>) {
    let RefOr::T(told) = response else { return };
    if !told.description.is_empty() {
        return;
    }
    match shared(status) {
        Some(reference) => *response = reference,
        None => {
            let reason = status.parse().ok().and_then(|code: StatusCode| code.canonical_reason());
            told.description = reason.unwrap_or("Answered").to_owned();
        }
    }
}

#[cfg(test)]
mod tests {
    use utoipa::openapi::ResponseBuilder;
    use utoipa::openapi::path::OperationBuilder;

    use super::*;

    fn completed(summary: &str, refusals: &Refusals) -> Operation {
        let told = ResponseBuilder::new().description("There are as many as there may be.").build();
        let mut operation = OperationBuilder::new().summary(Some(summary)).response("400", told).build();
        operation.responses.responses.insert("201".to_owned(), Response::default().into());
        complete(&mut operation, refusals);
        operation
    }

    #[test]
    fn the_first_sentence_becomes_the_summary() {
        let operation = completed("Lists games. Needs roms.read, and\na library.", &Refusals::default());
        assert_eq!(operation.summary.as_deref(), Some("Lists games"));
        assert_eq!(operation.description.as_deref(), Some("Needs roms.read, and a library."));
        let operation = completed("One game.", &Refusals::default());
        assert_eq!((operation.summary.as_deref(), operation.description), (Some("One game"), None));
    }

    #[test]
    fn an_endpoint_s_own_words_for_a_status_stay() {
        let mut refusals = Refusals::default();
        refusals.read_body();
        let operation = completed("Makes one.", &refusals);
        let words = |status: &str| match &operation.responses.responses[status] {
            RefOr::T(response) => response.description.clone(),
            RefOr::Ref(reference) => reference.ref_location.clone(),
        };
        assert_eq!(words("400"), "There are as many as there may be.");
        assert_eq!(words("422"), "#/components/responses/Invalid");
        assert_eq!(words("201"), "Created");
    }
}
