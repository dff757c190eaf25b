//! The content hash of the wire contract, with archives written by another program's code.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up its bytes has failed")]

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write as _};

use md5::{Digest as _, Md5};
use memcard_content::{Describing, describe};
use memcard_domain::save::{Content, Fill};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fn content(bytes: &[u8]) -> Content {
    describe(Cursor::new(bytes)).unwrap()
}

fn content_hash(bytes: &[u8]) -> String {
    content(bytes).content_hash.map_or_else(|| "none".to_owned(), |hash| hash.to_string())
}

fn plain_md5(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn zipped<N: AsRef<str>, B: AsRef<[u8]>>(files: &[(N, B)], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in files {
        writer.start_file(name.as_ref(), options).unwrap();
        writer.write_all(bytes.as_ref()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const METHODS: [CompressionMethod; 2] = [CompressionMethod::Stored, CompressionMethod::Deflated];

#[test]
fn a_file_s_hash_is_its_md5() {
    assert_eq!(content_hash(b"hello"), "5d41402abc4b2a76b9719d911017c592");
    assert_eq!(content_hash(b""), "d41d8cd98f00b204e9800998ecf8427e");
    assert_eq!(content_hash(b"PK\x03\x04 not really a zip"), "6c18636ee1738125189af21822892cac");
}

#[test]
fn a_zip_s_hash_is_that_of_its_files_in_any_order_and_compression() {
    let files = [("b.txt", "world"), ("a.txt", "hello")];
    let reversed = [files[1], files[0]];
    for method in METHODS {
        for files in [files, reversed] {
            let zip = zipped(&files, method);
            assert_eq!(content_hash(&zip), "a6621f94f894039a00ef503da4a1618a", "{method} {files:?}");
            let followed = [&zip[..], b"7 bytes"].concat();
            assert_eq!(content_hash(&followed), "a6621f94f894039a00ef503da4a1618a", "{method} {files:?}");
        }
    }
}

#[test]
fn a_zip_of_binary_saves_has_the_contract_s_hash() {
    for method in METHODS {
        let zip = zipped(&[("a.sav", &[0, 1, 2][..]), ("b.sav", &[0xFF, 0xFE])], method);
        assert_eq!(content_hash(&zip), "fe72f8d850245659647bd6b5f3577a7a", "{method}");
    }
}

#[test]
fn a_zip_without_files_has_the_hash_of_nothing() {
    let nothing = "d41d8cd98f00b204e9800998ecf8427e";
    assert_eq!(content_hash(&zipped::<&str, &[u8]>(&[], CompressionMethod::Stored)), nothing);

    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_directory("folder", SimpleFileOptions::default()).unwrap();
    writer.add_directory("folder/below", SimpleFileOptions::default()).unwrap();
    assert_eq!(content_hash(&writer.finish().unwrap().into_inner()), nothing);
}

#[test]
fn a_symbolic_link_in_a_zip_is_a_file_that_holds_its_target() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("link", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    let with_link = writer.finish().unwrap().into_inner();
    let with_file = zipped(&[("link", "/etc/passwd")], CompressionMethod::Stored);
    assert_eq!(content_hash(&with_link), content_hash(&with_file));
}

#[test]
fn a_large_file_in_a_zip_is_unpacked_whole() {
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|at| (at % 251) as u8 ^ (at >> 13) as u8).collect();
    let expected = plain_md5(format!("large:{}", plain_md5(&bytes)).as_bytes());
    for method in METHODS {
        assert_eq!(content_hash(&zipped(&[("large", &bytes)], method)), expected, "{method}");
    }
}

#[test]
fn a_zip_written_as_a_stream_is_read_by_its_directory() {
    // Without seeking, sizes and checksum follow the entry and its own header holds none.
    let mut writer = ZipWriter::new_stream(Vec::new());
    writer
        .start_file("a.txt", SimpleFileOptions::default().compression_method(CompressionMethod::Deflated))
        .unwrap();
    writer.write_all(b"hello").unwrap();
    let streamed = writer.finish().unwrap().into_inner();
    assert_eq!(content_hash(&streamed), content_hash(&zipped(&[("a.txt", "hello")], METHODS[0])));
}

#[test]
fn an_unreadable_zip_has_no_content_hash_but_all_the_rest() {
    let mut zip = zipped(&[("a.txt", "hello")], CompressionMethod::Stored);
    let at = zip.windows(5).position(|window| window == b"hello").unwrap();
    zip[at] = b'j';
    let content = content(&zip);
    assert_eq!(content.content_hash, None);
    assert_eq!((content.size, content.fill), (zip.len() as u64, Fill::Data));
}

#[test]
fn fill_tells_empty_from_blank_from_data() {
    let long = vec![0xFF; 200_000];
    let mut almost = long.clone();
    almost[199_999] = 0xFE;
    let cases: [(&[u8], Fill); 8] = [
        (b"", Fill::Empty),
        (&[0], Fill::Blank),
        (&[0xFF], Fill::Blank),
        (&long, Fill::Blank),
        (&almost, Fill::Data),
        (&[0, 0xFF], Fill::Data),
        (&[0xFF, 0], Fill::Data),
        (&[1, 1], Fill::Data),
    ];
    for (bytes, fill) in cases {
        assert_eq!(content(bytes).fill, fill, "{} bytes", bytes.len());
    }
}

#[test]
fn the_digest_is_sha_256() {
    let hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    assert_eq!(content(b"hello").digest.to_string(), hello);
}

#[test]
fn a_description_is_finished_only_with_the_bytes_it_describes() {
    let mut describing = Describing::new();
    describing.update(b"hello");
    let error = describing.finish(Cursor::new(b"hell")).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}

#[test]
fn it_does_not_matter_where_the_reader_stands() {
    let mut reader = Cursor::new(b"hello");
    reader.seek(SeekFrom::End(0)).unwrap();
    assert_eq!(describe(reader).unwrap(), content(b"hello"));
}

/// A source that is interrupted before every second read.
struct Interrupted<R> {
    source: R,
    interrupted: bool,
}

impl<R: Read> Read for Interrupted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.interrupted = !self.interrupted;
        if self.interrupted { Err(io::ErrorKind::Interrupted.into()) } else { self.source.read(buffer) }
    }
}

impl<R: Seek> Seek for Interrupted<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.source.seek(to)
    }
}

