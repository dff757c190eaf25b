//! What holds for every endpoint (contract § 0).

use serde_json::{Value, json};

use crate::support::{Home, on_every_database};

on_every_database! {
    the_heartbeat_says_a_plain_triple_and_whether_anybody_has_an_account,
    bad_credentials_are_no_credentials,
    scheme_names_know_no_case,
}

async fn the_heartbeat_says_a_plain_triple_and_whether_anybody_has_an_account(home: &Home) {
    let server = home.serve();
    let heartbeat = server.get("/api/heartbeat").await.ok();
    let own_version = json!({"VERSION": env!("CARGO_PKG_VERSION")});
    assert_eq!(
        heartbeat,
        json!({"SYSTEM": {"VERSION": "5.1.0", "SHOW_SETUP_WIZARD": true}, "MEMCARD": own_version})
    );
    server.set_up("admin").await;
    let heartbeat: Value = server.get("/api/heartbeat").await.ok();
    assert_eq!(heartbeat["SYSTEM"]["SHOW_SETUP_WIZARD"], false);
}

async fn bad_credentials_are_no_credentials(home: &Home) {
    let (server, _) = home.serve_with_account().await;
    for authorization in
        ["Bearer nonsense", "Bearer rmm_00", "Basic !", "Basic YQ==", "Digest x", "Bearer", ""]
    {
        let answer = server.get("/api/users/me").header("authorization", authorization).await;
        assert_eq!(answer.status, 401, "{authorization:?}");
        answer.is_refused(401, "Not authenticated");
    }
}

async fn scheme_names_know_no_case(home: &Home) {
    let (server, admin) = home.serve_with_account().await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let authorization = format!("{scheme} {}", admin.token);
        let answer = server.get("/api/users/me").header("authorization", authorization).await;
        assert_eq!(answer.ok()["username"], "admin", "{scheme}");
    }
}
