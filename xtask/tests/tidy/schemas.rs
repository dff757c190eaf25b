//! Names in the API's description, which has one list of types for all modules.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::{Source, assert_none, sources};

#[test]
fn types_on_the_wire_have_names_of_their_own() -> Result<()> {
    assert_none(
        &shared_names(&sources()?),
        "one would be described by the other: name it differently, in the description at least \
         (`#[schema(as = SaveUpload)]`).",
    );
    Ok(())
}

fn shared_names(sources: &[Source]) -> Vec<String> {
    let mut places: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for source in sources.iter().filter(|source| source.path.starts_with("crates/api/src/")) {
        for name in described_types(&source.text) {
            places.entry(name).or_default().push(&source.path);
        }
    }
    let shared = places.into_iter().filter(|(_, paths)| paths.len() > 1);
    shared.map(|(name, paths)| format!("{name} is in {}", paths.join(" and "))).collect()
}

/// The names under which a file's types are described.
fn described_types(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let (mut is_described, mut alias) = (false, None);
    for line in text.lines() {
        is_described |= line.starts_with("#[derive(") && line.contains("ToSchema");
        if let Some((_, name)) = line.split_once("#[schema(as = ") {
            alias = Some(word(name));
        }
        let item = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "));
        if let Some(item) = item {
            names.extend(is_described.then(|| alias.unwrap_or_else(|| word(item))));
            (is_described, alias) = (false, None);
        }
    }
    names
}

fn word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default()
}

#[cfg(test)]
mod samples {
    use super::*;

    #[test]
    fn a_name_that_two_types_share_is_found() {
        let one = |path: &str, text: &str| Source::sample(path, text);
        let upload = "#[derive(Debug, ToSchema)]\npub struct Upload {\n";
        let other = "#[derive(ToSchema)]\n#[schema(as = StateUpload)]\npub struct Upload {\n";
        let inner = "#[derive(Debug)]\npub enum Upload {\n";
        let shared = [one("crates/api/src/a.rs", upload), one("crates/api/src/b.rs", upload)];
        assert_eq!(shared_names(&shared), ["Upload is in crates/api/src/a.rs and crates/api/src/b.rs"]);
        for text in [other, inner] {
            assert!(
                shared_names(&[one("crates/api/src/a.rs", upload), one("crates/api/src/b.rs", text)])
                    .is_empty()
            );
        }
    }
}
