//! Bytes that are hardly HTTP: lengths that lie, chunks that do not end, floods of headers, bombs.

use super::chance::Chance;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use std::io::Write as _;

/// Bytes of zeros in a bomb.
const BOMB_BYTES: usize = 64 * 1024 * 1024;

/// What is sent, with the number of answers it must have, if that is known.
pub struct Burst {
    pub bytes: Vec<u8>,
    pub answers: Option<usize>,
}

/// The attacks; compressed bodies are made once.
pub struct Framing {
    key: String,
    bombs: Vec<Vec<u8>>,
}

impl Framing {
    pub fn new(key: &str) -> Self {
        let zeros = vec![0; BOMB_BYTES];
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&zeros).unwrap();
        let mut deflate = ZlibEncoder::new(Vec::new(), Compression::best());
        deflate.write_all(&zeros).unwrap();
        let (gzip, deflate) = (gzip.finish().unwrap(), deflate.finish().unwrap());
        let bombs = [("gzip", gzip), ("deflate", deflate)].map(|(coding, body)| {
            let whole = compressed(key, coding, &body);
            let torn = compressed(key, coding, &body[..body.len() / 2]);
            let wrong = compressed(key, coding, b"this is not compressed");
            [whole, torn, wrong]
        });
        Self {
            key: key.to_owned(),
            bombs: bombs.into_iter().flatten().collect(),
        }
    }

    /// One attack.
    pub fn burst(&self, chance: &mut Chance) -> Burst {
        let mut answers = None;
        let bytes = match chance.below(10) {
            0 => self.lengths(chance),
            1 => self.chunks(chance),
            2 => headers(chance),
            3 => {
                let count = 2 + chance.below(5);
                answers = Some(count);
                let one = "GET /health/liveness/ HTTP/1.1\r\nHost: x\r\n";
                let first = format!("{one}\r\n").repeat(count - 1);
                format!("{first}{one}Connection: close\r\n\r\n").into_bytes()
            }
            4 => chance.of(&self.bombs).clone(),
            5 => targets(chance),
            6 => versions(chance),
            7 => self.expectation(chance),
            8 => (0..chance.below(2_000))
                .map(|_| u8::try_from(chance.next() & 0xff).unwrap())
                .collect(),
            _ => self.cut(chance),
        };
        Burst { bytes, answers }
    }

    /// Lengths that are none, or two.
    fn lengths(&self, chance: &mut Chance) -> Vec<u8> {
        let lines = [
            "Content-Length: -1\r\n",
            "Content-Length: 99999999999999999999\r\n",
            "Content-Length: 5\r\nContent-Length: 6\r\n",
            "Content-Length: 5, 5\r\n",
            "Content-Length: 0x10\r\n",
            "Content-Length:\r\n",
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked, identity\r\n",
            "Transfer-Encoding: xchunked\r\n",
            "Transfer-Encoding : chunked\r\n",
            "Content-Length: 18446744073709551615\r\n",
        ];
        self.post(chance.of::<&str>(&lines), b"{\"events\": []}\r\n0\r\n\r\n")
    }

    /// Chunks whose sizes or ends are wrong.
    fn chunks(&self, chance: &mut Chance) -> Vec<u8> {
        let bodies: [&[u8]; 8] = [
            b"ZZ\r\n{}\r\n0\r\n\r\n",
            b"FFFFFFFFFFFFFFFFF\r\n{}",
            b"-2\r\n{}\r\n0\r\n\r\n",
            b"2\r\n{}",
            b"2\r\n{}\r\n",
            b"2;x=\xff\xff\r\n{}\r\n0\r\n\r\n",
            b"1\r\n{}\r\n0\r\n\r\n",
            b"0\r\nTrailer: x\r\n",
        ];
        self.post("Transfer-Encoding: chunked\r\n", chance.of::<&[u8]>(&bodies))
    }

    /// A client that asks before it sends, and then does not.
    fn expectation(&self, chance: &mut Chance) -> Vec<u8> {
        let lines = [
            "Expect: 100-continue\r\nContent-Length: 20\r\n",
            "Expect: 200-ok\r\nContent-Length: 0\r\n",
            "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n",
        ];
        self.post(chance.of::<&str>(&lines), b"")
    }

    /// A good request, cut off somewhere.
    fn cut(&self, chance: &mut Chance) -> Vec<u8> {
        let body = br#"{"events": [{"event": "purchase", "identifier": "x", "timestamp": 1782110962955, "metadata": {}}]}"#;
        let mut bytes = self.post(&format!("Content-Length: {}\r\n", body.len()), body);
        bytes.truncate(chance.below(bytes.len()));
        bytes
    }

    fn post(&self, headers: &str, body: &[u8]) -> Vec<u8> {
        let head = format!(
            "POST /v1/events HTTP/1.1\r\nHost: x\r\nX-Environment-Key: {}\r\nContent-Type: application/json\r\n{headers}\r\n",
            self.key
        );
        [head.as_bytes(), body].concat()
    }
}

fn compressed(key: &str, coding: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST /v1/events HTTP/1.1\r\nHost: x\r\nX-Environment-Key: {key}\r\nContent-Type: application/json\r\n\
         Content-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// Too many headers, too long ones, and such as are none.
fn headers(chance: &mut Chance) -> Vec<u8> {
    let lines = match chance.below(5) {
        0 => "X-Again: y\r\n".repeat(300),
        1 => format!("X-Long: {}\r\n", "y".repeat(40_000)),
        2 => format!("{}: y\r\n", "X".repeat(40_000)),
        3 => "no colon\r\n : empty\r\nX\u{0}: y\r\n".to_owned(),
        _ => " folded: y\r\n\tagain\r\n".to_owned(),
    };
    format!("GET /api/v1/flags/ HTTP/1.1\r\nHost: x\r\n{lines}\r\n").into_bytes()
}

/// Targets that are no paths of ours.
fn targets(chance: &mut Chance) -> Vec<u8> {
    let long = format!("/api/v1/flags/?feature={}", "x".repeat(9_000));
    let deep = format!("/{}", "a/".repeat(3_000));
    let targets = [
        "*",
        "http://other.example/api/v1/flags/",
        "",
        "//",
        "/../../etc/passwd",
        "/api/v1/%2e%2e/flags/",
        "x:443",
        "/api/v1/flags/#fragment",
        "/api/v1/flags/ /",
        &long,
        &deep,
    ];
    let methods = ["GET", "OPTIONS", "CONNECT", "TRACE", "get", "G\u{e9}T", ""];
    format!(
        "{} {} HTTP/1.1\r\nHost: x\r\n\r\n",
        chance.of(&methods),
        chance.of(&targets)
    )
    .into_bytes()
}

/// Versions of HTTP that are not spoken here.
fn versions(chance: &mut Chance) -> Vec<u8> {
    let texts = [
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET /version/ HTTP/1.0\r\n\r\n",
        "GET /version/ HTTP/9.9\r\nHost: x\r\n\r\n",
        "GET /version/\r\n\r\n",
        "GET /version/ HTTP/1.1\r\n\r\n",
        "GET /version/ HTTP/1.1\nHost: x\n\n",
        "\r\n\r\nGET /version/ HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /version/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ];
    chance.of(&texts).as_bytes().to_vec()
}
