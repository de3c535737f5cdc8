//! Requests that are well-framed and make no sense.

use super::chance::Chance;
use serde_json::Value;

/// Paths of the API with parameters filled in, rightly or wrongly.
pub fn paths(document: &Value, key: &str, chance: &mut Chance) -> Vec<(String, Vec<String>)> {
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

/// A request with a body of its stated length.
pub fn request(method: &str, path: &str, credentials: &str, chance: &mut Chance) -> Vec<u8> {
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
