//! The access log: one event per request. A route's pattern stands for its path and the query is left out, because codes
//! and names of files travel in both.

use std::time::Instant;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use crate::client_address::ClientAddress;

/// Logs a request when its answer begins.
pub(crate) async fn log<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let begun = Instant::now();
    let method = request.method().clone();
    let client = ClientAddress::of(request.request());
    let response = next.call(request).await?;
    let route = response.request().match_pattern().unwrap_or_else(|| "unknown".to_owned());
    let (status, millis) = (response.status().as_u16(), begun.elapsed().as_millis());
    let client = client.as_str();
    if response.status().is_server_error() {
        tracing::error!(%method, route, status, millis, client, "request failed");
    } else {
        tracing::info!(%method, route, status, millis, client, "request");
    }
    Ok(response)
}
