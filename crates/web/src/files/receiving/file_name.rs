//! The file name of a part, as the many HTTP libraries write it: raw UTF-8 with quotes escaped by a backslash or
//! percent-encoded, or an extended value (RFC 2231, RFC 5987). RFC 7578 § 4.2 leaves all of them in use.

use percent_encoding::percent_decode_str;

/// The file name that a part's `Content-Disposition` names, `None` where it names none. An extended value that can be
/// read wins over a plain one (RFC 6266 § 4.3).
pub(super) fn sent_file_name(disposition: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(disposition);
    let (_, parameters) = text.split_once(';')?;
    let parameters = read_parameters(parameters);
    let named = |wanted: &str| {
        parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    };
    let extended = named("filename*").and_then(|value| read_extended(value));
    extended.or_else(|| named("filename").map(|value| value.replace("%22", "\"")))
}

fn read_parameters(mut text: &str) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    while let Some((name, rest)) = text.split_once('=') {
        let (value, rest) = match rest.trim_start().strip_prefix('"') {
            Some(quoted) => read_quoted(quoted),
            None => {
                let (token, rest) = rest.split_once(';').unwrap_or((rest, ""));
                (token.trim().to_owned(), rest)
            }
        };
        parameters.push((name.trim().to_owned(), value));
        text = rest;
    }
    parameters
}

/// Reads up to the closing quote, and drops what stands before the next parameter. Only quotes and backslashes are
/// escaped in practice; any other backslash is a separator of folders.
fn read_quoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut symbols = text.char_indices().peekable();
    while let Some((index, symbol)) = symbols.next() {
        match symbol {
            '"' => return (value, text[index + 1..].split_once(';').map_or("", |(_, rest)| rest)),
            '\\' => match symbols.next_if(|(_, next)| matches!(next, '"' | '\\')) {
                Some((_, escaped)) => value.push(escaped),
                None => value.push('\\'),
            },
            other => value.push(other),
        }
    }
    (value, "")
}

/// Reads `charset'language'value` (RFC 5987 § 3.2); `None` for a charset other than its two.
fn read_extended(value: &str) -> Option<String> {
    let mut pieces = value.splitn(3, '\'');
    let (charset, _language, encoded) = (pieces.next()?, pieces.next()?, pieces.next()?);
    let bytes: Vec<u8> = percent_decode_str(encoded).collect();
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" => String::from_utf8(bytes).ok(),
        "iso-8859-1" => Some(bytes.into_iter().map(char::from).collect()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_every_encoding_in_use() {
        for (parameters, name) in [
            (r#"filename="Game (USA).srm""#, "Game (USA).srm"),
            ("filename=plain.srm", "plain.srm"),
            (r#"filename="Pokémon – ポケモン.srm""#, "Pokémon – ポケモン.srm"),
            (r#"filename="a \"quoted\" name.srm""#, r#"a "quoted" name.srm"#),
            (r#"filename="a %22quoted%22 name.srm""#, r#"a "quoted" name.srm"#),
            (r#"filename="100% done.srm""#, "100% done.srm"),
            (r#"filename="semi;colon=1.srm"; x=y"#, "semi;colon=1.srm"),
            (r#"filename="C:\saves\game.srm""#, r"C:\saves\game.srm"),
            (r#"filename="back\\slash.srm""#, r"back\slash.srm"),
            ("filename*=UTF-8''Pok%C3%A9mon.srm", "Pokémon.srm"),
            ("filename*=utf-8'en'a%20%22b%22.srm", "a \"b\".srm"),
            ("filename*=iso-8859-1''Pok%E9mon.srm", "Pokémon.srm"),
            (r#"filename="Pokemon.srm"; filename*=UTF-8''Pok%C3%A9mon.srm"#, "Pokémon.srm"),
            (r#"FILENAME="upper.srm""#, "upper.srm"),
            (r#"filename="fallback.srm"; filename*=koi8-r''%F0.srm"#, "fallback.srm"),
            (r#"filename="fallback.srm"; filename*=UTF-8''%FF.srm"#, "fallback.srm"),
        ] {
            let disposition = format!(r#"form-data; name="saveFile"; {parameters}"#);
            assert_eq!(sent_file_name(disposition.as_bytes()).as_deref(), Some(name), "{parameters}");
        }
    }

    #[test]
    fn an_empty_name_is_told_from_none() {
        assert_eq!(sent_file_name(br#"form-data; name="saveFile"; filename="""#).as_deref(), Some(""));
        assert_eq!(sent_file_name(br#"form-data; name="saveFile""#), None);
        assert_eq!(sent_file_name(b"form-data"), None);
    }

    #[test]
    fn no_text_however_broken_stops_the_reader() {
        for text in
            ["", ";", "form-data; filename", "form-data; filename=", "x; =; filename=\"a", "x; filename*=a'b"]
        {
            let _ = sent_file_name(text.as_bytes());
        }
        assert_eq!(sent_file_name(br#"form-data; filename="open"#).as_deref(), Some("open"));
    }
}
