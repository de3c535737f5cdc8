//! Responses that go on for hours with long silences, written to the connection by ourselves: a subscriber to
//! server-sent events then costs its socket and a small task, not the buffers and parsers of a connection that waits for
//! requests. The body is sent in chunks, each at once.

use axum::body::{Body, BodyDataStream, Bytes};
use axum::response::Response;
use futures_util::StreamExt as _;
use std::io;
use std::io::Write as _;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, watch};

/// How long a client may take to read what is sent.
const WRITE_PATIENCE: Duration = Duration::from_secs(20);

/// A response on its way from the router to a bare connection.
pub(super) struct Relayed {
    head: Vec<u8>,
    body: BodyDataStream,
}

impl Relayed {
    /// Writes out the head of a response; the body follows in chunks.
    pub fn new(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let mut head = format!("HTTP/1.1 {}\r\n", parts.status).into_bytes();
        for (name, value) in &parts.headers {
            head.extend_from_slice(name.as_str().as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"transfer-encoding: chunked\r\nconnection: close\r\n\r\n");
        Self {
            head,
            body: Body::into_data_stream(body),
        }
    }
}

/// Sends a response until it ends or the client is gone. `draining` and `slot` are held meanwhile.
pub(super) async fn run(
    mut stream: TcpStream,
    relayed: Relayed,
    draining: watch::Receiver<bool>,
    slot: Option<OwnedSemaphorePermit>,
) {
    let Relayed { head, body } = relayed;
    if let Err(error) = send_all(&mut stream, head, body).await {
        tracing::debug!(%error, "http.stream_ended");
    }
    drop((draining, slot));
}

async fn send_all(stream: &mut TcpStream, head: Vec<u8>, mut body: BodyDataStream) -> io::Result<()> {
    send(stream, &head).await?;
    drop(head);
    loop {
        let next = tokio::select! {
            next = body.next() => next,
            () = gone(stream) => return Ok(()),
        };
        match next {
            Some(Ok(bytes)) if bytes.is_empty() => {}
            Some(Ok(bytes)) => send(stream, &chunk(&bytes)).await?,
            Some(Err(_)) => return Ok(()),
            None => return send(stream, b"0\r\n\r\n").await,
        }
    }
}

/// One chunk of the chunked transfer coding (RFC 9112, section 7.1).
fn chunk(bytes: &Bytes) -> Vec<u8> {
    let mut framed = Vec::with_capacity(bytes.len() + 12);
    // Writing to memory does not fail.
    let _ = write!(framed, "{:x}\r\n", bytes.len());
    framed.extend_from_slice(bytes);
    framed.extend_from_slice(b"\r\n");
    framed
}

async fn send(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    tokio::time::timeout(WRITE_PATIENCE, stream.write_all(bytes))
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

/// Waits until the client has left, or says something where it has nothing to say.
async fn gone(stream: &TcpStream) {
    loop {
        if stream.readable().await.is_err() {
            return;
        }
        match stream.try_read(&mut [0; 16]) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            _ => return,
        }
    }
}
