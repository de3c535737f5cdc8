//! Runs a script against a server.

use crate::compare::{Difference, differences};
use crate::exchange::Exchange;
use crate::ids::Ids;
use crate::script::{Request, Step};
use liftgate_testkit::{Answer, Client, TestServer};
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeMap;

/// What came of a script.
pub struct Session {
    /// How many exchanges were replayed.
    pub replayed: usize,
    /// What is different, one text an exchange.
    pub failures: Vec<String>,
}

struct Run {
    server: TestServer,
    kept: BTreeMap<String, String>,
}

/// Runs the steps in their order, each beside its recorded exchange.
pub async fn session(name: &str, steps: &[Step], recorded: &[Exchange]) -> Session {
    let mut run = Run {
        server: TestServer::start().await,
        kept: BTreeMap::new(),
    };
    let (mut ids, mut replayed, mut failures) = (Ids::default(), 0, Vec::new());
    assert_eq!(steps.len(), recorded.len(), "{name}: more steps than exchanges");
    for (step, exchange) in steps.iter().zip(recorded) {
        assert_eq!(step.title, exchange.title, "{name}: steps follow the recordings");
        if step.skip.is_some() {
            continue;
        }
        let (last, before) = step.requests.split_last().expect(&step.title);
        for request in before {
            let answer = run.send(request).await;
            if answer.status >= 300 {
                let what = format!("{name}, {}: {}: {}", step.title, request.path, answer.text);
                failures.push(what);
            }
        }
        let answer = run.send(last).await;
        replayed += 1;
        let found = differences(exchange, &answer, &mut ids);
        let failure = judge(step, &found);
        if !failure.is_empty() {
            let head = format!("{name}, {}: {} {}", step.title, last.method, last.path);
            failures.push(format!("{head}\n  {}", failure.join("\n  ")));
        }
    }
    run.server.stop().await;
    Session { replayed, failures }
}

/// The differences that are not marked, and the marks that are not differences.
fn judge(step: &Step, found: &[Difference]) -> Vec<String> {
    let unmarked = found
        .iter()
        .filter(|(at, _)| !step.unlike.iter().any(|(pattern, _)| fits(pattern, at)))
        .filter(|(at, _)| !step.either.iter().any(|pattern| fits(pattern, at)))
        .map(|(at, what)| format!("{at}: {what}"));
    let unfounded = step
        .unlike
        .iter()
        .filter(|(pattern, _)| !found.iter().any(|(at, _)| fits(pattern, at)))
        .map(|(pattern, _)| format!("{pattern} is marked as different and is not"));
    unmarked.chain(unfounded).collect()
}

fn fits(pattern: &str, at: &str) -> bool {
    if pattern == "everything" {
        return true;
    }
    let (pattern, at): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), at.split('/').collect());
    let same = |(one, other): (&&str, &&str)| *one == "*" || one == other;
    let all = pattern.last() == Some(&"*") && at.len() > pattern.len();
    (all || pattern.len() == at.len()) && pattern.iter().zip(&at).all(same)
}

impl Run {
    async fn send(&mut self, request: &Request) -> Answer {
        self.server.clock.advance_seconds(request.clock);
        let mut client = self.client(request.caller.as_deref());
        if let Some(authorization) = &request.authorization {
            client = client.with("authorization", authorization);
        }
        if let Some(accept) = &request.accept {
            client = client.with("accept", accept);
        }
        let method: Method = request.method.parse().unwrap();
        let (path, body) = (self.filled(&request.path), self.filled(&request.body));
        let answer = match &request.media_type {
            Some(media_type) => {
                client
                    .send_bytes(method, path, media_type, body.into_bytes())
                    .await
            }
            None if body.is_empty() => client.send(method, path, None).await,
            None => {
                let body: Value = serde_json::from_str(&body).expect(&body);
                client.send(method, path, Some(body)).await
            }
        };
        for (name, pointer) in &request.keep {
            let value = match answer.body.pointer(pointer) {
                Some(Value::String(text)) => text.clone(),
                Some(value) => value.to_string(),
                // What needs it fails, and says so.
                None => "0".to_owned(),
            };
            self.kept.insert(name.clone(), value);
        }
        answer
    }

    /// A client of the caller: `nobody`, `key` for a master key, or the name of a kept session token.
    fn client(&self, caller: Option<&str>) -> Client {
        let client = self.server.anonymous();
        match (caller, self.kept.get(caller.unwrap_or("token"))) {
            (Some("nobody"), _) | (_, None) => client,
            (Some("key"), Some(key)) => client.with("authorization", format!("Api-Key {key}")),
            (_, Some(token)) => client.with_token(token),
        }
    }

    /// A text with what was kept in the place of `$name`; the longest name wins.
    fn filled(&self, text: &str) -> String {
        let mut text = text.to_owned();
        let mut names: Vec<&String> = self.kept.keys().collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        for name in names {
            text = text.replace(&format!("${name}"), &self.kept[name]);
        }
        text
    }
}
