//! Which files must be there.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context as _, Result};

use crate::{Source, assert_none, paths, root, sources};

#[test]
fn every_migration_exists_for_both_databases_and_both_ways() -> Result<()> {
    assert_none(
        &unpaired_migrations(&paths()?),
        "make migrations with `cargo xtask migrate new NAME`, which writes all four files; where a database needs \
         nothing, its file says so in a comment.",
    );
    Ok(())
}

#[test]
fn every_crate_introduces_itself() -> Result<()> {
    assert_none(
        &crates_without_readme(&paths()?),
        "write a README.md: what the crate is for, what it must not know, where to start reading.",
    );
    Ok(())
}

#[test]
fn every_library_documents_all_it_shows() -> Result<()> {
    assert_none(&undocumented_libraries(&sources()?), "add `#![deny(missing_docs)]` to the top of lib.rs.");
    Ok(())
}

#[test]
fn decisions_are_numbered_without_gaps_and_listed() -> Result<()> {
    let index = root().join("docs/decisions/README.md");
    let index = fs::read_to_string(index).context("docs/decisions/README.md lists the decisions")?;
    assert_none(
        &decision_faults(&paths()?, &index),
        "name records `NNNN-what-was-decided.md`, counted from 0001 without gaps, and link each from \
         docs/decisions/README.md.",
    );
    Ok(())
}

fn unpaired_migrations(paths: &[String]) -> Vec<String> {
    let files: BTreeSet<&str> = paths
        .iter()
        .filter_map(|path| path.strip_prefix("migrations/"))
        .filter(|path| path.contains('/'))
        .collect();
    let names: BTreeSet<&str> = files.iter().filter_map(|path| path.split('/').nth(1)).collect();
    let mut violations = Vec::new();
    for name in names.into_iter().filter(|name| !name.starts_with('.') && *name != "README.md") {
        for database in ["sqlite", "postgres"] {
            for file in ["up.sql", "down.sql"] {
                if !files.contains(format!("{database}/{name}/{file}").as_str()) {
                    violations.push(format!("migrations/{database}/{name}/{file} is missing"));
                }
            }
        }
    }
    violations
}

/// The folders of all members.
fn crates(paths: &[String]) -> impl Iterator<Item = &str> {
    paths.iter().filter_map(|path| path.strip_suffix("/Cargo.toml"))
}

fn crates_without_readme(paths: &[String]) -> Vec<String> {
    let has = |file: &str| paths.iter().any(|path| path == file);
    crates(paths).map(|folder| format!("{folder}/README.md")).filter(|file| !has(file)).collect()
}

fn undocumented_libraries(sources: &[Source]) -> Vec<String> {
    let libraries = sources.iter().filter(|source| source.path.ends_with("/src/lib.rs"));
    let silent = libraries.filter(|source| !source.text.lines().any(|line| line == "#![deny(missing_docs)]"));
    silent.map(|source| source.path.clone()).collect()
}

fn decision_faults(paths: &[String], index: &str) -> Vec<String> {
    let mut records: Vec<&str> =
        paths.iter().filter_map(|path| path.strip_prefix("docs/decisions/")).collect();
    records.retain(|name| name.ends_with(".md") && *name != "README.md");
    records.sort_unstable();
    let mut violations = Vec::new();
    for (position, name) in records.iter().enumerate() {
        let number = format!("{:04}-", position + 1);
        if !name.starts_with(&number) {
            violations.push(format!("docs/decisions/{name} should begin with {number}"));
        }
        if !index.contains(&format!("({name})")) {
            violations.push(format!("docs/decisions/README.md does not link {name}"));
        }
    }
    violations
}

#[cfg(test)]
mod samples {
    use super::*;

    fn list(paths: &[&str]) -> Vec<String> {
        paths.iter().copied().map(String::from).collect()
    }

    #[test]
    fn a_migration_for_one_database_or_one_way_is_found() {
        let mut paths = list(&[
            "migrations/sqlite/2026-11-25-000000_initial/up.sql",
            "migrations/sqlite/2026-11-25-000000_initial/down.sql",
            "migrations/postgres/2026-11-25-000000_initial/up.sql",
        ]);
        let missing = "migrations/postgres/2026-11-25-000000_initial/down.sql";
        assert_eq!(unpaired_migrations(&paths), [format!("{missing} is missing")]);
        paths.push(missing.to_owned());
        assert!(unpaired_migrations(&paths).is_empty());
    }

    #[test]
    fn a_crate_without_readme_is_found() {
        let mut paths = list(&["Cargo.toml", "README.md", "crates/web/Cargo.toml", "crates/web/src/lib.rs"]);
        assert_eq!(crates_without_readme(&paths), ["crates/web/README.md"]);
        paths.push("crates/web/README.md".to_owned());
        assert!(crates_without_readme(&paths).is_empty());
    }

    #[test]
    fn a_library_that_need_not_document_is_found() {
        let bad = Source::sample("crates/web/src/lib.rs", "//! Web.\n// #![deny(missing_docs)]\n");
        let good = Source::sample("crates/api/src/lib.rs", "//! API.\n#![deny(missing_docs)]\n");
        assert_eq!(undocumented_libraries(&[bad, good]), ["crates/web/src/lib.rs"]);
    }

    #[test]
    fn a_gap_and_an_unlisted_decision_are_found() {
        let paths =
            list(&["docs/decisions/0001-a.md", "docs/decisions/0003-c.md", "docs/decisions/README.md"]);
        let found = decision_faults(&paths, "- [a](0001-a.md)\n");
        assert_eq!(
            found,
            [
                "docs/decisions/0003-c.md should begin with 0002-",
                "docs/decisions/README.md does not link 0003-c.md",
            ]
        );
    }
}
