use std::io::Cursor;

use super::*;

/// An archive written by hand, so that it can be wrong.
#[derive(Clone)]
struct Crafted {
    name: Vec<u8>,
    packed: Vec<u8>,
    size: u32,
    crc32: u32,
    flags: u16,
    method: u16,
}

impl Crafted {
    fn stored(name: &str, bytes: &[u8]) -> Self {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        Self {
            name: name.into(),
            packed: bytes.to_vec(),
            size: bytes.len() as u32,
            crc32: crc.sum(),
            flags: 0,
            method: 0,
        }
    }

    fn deflated(name: &str, bytes: &[u8]) -> Self {
        let mut packed = Vec::with_capacity(bytes.len() + 1024);
        flate2::Compress::new(flate2::Compression::best(), false)
            .compress_vec(bytes, &mut packed, flate2::FlushCompress::Finish)
            .unwrap();
        Self { packed, method: 8, ..Self::stored(name, bytes) }
    }

    fn local_header(&self) -> Vec<u8> {
        let mut header = b"PK\x03\x04\x14\x00".to_vec();
        self.append_common(&mut header, self.packed.len() as u32);
        header.extend(&self.name);
        header
    }

    fn directory_header(&self, offset: u32) -> Vec<u8> {
        let mut header = b"PK\x01\x02\x14\x00\x14\x00".to_vec();
        self.append_common(&mut header, self.packed.len() as u32);
        header.extend([0; 10]); // comment length, disk, attributes
        header.extend(offset.to_le_bytes());
        header.extend(&self.name);
        header
    }

    fn append_common(&self, header: &mut Vec<u8>, packed_size: u32) {
        header.extend(self.flags.to_le_bytes());
        header.extend(self.method.to_le_bytes());
        header.extend([0; 4]); // time
        header.extend(self.crc32.to_le_bytes());
        header.extend(packed_size.to_le_bytes());
        header.extend(self.size.to_le_bytes());
        header.extend((self.name.len() as u16).to_le_bytes());
        header.extend([0; 2]); // extra length
    }
}

fn end_record(entries: u16, directory_size: u32, directory_offset: u32) -> Vec<u8> {
    let mut end = b"PK\x05\x06\0\0\0\0".to_vec();
    end.extend(entries.to_le_bytes());
    end.extend(entries.to_le_bytes());
    end.extend(directory_size.to_le_bytes());
    end.extend(directory_offset.to_le_bytes());
    end.extend([0; 2]); // comment length
    end
}

fn archive(entries: &[Crafted]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut directory = Vec::new();
    for entry in entries {
        directory.extend(entry.directory_header(bytes.len() as u32));
        bytes.extend(entry.local_header());
        bytes.extend(&entry.packed);
    }
    let end = end_record(entries.len() as u16, directory.len() as u32, bytes.len() as u32);
    [bytes, directory, end].concat()
}

fn examined(bytes: &[u8]) -> Zip {
    examine(Cursor::new(bytes), &Limits::DEFAULT).unwrap()
}

/// What the contract says of a zip with these lines.
fn lines(text: &str) -> Zip {
    Zip::Readable(ContentHash(Md5::digest(text).into()))
}

const HELLO: &str = "5d41402abc4b2a76b9719d911017c592";

#[test]
fn a_crafted_archive_is_read_as_any_other() {
    let both = [Crafted::deflated("a.txt", b"hello"), Crafted::stored("b.txt", b"hello")];
    assert_eq!(examined(&archive(&both)), lines(&format!("a.txt:{HELLO}\nb.txt:{HELLO}")));
}

#[test]
fn what_is_wrong_with_an_archive_makes_it_unreadable() {
    let good = Crafted::deflated("a.txt", b"hello hello hello hello");
    let cases = [
        ("encrypted", Crafted { flags: 1, ..good.clone() }, Fault::Encrypted),
        ("strongly encrypted", Crafted { flags: 1 << 6, ..good.clone() }, Fault::Encrypted),
        ("bzip2", Crafted { method: 12, ..good.clone() }, Fault::Method),
        ("AES", Crafted { method: 99, ..good.clone() }, Fault::Method),
        ("wrong checksum", Crafted { crc32: good.crc32 ^ 1, ..good.clone() }, Fault::Damaged),
        ("announces too little", Crafted { size: good.size - 1, ..good.clone() }, Fault::Damaged),
        ("announces too much", Crafted { size: good.size + 1, ..good.clone() }, Fault::Damaged),
        ("not deflated", Crafted { packed: vec![0xFF; 20], ..good.clone() }, Fault::Damaged),
        ("deflated but cut", Crafted { packed: good.packed[..4].to_vec(), ..good.clone() }, Fault::Damaged),
        ("nothing at all", Crafted { packed: Vec::new(), ..good.clone() }, Fault::Damaged),
        ("no UTF-8", Crafted { flags: 1 << 11, name: b"\xff".to_vec(), ..good.clone() }, Fault::Name),
    ];
    for (case, entry, fault) in cases {
        let archive = archive(&[Crafted::stored("good", b"good"), entry]);
        assert_eq!(examined(&archive), Zip::Unreadable(fault), "{case}");
    }
}

