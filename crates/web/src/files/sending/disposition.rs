//! The name under which a download is kept by whoever saves it (RFC 6266).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What an extended value may hold as it is (RFC 8187 § 3.2.1, `attr-char`).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// `Content-Disposition` of an attachment: the name in ASCII, and beside it the name itself where that is not the same.
pub(super) fn attachment(file_name: &str) -> String {
    let plain: String = file_name.chars().map(|symbol| if is_plain(symbol) { symbol } else { '_' }).collect();
    if plain == file_name {
        format!(r#"attachment; filename="{plain}""#)
    } else {
        let extended = utf8_percent_encode(file_name, ENCODED);
        format!(r#"attachment; filename="{plain}"; filename*=UTF-8''{extended}"#)
    }
}

/// Symbols that every client reads alike between quotes.
fn is_plain(symbol: char) -> bool {
    matches!(symbol, ' '..='~') && !matches!(symbol, '"' | '\\' | '%')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_not_plain_ascii_are_sent_extended_too() {
        for (name, header) in [
            ("Game (USA).srm", r#"attachment; filename="Game (USA).srm""#),
            ("Pokémon.srm", r#"attachment; filename="Pok_mon.srm"; filename*=UTF-8''Pok%C3%A9mon.srm"#),
            (r#"a"b.srm"#, r#"attachment; filename="a_b.srm"; filename*=UTF-8''a%22b.srm"#),
            ("50%.srm", r#"attachment; filename="50_.srm"; filename*=UTF-8''50%25.srm"#),
            ("a\r\nb", r#"attachment; filename="a__b"; filename*=UTF-8''a%0D%0Ab"#),
        ] {
            assert_eq!(attachment(name), header, "{name:?}");
        }
    }
}
