//! Remote evaluation, OFREP, local evaluation by our engine, and by the published Python engine: one answer for everybody.
//!
//! `LIFTGATE_AGREEMENT_PEOPLE` says how many people are asked about: 5,000 otherwise; 10,000 take about 20 seconds.
//! `LIFTGATE_PYTHON` names a Python with the published engine, as for the other tests with published clients.

#[path = "../../../../delivery/src/tests/local_client.rs"]
mod local_client;
mod world;

use crate::program::Program;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use liftgate_engine::{EvaluationContext, EvaluationResult, IdentityContext, evaluate};
use liftgate_testkit::{Client, TestServer};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashSet};
use world::{Draw, Person};

const PEOPLE: usize = 5_000;
/// Of the people, how many the Python engine is asked about.
const PEOPLE_FOR_PYTHON: usize = 2_000;
/// Requests at a time.
const AT_ONCE: usize = 4;

/// What a flag is.
#[derive(Debug, Clone, PartialEq)]
struct Flag {
    enabled: bool,
    value: Value,
    variant: Value,
    reason: String,
}

type Flags = BTreeMap<String, Flag>;

#[tokio::test(flavor = "multi_thread")]
async fn remote_local_and_ofrep_evaluation_agree_for_everybody() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let mut draw = Draw::new();
    world::build(&workspace, &mut draw).await;
    let count = match std::env::var("LIFTGATE_AGREEMENT_PEOPLE") {
        Ok(count) => count.parse().expect("LIFTGATE_AGREEMENT_PEOPLE is a number"),
        Err(_) => PEOPLE,
    };
    let strategy = world::people();
    let people: Vec<Person> = (0..count).map(|_| draw.next(&strategy)).collect();
    let document = workspace
        .server_sdk()
        .await
        .get("/api/v1/environment-document/")
        .await;
    let document = document.expect(200);
    let context = local_client::context_of(&document);
    let sdk = workspace.sdk();

    let asked = stream::iter(&people).map(|person| agree(&sdk, &context, person));
    let seen: Vec<(String, Flags)> = asked
        .buffered(AT_ONCE)
        .map(Ok::<_, ()>)
        .try_collect()
        .await
        .unwrap();

    let outcomes: HashSet<String> = seen
        .iter()
        .flat_map(|(_, flags)| flags.iter().map(|(name, flag)| format!("{name} {flag:?}")))
        .collect();
    assert!(
        outcomes.len() > 80,
        "the environment decides little: {} outcomes",
        outcomes.len()
    );
    if let Some(program) = Program::python("engine.py") {
        let share = people.iter().zip(&seen).take(PEOPLE_FOR_PYTHON);
        let share: Vec<Value> = share
            .map(|(person, (identifier, _))| json!({"identifier": identifier, "traits": person.traits}))
            .collect();
        let results = program.run(&json!({"document": document, "people": share})).await;
        let unread = shares_of_identities(&document);
        for ((identifier, flags), result) in seen.iter().zip(results.as_array().unwrap()) {
            let published = from_python(result);
            assert_eq!(
                published.len(),
                flags.len(),
                "the published engine about {identifier}"
            );
            for (name, flag) in flags {
                if !unread.contains(&(identifier.as_str(), name.as_str())) {
                    let about = format!("{name} for {identifier}");
                    assert_eq!(&published[name], flag, "the published engine about {about}");
                }
            }
        }
    }
    server.stop().await;
}

/// The overrides of identities with shares of their own, by identifier and flag: the published SDK leaves those shares out
/// when it reads a document.
fn shares_of_identities(document: &Value) -> HashSet<(&str, &str)> {
    let identities = document["identity_overrides"].as_array().unwrap();
    let overrides = identities.iter().flat_map(|identity| {
        let states = identity["identity_features"].as_array().unwrap();
        states.iter().map(move |state| (identity, state))
    });
    overrides
        .filter(|(_, state)| state["multivariate_feature_state_values"] != json!([]))
        .map(|(identity, state)| {
            let flag = state["feature"]["name"].as_str().unwrap();
            (identity["identifier"].as_str().unwrap(), flag)
        })
        .collect()
}

