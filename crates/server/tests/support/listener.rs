//! Whoever listens to events.

use std::time::Duration;

use serde_json::Value;

use super::Request;

/// Longer than a server takes to tell, or to end a stream whose token went.
const SOON: Duration = Duration::from_secs(20);

/// An open stream of events.
pub(crate) struct Listener {
    response: reqwest::Response,
    unread: String,
}

/// One event of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Told {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) data: Value,
}

impl Listener {
    /// Begins to listen, and demands that it may.
    pub(crate) async fn begin(request: Request) -> Self {
        let response = request.begin().await;
        assert_eq!(response.status().as_u16(), 200);
        Self { response, unread: String::new() }
    }

    /// A header of the answer.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name).map(|value| value.to_str().expect("text"))
    }

    /// The next event.
    pub(crate) async fn next(&mut self) -> Told {
        self.next_or_end().await.expect("the stream goes on")
    }

    /// The next events, by name and data.
    pub(crate) async fn hear(&mut self, count: usize) -> Vec<(String, Value)> {
        let mut heard = Vec::with_capacity(count);
        for _ in 0..count {
            let Told { name, data, .. } = self.next().await;
            heard.push((name, data));
        }
        heard
    }

    /// Reads to the end, which has to come. Nothing may be told before.
    pub(crate) async fn end(mut self) {
        assert_eq!(self.next_or_end().await, None);
    }

    /// The next block of lines as it came.
    pub(crate) async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.unread.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.unread = rest;
                return Some(block);
            }
            let chunk = tokio::time::timeout(SOON, self.response.chunk()).await.expect("it is told soon");
            self.unread += std::str::from_utf8(&chunk.expect("bytes")?).expect("text");
        }
    }

    async fn next_or_end(&mut self) -> Option<Told> {
        loop {
            let block = self.block().await?;
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
            if let Some(data) = field("data: ") {
                return Some(Told {
                    id: field("id: ").expect("an id").to_owned(),
                    name: field("event: ").expect("a name").to_owned(),
                    data: serde_json::from_str(data).expect("JSON"),
                });
            }
        }
    }
}
