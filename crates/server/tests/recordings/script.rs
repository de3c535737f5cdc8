//! The scripts: which request belongs to each recorded answer.
//!
//! ```text
//! ### title of the exchange
//! + POST /path/ {"body": 1}      a request before it, which must succeed
//! POST /path/$project/ {"a": 1}  the request; $name stands for what was kept under that name
//! as nobody                      without credentials; `as key`: with a master key; `as staff`: with another session
//! authorization Token x          a header
//! type text/plain                the body is sent as it is, with that type
//! accept application/json        a header
//! let project = /id              keeps a part of the answer (after a `+` line: of that one)
//! clock 600                      moves the clock ahead before the request, in seconds
//! unlike body/plan: plan         a difference on purpose: where, and its row in docs/deviations.md; * stands for one
//!                                part of a pointer, and at the end for all of the rest
//! either body/as_of: why         a difference that may or may not be there
//! skip why                       not replayed
//! ```

/// A step of a script.
#[derive(Debug, Default)]
pub struct Step {
    /// The title of the exchange.
    pub title: String,
    /// Why it is not replayed.
    pub skip: Option<String>,
    /// What is sent, the recorded request last.
    pub requests: Vec<Request>,
    /// Differences on purpose: where, and their row in the list of deviations.
    pub unlike: Vec<(String, String)>,
    /// Differences that depend on the moment.
    pub either: Vec<String>,
}

/// A request of a script.
#[derive(Debug, Default)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The body; empty for none.
    pub body: String,
    /// Whose session it is sent with.
    pub caller: Option<String>,
    /// The header `Authorization`, when it is not that of a caller.
    pub authorization: Option<String>,
    /// The type of a body that is not JSON.
    pub media_type: Option<String>,
    /// The header `Accept`.
    pub accept: Option<String>,
    /// What is kept of the answer: name and pointer.
    pub keep: Vec<(String, String)>,
    /// Seconds by which the clock moves before.
    pub clock: i64,
}

/// Reads a script.
///
/// # Panics
/// With the line that cannot be read.
pub fn parse(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(title) = line.strip_prefix("### ") {
            steps.push(Step {
                title: title.trim().to_owned(),
                ..Step::default()
            });
            continue;
        }
        let step = steps.last_mut().expect("a script begins with a title");
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "skip" => step.skip = Some(rest.to_owned()),
            "unlike" => {
                let (at, row) = rest.split_once(": ").expect(line);
                step.unlike.push((at.to_owned(), row.to_owned()));
            }
            "either" => step.either.push(rest.split_once(": ").expect(line).0.to_owned()),
            "+" => step.requests.push(request(rest)),
            "GET" | "POST" | "PUT" | "PATCH" | "DELETE" => step.requests.push(request(line)),
            _ => {
                let request = step.requests.last_mut().expect(line);
                match word {
                    "as" => request.caller = Some(rest.to_owned()),
                    "authorization" => request.authorization = Some(rest.to_owned()),
                    "type" => request.media_type = Some(rest.to_owned()),
                    "accept" => request.accept = Some(rest.to_owned()),
                    "clock" => request.clock = rest.parse().expect(line),
                    "let" => {
                        let (name, pointer) = rest.split_once(" = ").expect(line);
                        request.keep.push((name.to_owned(), pointer.to_owned()));
                    }
                    _ => panic!("not a line of a script: {line}"),
                }
            }
        }
    }
    steps
}

fn request(line: &str) -> Request {
    let mut words = line.splitn(3, ' ');
    let mut next = || words.next().unwrap_or_default().to_owned();
    Request {
        method: next(),
        path: next(),
        body: next(),
        ..Request::default()
    }
}