/// Asks about a person by every way of ours, and compares; answers the identifier that was used, and the flags.
async fn agree(sdk: &Client, context: &EvaluationContext, person: &Person) -> (String, Flags) {
    let Person { identifier, traits } = person;
    let sent: Vec<Value> = traits
        .iter()
        .map(|(key, value)| json!({"trait_key": key, "trait_value": value}))
        .collect();
    let body = json!({"identifier": identifier, "traits": sent, "transient": true});
    let answer = sdk.post("/api/v1/identities/", body).await.expect(200);
    let identifier = answer["identifier"].as_str().unwrap().to_owned();
    let remote = from_identities(&answer);
    let about = format!("{identifier} {}", Value::Object(traits.clone()));

    let context = EvaluationContext {
        identity: Some(IdentityContext {
            identifier: identifier.clone(),
            traits: traits.clone(),
            ..IdentityContext::default()
        }),
        ..context.clone()
    };
    assert_eq!(from_engine(&evaluate(&context)), remote, "local about {about}");

    let mut asked = traits.clone();
    if let Some(identifier) = &person.identifier {
        asked.insert("targetingKey".to_owned(), json!(identifier));
    }
    let answer = sdk
        .post("/ofrep/v1/evaluate/flags", json!({"context": asked}))
        .await
        .expect(200);
    compare_with_ofrep(&remote, &answer, &about);
    (identifier, remote)
}

fn from_identities(answer: &Value) -> Flags {
    let flag = |flag: &Value| {
        let seen = Flag {
            enabled: flag["enabled"].as_bool().unwrap(),
            value: flag["feature_state_value"].clone(),
            variant: flag["variant"].clone(),
            reason: flag["reason"].as_str().unwrap().to_owned(),
        };
        (flag["feature"]["name"].as_str().unwrap().to_owned(), seen)
    };
    answer["flags"].as_array().unwrap().iter().map(flag).collect()
}

fn from_engine(result: &EvaluationResult) -> Flags {
    let flag = |(name, flag): (&String, &liftgate_engine::FlagResult)| {
        let seen = Flag {
            enabled: flag.enabled,
            value: flag.value.clone(),
            variant: json!(flag.variant),
            reason: flag.reason.clone(),
        };
        (name.clone(), seen)
    };
    result.flags.iter().map(flag).collect()
}

fn from_python(result: &Value) -> Flags {
    let flag = |(name, flag): (&String, &Value)| {
        let seen = Flag {
            enabled: flag["enabled"].as_bool().unwrap(),
            value: flag["value"].clone(),
            variant: flag["variant"].clone(),
            reason: flag["reason"].as_str().unwrap().to_owned(),
        };
        (name.clone(), seen)
    };
    result
        .as_object()
        .unwrap_or(&Map::new())
        .iter()
        .map(flag)
        .collect()
}

/// OFREP has its own words, and gives no value of a flag that is off.
fn compare_with_ofrep(flags: &Flags, answer: &Value, about: &str) {
    let told = answer["flags"].as_array().unwrap();
    assert_eq!(told.len(), flags.len(), "OFREP about {about}");
    for ofrep in told {
        let name = ofrep["key"].as_str().unwrap();
        let flag = &flags[name];
        let value = match (&flag.value, flag.enabled) {
            (Value::Null, enabled) => Some(json!(enabled)),
            (_, false) => None,
            (value, true) => Some(value.clone()),
        };
        let word = match flag.reason.split(';').next().unwrap() {
            _ if !flag.enabled => "DISABLED",
            "SPLIT" => "SPLIT",
            _ if !flag.variant.is_null() => "SPLIT",
            "TARGETING_MATCH" => "TARGETING_MATCH",
            _ => "STATIC",
        };
        assert_eq!(
            (
                ofrep.get("value"),
                &ofrep["variant"],
                &ofrep["metadata"]["enabled"],
                &ofrep["reason"]
            ),
            (value.as_ref(), &flag.variant, &json!(flag.enabled), &json!(word)),
            "OFREP about {name} for {about}"
        );
    }
}