#[test]
fn an_archive_cut_anywhere_is_unreadable_or_no_zip() {
    let whole = archive(&[Crafted::deflated("a.txt", b"hello"), Crafted::stored("b.txt", b"world")]);
    for missing in 1..whole.len() {
        let without_end = examined(&whole[..whole.len() - missing]);
        assert_eq!(without_end, Zip::No, "without the last {missing} bytes");
    }
    let directory_and_end = whole.len() - 2 * (46 + 5) - 22;
    for missing in 1..directory_and_end {
        assert!(
            matches!(examined(&whole[missing..]), Zip::Unreadable(_)),
            "without the first {missing} bytes"
        );
    }
}

#[test]
fn a_damaged_directory_makes_the_archive_unreadable() {
    let entry = Crafted::stored("a.txt", b"hello");
    let local = [entry.local_header(), entry.packed.clone()].concat();
    let directory = entry.directory_header(0);
    let (offset, size) = (local.len() as u32, directory.len() as u32);
    let with_end = |end: Vec<u8>| examined(&[&local[..], &directory, &end].concat());

    assert_eq!(with_end(end_record(1, size, offset)), lines(&format!("a.txt:{HELLO}")));
    assert_eq!(with_end(end_record(1, size - 1, offset)), Zip::Unreadable(Fault::Signature));
    assert_eq!(with_end(end_record(1, size + 1, offset)), Zip::Unreadable(Fault::Cut));
    assert_eq!(with_end(end_record(1, u32::MAX, offset)), Zip::Unreadable(Fault::Directory));
    assert_eq!(with_end(end_record(1, size, u32::MAX)), Zip::Unreadable(Fault::Cut));

    let cut_header = &directory[..40];
    let cut = [&local[..], cut_header, &end_record(1, 40, offset)].concat();
    assert_eq!(examined(&cut), Zip::Unreadable(Fault::Cut));
}

#[test]
fn the_end_record_counts_only_if_it_fits_into_the_file() {
    let save = |tail: &[u8]| [&[0x5A; 100_000][..], tail].concat();
    let ending_in = |tail: &[u8]| examined(&save(tail));
    assert_eq!(ending_in(b"PK\x05\x06"), Zip::No, "a signature and nothing after it");
    assert_eq!(ending_in(b"PK\x05\x06 no more than 21 B"), Zip::No);
    assert_eq!(ending_in(&[b"PK\x05\x06", &[0x5A; 22][..]].concat()), Zip::No, "an overlong comment");

    let plausible = [b"PK\x05\x06", &[0x5A; 16][..], &[2, 0], b"xx"].concat();
    assert_eq!(ending_in(&plausible), Zip::Unreadable(Fault::Directory));
    let too_far_from_the_end = [&plausible[..], &[0x5A; 66_000]].concat();
    assert_eq!(ending_in(&too_far_from_the_end), Zip::No);
}

#[test]
fn a_signature_in_the_trailing_bytes_does_not_hide_the_end_record() {
    let whole = archive(&[Crafted::stored("a.txt", b"hello")]);
    let followed = [&whole[..], b"PK\x05\x06"].concat();
    assert_eq!(examined(&followed), lines(&format!("a.txt:{HELLO}")));
}

#[test]
fn a_comment_of_any_length_is_passed_over() {
    for length in [1_u16, 700, u16::MAX] {
        let mut bytes = archive(&[Crafted::stored("a.txt", b"hello")]);
        bytes.truncate(bytes.len() - 2);
        bytes.extend(length.to_le_bytes());
        bytes.extend(vec![b' '; length.into()]);
        assert_eq!(examined(&bytes), lines(&format!("a.txt:{HELLO}")), "{length}");
    }
}

#[test]
fn bytes_before_the_archive_shift_it() {
    let shifted = [&[7; 1234][..], &archive(&[Crafted::deflated("a.txt", b"hello")])].concat();
    assert_eq!(examined(&shifted), lines(&format!("a.txt:{HELLO}")));
}

#[test]
fn names_are_text_and_never_paths() {
    let link_or_not = Crafted::stored("../../etc/passwd", b"hello");
    let absolute = Crafted::stored("/etc/shadow", b"hello");
    let windows = Crafted::stored("C:\\boot.ini", b"hello");
    let expected = format!("../../etc/passwd:{HELLO}\n/etc/shadow:{HELLO}\nC:\\boot.ini:{HELLO}");
    assert_eq!(examined(&archive(&[windows, absolute, link_or_not])), lines(&expected));
}

