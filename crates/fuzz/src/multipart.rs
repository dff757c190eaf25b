//! Uploads: a body that is whole is kept byte by byte under a harmless name, and comes back under that name; one that is
//! cut off, too large, or none at all leaves nothing behind and is refused with a status that the API's description names.
//! How the network cuts it into chunks makes no difference.

use arbitrary::{Arbitrary, Unstructured};
use memcard_domain::save::FileName;

use crate::file_name::is_harmless;
use crate::server::{Answer, LARGEST, Server};

const BOUNDARY: &str = "boundary";
/// What `POST /api/saves` may answer to a body, given a good credential and a game that is there.
const REFUSALS: &[u16] = &[400, 413, 422];

/// A body.
#[derive(Debug, Arbitrary)]
enum Input<'a> {
    /// Anything, in chunks.
    Bytes(&'a [u8], u8),
    /// Parts.
    Parts(Parts<'a>),
}

/// Parts, and what befalls them on the way.
#[derive(Debug, Arbitrary)]
struct Parts<'a> {
    parts: Vec<Part<'a>>,
    preamble: &'a [u8],
    chunk: u8,
    fate: Fate,
}

#[derive(Debug, Arbitrary)]
struct Part<'a> {
    name: Name<'a>,
    file_name: Option<SentName<'a>>,
    headers: Vec<(&'a str, &'a str)>,
    announced: Option<u16>,
    bytes: &'a [u8],
    /// How many times more the bytes are sent, so that few of them make a body that is too large.
    repeats: u8,
}

#[derive(Debug, Arbitrary)]
enum Name<'a> {
    Save,
    Screenshot,
    Other(&'a str),
}

