//! The same for programs: one JSON object a line, each finding and then the summary.

use memcard_domain::upkeep::{Finding, NamedBy};
use serde_json::{Value, json};

use super::Summary;

/// `finding` is its name; `message` what a person reads.
pub(super) fn finding(finding: &Finding) -> Value {
    let mut line = json!({ "finding": finding.name(), "message": finding.to_string() });
    let more = match finding {
        Finding::Missing { digest, named_by }
        | Finding::Damaged { digest, named_by }
        | Finding::Unreadable { digest, named_by, .. } => json!({
            "digest": digest.to_string(),
            "named_by": named_by.iter().map(name).collect::<Vec<_>>(),
        }),
        Finding::Unused { digest, age } => {
            json!({ "digest": digest.to_string(), "age_seconds": age.as_secs() })
        }
        Finding::WrongHead { slot, head, newest } => json!({ "slot": slot, "head": head, "newest": newest }),
        Finding::OutOfOrder { slot, version }
        | Finding::ParentNotOlder { slot, version }
        | Finding::NeededLetGo { slot, version, .. } => json!({ "slot": slot, "version": version }),
        Finding::WrongBase { slot, device, version, .. } => {
            json!({ "slot": slot, "device": device, "version": version })
        }
    };
    if let (Value::Object(line), Value::Object(more)) = (&mut line, more) {
        line.extend(more);
    }
    line
}

pub(super) fn summary(summary: &Summary) -> Value {
    let checked = &summary.checked;
    json!({
        "checked": {
            "slots": checked.slots,
            "versions": checked.versions,
            "contents": checked.contents,
            "bytes": checked.bytes,
        },
        "disk": { "contents": summary.usage.blobs, "bytes": summary.usage.bytes },
        "removed": summary.removed.as_ref().map(|swept| json!({ "contents": swept.blobs, "bytes": swept.bytes })),
        "wrong": summary.wrong,
    })
}

fn name(named_by: &NamedBy) -> Value {
    match named_by {
        NamedBy::Save(id) => json!({ "save": id }),
        NamedBy::State(id) => json!({ "state": id }),
        NamedBy::Screenshot(id) => json!({ "screenshot": id }),
    }
}
