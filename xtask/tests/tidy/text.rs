//! What may not stand in a file.

use anyhow::Result;

use crate::{Source, assert_none, sources};

/// Absolute paths that exist on one machine only. Written in two halves, here and below, so that this file passes.
const MACHINE_PATHS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/")];

/// Hosts that a machine's own configuration names, and a mirror may stand in for.
const REGISTRY_HOSTS: &[&str] = &[
    concat!("index.crates", ".io"),
    concat!("static.crates", ".io"),
    concat!("deb.debian", ".org"),
    concat!("registry.npmjs", ".org"),
    concat!("files.pythonhosted", ".org"),
    concat!("pypi", ".org"),
];

/// Macros of work that is not done.
const UNFINISHED: &[&str] = &[concat!("to", "do!("), concat!("unimple", "mented!("), concat!("db", "g!(")];

const REMINDER: &str = concat!("TO", "DO");

/// Files in which a reminder is work, not a word.
const CODE: &[&str] = &["rs", "sql", "toml", "html", "css", "js", "sh", "yml"];

/// What reaches outside, past the ports.
const OUTSIDE: &[&str] = &[
    "Utc::now",
    "Local::now",
    "SystemTime",
    "Instant::now",
    "new_v4",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
];

#[test]
fn nothing_names_one_machine() -> Result<()> {
    assert_none(
        &in_each(&sources()?, machine_words),
        "use a path from the repository's root, an environment variable or a temporary folder, and leave hosts of \
         package registries to the machine's configuration.",
    );
    Ok(())
}

#[test]
fn no_work_is_left_half_done() -> Result<()> {
    assert_none(
        &in_each(&sources()?, unfinished),
        "finish it, return an error that says what is not supported, or name the issue: `TODO(#12): …`.",
    );
    Ok(())
}

#[test]
fn the_domain_never_reaches_outside() -> Result<()> {
    assert_none(
        &in_each(&sources()?, outside_words),
        "take the time, the id or the bytes as an argument, or ask a port (crates/domain/src/ports). Addresses are \
         plain data: they are in core::net too.",
    );
    Ok(())
}

#[test]
fn files_end_in_a_newline_and_lines_in_a_letter() -> Result<()> {
    assert_none(
        &in_each(&sources()?, loose_ends),
        "run `cargo fmt`; in other files end the last line with a newline (an editor with .editorconfig does).",
    );
    Ok(())
}

fn in_each(sources: &[Source], check: fn(&Source) -> Vec<String>) -> Vec<String> {
    sources.iter().flat_map(check).collect()
}

fn machine_words(source: &Source) -> Vec<String> {
    let mut violations = Vec::new();
    for (number, line) in source.text.lines().enumerate() {
        let paths = MACHINE_PATHS.iter().filter(|path| names_absolute(line, path));
        let hosts = REGISTRY_HOSTS.iter().filter(|host| line.contains(**host));
        violations.extend(paths.chain(hosts).map(|word| source.at(number, &format!("names {word}"))));
    }
    violations
}

/// Whether `path` begins a path in the line, and is not a part of a longer one.
fn names_absolute(line: &str, path: &str) -> bool {
    let is_inner = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '~' | '}' | '*');
    line.match_indices(path).any(|(at, _)| !line[..at].ends_with(is_inner))
}

fn unfinished(source: &Source) -> Vec<String> {
    if !CODE.contains(&source.extension()) {
        return Vec::new();
    }
    let mut violations = Vec::new();
    for (number, line) in source.text.lines().enumerate() {
        let macros = UNFINISHED.iter().filter(|word| without_comment(line).contains(**word));
        violations.extend(macros.map(|word| source.at(number, &format!("uses {word}…)"))));
        if line.contains(REMINDER) && !names_an_issue(line) {
            violations.push(source.at(number, &format!("{REMINDER} without an issue's number")));
        }
    }
    violations
}

fn without_comment(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

fn names_an_issue(line: &str) -> bool {
    line.split('#').skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn outside_words(source: &Source) -> Vec<String> {
    if !source.path.starts_with("crates/domain/src/") {
        return Vec::new();
    }
    let mut violations = Vec::new();
    for (number, line) in source.text.lines().enumerate() {
        let words = OUTSIDE.iter().filter(|word| without_comment(line).contains(**word));
        violations.extend(words.map(|word| source.at(number, &format!("names {word}"))));
    }
    violations
}

fn loose_ends(source: &Source) -> Vec<String> {
    let mut violations = Vec::new();
    if !source.text.is_empty() && !source.text.ends_with('\n') {
        violations.push(format!("{}: no newline at the end", source.path));
    }
    if source.extension() == "rs" {
        let lines = source.text.lines().enumerate();
        let trailing = lines.filter(|(_, line)| line.ends_with([' ', '\t']));
        violations
            .extend(trailing.map(|(number, _)| source.at(number, "white space at the end of the line")));
    }
    violations
}

#[cfg(test)]
mod samples {
    use super::*;

    fn found(check: fn(&Source) -> Vec<String>, path: &str, text: &str) -> Vec<String> {
        check(&Source::sample(path, text))
    }

    #[test]
    fn a_machine_s_path_or_host_is_found() {
        for path in MACHINE_PATHS {
            assert_eq!(
                found(machine_words, "a.md", &format!("ok\nsee {path}x\n")),
                [format!("a.md:2: names {path}")]
            );
            assert!(found(machine_words, "a.md", &format!("docs{path}x ~{path}x\n")).is_empty());
        }
        for host in REGISTRY_HOSTS {
            assert!(!found(machine_words, "Cargo.toml", &format!("https://{host}/x\n")).is_empty(), "{host}");
        }
    }

    #[test]
    fn unfinished_work_is_found() {
        for word in UNFINISHED {
            assert_eq!(found(unfinished, "a.rs", &format!("{word})\n")), [format!("a.rs:1: uses {word}…)")]);
        }
        let example = format!("//! let store = {}); // in an example's hidden lines\n", UNFINISHED[1]);
        assert!(found(unfinished, "a.rs", &example).is_empty());
        let bare = format!("// {REMINDER}: later\n");
        assert_eq!(
            found(unfinished, "a.sql", &bare),
            [format!("a.sql:1: {REMINDER} without an issue's number")]
        );
        assert!(found(unfinished, "a.rs", &format!("// {REMINDER}(#12): later\n")).is_empty());
        assert!(found(unfinished, "a.md", &bare).is_empty(), "prose may speak of it");
    }

    #[test]
    fn a_domain_that_reaches_outside_is_found() {
        for word in OUTSIDE {
            let text = format!("fn f() {{ {word}(); }}\n");
            assert_eq!(found(outside_words, "crates/domain/src/a.rs", &text).len(), 1, "{word}");
            assert!(found(outside_words, "crates/system/src/a.rs", &text).is_empty());
        }
        assert!(found(outside_words, "crates/domain/src/a.rs", "//! Never SystemTime.\n").is_empty());
    }

    #[test]
    fn loose_ends_are_found() {
        assert_eq!(found(loose_ends, "a.md", "x"), ["a.md: no newline at the end"]);
        assert_eq!(found(loose_ends, "a.rs", "x \ny\n"), ["a.rs:1: white space at the end of the line"]);
        assert!(found(loose_ends, "a.md", "two spaces  \n").is_empty());
        assert!(found(loose_ends, ".gitkeep", "").is_empty());
    }
}
