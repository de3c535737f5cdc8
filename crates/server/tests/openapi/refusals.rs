//! Who may not call is refused before the body is looked at: whatever its type, its form or its size, the answer is the
//! one that an empty object gets.

use liftgate_testkit::TestServer;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How long an answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Bodies that no operation accepts: broken, of no known type, and far beyond every limit, of which nothing is sent. An
/// answer to the last can only come from who does not wait for the body.
const BODIES: [(&str, &str, usize); 3] = [
    ("application/json", "{broken", 7),
    ("text/plain", "rubbish", 7),
    ("application/json", "", 1 << 40),
];

/// The status and the body of the answer to a request written by hand; without the name of the request, which is new
/// each time.
async fn call(
    server: &TestServer,
    method: &str,
    path: &str,
    authorization: Option<&str>,
    (media_type, body, length): (&str, &str, usize),
) -> (u16, String) {
    let address = server.origin().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let authorization = authorization
        .map(|header| format!("Authorization: {header}\r\n"))
        .unwrap_or_default();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: testserver\r\nConnection: close\r\n{authorization}\
         Content-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer))
        .await
        .unwrap_or_else(|_| panic!("{method} {path} waits for the body"))
        .unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let Ok(Value::Object(mut members)) = serde_json::from_str(body) else {
        return (status, body.to_owned());
    };
    members.remove("request_id");
    (status, Value::Object(members).to_string())
}

/// The path with an id that nothing has in every place.
fn filled(template: &str) -> String {
    let mut path = String::new();
    for part in template.split('{') {
        match part.split_once('}') {
            Some((_, rest)) => path = path + "1" + rest,
            None => path += part,
        }
    }
    path
}

/// The callers that an operation must refuse, by what the document says of who may call.
fn outsiders(who: &str, stranger: &str) -> Vec<Option<String>> {
    if who.starts_with("anyone") {
        return Vec::new();
    }
    let mut callers = vec![
        None,
        Some("Token 0123".to_owned()),
        Some("Api-Key a.b".to_owned()),
    ];
    let any_account =
        who.starts_with("signed in") || who.contains("environment key") || who.contains("server-side");
    if !any_account {
        callers.push(Some(format!("Token {stranger}")));
    }
    callers
}

#[tokio::test]
async fn refusals_come_before_the_body_is_looked_at() {
    let server = TestServer::start().await;
    let body = json!({
        "email": "stranger@example.com", "password": "a sound p4ssphrase", "first_name": "A", "last_name": "B",
    });
    let signed_up = server
        .anonymous()
        .post("/api/v1/auth/users/", body)
        .await
        .expect(201);
    let stranger = signed_up["key"].as_str().unwrap();
    let document: Value = server.anonymous().get("/api/v1/swagger.json").await.expect(200);
    let mut checked = 0;
    for (template, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let who = operation["x-liftgate-access"].as_str().unwrap();
            let (method, path) = (method.to_uppercase(), filled(template));
            for caller in outsiders(who, stranger) {
                let caller = caller.as_deref();
                let plain = call(&server, &method, &path, caller, ("application/json", "{}", 2)).await;
                assert!(
                    [401, 403, 404].contains(&plain.0),
                    "{caller:?} {method} {path} ({who}): {plain:?}"
                );
                for body in BODIES {
                    let answer = call(&server, &method, &path, caller, body).await;
                    assert_eq!(answer, plain, "{caller:?} {method} {path} ({who}) with {body:?}");
                    checked += 1;
                }
            }
        }
    }
    println!("{checked} requests are refused before their bodies are looked at");
    assert!(checked > 1_000);
    server.stop().await;
}
