//! Calls about one identity at the same time lose no trait (reliability goal R10). `LIFTGATE_PAIRS` sets how many pairs of
//! calls are made (200).

use liftgate_app::StoredIdentities;
use liftgate_delivery::IdentitySource as _;
use liftgate_model::EnvironmentId;
use liftgate_model::identity::TraitValue;
use liftgate_testkit::TestServer;
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// Pairs under way at the same time, each about an identity of its own.
const LANES: usize = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pairs_of_calls_on_one_identifier_lose_no_trait() {
    let pairs: usize = std::env::var("LIFTGATE_PAIRS").map_or(200, |text| text.parse().unwrap());
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let environment = EnvironmentId(i32::try_from(workspace.environment).unwrap());
    let mut lanes = JoinSet::new();
    for lane in 0..LANES {
        let sdk = workspace.sdk();
        lanes.spawn(async move {
            let mut made = 0;
            let mut last = None;
            for pair in (lane..pairs).step_by(LANES) {
                // Every pair meets what the pairs before it left, and changes it.
                let identifier = format!("person-{lane}");
                let call = |side: &str| {
                    json!({"identifier": identifier, "traits": [{"trait_key": side, "trait_value": pair}]})
                };
                let (left, right) = tokio::join!(
                    sdk.post("/api/v1/identities/", call("left")),
                    sdk.post("/api/v1/identities/", call("right")),
                );
                left.expect(200);
                right.expect(200);
                let stored = sdk
                    .get(format!("/api/v1/identities/?identifier={identifier}"))
                    .await
                    .expect(200);
                let value = |key: &str| -> Value {
                    let traits = stored["traits"].as_array().unwrap();
                    let found = traits.iter().find(|one| one["trait_key"] == key);
                    found.map_or(Value::Null, |one| one["trait_value"].clone())
                };
                assert_eq!((value("left"), value("right")), (json!(pair), json!(pair)), "{identifier}");
                made += 1;
                last = Some(pair);
            }
            (made, lane, last)
        });
    }
    let mut made = 0;
    while let Some(lane) = lanes.join_next().await {
        let (pairs, lane, last) = lane.unwrap();
        made += pairs;
        // Not what is remembered, but what is stored.
        let source = StoredIdentities::new(server.store.clone(), server.clock.clone());
        let stored = source.load(environment, &format!("person-{lane}")).await.unwrap();
        let mut traits: Vec<_> = stored.into_iter().flat_map(|stored| stored.traits).collect();
        traits.sort_by(|one, other| one.key.cmp(&other.key));
        let traits: Vec<_> = traits.into_iter().map(|one| (one.key, one.value)).collect();
        let last = last.map(|pair| TraitValue::Integer(i64::try_from(pair).unwrap()));
        let expected = last
            .into_iter()
            .flat_map(|value| [("left".to_owned(), value.clone()), ("right".to_owned(), value)]);
        assert!(traits.into_iter().eq(expected), "person-{lane}");
    }
    assert_eq!(made, pairs);
    println!("{pairs} pairs of calls, no trait lost, no call refused");
    server.stop().await;
}
