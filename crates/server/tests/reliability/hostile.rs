//! Ten thousand malformed requests to every route: no 5xx, no panic, and no answer that leaves bytes on a connection.

use liftgate_testkit::TestServer;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

const REQUESTS: usize = 10_000;

/// A small generator (xorshift64*); the seed is printed, and can be given with `LIFTGATE_SEED`.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// One connection that is kept alive: sends raw requests, reads exactly one answer each.
struct Wire {
    address: String,
    stream: Option<TcpStream>,
}

impl Wire {
    /// The status of the answer. What follows the answer on the connection would be read as the next one's status line,
    /// which this refuses.
    fn ask(&mut self, request: &[u8], head: bool) -> Result<u16, String> {
        let stream = self.stream.get_or_insert_with(|| {
            let stream = TcpStream::connect(&self.address).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
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
                for internal in ["panicked", "sqlx", "sea_orm", "SELECT ", "/root/", ".rs:"] {
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
}

/// Paths of the API with parameters filled in, rightly or wrongly.
fn paths(document: &Value, key: &str, chance: &mut Chance) -> Vec<(String, Vec<String>)> {
    let odd = [
        "0",
        "-1",
        "999999999999999999999",
        "abc",
        "%00",
        "%ff",
        "a%2Fb",
        "é",
        "'",
        "1;drop",
        "%F0%9F%98%80",
        "1",
        "1",
        "1",
    ];
    document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(template, methods)| {
            let mut path = String::new();
            for (index, part) in template.split('{').enumerate() {
                if index == 0 {
                    path.push_str(part);
                    continue;
                }
                let (name, rest) = part.split_once('}').unwrap();
                if name == "environment_key" && chance.below(4) > 0 {
                    path.push_str(key);
                } else {
                    let value: &&str = chance.of(&odd);
                    path.push_str(value);
                }
                path.push_str(rest);
            }
            (
                path,
                methods
                    .as_object()
                    .unwrap()
                    .keys()
                    .map(|method| method.to_uppercase())
                    .collect(),
            )
        })
        .collect()
}

/// A body that is not what the route wants.
fn body(chance: &mut Chance) -> (String, Vec<u8>) {
    let texts: [&[u8]; 18] = [
        b"",
        b"{",
        b"null",
        b"[]",
        b"[[[[[[[[[[[[",
        b"\"\"",
        b"1e999",
        b"{\"name\":{}}",
        b"{\"name\":[1,2]}",
        b"{\"identifier\":null,\"traits\":[{}]}",
        b"{\"traits\":[{\"trait_key\":1,\"trait_value\":{\"a\":[1]}}],\"identifier\":\"x\"}",
        b"{\"events\":[{\"event\":\"$x\"},{},null,3]}",
        b"\xff\xfe\x00",
        b"{\"rules\":[{\"type\":\"ALL\",\"rules\":[{}]}]}",
        b"{\"experiment_rollout\":{\"enabled\":1e400}}",
        b"{\"feature_state_value\":{\"type\":\"int\"}}",
        b"{\"id\":-99999999999}",
        b"{\"a\":\"\\ud800\"}",
    ];
    let mut bytes = chance.of(&texts).to_vec();
    match chance.below(8) {
        0 => bytes = vec![b'['; 5_000],
        1 => {
            bytes = (0..chance.below(300))
                .map(|_| u8::try_from(chance.next() & 0xff).unwrap())
                .collect();
        }
        2 => {
            bytes = format!(
                "{{\"name\":\"{}\",\"identifier\":\"{}\"}}",
                "x".repeat(chance.below(5_000)),
                "\\u0000"
            )
            .into_bytes();
        }
        3 => {
            let number = format!("{}", chance.next());
            let fields = [
                "name",
                "feature",
                "metric",
                "enabled",
                "priority",
                "percentage_allocation",
                "type",
                "email",
                "key",
            ];
            bytes = format!(
                "{{\"{}\":{number},\"{}\":true,\"{}\":null}}",
                chance.of(&fields),
                chance.of(&fields),
                chance.of(&fields)
            )
            .into_bytes();
        }
        _ => {}
    }
    let kinds = [
        "application/json",
        "application/json",
        "application/json",
        "application/json; charset=latin1",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "text/plain",
        "",
        "\u{1}",
    ];
    (chance.of(&kinds).to_string(), bytes)
}

fn request(method: &str, path: &str, credentials: &str, chance: &mut Chance) -> Vec<u8> {
    let queries = [
        "",
        "",
        "?page=0",
        "?page=-1&page_size=x",
        "?page=99999999999999999999",
        "?environment=%00",
        "?identifier=%ff",
        "?feature=",
        "?status=DRAFT&status=",
        "?q=%25_%5C'",
        "?identity=abc&tags=1,x&owners=,",
        "?search=%F0%28%8C%28",
    ];
    let (kind, body) = body(chance);
    let mut request = format!(
        "{method} {path}{} HTTP/1.1\r\nHost: x\r\n{credentials}",
        chance.of(&queries)
    )
    .into_bytes();
    let odd: [&[u8]; 6] = [
        b"",
        b"",
        b"",
        b"Accept: \xff\xfe\r\n",
        b"Content-Encoding: gzip\r\n",
        b"If-None-Match: \"\r\n",
    ];
    request.extend(*chance.of(&odd));
    if !kind.is_empty() {
        request.extend(format!("Content-Type: {kind}\r\n").as_bytes());
    }
    request.extend(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    request.extend(body);
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_malformed_requests_do_no_harm() {
    let seed = std::env::var("LIFTGATE_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0x5EED_u64);
    println!("seed {seed}");
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace.flag("checkout", &[("ka", "a", 0.0)]).await;
    workspace
        .experiment(&flag, Some(workspace.rollout(&flag, 50.0, &[50.0])))
        .await;
    let backend = workspace
        .client
        .post(workspace.path("api-keys/"), serde_json::json!({"name": "k"}))
        .await
        .expect(201);
    let token = workspace.client.post(
        "/api/v1/auth/login/",
        serde_json::json!({"email": "admin@example.com", "password": "a sound p4ssphrase"}),
    );
    let token = token.await.expect(200)["key"].as_str().unwrap().to_owned();
    let document = server.anonymous().get("/api/v1/swagger.json").await.expect(200);
    let address = server.origin().trim_start_matches("http://").to_owned();
    let key = workspace.environment_key.clone();
    let backend = backend["key"].as_str().unwrap().to_owned();
    let work = tokio::task::spawn_blocking(move || {
        let mut chance = Chance(seed | 1);
        let mut wire = Wire {
            address,
            stream: None,
        };
        let mut statuses = std::collections::BTreeMap::<u16, usize>::new();
        let credentials = [
            String::new(),
            // Half of them come from somebody who may do everything.
            format!("Authorization: Token {token}\r\n"),
            format!("Authorization: Token {token}\r\n"),
            format!("Authorization: Token {token}\r\n"),
            format!("Authorization: Token {token}\r\n"),
            format!("Authorization: Token {token}\r\n"),
            format!("Authorization: Token {token}\r\n"),
            format!("Authorization: Token {token}\r\nX-Environment-Key: {key}\r\n"),
            format!("X-Environment-Key: {key}\r\n"),
            format!("X-Environment-Key: {backend}\r\n"),
            "Authorization: Token \u{e9}\r\n".to_owned(),
            "Authorization: Api-Key a.b\r\n".to_owned(),
            "X-Environment-Key: ser.nope\r\n".to_owned(),
        ];
        let mut sent = 0;
        while sent < REQUESTS {
            for (path, methods) in paths(&document, &key, &mut chance) {
                // What ends the session or removes the ground under the test is left out.
                if path.contains("/auth/logout/")
                    || path.contains("/auth/token/")
                    || path.contains("/auth/users/me/")
                {
                    continue;
                }
                let other = ["PUT", "PATCH", "POST", "GET", "OPTIONS", "HEAD", "BREW"];
                let method = if chance.below(5) == 0 {
                    chance.of(&other).to_string()
                } else {
                    chance.of(&methods).clone()
                };
                let removes = method == "DELETE" && !path.contains("segments/") && chance.below(50) > 0;
                if removes {
                    continue;
                }
                let credentials = chance.of(&credentials).clone();
                let request = request(&method, &path, &credentials, &mut chance);
                let status = wire.ask(&request, method == "HEAD");
                let status =
                    status.unwrap_or_else(|fault| panic!("{fault}\n{}", String::from_utf8_lossy(&request)));
                let harmless = status < 500 || status == 503 && path.contains("warehouse");
                assert!(harmless, "{status} for\n{}", String::from_utf8_lossy(&request));
                *statuses.entry(status).or_default() += 1;
                sent += 1;
            }
        }
        (sent, statuses)
    });
    let (sent, statuses) = work.await.unwrap();
    println!("{sent} malformed requests, by status: {statuses:?}");
    // A bystander is served as before.
    server.anonymous().get("/health/liveness/").await.expect(200);
    let metrics = server.anonymous().get("/metrics").await;
    assert!(!metrics.text.contains("http_panics_total 1"), "{}", metrics.text);
    server.stop().await;
}
