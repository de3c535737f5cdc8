//! A client of the API, as one caller.

use reqwest::{Method, header::HeaderMap};
use serde_json::Value;
use std::fmt;

/// Speaks to a server as one caller.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    origin: String,
    headers: Vec<(&'static str, String)>,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; a body that is none is a string, an empty one null.
    pub body: Value,
    /// The body as it came.
    pub text: String,
}

impl Client {
    /// A caller without credentials.
    pub fn new(origin: &str) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("a client without special settings can be built");
        Self {
            http,
            origin: origin.to_owned(),
            headers: Vec::new(),
        }
    }

    /// The same caller with one more header.
    #[must_use]
    pub fn with(&self, header: &'static str, value: impl Into<String>) -> Self {
        let mut client = self.clone();
        client.headers.retain(|(name, _)| *name != header);
        client.headers.push((header, value.into()));
        client
    }

    /// The same caller at another server.
    #[must_use]
    pub fn at(&self, origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            ..self.clone()
        }
    }

    /// Signed in with a session token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        self.with("authorization", format!("Token {token}"))
    }

    /// An SDK with an environment key.
    #[must_use]
    pub fn with_environment_key(&self, key: &str) -> Self {
        self.with("x-environment-key", key)
    }

    /// Where the server is: `http://127.0.0.1:1234`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// GET.
    pub async fn get(&self, path: impl fmt::Display) -> Answer {
        self.send(Method::GET, path, None).await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: impl fmt::Display, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// PUT with a JSON body.
    pub async fn put(&self, path: impl fmt::Display, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    /// PATCH with a JSON body.
    pub async fn patch(&self, path: impl fmt::Display, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: impl fmt::Display) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// Any method; without a body, nothing is sent.
    pub async fn send(&self, method: Method, path: impl fmt::Display, body: Option<Value>) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.origin));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        Answer::read(request.send().await.expect("the server answers")).await
    }

    /// GET of an answer that goes on: status and headers have come.
    pub async fn open(&self, path: impl fmt::Display) -> reqwest::Response {
        let mut request = self.http.get(format!("{}{path}", self.origin));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request.send().await.expect("the server answers")
    }

    /// Any method with raw bytes.
    pub async fn send_bytes(
        &self,
        method: Method,
        path: impl fmt::Display,
        content_type: &str,
        body: Vec<u8>,
    ) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.origin));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = request.header("content-type", content_type).body(body);
        Answer::read(request.send().await.expect("the server answers")).await
    }
}

impl Answer {
    async fn read(response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await.expect("the answer is complete");
        let body = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text.clone()))
        };
        Self {
            status,
            headers,
            body,
            text,
        }
    }

    /// The body of an answer with that status.
    ///
    /// # Panics
    /// With the whole answer when the status is another one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
