//! Which crate may know which: `docs/architecture.md`, "The arrows".

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context as _, Result, ensure};
use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::{assert_none, cargo, root};

/// What each member may name outside its tests. An adapter never names another adapter or the web; the web never names
/// an adapter; only the server names them all; nothing that is released names the testkit or the fuzzer's properties.
const ARROWS: &[(&str, &[&str])] = &[
    ("memcard-api", &[]),
    ("memcard-blobs", &["memcard-content", "memcard-domain"]),
    ("memcard-content", &["memcard-domain"]),
    ("memcard-domain", &[]),
    ("memcard-explorer", &["memcard-domain", "memcard-store-memory"]),
    (
        "memcard-fuzz",
        &[
            "memcard-api",
            "memcard-content",
            "memcard-domain",
            "memcard-store-memory",
            "memcard-testkit",
            "memcard-web",
        ],
    ),
    ("memcard-library", &["memcard-domain"]),
    (
        "memcard-server",
        &[
            "memcard-blobs",
            "memcard-content",
            "memcard-domain",
            "memcard-library",
            "memcard-store-diesel",
            "memcard-store-memory",
            "memcard-system",
            "memcard-web",
        ],
    ),
    (
        "memcard-simulator",
        &[
            "memcard-api",
            "memcard-domain",
            "memcard-explorer",
            "memcard-store-memory",
            "memcard-testkit",
            "memcard-web",
        ],
    ),
    ("memcard-store-diesel", &["memcard-domain"]),
    ("memcard-store-memory", &["memcard-content", "memcard-domain"]),
    ("memcard-system", &["memcard-domain"]),
    ("memcard-testkit", &["memcard-domain"]),
    ("memcard-web", &["memcard-api", "memcard-domain"]),
    ("xtask", &["memcard-store-diesel", "memcard-web"]),
];

/// All that the domain is built from: data, text, hashes and macros. Nothing here can do I/O, tell the time or draw a
/// random number with the features that are on.
const DOMAIN_TREE: &[&str] = &[
    "block-buffer",
    "bytes",
    "cfg-if",
    "chrono",
    "cmov",
    "const-oid",
    "cpufeatures",
    "crypto-common",
    "ctutils",
    "digest",
    "hmac",
    "hybrid-array",
    "itoa",
    "memchr",
    "num-traits",
    "proc-macro2",
    "quote",
    "serde",
    "serde_core",
    "serde_derive",
    "serde_json",
    "sha2",
    "subtle",
    "syn",
    "thiserror",
    "thiserror-impl",
    "typenum",
    "unicode-ident",
    "uuid",
    "zmij",
];

/// Member → the members it names outside its tests.
type Graph = BTreeMap<String, BTreeSet<String>>;

#[test]
fn crates_know_only_whom_they_may() -> Result<()> {
    assert_none(
        &forbidden_arrows(&workspace_graph()?),
        "let the crate speak to a port of memcard-domain and wire the adapter in memcard-server; for a new crate, give \
         it a row in ARROWS (xtask/tests/tidy/arrows.rs) and in docs/architecture.md.",
    );
    Ok(())
}

#[test]
fn the_domain_s_tree_is_the_agreed_one() -> Result<()> {
    assert_none(
        &tree_differences(&domain_tree()?),
        "keep the domain free of I/O: put the work behind a port. If the crate is pure and worth it, add it to \
         DOMAIN_TREE (xtask/tests/tidy/arrows.rs) and say why in the commit.",
    );
    Ok(())
}

#[test]
fn every_version_stands_in_the_workspace() -> Result<()> {
    let mut violations = Vec::new();
    for manifest in members()?.values() {
        let text = fs::read_to_string(manifest).with_context(|| format!("cannot read {manifest}"))?;
        violations.extend(own_versions(manifest, &text)?);
    }
    assert_none(
        &violations,
        "name the dependency with its version in the root Cargo.toml and write `name.workspace = true` here.",
    );
    Ok(())
}

fn metadata() -> Result<cargo_metadata::Metadata> {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .context("cargo metadata failed")
}

/// Member → its manifest.
fn members() -> Result<BTreeMap<String, String>> {
    let packages = metadata()?.packages.into_iter();
    Ok(packages.map(|package| (package.name.to_string(), package.manifest_path.into_string())).collect())
}

fn workspace_graph() -> Result<Graph> {
    let metadata = metadata()?;
    let members: BTreeSet<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    let arrows = metadata.packages.iter().map(|package| {
        let outside_tests = package.dependencies.iter().filter(|it| it.kind != DependencyKind::Development);
        let named = outside_tests.map(|it| it.name.clone()).filter(|name| members.contains(name.as_str()));
        (package.name.to_string(), named.collect())
    });
    Ok(arrows.collect())
}

