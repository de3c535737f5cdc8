//! A raw connection.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

/// How long the server may keep us waiting; longer is a hang.
const PATIENCE: Duration = Duration::from_secs(20);
/// What no body of an error may tell.
const INTERNALS: [&str; 6] = ["panicked", "sqlx", "sea_orm", "SELECT ", "/root/", ".rs:"];

/// One connection that is kept alive: sends raw requests, reads exactly one answer each.
pub struct Wire {
    pub address: String,
    pub stream: Option<TcpStream>,
}

impl Wire {
    /// The status of the answer. What follows the answer on the connection would be read as the next one's status line,
    /// which this refuses.
    pub fn ask(&mut self, request: &[u8], head: bool) -> Result<u16, String> {
        let stream = self.stream.get_or_insert_with(|| {
            let stream = TcpStream::connect(&self.address).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream
        });
        // The server may close early on what it refuses; its answer counts all the same.
        let _ = stream.write_all(request);
        let mut bytes = Vec::new();
        let mut byte = [0];
        while !bytes.ends_with(b"\r\n\r\n") {
            match stream.read(&mut byte) {
                Ok(1) => bytes.push(byte[0]),
                Ok(_) | Err(_) if bytes.is_empty() => {
                    self.stream = None;
                    return Ok(0);
                }
                other => {
                    return Err(format!(
                        "a torn answer: {other:?} after {:?}",
                        String::from_utf8_lossy(&bytes)
                    ));
                }
            }
        }
        let text = String::from_utf8(bytes).map_err(|_| "the head is not text".to_owned())?;
        if !text.starts_with("HTTP/1.1 ") {
            return Err(format!("bytes of another answer: {text:?}"));
        }
        let status: u16 = text[9..12].parse().map_err(|_| text.clone())?;
        let header = |name: &str| {
            text.lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            })
        };
        let length: usize = header("content-length")
            .and_then(|text| text.parse().ok())
            .unwrap_or(0);
        let is_chunked = header("transfer-encoding").is_some_and(|text| text.contains("chunked"));
        if !head && status != 204 && status != 304 {
            if is_chunked {
                self.read_chunks()?;
            } else {
                let mut body = vec![0; length];
                self.stream
                    .as_mut()
                    .unwrap()
                    .read_exact(&mut body)
                    .map_err(|error| format!("{status}: {error}"))?;
                let body = String::from_utf8_lossy(&body);
                for internal in INTERNALS {
                    if status != 200 && body.contains(internal) {
                        return Err(format!("the body of a {status} tells of the inside: {body}"));
                    }
                }
            }
        }
        if header("connection").is_some_and(|text| text.eq_ignore_ascii_case("close")) {
            self.stream = None;
        }
        Ok(status)
    }

    fn read_chunks(&mut self) -> Result<(), String> {
        let stream = self.stream.as_mut().unwrap();
        loop {
            let mut line = Vec::new();
            let mut byte = [0];
            while !line.ends_with(b"\r\n") {
                stream.read_exact(&mut byte).map_err(|error| error.to_string())?;
                line.push(byte[0]);
            }
            let text = String::from_utf8_lossy(&line);
            let size = usize::from_str_radix(text.trim(), 16).map_err(|_| format!("no chunk: {text:?}"))?;
            let mut chunk = vec![0; size + 2];
            stream.read_exact(&mut chunk).map_err(|error| error.to_string())?;
            if size == 0 {
                return Ok(());
            }
        }
    }

    /// Everything that is answered to bytes on a connection of their own: the statuses, in order. `is_whole` says that the
    /// bytes ask for the connection's end themselves; otherwise the sending side is closed. Not to answer is allowed, to go on for ever or to talk nonsense is not.
    pub fn burst(&self, bytes: &[u8], is_whole: bool) -> Result<Vec<u16>, String> {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        // The server may close early on what it refuses.
        let _ = stream.write_all(bytes);
        if !is_whole {
            let _ = stream.shutdown(Shutdown::Write);
        }
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
            Err(error) => return Err(format!("the server hangs: {error}")),
        }
        let text = String::from_utf8_lossy(&answer);
        if !answer.is_empty() && !text.starts_with("HTTP/1.") {
            return Err(format!("no answer of HTTP: {text:?}"));
        }
        let statuses = text
            .split("HTTP/1.")
            .skip(1)
            .filter_map(|rest| rest.get(2..5)?.parse().ok());
        Ok(statuses.collect())
    }
}