#[test]
fn an_interrupted_read_is_tried_again() {
    let source = Interrupted { source: Cursor::new(b"hello"), interrupted: false };
    assert_eq!(describe(source).unwrap(), content(b"hello"));
}

fn files() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let names = prop::collection::hash_set("[a-zA-Zäé0-9 _.-]{1,20}", 0..6);
    names.prop_flat_map(|names| {
        let bytes = prop::collection::vec(prop::collection::vec(any::<u8>(), 0..600), names.len());
        bytes.prop_map(move |bytes| names.iter().cloned().zip(bytes).collect())
    })
}

/// Bytes that resemble a zip: random ones between signatures.
fn zip_like() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"PK\x05\x06".to_vec()),
        Just(b"PK\x01\x02".to_vec()),
        Just(b"PK\x03\x04".to_vec()),
        Just(b"PK\x06\x06".to_vec()),
        Just(b"PK\x06\x07".to_vec()),
        Just(vec![0; 16]),
        Just(vec![0xFF; 8]),
        prop::collection::vec(any::<u8>(), 0..40),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_have_a_description(bytes in zip_like()) {
        let content = content(&bytes);
        prop_assert_eq!(content.size, bytes.len() as u64);
        if !bytes.windows(4).any(|window| window == b"PK\x05\x06") {
            prop_assert_eq!(content_hash(&bytes), plain_md5(&bytes));
        }
    }

    #[test]
    fn a_zip_with_a_changed_byte_has_a_description(files in files(), at in any::<prop::sample::Index>(), bits in 1..=255_u8) {
        let mut zip = zipped(&files, CompressionMethod::Deflated);
        let at = at.index(zip.len());
        zip[at] ^= bits;
        prop_assert_eq!(content(&zip).size, zip.len() as u64);
    }

    #[test]
    fn a_zip_s_hash_depends_on_its_files_alone(files in files(), seed in any::<u64>()) {
        let mut sorted = files.clone();
        sorted.sort();
        let lines: Vec<_> = sorted.iter().map(|(name, bytes)| format!("{name}:{}", plain_md5(bytes))).collect();
        let expected = plain_md5(lines.join("\n").as_bytes());

        let mut shuffled = files;
        shuffled.sort_by_key(|(name, _)| plain_md5(format!("{seed}{name}").as_bytes()));
        for method in METHODS {
            prop_assert_eq!(content_hash(&zipped(&shuffled, method)), expected.clone());
        }
    }

    #[test]
    fn chunks_of_any_size_make_the_same_description(bytes in prop::collection::vec(any::<u8>(), 0..2000), size in 1..500_usize) {
        let mut describing = Describing::new();
        for chunk in bytes.chunks(size) {
            describing.update(chunk);
            describing.update(&[]);
        }
        prop_assert_eq!(describing.size(), bytes.len() as u64);
        prop_assert_eq!(describing.finish(Cursor::new(&bytes)).unwrap(), content(&bytes));
    }
}
