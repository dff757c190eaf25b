//! Labels: what owners call their versions.

use thiserror::Error;

/// A label: 1 to 255 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Label(String);

/// A text that is no label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("label must have 1 to 255 characters")]
pub struct InvalidLabel;

impl Label {
    /// Takes a text; spaces around it are dropped.
    ///
    /// # Errors
    /// Nothing is left of it, or more than 255 characters.
    pub fn new(text: &str) -> Result<Self, InvalidLabel> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > 255 || text.contains('\0') {
            Err(InvalidLabel)
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// Takes a label that was stored.
    pub const fn from_store(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_has_1_to_255_characters() {
        assert_eq!(Label::new(" before the boss ").unwrap().as_str(), "before the boss");
        assert!(Label::new(&"é".repeat(255)).is_ok());
        for text in ["", "  ", "a\0b", &"é".repeat(256)] {
            assert_eq!(Label::new(text), Err(InvalidLabel), "{text:?}");
        }
    }
}
