//! `GET /api/saves/{id}/content`: the exact bytes, whole or in part.

use memcard_testkit::Multipart;
use reqwest::Method;

use crate::support::{Home, Story, content_uri, on_every_database};

on_every_database! {
    content_comes_as_an_attachment_that_no_browser_runs,
    content_is_never_compressed,
    parts_are_served_and_parts_that_are_not_there_are_refused,
    a_client_that_has_the_bytes_is_told_so,
    a_head_request_is_answered_with_the_length_and_no_byte,
}

async fn content_comes_as_an_attachment_that_no_browser_runs(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload("", Multipart::save("Pokémon.srm", b"hello")).await.ok();
    let answer = story.get(&content_uri(&save)).await;
    assert_eq!((answer.status, answer.body.as_ref()), (200, b"hello".as_slice()));
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

async fn content_is_never_compressed(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload("", Multipart::save("a.srm", &[b'a'; 10_000])).await.ok();
    let answer = story.get(&content_uri(&save)).header("accept-encoding", "gzip").await;
    assert_eq!((answer.header("content-encoding"), answer.body.len()), (None, 10_000));
}

async fn parts_are_served_and_parts_that_are_not_there_are_refused(home: &Home) {
    let story = Story::begin(home).await;
    let bytes: Vec<u8> = (0..200_000_u32).map(|index| index as u8).collect();
    let save = story.upload("", Multipart::save("a.srm", &bytes)).await.ok();
    let range = async |range: &str| story.get(&content_uri(&save)).header("range", range).await;

    let part = range("bytes=100000-150000").await;
    assert_eq!(part.status, 206);
    assert!(part.body == bytes[100_000..=150_000]);
    assert_eq!(part.header("content-range"), Some("bytes 100000-150000/200000"));
    assert_eq!(part.header("content-length"), Some("50001"));
    assert!(range("bytes=-3").await.body == bytes[199_997..]);

    let beyond = range("bytes=200000-").await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, Some("bytes */200000")));
    assert_eq!(range("bytes=0-1,5-6").await.status, 200);

    let tag = part.header("etag").unwrap();
    for (if_range, status) in [(tag, 206), ("\"other\"", 200), ("Fri, 04 Sep 2026 10:32:27 GMT", 200)] {
        let request = story.get(&content_uri(&save)).header("range", "bytes=0-1");
        assert_eq!(request.header("if-range", if_range).await.status, status, "{if_range}");
    }
}

async fn a_client_that_has_the_bytes_is_told_so(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"hello").await.ok();
    let tag = story.get(&content_uri(&save)).await.header("etag").unwrap().to_owned();
    let uri = format!("{}?device_id={}", content_uri(&save), story.desk);
    for named in [tag.as_str(), &format!("W/{tag}"), &format!("\"x\", {tag}"), "*"] {
        let answer = story.get(&uri).header("if-none-match", named).await;
        assert_eq!((answer.status, answer.body.len()), (304, 0), "{named}");
        assert_eq!(answer.header("etag"), Some(tag.as_str()));
    }
    assert!(!story.is_current(&save, &story.desk).await, "a 304 is no evidence");
    assert_eq!(story.get(&uri).header("if-none-match", "\"x\"").await.status, 200);
}

async fn a_head_request_is_answered_with_the_length_and_no_byte(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, &[7; 300_000]).await.ok();
    let uri = format!("{}?device_id={}", content_uri(&save), story.desk);
    let head = story.server.request(Method::HEAD, &uri).by(&story.player).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), Some("300000"));
    assert_eq!(head.header("etag").map(str::len), Some(66));
    assert!(!story.is_current(&save, &story.desk).await);

    // On one connection: whatever follows the head is the next answer.
    let mut connection = story.server.connect().await;
    for (method, uri) in [("HEAD", uri.as_str()), ("GET", "/api/saves/identifiers")] {
        let head = format!(
            "{method} {uri} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n",
            story.player.token
        );
        connection.send(head).await.unwrap();
        let answer = connection.head().await;
        assert!(answer.starts_with("http/1.1 200"), "{answer}");
        assert_eq!(answer.contains("application/json"), method == "GET", "{answer}");
    }
}
