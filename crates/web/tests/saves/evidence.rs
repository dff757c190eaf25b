//! What a device is known to hold while a body is on its way.

use std::future::poll_fn;
use std::pin::Pin;

use actix_web::body::{BoxBody, MessageBody as _};
use actix_web::web::Bytes;

use crate::support::{Request, Story, content_uri};

#[actix_web::test]
async fn a_device_is_current_once_the_whole_body_was_taken_and_not_before() {
    let story = Story::begin().await;
    let save = story.upload_from(story.handheld, &[7; 300_000]).await.ok();
    let uri = format!("{}?device_id={}", content_uri(&save), story.desk);

    let begun = story.app.begin(Request::get(&uri).bearer(&story.player.token)).await;
    assert!(!story.is_current(&save, story.desk).await, "a download that began is no evidence");
    let mut body = begun.into_body();
    for _ in 0..3 {
        next_chunk(&mut body).await.unwrap();
        assert!(!story.is_current(&save, story.desk).await, "a part of a body is no evidence");
    }
    drop(body);
    assert!(!story.is_current(&save, story.desk).await, "a body that broke off is no evidence");

    assert_eq!(story.get(&uri).await.body.len(), 300_000);
    assert!(story.is_current(&save, story.desk).await);
}

/// The next bytes of a body; `None` at its end, and where it broke off.
async fn next_chunk(body: &mut BoxBody) -> Option<Bytes> {
    let mut body = Pin::new(body);
    poll_fn(|context| body.as_mut().poll_next(context)).await?.ok()
}
