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

/// Reads a text of which the empty one is told from one left out. For `#[serde(default, deserialize_with =
/// "query::text")]`; without it an empty parameter reads as left out.
///
/// # Errors
/// What serde says of text.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

/// Reads ids that are repeated (`ids=1&ids=2`), have commas between them (`ids=1,2`), or both. For
/// `#[serde(default, deserialize_with = "query::ids")]`.
///
/// # Errors
/// A part that is no 32-bit integer.
pub fn ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<i32>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let parts = texts.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            part.parse()
                .map_err(|_| de::Error::custom(format_args!("expected 32-bit integers, found `{part}`")))
        })
        .collect()
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

    #[derive(Deserialize)]
    struct Filter {
        #[serde(default, deserialize_with = "ids")]
        platform_ids: Vec<i32>,
    }

    #[test]
    fn ids_are_read_repeated_and_with_commas() {
        let read = |texts: &[&str]| {
            let filter = serde_json::json!({ "platform_ids": texts });
            serde_json::from_value::<Filter>(filter).map(|filter| filter.platform_ids)
        };
        assert_eq!(read(&["1,2", "3"]).unwrap(), [1, 2, 3]);
        assert_eq!(read(&[" 4, ", ""]).unwrap(), [4]);
        assert!(read(&["1,x"]).is_err());
        assert!(read(&["4294967296"]).is_err());
        assert!(serde_json::from_str::<Filter>("{}").unwrap().platform_ids.is_empty());
    }
}
