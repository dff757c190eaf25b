//! Downloads: the exact bytes, whole or in part.

use actix_web::body::BodySize;

use crate::support::{Multipart, Request, Story, content_uri};

#[actix_web::test]
async fn content_comes_as_an_attachment_that_no_browser_runs() {
    let story = Story::begin().await;
    let save = story.upload("", Multipart::save("Pokémon.srm", b"hello")).await.ok();
    let answer = story.get(&content_uri(&save)).await;
    let digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    for (name, value) in [
        ("etag", format!("\"{digest}\"").as_str()),
        ("content-type", "application/octet-stream"),
        ("content-disposition", "attachment; filename=\"Pok_mon.srm\"; filename*=UTF-8''Pok%C3%A9mon.srm"),
        ("content-security-policy", "sandbox"),
        ("x-content-type-options", "nosniff"),
        ("accept-ranges", "bytes"),
        ("cache-control", "private, no-cache"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
}

#[actix_web::test]
async fn content_is_never_compressed() {
    let story = Story::begin().await;
    let save = story.upload("", Multipart::save("a.srm", &[b'a'; 10_000])).await.ok();
    let answer = story.send(Request::get(&content_uri(&save)).header("accept-encoding", "gzip")).await;
    assert_eq!(answer.header("content-encoding"), None);
    assert_eq!(answer.body.len(), 10_000);
}

#[actix_web::test]
async fn parts_are_served_and_parts_that_are_not_there_are_refused() {
    let story = Story::begin().await;
    let bytes: Vec<u8> = (0..200_000_u32).map(|index| index as u8).collect();
    let save = story.upload("", Multipart::save("a.srm", &bytes)).await.ok();
    let range =
        async |range: &str| story.send(Request::get(&content_uri(&save)).header("range", range)).await;

    let part = range("bytes=100000-150000").await;
    assert_eq!(part.status, 206);
    assert!(part.body == bytes[100_000..=150_000]);
    assert_eq!(part.header("content-range"), Some("bytes 100000-150000/200000"));
    assert_eq!(part.announced, BodySize::Sized(50_001));
    assert!(range("bytes=-3").await.body == bytes[199_997..]);

    let beyond = range("bytes=200000-").await;
    assert_eq!(beyond.status, 416);
    assert_eq!(beyond.header("content-range"), Some("bytes */200000"));
    assert_eq!(range("bytes=0-1,5-6").await.status, 200);

    let tag = part.header("etag").unwrap().to_owned();
    for (if_range, status) in
        [(tag.as_str(), 206), ("\"other\"", 200), ("Fri, 04 Sep 2026 10:32:27 GMT", 200)]
    {
        let request =
            Request::get(&content_uri(&save)).header("range", "bytes=0-1").header("if-range", if_range);
        assert_eq!(story.send(request).await.status, status, "{if_range}");
    }
}

#[actix_web::test]
async fn a_client_that_has_the_bytes_is_told_so() {
    let story = Story::begin().await;
    let save = story.upload_from(story.handheld, b"hello").await.ok();
    let tag = story.get(&content_uri(&save)).await.header("etag").unwrap().to_owned();
    let uri = format!("{}?device_id={}", content_uri(&save), story.desk);
    for (named, status) in
        [(tag.as_str(), 304), (&format!("W/{tag}"), 304), (&format!("\"x\", {tag}"), 304), ("*", 304)]
    {
        let answer = story.send(Request::get(&uri).header("if-none-match", named)).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (status, 0), "{named}");
        assert_eq!(answer.header("etag"), Some(tag.as_str()));
    }
    assert!(!story.is_current(&save, story.desk).await, "a 304 is no evidence");
    assert_eq!(story.send(Request::get(&uri).header("if-none-match", "\"x\"")).await.status, 200);
}
