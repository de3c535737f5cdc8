//! How often signing in may fail.

use super::{PASSWORD, log_in};
use liftgate_testkit::TestServer;
use serde_json::json;

#[tokio::test]
async fn every_failure_looks_the_same() {
    let server = TestServer::start().await;
    server.sign_up("ada@example.com").await;
    let refused = json!({"non_field_errors": ["Unable to log in with provided credentials."]});
    assert_eq!(
        log_in(&server, "ada@example.com", "wrong").await.expect(400),
        refused
    );
    assert_eq!(
        log_in(&server, "nobody@example.com", "wrong").await.expect(400),
        refused
    );
    let empty = server.anonymous().post("/api/v1/auth/login/", json!({})).await;
    assert_eq!(empty.expect(400), refused);
    server.stop().await;
}

/// Tries until one is refused for being too many; answers how many were looked at. The throttle of all sign-ins lets
/// through 20 a minute, so the failures of one account are told apart by their smaller number.
async fn tries_until_throttled(server: &TestServer, email: &str) -> u32 {
    for tries in 0..30 {
        let answer = log_in(server, email, "wrong").await;
        if answer.status == 429 {
            let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
            assert!((1..=60).contains(&seconds), "{seconds}");
            let text = answer.body["detail"].as_str().unwrap();
            assert!(
                text.starts_with("Request was throttled. Expected available in "),
                "{text}"
            );
            return tries;
        }
        answer.expect(400);
    }
    panic!("nothing was refused");
}

#[tokio::test]
async fn an_account_can_fail_ten_times_a_minute_whether_it_exists_or_not() {
    let server = TestServer::start().await;
    server.sign_up("ada@example.com").await;
    assert_eq!(tries_until_throttled(&server, "ada@example.com").await, 10);
    // The right password is refused too, or trying would tell when it is found.
    log_in(&server, "ada@example.com", PASSWORD).await.expect(429);
    server.clock.advance_seconds(60);
    assert_eq!(tries_until_throttled(&server, "nobody@example.com").await, 10);
    server.clock.advance_seconds(60);
    log_in(&server, "ada@example.com", PASSWORD).await.expect(200);
    server.stop().await;
}

#[tokio::test]
async fn sign_ins_are_twenty_a_minute_for_an_address() {
    let server = TestServer::start().await;
    server.sign_up("ada@example.com").await;
    for _ in 0..20 {
        log_in(&server, "ada@example.com", PASSWORD).await.expect(200);
    }
    log_in(&server, "ada@example.com", PASSWORD).await.expect(429);
    server.stop().await;
}
