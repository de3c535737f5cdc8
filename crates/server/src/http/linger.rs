//! The end of a connection whose client is still sending: it is told that there is no more to come, and what it sends is
//! thrown away for a moment. A socket closed over unread bytes is reset, and a reset may take the last answer along: the
//! client would not learn why its body was refused.

use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

/// How long a client may take to notice.
const PATIENCE: Duration = Duration::from_secs(1);
/// How much is thrown away at the most.
const BYTES: usize = 4 * 1024 * 1024;

/// Reads until the client closes its end, for a limited time and a limited number of bytes. The writing end is closed.
pub(super) async fn run(mut stream: TcpStream) {
    let reading = async {
        let mut rest = BYTES;
        let mut buffer = [0; 4 * 1024];
        while rest > 0 {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(count) => rest = rest.saturating_sub(count),
            }
        }
    };
    // Whoever does not notice in time is cut off.
    let _ = tokio::time::timeout(PATIENCE, reading).await;
}
