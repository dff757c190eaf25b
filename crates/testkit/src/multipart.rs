//! Multipart bodies, byte by byte.

/// The boundary of every body.
pub const BOUNDARY: &str = "memcard-test-boundary";

/// A multipart body.
#[derive(Clone, Debug, Default)]
pub struct Multipart(Vec<u8>);

impl Multipart {
    /// A body whose `saveFile` has that name, as it is, and those bytes.
    #[must_use]
    pub fn save(file_name: &str, bytes: &[u8]) -> Self {
        Self::default().file("saveFile", file_name, bytes)
    }

    /// A body whose `stateFile` has that name, as it is, and those bytes.
    #[must_use]
    pub fn state(file_name: &str, bytes: &[u8]) -> Self {
        Self::default().file("stateFile", file_name, bytes)
    }

    /// With a `screenshotFile` of that name, as it is, and those bytes.
    #[must_use]
    pub fn screenshot(self, file_name: &str, bytes: &[u8]) -> Self {
        self.file("screenshotFile", file_name, bytes)
    }

    fn file(self, part: &str, file_name: &str, bytes: &[u8]) -> Self {
        self.part(&format!(r#"name="{part}"; filename="{file_name}""#), bytes)
    }

    /// With another part; `parameters` are those of its `Content-Disposition`, as they are.
    #[must_use]
    pub fn part(self, parameters: &str, bytes: &[u8]) -> Self {
        self.part_with(&format!("Content-Disposition: form-data; {parameters}\r\n"), bytes)
    }

    /// With another part of these header lines.
    #[must_use]
    pub fn part_with(mut self, headers: &str, bytes: &[u8]) -> Self {
        let head = format!("--{BOUNDARY}\r\n{headers}Content-Type: application/octet-stream\r\n\r\n");
        self.0.extend_from_slice(head.as_bytes());
        self.0.extend_from_slice(bytes);
        self.0.extend_from_slice(b"\r\n");
        self
    }

    /// The whole body.
    #[must_use]
    pub fn build(mut self) -> Vec<u8> {
        self.0.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        self.0
    }

    /// The body without its end.
    #[must_use]
    pub fn broken_off(self) -> Vec<u8> {
        self.0
    }
}
