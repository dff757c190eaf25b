//! What is answered where the store fails.

mod support;

use std::sync::Arc;

use memcard_domain::ports::{Access, BoxFuture, StoreError, UnitOfWork, Work};
use memcard_web::AppState;
use support::{App, Request, World};

/// A store that fails in one way.
struct Failing(fn() -> StoreError);

impl UnitOfWork for Failing {
    fn execute(&self, _: Access, _: Work) -> BoxFuture<'_, Result<(), StoreError>> {
        let error = (self.0)();
        Box::pin(async move { Err(error) })
    }
}

async fn heartbeat_of(fails: fn() -> StoreError) -> support::Answer {
    let mut ports = World::new().state.ports;
    ports.store = Arc::new(Failing(fails));
    let state = AppState::new(ports, memcard_web::Settings::new("0.1.0"));
    App::new(&state).await.send(Request::get("/api/heartbeat")).await
}

#[actix_web::test]
async fn a_store_that_cannot_be_reached_asks_to_come_back() {
    let answer = heartbeat_of(|| StoreError::Unavailable("connection to 10.0.0.7 refused".into())).await;
    answer.is_refused(503, "Service temporarily unavailable");
    assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
}

#[actix_web::test]
async fn a_store_that_fails_tells_nothing_of_how() {
    let answer = heartbeat_of(|| StoreError::Backend("syntax error near users".into())).await;
    answer.is_refused(500, "Internal Server Error");
    assert!(!answer.text().contains("syntax"));
}
