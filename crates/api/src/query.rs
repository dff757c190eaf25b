//! How query and form parameters are read where clients disagree with serde.

use serde::{Deserialize, Deserializer, de};

/// Reads a flag as clients in many languages write it: `true`, `True`, `1`, `yes`, `on` and their opposites; empty is
/// left out. For `#[serde(default, deserialize_with = "query::flag")]`.
///
/// # Errors
/// Any other text.
pub fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    match text.to_ascii_lowercase().as_str() {
        "" => Ok(None),
        "true" | "1" | "yes" | "on" => Ok(Some(true)),
        "false" | "0" | "no" | "off" => Ok(Some(false)),
        _ => Err(de::Error::custom(format_args!("expected true or false, found `{text}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Query {
        #[serde(default, deserialize_with = "flag")]
        overwrite: Option<bool>,
    }

    fn read(text: &str) -> Result<Option<bool>, serde_json::Error> {
        let query = serde_json::json!({ "overwrite": text });
        serde_json::from_value::<Query>(query).map(|query| query.overwrite)
    }

    #[test]
    fn flags_are_read_in_every_spelling_in_use() {
        for text in ["true", "True", "1", "yes", "on"] {
            assert_eq!(read(text).unwrap(), Some(true), "{text}");
        }
        for text in ["false", "False", "0", "no", "off"] {
            assert_eq!(read(text).unwrap(), Some(false), "{text}");
        }
        assert_eq!(read("").unwrap(), None);
        assert!(read("maybe").is_err());
    }

    #[test]
    fn a_flag_left_out_is_none() {
        assert_eq!(serde_json::from_str::<Query>("{}").unwrap().overwrite, None);
    }
}
