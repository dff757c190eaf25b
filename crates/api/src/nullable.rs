//! Members for which `null` says something else than being left out: `Option<Option<T>>`, where the outer one is
//! whether the member is there.

use serde::{Deserialize, Deserializer};

/// Reads a member that is there; with `#[serde(default)]` one that is left out is `None`.
///
/// # Errors
/// What `T` says.
pub fn present<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Patch {
        #[serde(default, deserialize_with = "present")]
        name: Option<Option<String>>,
    }

    #[test]
    fn null_is_told_from_left_out() {
        let name = |json| serde_json::from_str::<Patch>(json).unwrap().name;
        assert_eq!(name("{}"), None);
        assert_eq!(name(r#"{"name":null}"#), Some(None));
        assert_eq!(name(r#"{"name":"a"}"#), Some(Some("a".to_owned())));
    }
}
