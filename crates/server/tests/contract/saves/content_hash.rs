//! What a save's content hash is (contract § 4, "Content hash").

use std::io::{Cursor, Write as _};

use memcard_testkit::Multipart;
use serde_json::{Value, json};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::support::{Home, Story, content_uri, on_every_database};

on_every_database! {
    the_test_vectors_hold_whatever_order_compression_or_extension,
    an_unreadable_zip_has_no_hash_and_is_kept,
    zips_of_equal_content_are_the_same_save,
}

fn zip_of(files: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn followed_by_seven_bytes(mut zip: Vec<u8>) -> Vec<u8> {
    zip.extend_from_slice(b"trailer");
    zip
}

async fn the_test_vectors_hold_whatever_order_compression_or_extension(home: &Home) {
    let story = Story::begin(home).await;
    let (stored, deflated) = (CompressionMethod::Stored, CompressionMethod::Deflated);
    let texts: [(&str, &[u8]); 2] = [("b.txt", b"world"), ("a.txt", b"hello")];
    let turned = [texts[1], texts[0]];
    let saves: [(&str, &[u8]); 2] = [("a.sav", &[0, 1, 2]), ("b.sav", &[0xFF, 0xFE])];
    let of_texts = "a6621f94f894039a00ef503da4a1618a";
    for (what, bytes, hash) in [
        ("hello", b"hello".to_vec(), "5d41402abc4b2a76b9719d911017c592"),
        ("stored", zip_of(&texts, stored), of_texts),
        ("deflated", zip_of(&texts, deflated), of_texts),
        ("in another order", zip_of(&turned, deflated), of_texts),
        ("followed by bytes", followed_by_seven_bytes(zip_of(&texts, stored)), of_texts),
        ("without files", zip_of(&[], stored), "d41d8cd98f00b204e9800998ecf8427e"),
        ("saves", zip_of(&saves, deflated), "fe72f8d850245659647bd6b5f3577a7a"),
        ("no zip", b"PK\x03\x04 not really a zip".to_vec(), "6c18636ee1738125189af21822892cac"),
    ] {
        for extension in ["srm", "zip"] {
            let upload = Multipart::save(&format!("{what}.{extension}"), &bytes);
            assert_eq!(story.upload("", upload).await.ok()["content_hash"], hash, "{what}.{extension}");
        }
    }
}

async fn an_unreadable_zip_has_no_hash_and_is_kept(home: &Home) {
    let story = Story::begin(home).await;
    let mut zip = zip_of(&[("a.txt", b"hello hello hello hello")], CompressionMethod::Deflated);
    // The entry's own bytes begin after its header of 30 bytes and its name.
    zip[35..40].fill(0xFF);
    let save = story.upload("slot=a", Multipart::save("a.zip", &zip)).await.ok();
    assert_eq!(save["content_hash"], Value::Null);
    assert_eq!(story.get(&content_uri(&save)).await.body, zip);
}

async fn zips_of_equal_content_are_the_same_save(home: &Home) {
    let story = Story::begin(home).await;
    let upload = async |device: &str, zip: &[u8]| {
        let parameters = format!("slot=a&device_id={device}");
        story.upload(&parameters, Multipart::save("a.zip", zip)).await.ok()
    };
    let files: [(&str, &[u8]); 1] = [("a.sav", b"hello")];
    let head = upload(&story.handheld, &zip_of(&files, CompressionMethod::Stored)).await;
    let same = upload(&story.desk, &zip_of(&files, CompressionMethod::Deflated)).await;
    assert_eq!(same["id"], head["id"]);
    let entry = json!({
        "rom_id": story.game, "file_name": "a.zip", "slot": "a", "content_hash": head["content_hash"],
        "updated_at": "2026-09-04T11:12:27Z", "file_size_bytes": 1,
    });
    let negotiation = json!({"device_id": story.desk, "saves": [entry]});
    assert_eq!(story.post("/api/sync/negotiate").json(&negotiation).await.ok()["total_no_op"], 1);
}