#[derive(Debug, Arbitrary)]
enum SentName<'a> {
    Quoted(&'a str),
    Token(&'a str),
    Extended(&'a [u8]),
    Raw(&'a [u8]),
}

#[derive(Debug, Arbitrary)]
enum Fate {
    Whole,
    Cut(u16),
    Changed(u16, u8),
}

/// Makes an input of the bytes and checks it.
pub fn check(bytes: &[u8]) {
    if let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(bytes)) {
        check_input(input);
    }
}

fn check_input(input: Input<'_>) {
    Server::with(|server| match input {
        Input::Bytes(bytes, chunk) => {
            leaves_nothing_or_a_save(server, bytes, chunk);
        }
        Input::Parts(parts) => check_parts(server, &parts),
    });
}

fn check_parts(server: &Server, parts: &Parts<'_>) {
    let mut body = parts.body();
    match parts.fate {
        Fate::Whole => {
            let answer = leaves_nothing_or_a_save(server, &body, parts.chunk);
            match parts.plain_save() {
                Some(_) if body.len() > LARGEST => assert_eq!(answer.status, 413, "{answer:?}"),
                Some((name, bytes)) => {
                    assert_eq!(answer.status, 200, "a plain upload was refused: {answer:?}");
                    assert_eq!(answer.file_name(), Some(name.as_str()));
                    let id = answer.kept().expect("a save has an id");
                    assert_eq!(server.content(id).bytes, bytes, "what is kept is what was sent");
                }
                None => {}
            }
        }
        Fate::Cut(at) => {
            let end = body.len() - format!("--{BOUNDARY}--\r\n").len();
            body.truncate(usize::from(at) % (end + 1));
            // A part's bytes may hold a closing boundary themselves.
            let is_closed = contains(&body, format!("--{BOUNDARY}--").as_bytes());
            let answer = leaves_nothing_or_a_save(server, &body, parts.chunk);
            assert!(is_closed || answer.kept().is_none(), "a body that was cut off was kept: {answer:?}");
        }
        Fate::Changed(at, byte) => {
            let at = usize::from(at) % body.len();
            body[at] = byte;
            leaves_nothing_or_a_save(server, &body, parts.chunk);
        }
    }
}

/// Sends the body in chunks, checks what holds for every one, and sends it again in one piece.
fn leaves_nothing_or_a_save(server: &Server, body: &[u8], chunk: u8) -> Answer {
    let before = server.saves();
    let answer = server.upload(BOUNDARY, body, usize::from(chunk) + 1);
    match answer.kept() {
        Some(id) => {
            assert!(body.len() <= LARGEST, "too large a body was kept");
            let name = answer.file_name().expect("a save has a name");
            is_harmless(name);
            assert_eq!(server.content(id).file_name.as_deref(), Some(name), "a download has the save's name");
        }
        None => {
            assert!(REFUSALS.contains(&answer.status), "{answer:?}");
            assert!(answer.status != 413 || body.len() > LARGEST, "{answer:?}");
            assert_eq!(server.saves(), before, "a refused body left something: {answer:?}");
        }
    }
    // What is malformed and too large may be found to be either first.
    if body.len() <= LARGEST {
        let whole = server.upload(BOUNDARY, body, body.len().max(1));
        assert_eq!(whole.outcome(), answer.outcome(), "chunks make a difference");
    }
    answer
}

impl Parts<'_> {
    fn body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        if !self.preamble.is_empty() {
            body.extend_from_slice(self.preamble);
            body.extend_from_slice(b"\r\n");
        }
        for part in &self.parts {
            body.extend_from_slice(format!("--{BOUNDARY}\r\n").as_bytes());
            part.write(&mut body);
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        body
    }

    /// The save's name and bytes, where nothing about the body is out of the ordinary, so that it has to be taken.
    fn plain_save(&self) -> Option<(FileName, Vec<u8>)> {
        let [part] = &self.parts[..] else { return None };
        let Part { name: Name::Save, file_name: Some(SentName::Token(sent)), announced: None, .. } = part
        else {
            return None;
        };
        let is_plain = !sent.is_empty()
            && sent.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
            && part.headers.is_empty()
            && self.preamble.is_empty()
            && !contains(&part.content(), BOUNDARY.as_bytes());
        let name = FileName::new(sent).ok()?;
        is_plain.then(|| (name, part.content()))
    }
}

impl Part<'_> {
    fn write(&self, body: &mut Vec<u8>) {
        body.extend_from_slice(b"Content-Disposition: form-data; name=\"");
        body.extend_from_slice(match self.name {
            Name::Save => b"saveFile",
            Name::Screenshot => b"screenshotFile",
            Name::Other(name) => name.as_bytes(),
        });
        body.push(b'"');
        match self.file_name {
            Some(SentName::Quoted(name)) => {
                let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
                body.extend_from_slice(format!("; filename=\"{escaped}\"").as_bytes());
            }
            Some(SentName::Token(name)) => body.extend_from_slice(format!("; filename={name}").as_bytes()),
            Some(SentName::Extended(name)) => {
                body.extend_from_slice(b"; filename*=UTF-8''");
                name.iter().for_each(|byte| body.extend_from_slice(format!("%{byte:02X}").as_bytes()));
            }
            Some(SentName::Raw(name)) => {
                body.extend_from_slice(b"; filename=\"");
                body.extend_from_slice(name);
                body.push(b'"');
            }
            None => {}
        }
        body.extend_from_slice(b"\r\n");
        for (name, value) in &self.headers {
            body.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        if let Some(length) = self.announced {
            body.extend_from_slice(format!("Content-Length: {length}\r\n").as_bytes());
        }
        body.extend_from_slice(b"\r\n");
        body.extend_from_slice(&self.content());
        body.extend_from_slice(b"\r\n");
    }

    fn content(&self) -> Vec<u8> {
        self.bytes.repeat(usize::from(self.repeats) + 1)
    }
}

fn contains(bytes: &[u8], piece: &[u8]) -> bool {
    bytes.windows(piece.len()).any(|window| window == piece)
}
