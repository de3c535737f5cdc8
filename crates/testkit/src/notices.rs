//! A client at a stream of server-sent events.

use crate::Client;
use reqwest::Response;
use serde_json::Value;
use std::time::Duration;

/// How long a message may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads messages as they come; comments are passed over.
pub struct Notices {
    response: Response,
    unread: String,
}

/// One message.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Its name, if it has one.
    pub event: Option<String>,
    /// Its id, if it has one.
    pub id: Option<String>,
    /// Its data.
    pub data: Value,
}

impl Notices {
    /// Subscribes; the answer must be 200.
    pub async fn open(client: &Client, path: &str) -> Self {
        let response = client.open(path).await;
        assert_eq!(response.status(), 200);
        Self {
            response,
            unread: String::new(),
        }
    }

    /// A header of the answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    }

    /// The next message; `None` when the server ends the stream.
    pub async fn next(&mut self) -> Option<Notice> {
        tokio::time::timeout(PATIENCE, self.read())
            .await
            .expect("a message comes in time")
    }

    /// Whether no message comes within a while.
    pub async fn is_silent_for(&mut self, while_: Duration) -> bool {
        tokio::time::timeout(while_, self.read()).await.is_err()
    }

    async fn read(&mut self) -> Option<Notice> {
        loop {
            while let Some((block, rest)) = self.unread.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.unread = rest;
                if let Some(notice) = Notice::parse(&block) {
                    return Some(notice);
                }
            }
            let bytes = self.response.chunk().await.ok()??;
            self.unread
                .push_str(std::str::from_utf8(&bytes).expect("messages are text"));
        }
    }
}

impl Notice {
    fn parse(block: &str) -> Option<Self> {
        let field = |name: &str| {
            let line = block
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
            Some(line.strip_prefix(' ').unwrap_or(line).to_owned())
        };
        Some(Self {
            event: field("event"),
            id: field("id"),
            data: serde_json::from_str(&field("data")?).expect("the data is JSON"),
        })
    }
}
