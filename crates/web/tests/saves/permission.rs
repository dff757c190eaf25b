//! Who may do what, and what others do not see.

use memcard_domain::account::{Role, Scope, ScopeSet};
use memcard_domain::ids::SaveId;
use serde_json::json;

use crate::support::{Multipart, Request, Story, content_uri};

/// The scopes that a request needs, and how it is made.
type Case<'a> = (&'a [Scope], Box<dyn Fn() -> Request + 'a>);

#[actix_web::test]
async fn another_user_s_saves_devices_and_forks_are_not_there() {
    let story = Story::begin().await;
    let save = story.upload_from(story.handheld, b"1").await.ok();
    let stranger = story.world.a_player("stranger");
    let their_device = story.world.a_device(&stranger.user, "theirs");
    let send = async |request: Request| story.app.send(request.bearer(&stranger.token)).await;
    let gone = format!("Save with ID {} not found", save["id"]);
    let id = &save["id"];

    send(Request::get(&format!("/api/saves/{id}"))).await.is_refused(404, &gone);
    send(Request::get(&content_uri(&save))).await.is_refused(404, &gone);
    let with_device = format!("{}?device_id={their_device}", content_uri(&save));
    send(Request::get(&with_device)).await.is_refused(404, &gone);
    for call in ["downloaded", "track", "untrack"] {
        let request =
            Request::post(&format!("/api/saves/{id}/{call}")).json(&json!({"device_id": their_device}));
        send(request).await.is_refused(404, &gone);
    }
    send(Request::post("/api/saves/delete").json(&json!({"saves": [id]}))).await.is_refused(404, &gone);
    assert_eq!(send(Request::get("/api/saves")).await.ok(), json!([]));
    assert_eq!(send(Request::get("/api/saves/identifiers")).await.ok(), json!([]));

    let no_device = format!("Device with ID {} not found", story.handheld);
    let upload = Request::post(&story.upload_uri(&format!("slot=a&device_id={}", story.handheld)));
    send(upload.multipart(Multipart::save("a.srm", b"x"))).await.is_refused(404, &no_device);
    let list = Request::get(&format!("/api/saves?device_id={}", story.handheld));
    send(list).await.is_refused(404, &no_device);
    assert_eq!(story.list().await.len(), 1);
}

#[actix_web::test]
async fn a_public_save_is_fetched_by_others_and_shows_nothing_of_their_devices() {
    let story = Story::begin().await;
    let save = story.upload_from(story.handheld, b"shared").await.ok();
    let id = SaveId(save["id"].as_i64().unwrap() as i32);
    story.world.keep(|tx| tx.saves().set_public(id, true));
    let stranger = story.world.a_player("stranger");
    let their_device = story.world.a_device(&stranger.user, "theirs");
    let uri = format!("{}?device_id={their_device}", content_uri(&save));
    assert_eq!(story.app.send(Request::get(&uri).bearer(&stranger.token)).await.body, "shared");
    let bases = story.world.keep(|tx| tx.bases().of_device(their_device));
    assert_eq!(bases, []);
}

#[actix_web::test]
async fn every_endpoint_wants_a_credential_and_its_scope() {
    let story = Story::begin().await;
    let save = story.upload_from(story.handheld, b"1").await.ok();
    let id = &save["id"];
    let device = json!({"device_id": story.handheld});
    let upload = || Request::post(&story.upload_uri("slot=a")).multipart(Multipart::save("a.srm", b"x"));
    let upload_from = || {
        let uri = story.upload_uri(&format!("slot=a&device_id={}", story.handheld));
        Request::post(&uri).multipart(Multipart::save("a.srm", b"x"))
    };
    let asked_by = format!("device_id={}", story.handheld);
    let read = &[Scope::AssetsRead];
    let cases: Vec<Case<'_>> = vec![
        (&[Scope::AssetsWrite], Box::new(upload)),
        (&[Scope::AssetsWrite, Scope::DevicesWrite], Box::new(upload_from)),
        (read, Box::new(|| Request::get("/api/saves"))),
        (
            &[Scope::AssetsRead, Scope::DevicesRead],
            Box::new(|| Request::get(&format!("/api/saves?{asked_by}"))),
        ),
        (read, Box::new(|| Request::get("/api/saves/identifiers"))),
        (read, Box::new(|| Request::get("/api/saves/summary?rom_id=1"))),
        (read, Box::new(|| Request::get(&format!("/api/saves/{id}")))),
        (
            &[Scope::AssetsRead, Scope::DevicesRead],
            Box::new(|| Request::get(&format!("/api/saves/{id}?{asked_by}"))),
        ),
        (read, Box::new(|| Request::get(&format!("/api/saves/{id}/content")))),
        (
            &[Scope::AssetsRead, Scope::DevicesRead],
            Box::new(|| Request::get(&format!("/api/saves/{id}/content?{asked_by}"))),
        ),
        (
            &[Scope::DevicesWrite],
            Box::new(|| Request::post(&format!("/api/saves/{id}/downloaded")).json(&device)),
        ),
        (&[Scope::DevicesWrite], Box::new(|| Request::post(&format!("/api/saves/{id}/track")).json(&device))),
        (
            &[Scope::DevicesWrite],
            Box::new(|| Request::post(&format!("/api/saves/{id}/untrack")).json(&device)),
        ),
        (
            &[Scope::AssetsWrite],
            Box::new(|| Request::post("/api/saves/delete").json(&json!({"saves": [id]}))),
        ),
    ];
    let user = &story.player.user;
    for (index, (scopes, request)) in cases.iter().enumerate() {
        let answer = story.app.send(request()).await;
        answer.is_refused(401, "Not authenticated");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        for missing in *scopes {
            let held = ScopeSet::ALL.difference(ScopeSet::of(&[*missing]));
            let token = story.world.a_token(user, held, None);
            story.app.send(request().bearer(&token)).await.is_refused(403, "Forbidden");
        }
        let token = story.world.a_token(user, ScopeSet::of(scopes), None);
        assert_eq!(story.app.send(request().bearer(&token)).await.status, 200, "case {index}");
    }
}

#[actix_web::test]
async fn an_administrator_s_token_is_no_key_to_another_s_saves() {
    let story = Story::begin().await;
    let save = story.upload_from(story.handheld, b"1").await.ok();
    let admin = story.world.a_player_with("admin", Role::Admin);
    assert_eq!(story.app.send(Request::get(&content_uri(&save)).bearer(&admin.token)).await.status, 404);
}
