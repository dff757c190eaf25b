//! File names: whatever a client sends, what is kept names no folder, holds no control character, and is short enough to
//! be shown and downloaded everywhere. With a slot's tag it is still one.

use arbitrary::{Arbitrary, Unstructured};
use chrono::DateTime;
use memcard_domain::save::FileName;

/// A name as sent, and when its save is stored twice.
#[derive(Debug, Arbitrary)]
struct Input<'a> {
    first: u32,
    second: u32,
    sent: &'a str,
}

/// Makes an input of the bytes and checks it.
pub fn check(bytes: &[u8]) {
    if let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(bytes)) {
        check_input(&input);
    }
}

fn check_input(input: &Input<'_>) {
    let sent = input.sent;
    let Ok(name) = FileName::new(sent) else { return };
    is_a_name(&name);

    let [first, second] = [input.first, input.second]
        .map(|seconds| DateTime::from_timestamp(i64::from(seconds), 0).unwrap_or_default());
    let tagged = name.tagged(first);
    is_a_name(&tagged);
    assert_ne!(
        tagged,
        name.tagged(first + chrono::Duration::seconds(1)),
        "{sent:?}: it tells instants apart"
    );
    assert_eq!(tagged.extension(), name.extension(), "{sent:?}: a slot's tag stands before the extension");
    assert_eq!(tagged.tagged(second), name.tagged(second), "{sent:?}: a tag replaces the one before");
}

/// Demands that what is kept is taken as it is when a client sends it back, and that it is the sum of its parts.
fn is_a_name(name: &FileName) {
    is_harmless(name.as_str());
    assert_eq!(FileName::new(name.as_str()).as_ref(), Ok(name), "a name as it is kept is a name");
    let (stem, extension) = (name.stem(), name.extension());
    let whole = if extension.is_empty() { stem.to_owned() } else { format!("{stem}.{extension}") };
    assert_eq!(whole, name.as_str());
    assert!(stem.starts_with(name.base_name()), "{name:?}");
    assert!(!name.base_name().is_empty(), "{name:?}: games are found by what is left without tags");
}

/// Demands that a name can be shown and stored anywhere.
pub(crate) fn is_harmless(name: &str) {
    assert!(!name.is_empty() && name != "." && name != "..", "{name:?}");
    assert!(name.len() <= 255, "{name:?} is too long for a file system");
    assert!(!name.contains(['/', '\\']), "{name:?} names a folder");
    assert!(!name.contains(char::is_control), "{name:?} holds a control character");
    assert!(!name.ends_with(['.', ' ']), "{name:?} cannot be stored everywhere");
}