fn forbidden_arrows(graph: &Graph) -> Vec<String> {
    let mut violations = Vec::new();
    for (member, named) in graph {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| name == member) else {
            violations.push(format!("{member} has no row in ARROWS"));
            continue;
        };
        let forbidden = named.iter().filter(|name| !allowed.contains(&name.as_str()));
        violations.extend(forbidden.map(|name| format!("{member} must not depend on {name}")));
    }
    violations
}

/// As cargo would build the domain alone; `cargo metadata` would show the features that other members switch on too.
fn domain_tree() -> Result<BTreeSet<String>> {
    let output = cargo()
        .args([
            "tree",
            "--package",
            "memcard-domain",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .args(["--target", "x86_64-unknown-linux-gnu"])
        .output()
        .context("cannot run cargo tree")?;
    ensure!(output.status.success(), "cargo tree failed: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).context("cargo tree printed no text")?;
    let names = text.lines().filter_map(|line| line.split(' ').next()).map(String::from);
    Ok(names.filter(|name| !name.is_empty() && name != "memcard-domain").collect())
}

fn tree_differences(tree: &BTreeSet<String>) -> Vec<String> {
    let agreed: BTreeSet<String> = DOMAIN_TREE.iter().copied().map(String::from).collect();
    let unexpected =
        tree.difference(&agreed).map(|name| format!("memcard-domain must not be built from {name}"));
    let gone =
        agreed.difference(tree).map(|name| format!("{name} is no longer needed: take it off DOMAIN_TREE"));
    unexpected.chain(gone).collect()
}

/// Dependencies of a manifest that do not come from the workspace.
fn own_versions(path: &str, manifest: &str) -> Result<Vec<String>> {
    let manifest: toml::Table = manifest.parse().with_context(|| format!("{path} is not TOML"))?;
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let platforms = targets.into_iter().flat_map(toml::Table::values).filter_map(toml::Value::as_table);
    let mut violations = Vec::new();
    for table in platforms.chain([&manifest]) {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let dependencies = table.get(kind).and_then(toml::Value::as_table);
            for (name, value) in dependencies.into_iter().flatten() {
                if value.get("workspace").and_then(toml::Value::as_bool) != Some(true) {
                    violations.push(format!("{path}: [{kind}] {name} is not taken from the workspace"));
                }
            }
        }
    }
    Ok(violations)
}

#[cfg(test)]
mod samples {
    use super::*;

    fn graph(arrows: &[(&str, &[&str])]) -> Graph {
        let set = |names: &[&str]| names.iter().copied().map(String::from).collect();
        arrows.iter().map(|(member, named)| ((*member).to_owned(), set(named))).collect()
    }

    #[test]
    fn a_forbidden_arrow_is_found() {
        let bad = [
            ("memcard-web", "memcard-store-diesel"),
            ("memcard-blobs", "memcard-store-memory"),
            ("memcard-system", "memcard-web"),
            ("memcard-server", "memcard-testkit"),
            ("memcard-domain", "memcard-content"),
        ];
        for (member, named) in bad {
            let found = forbidden_arrows(&graph(&[(member, &[named])]));
            assert_eq!(found, [format!("{member} must not depend on {named}")]);
        }
    }

    #[test]
    fn a_crate_without_a_row_is_found() {
        assert_eq!(forbidden_arrows(&graph(&[("memcard-new", &[])])), ["memcard-new has no row in ARROWS"]);
    }

    #[test]
    fn an_allowed_arrow_is_not_found() {
        assert!(forbidden_arrows(&graph(&[("memcard-web", &["memcard-api", "memcard-domain"])])).is_empty());
    }

    #[test]
    fn a_crate_too_many_or_too_few_in_the_domain_is_found() {
        let mut tree: BTreeSet<String> = DOMAIN_TREE.iter().copied().map(String::from).collect();
        assert!(tree_differences(&tree).is_empty());
        tree.insert("tokio".to_owned());
        assert_eq!(tree_differences(&tree), ["memcard-domain must not be built from tokio"]);
        tree.remove("tokio");
        tree.remove("uuid");
        assert_eq!(tree_differences(&tree), ["uuid is no longer needed: take it off DOMAIN_TREE"]);
    }

    #[test]
    fn a_version_of_a_crate_s_own_is_found_in_every_kind_of_table() {
        let bad = r#"
            [dependencies]
            good.workspace = true
            also-good = { workspace = true, features = ["x"] }
            a = "1"
            [dev-dependencies]
            b = { version = "2" }
            [target.'cfg(unix)'.dependencies]
            c = { path = "../c" }
            [build-dependencies.d]
            version = "1"
        "#;
        let found = own_versions("Cargo.toml", bad).unwrap();
        let names: Vec<_> = found.iter().filter_map(|line| line.split(' ').nth(2)).collect();
        assert_eq!(names, ["c", "a", "b", "d"]);
    }
}
