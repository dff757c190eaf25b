//! docs/api/memcard.d.ts: the wire as TypeScript types, made from the API's description by openapi-typescript
//! (decision 0014).

use std::fs;

use anyhow::{Context as _, Result, bail};

use crate::node;
use crate::process::Interrupt;
use crate::workspace::is_ci;

const HEADER: &str = "\
// Generated from the API's description by `cargo xtask codegen typescript`. Do not edit.

";

/// Schemas are exported under their own names; an object of any members is one of `unknown`s.
const OPTIONS: &[&str] =
    &["--root-types", "--root-types-no-schema-prefix", "--root-types-keep-casing", "--empty-objects-unknown"];

/// The file's text, from the description as the code has it now; `None` without Node.js.
pub(super) fn generate(interrupt: &Interrupt) -> Result<Option<String>> {
    let Some(packages) = node::packages(interrupt)? else {
        if is_ci() {
            bail!("{}, and in CI the TypeScript models are compared with the code", node::MISSING);
        }
        return Ok(None);
    };
    let folder = tempfile::tempdir().context("no temporary folder")?;
    let description = folder.path().join("openapi.json");
    fs::write(&description, memcard_web::openapi().to_json()?).context("cannot write the description")?;
    let text = node::output(packages.program("openapi-typescript").arg(&description).args(OPTIONS))?;
    Ok(Some(HEADER.to_owned() + &text))
}
