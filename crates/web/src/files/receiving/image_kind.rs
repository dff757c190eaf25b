//! What a picture is, told by its first bytes: what it calls itself is the sender's word.

use memcard_domain::screenshot::ImageKind;

/// The kind of picture that begins with these bytes. A few dozen of them are enough.
pub(super) fn image_kind(beginning: &[u8]) -> Option<ImageKind> {
    match infer::get(beginning)?.mime_type() {
        "image/png" => Some(ImageKind::Png),
        "image/jpeg" => Some(ImageKind::Jpeg),
        "image/webp" => Some(ImageKind::Webp),
        "image/gif" => Some(ImageKind::Gif),
        "image/bmp" => Some(ImageKind::Bmp),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_told_by_their_bytes() {
        for (beginning, kind) in [
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), Some(ImageKind::Png)),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0", Some(ImageKind::Jpeg)),
            (b"\xff\xd8\xff\xe1\0\x10Exif\0", Some(ImageKind::Jpeg)),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Some(ImageKind::Webp)),
            (b"GIF89a\x01\0\x01\0", Some(ImageKind::Gif)),
            (b"BM\x46\0\0\0\0\0\0\0", Some(ImageKind::Bmp)),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\">", None),
            (b"<!DOCTYPE html><script>", None),
            (b"\0\0\0\x1cftypavif", None),
            (b"", None),
            (b"\x89", None),
        ] {
            assert_eq!(image_kind(beginning), kind, "{beginning:?}");
        }
    }
}
