//! `/environment-document/`.

use liftgate_delivery::testing::{MADE_AT, SERVER_KEY, environment};

use super::Kit;

const PATH: &str = "/api/v1/environment-document/";

async fn get(kit: &Kit, headers: &[(&str, &str)]) -> super::Answer {
    let mut headers = headers.to_vec();
    headers.push(("x-environment-key", SERVER_KEY));
    kit.get(PATH, &headers).await
}

#[tokio::test]
async fn header_body_and_validators_tell_one_time() {
    let kit = Kit::new(environment());
    let answer = get(&kit, &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["updated_at"], "2026-11-22T11:35:21.241593+00:00");
    assert_eq!(
        answer.header("x-flagsmith-document-updated-at"),
        Some("1795347321.241593")
    );
    assert_eq!(
        answer.header("last-modified"),
        Some("Sun, 22 Nov 2026 11:35:21 GMT")
    );
    assert_eq!(answer.header("link"), None);
}

#[tokio::test]
async fn a_current_copy_is_not_sent_again() {
    let kit = Kit::new(environment());
    let etag = get(&kit, &[]).await.header("etag").unwrap().to_owned();
    let (weak, several) = (format!("W/{etag}"), format!("\"x\", {etag}"));
    for condition in [
        ("if-none-match", etag.as_str()),
        ("if-none-match", weak.as_str()),
        ("if-none-match", several.as_str()),
        ("if-none-match", "*"),
        ("if-modified-since", "Sun, 22 Nov 2026 11:35:21 GMT"),
        ("if-modified-since", "Sun, 22 Nov 2026 11:36:21 GMT"),
    ] {
        let answer = get(&kit, &[condition]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.body.len()),
            (304, 0),
            "{condition:?}"
        );
        assert_eq!(answer.header("etag"), Some(etag.as_str()));
        assert_eq!(
            answer.header("x-flagsmith-document-updated-at"),
            Some("1795347321.241593")
        );
    }
    for conditions in [
        &[("if-none-match", "\"x\"")][..],
        &[("if-modified-since", "Sun, 22 Nov 2026 11:35:20 GMT")],
        &[("if-modified-since", "yesterday")],
        // The tag decides alone.
        &[
            ("if-none-match", "\"x\""),
            ("if-modified-since", "Sun, 22 Nov 2026 11:35:21 GMT"),
        ],
    ] {
        assert_eq!(get(&kit, conditions).await.status, 200, "{conditions:?}");
    }
}

#[tokio::test]
async fn a_date_is_not_trusted_within_the_second_of_the_change() {
    let kit = Kit::new(environment());
    let mut data = environment();
    data.environment.revision = 2;
    data.environment.name.push('!');
    data.environment.updated_at = MADE_AT.plus_seconds(60);
    kit.publish(data);
    let since = [("if-modified-since", "Sun, 22 Nov 2026 11:36:21 GMT")];
    let first = get(&kit, &since).await;
    assert_eq!(first.status, 200);
    assert_eq!(
        get(&kit, &[("if-none-match", first.header("etag").unwrap())])
            .await
            .status,
        304
    );
    kit.clock.advance_ms(1_000);
    assert_eq!(get(&kit, &since).await.status, 304);
}
