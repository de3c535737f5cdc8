//! A small client of the public API.

use anyhow::{Context as _, bail};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

/// Speaks to a server.
#[derive(Clone)]
pub struct Api {
    http: reqwest::Client,
    origin: String,
    token: String,
}

impl Api {
    /// A client without credentials.
    pub fn new(origin: &str) -> Self {
        Self {
            http: reqwest::Client::new(),
            origin: origin.trim_end_matches('/').to_owned(),
            token: String::new(),
        }
    }

    /// Takes the token, or signs in, or signs up where that is open.
    pub async fn sign_in(&mut self, token: Option<&str>, email: &str, password: &str) -> anyhow::Result<()> {
        if let Some(token) = token {
            token.clone_into(&mut self.token);
            return Ok(());
        }
        let credentials = json!({"email": email, "password": password});
        let (status, body) = self
            .try_send(Method::POST, "/api/v1/auth/login/", Some(&credentials))
            .await?;
        let key = if status.is_success() {
            body
        } else {
            let new =
                json!({"email": email, "password": password, "first_name": "Demo", "last_name": "Account"});
            let (status, body) = self
                .try_send(Method::POST, "/api/v1/auth/users/", Some(&new))
                .await?;
            if !status.is_success() {
                bail!(
                    "cannot sign in as {email} and registration is closed; pass --token, or --email and --password"
                );
            }
            body
        };
        key["key"]
            .as_str()
            .context("signing in answers a token")?
            .clone_into(&mut self.token);
        Ok(())
    }

    /// Sends a request as the account; anything but success is an error.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let (status, answer) = self.try_send(method.clone(), path, body).await?;
        if !status.is_success() {
            bail!("{method} {path} answered {status}: {answer}");
        }
        Ok(answer)
    }

    /// GET as the account.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.send(Method::GET, path, None).await
    }

    /// POST as the account.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(Method::POST, path, Some(body)).await
    }

    /// POST as an SDK; waits and tries again while the server says so.
    pub async fn post_as_sdk(&self, key: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        loop {
            let request = self
                .http
                .post(format!("{}{path}", self.origin))
                .header("X-Environment-Key", key)
                .json(body);
            let response = request.send().await?;
            let status = response.status();
            if status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::TOO_MANY_REQUESTS {
                tokio::time::sleep(Duration::from_millis(200)).await;
                continue;
            }
            if !status.is_success() {
                bail!(
                    "POST {path} answered {status}: {}",
                    response.text().await.unwrap_or_default()
                );
            }
            return Ok(response.json().await?);
        }
    }

    async fn try_send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<(StatusCode, Value)> {
        let mut request = self.http.request(method, format!("{}{path}", self.origin));
        if !self.token.is_empty() {
            request = request.header("Authorization", format!("Token {}", self.token));
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request
            .send()
            .await
            .with_context(|| format!("is there a server at {}?", self.origin))?;
        let status = response.status();
        let text = response.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::from(text))))
    }
}
