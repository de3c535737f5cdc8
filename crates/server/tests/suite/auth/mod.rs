//! Accounts and sessions (contract, admin API, section 1.1; reliability goals S7 and S8).

mod invitations;
mod limits;
mod me;
mod passwords;
mod sessions;
mod setup;
mod sign_up;

use liftgate_testkit::{Answer, TestServer};
use serde_json::{Value, json};

/// The password `TestServer::sign_up` uses.
const PASSWORD: &str = "a sound p4ssphrase";

/// What a sign-up sends.
fn account(email: &str) -> Value {
    json!({"email": email, "password": PASSWORD, "first_name": "Ada", "last_name": "Lovelace"})
}

async fn log_in(server: &TestServer, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password});
    server.anonymous().post("/api/v1/auth/login/", body).await
}

/// A server on which only invited people may register.
async fn closed() -> TestServer {
    TestServer::start_with(|settings| settings.open_registration = false).await
}
