//! Multipart bodies, byte by byte.

/// The boundary of every body.
pub(crate) const BOUNDARY: &str = "memcard-test-boundary";

/// A multipart body.
#[derive(Clone, Default)]
pub(crate) struct Multipart(Vec<u8>);

impl Multipart {
    /// A body whose `saveFile` has that name, as it is, and those bytes.
    pub(crate) fn save(file_name: &str, bytes: &[u8]) -> Self {
        Self::default().part(&format!(r#"name="saveFile"; filename="{file_name}""#), bytes)
    }

    /// With another part; `parameters` are those of its `Content-Disposition`, as they are.
    pub(crate) fn part(self, parameters: &str, bytes: &[u8]) -> Self {
        self.part_with(&format!("Content-Disposition: form-data; {parameters}\r\n"), bytes)
    }

    /// With another part of these header lines.
    pub(crate) fn part_with(mut self, headers: &str, bytes: &[u8]) -> Self {
        let head = format!("--{BOUNDARY}\r\n{headers}Content-Type: application/octet-stream\r\n\r\n");
        self.0.extend_from_slice(head.as_bytes());
        self.0.extend_from_slice(bytes);
        self.0.extend_from_slice(b"\r\n");
        self
    }

    /// The whole body.
    pub(crate) fn build(mut self) -> Vec<u8> {
        self.0.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        self.0
    }

    /// The body without its end.
    pub(crate) fn broken_off(self) -> Vec<u8> {
        self.0
    }
}
