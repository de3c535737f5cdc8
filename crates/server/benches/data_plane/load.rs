//! Load from `wrk` (Debian's package), and the processor time it costs the server.

use super::process::Process;
use liftgate_testkit::Client;
use serde_json::Value;
use std::fmt::Write as _;
use std::process::Command;

/// Connections at the same time.
const CONNECTIONS: &str = "32";

/// Puts the numbers into the body of each request.
const REQUEST: &str = "\
request = function()
  count = count + 1
  local text = body:gsub('@', tostring(count)):gsub('#', tostring(count % 1000))
  return wrk.format(nil, nil, nil, text)
end
";
/// Says how many requests were answered, and how many of them badly.
const DONE: &str = "\
done = function(summary)
  local errors = summary.errors
  io.write(string.format('counted %d %d\\n', summary.requests, errors.status + errors.read + errors.timeout))
end
";

/// A kind of request.
pub struct Case {
    /// What it is called in the table.
    pub name: &'static str,
    /// The highest ratio to the alternative that is aimed at.
    pub goal: &'static str,
    /// The path.
    pub path: String,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body; `None` is a GET. `@` stands for a number that differs between requests, `#` for one of a thousand.
    pub body: Option<String>,
    /// How many things one request carries; figures are for one of them.
    pub units: f64,
}

/// How long to load.
pub struct Load {
    seconds: u32,
}

impl Case {
    /// The same request to the alternative.
    pub fn as_hello(&self) -> Self {
        Self {
            path: "/hello".into(),
            headers: self.headers.clone(),
            body: self.body.clone(),
            ..*self
        }
    }

    /// The number of bytes of an answer.
    pub async fn answer_bytes(&self, origin: &str) -> usize {
        let mut client = Client::new(origin);
        for (name, value) in &self.headers {
            client = client.with(name, value.clone());
        }
        let answer = match &self.body {
            None => client.get(&self.path).await,
            Some(body) => {
                let body: Value = serde_json::from_str(&body.replace(['@', '#'], "1")).unwrap();
                client.post(&self.path, body).await
            }
        };
        assert!(
            (200..300).contains(&answer.status),
            "{}: {}",
            self.name,
            answer.text
        );
        answer.text.len()
    }

    /// The request in `wrk`'s language.
    fn script(&self) -> String {
        let mut script = String::from("local count = 0\n");
        for (name, value) in &self.headers {
            writeln!(script, "wrk.headers[\"{name}\"] = \"{value}\"").unwrap();
        }
        if let Some(body) = &self.body {
            writeln!(
                script,
                "wrk.method = \"POST\"\nwrk.headers[\"content-type\"] = \"application/json\"\nlocal body = [==[{body}]==]"
            )
            .unwrap();
            script.push_str(REQUEST);
        }
        script.push_str(DONE);
        script
    }
}

impl Load {
    /// The length that the environment asks for.
    pub fn from_environment() -> Self {
        let seconds = std::env::var("LIFTGATE_BENCH_SECONDS");
        Self {
            seconds: seconds.map_or(5, |text| text.parse().unwrap()),
        }
    }

    /// Whether there is to be none.
    pub fn is_none(&self) -> bool {
        self.seconds == 0
    }

    /// Processor time of the server for a request, in microseconds. A first load, which warms up, is not counted.
    pub fn run(&self, server: &Process, case: &Case) -> f64 {
        Self::load(server, case, 1);
        let before = server.cpu_seconds();
        let requests = self.requests(server, case);
        (server.cpu_seconds() - before) * 1e6 / requests
    }

    /// Loads without measuring. How many requests were answered, all of them well.
    pub fn requests(&self, server: &Process, case: &Case) -> f64 {
        Self::load(server, case, self.seconds)
    }

    fn load(server: &Process, case: &Case, seconds: u32) -> f64 {
        let script = tempfile::NamedTempFile::with_suffix(".lua").unwrap();
        std::fs::write(script.path(), case.script()).unwrap();
        let output = Command::new("wrk")
            .args(["-t1", "-c", CONNECTIONS, "-d", &format!("{seconds}s"), "-s"])
            .arg(script.path())
            .arg(format!("{}{}", server.origin, case.path))
            .output()
            .expect("wrk is installed");
        let text = String::from_utf8(output.stdout).unwrap();
        let counted = text.lines().find_map(|line| line.strip_prefix("counted "));
        let counted = counted.unwrap_or_else(|| panic!("wrk did not count: {text}"));
        let (requests, errors) = counted.split_once(' ').unwrap();
        assert_eq!(errors, "0", "{}: {text}", case.name);
        requests.parse().unwrap()
    }
}