#[test]
fn names_sort_by_code_point_and_equal_names_by_hash() {
    // In UTF-16 the second would come first.
    let names = ["a", "\u{FB01}", "\u{1F3AE}", "Z", "a"];
    let entries: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(index, name)| Crafted { flags: 1 << 11, ..Crafted::stored(name, &[index as u8]) })
        .collect();
    let hash = |byte: u8| ContentHash(Md5::digest([byte]).into());
    let mut of_a = [hash(0), hash(4)];
    of_a.sort();
    let [first, second] = of_a;
    let expected =
        lines(&format!("Z:{}\na:{first}\na:{second}\n\u{FB01}:{}\n\u{1F3AE}:{}", hash(3), hash(1), hash(2)));
    assert_eq!(examined(&archive(&entries)), expected);
    let reversed: Vec<_> = entries.into_iter().rev().collect();
    assert_eq!(examined(&archive(&reversed)), expected);
}

#[test]
fn a_name_is_utf_8_where_it_says_so_and_code_page_437_otherwise() {
    let bytes = "é".as_bytes();
    let named = |flags| Crafted { flags, name: bytes.to_vec(), ..Crafted::stored("", b"hello") };
    assert_eq!(examined(&archive(&[named(1 << 11)])), lines(&format!("é:{HELLO}")));
    assert_eq!(examined(&archive(&[named(0)])), lines(&format!("├⌐:{HELLO}")));
}

#[test]
fn code_page_437_is_that_of_another_reader() {
    let bytes: Vec<u8> = (1..=255).filter(|&byte| byte != b'/').collect();
    let whole = archive(&[Crafted { name: bytes, ..Crafted::stored("", b"hello") }]);
    let mut other = ::zip::ZipArchive::new(Cursor::new(&whole)).unwrap();
    let name = other.by_index(0).unwrap().name().unwrap().into_owned();
    assert_eq!(name.chars().count(), 254);
    assert_eq!(examined(&whole), lines(&format!("{name}:{HELLO}")));
}

#[test]
fn an_entry_whose_own_header_names_another_file_is_refused() {
    let mut bytes = archive(&[Crafted::stored("a.txt", b"hello")]);
    bytes[30] = b'b';
    assert_eq!(examined(&bytes), Zip::Unreadable(Fault::NameMismatch));
}

#[test]
fn too_many_entries_are_refused() {
    let limits = Limits { entries: 3, ..Limits::DEFAULT };
    let of = |count: usize| archive(&vec![Crafted::stored("x", b""); count]);
    assert!(matches!(examine(Cursor::new(of(3)), &limits), Ok(Zip::Readable(_))));
    assert_eq!(examine(Cursor::new(of(4)), &limits).unwrap(), Zip::Unreadable(Fault::Entries));
}

#[test]
fn a_directory_too_large_is_refused_before_it_is_read() {
    let limits = Limits { directory: 47, ..Limits::DEFAULT };
    let named = |name| archive(&[Crafted::stored(name, b"")]);
    assert!(matches!(examine(Cursor::new(named("x")), &limits), Ok(Zip::Readable(_))));
    assert_eq!(examine(Cursor::new(named("xx")), &limits).unwrap(), Zip::Unreadable(Fault::Directory));
}

#[test]
fn a_bomb_is_refused_by_what_it_announces() {
    let bomb = archive(&[Crafted::deflated("zeros", &vec![0; 1 << 20])]);
    assert!(bomb.len() < 2000);
    let lenient = Limits { unpacked_always: 1 << 20, ..Limits::DEFAULT };
    assert!(matches!(examine(Cursor::new(&bomb), &lenient), Ok(Zip::Readable(_))));
    for strict in [
        Limits { unpacked_always: (1 << 20) - 1, ..Limits::DEFAULT },
        Limits { unpacked: (1 << 20) - 1, ..Limits::DEFAULT },
    ] {
        assert_eq!(examine(Cursor::new(&bomb), &strict).unwrap(), Zip::Unreadable(Fault::Unpacked));
    }
}

#[test]
fn a_larger_file_may_hold_more() {
    let bomb = archive(&[Crafted::deflated("zeros", &vec![0; 1 << 20])]);
    let with_ratio = |ratio| {
        let limits = Limits { unpacked_always: 0, ratio, ..Limits::DEFAULT };
        examine(Cursor::new(&bomb), &limits).unwrap()
    };
    let ratio = (1 << 20) / bomb.len() as u64;
    assert_eq!(with_ratio(ratio), Zip::Unreadable(Fault::Unpacked));
    assert!(matches!(with_ratio(ratio + 1), Zip::Readable(_)));
}

