//! How uploads reach the blob store, and that nothing stays there of those that are refused.

use crate::support::{Multipart, Story};

#[actix_web::test]
async fn a_large_save_goes_to_the_blob_store_in_small_pieces() {
    let story = Story::begin().await;
    story.upload("slot=a", Multipart::save("a.srm", &vec![7; 8 << 20])).await.ok();
    assert!(story.world.blobs.largest_write() <= 256 * 1024, "{}", story.world.blobs.largest_write());
    story.upload("slot=b", Multipart::save("a.srm", &b"\r\n--".repeat(1 << 18))).await.ok();
    assert!(story.world.blobs.writes() < 200, "{} writes", story.world.blobs.writes());
}

#[actix_web::test]
async fn nothing_of_a_body_is_kept_where_its_picture_is_refused() {
    let story = Story::begin().await;
    let too_large = vec![9; (16 << 20) + 1];
    let save = || Multipart::save("a.srm", b"save");
    for (what, status, body) in [
        ("too large", 413, save().screenshot("a.png", &too_large)),
        ("too large, first", 413, Multipart::default().screenshot("a.png", &too_large)),
        ("twice", 422, save().screenshot("a.png", b"1").screenshot("b.png", b"2")),
        ("without a name", 400, save().part(r#"name="screenshotFile""#, b"png")),
        ("with a folder for a name", 400, save().screenshot("a/", b"png")),
        ("without a save", 422, Multipart::default().screenshot("a.png", b"png")),
    ] {
        assert_eq!(story.upload("slot=a", body).await.status, status, "{what}");
    }
    story.keeps_nothing().await;
    assert!(story.world.blobs.largest_write() <= 256 * 1024);
}