#[test]
fn a_bomb_that_announces_little_is_stopped_at_what_it_announced() {
    let bomb = Crafted { size: 10, ..Crafted::deflated("zeros", &vec![0; 1 << 20]) };
    assert_eq!(examined(&archive(&[bomb])), Zip::Unreadable(Fault::Damaged));
}

#[test]
fn overlapping_entries_are_refused_once_they_are_longer_than_the_file() {
    // Many directory entries for one and the same packed bytes.
    let entry = Crafted::stored("x", &[7; 1000]);
    let local = [entry.local_header(), entry.packed.clone()].concat();
    let directory = entry.directory_header(0).repeat(100);
    let end = end_record(100, directory.len() as u32, local.len() as u32);
    assert_eq!(examined(&[local, directory, end].concat()), Zip::Unreadable(Fault::Overlap));
}

#[test]
fn the_64_bit_records_are_read() {
    let entry = Crafted::stored("a.txt", b"hello");
    let local = [entry.local_header(), entry.packed.clone()].concat();

    let mut header = entry.directory_header(u32::MAX);
    header[20..28].fill(0xFF); // both sizes
    let extra =
        [&[1, 0, 24, 0][..], &5_u64.to_le_bytes(), &5_u64.to_le_bytes(), &0_u64.to_le_bytes()].concat();
    header[30] = extra.len() as u8;
    let directory = [header, extra].concat();

    let mut end_64 = [b"PK\x06\x06", &44_u64.to_le_bytes()[..], &[0; 28]].concat();
    end_64.extend((directory.len() as u64).to_le_bytes());
    end_64.extend((local.len() as u64).to_le_bytes());
    let locator = [&b"PK\x06\x07"[..], &[0; 16]].concat();
    let end = end_record(u16::MAX, u32::MAX, u32::MAX);
    let whole = [local, directory, end_64, locator, end].concat();
    assert_eq!(examined(&whole), lines(&format!("a.txt:{HELLO}")));
    let shifted = [&[7; 99][..], &whole].concat();
    assert_eq!(examined(&shifted), lines(&format!("a.txt:{HELLO}")));
}

#[test]
fn extra_fields_of_others_and_padding_are_passed_over() {
    let entry = Crafted::stored("a.txt", b"hello");
    let local = [entry.local_header(), entry.packed.clone()].concat();
    let paddings: [&[u8]; 4] = [&[0], &[0, 0], &[0, 0, 0], &[0x75, 0x70, 2, 0, 9, 9, 0, 0, 0]];
    for extra in paddings {
        let mut header = entry.directory_header(0);
        header[30] = extra.len() as u8;
        let directory = [&header[..], extra].concat();
        let end = end_record(1, directory.len() as u32, local.len() as u32);
        let whole = [&local[..], &directory, &end].concat();
        assert_eq!(examined(&whole), lines(&format!("a.txt:{HELLO}")), "{extra:?}");
    }
}

#[test]
fn the_64_bit_sizes_of_a_hostile_entry_do_not_overflow() {
    let entry = Crafted::stored("a.txt", b"hello");
    let local = [entry.local_header(), entry.packed.clone()].concat();
    let mut header = entry.directory_header(u32::MAX);
    header[20..28].fill(0xFF);
    let wide = |size: u64, packed: u64, offset: u64| {
        let extra =
            [&[1, 0, 24, 0][..], &size.to_le_bytes(), &packed.to_le_bytes(), &offset.to_le_bytes()].concat();
        let mut header = header.clone();
        header[30] = extra.len() as u8;
        let directory = [header, extra].concat().repeat(2);
        let end = end_record(2, directory.len() as u32, local.len() as u32);
        examined(&[&[7][..], &local, &directory, &end].concat())
    };
    assert_eq!(wide(u64::MAX, 0, 0), Zip::Unreadable(Fault::Unpacked));
    assert_eq!(wide(0, u64::MAX, 0), Zip::Unreadable(Fault::Overlap));
    assert_eq!(wide(0, 0, u64::MAX), Zip::Unreadable(Fault::Cut));
    assert_eq!(wide(0, 0, u64::MAX - 1), Zip::Unreadable(Fault::Cut));
}

/// A source that fails at the first byte of an entry.
struct Failing(Cursor<Vec<u8>>);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.position() == 0 { Err(io::Error::other("disk on fire")) } else { self.0.read(buffer) }
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_source_that_fails_is_an_error_and_no_unreadable_zip() {
    let large = archive(&[Crafted::stored("a", &[7; 100_000])]);
    let error = examine(Failing(Cursor::new(large)), &Limits::DEFAULT).unwrap_err();
    assert_eq!(error.to_string(), "disk on fire");
}
