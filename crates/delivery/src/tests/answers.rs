//! What answers show and hide.

use liftgate_model::FlagValue;
use liftgate_model::segment::Operator;
use serde_json::{Value, json};

use super::{Plane, call, flag, names};
use crate::testing::environment;
use crate::{EnvironmentData, IdentityOptions, KeyKind, SnapshotOptions};

fn text(value: &str) -> FlagValue {
    FlagValue::Text(value.to_owned())
}

/// A plain flag, one for servers only, a disabled one, and a multivariate one.
fn mixed() -> EnvironmentData {
    let mut data = environment();
    data.add_feature("plain", true, FlagValue::Integer(42));
    data.add_feature("secret", true, FlagValue::Boolean(true));
    data.features[1].is_server_key_only = true;
    data.add_feature("off", false, text("grüße \"x\""));
    data.add_multivariate(
        "mv",
        true,
        &[(Some("blue-key"), "blue", 30.0), (None, "red", 70.0)],
    );
    data
}

fn flags(plane: &Plane, kind: KeyKind) -> Value {
    serde_json::from_slice(&plane.snapshot.flags(kind).body()).unwrap()
}

#[test]
fn a_flag_has_the_contracts_members_in_the_contracts_types() {
    let plane = Plane::new(mixed());
    assert_eq!(
        flags(&plane, KeyKind::Client)[0],
        json!({
            "id": 100,
            "feature": {"id": 1, "name": "plain", "created_date": "2026-11-22T11:35:21.241593Z",
                "description": "What it is for", "initial_value": "42", "default_enabled": false, "type": "STANDARD"},
            "feature_state_value": 42, "environment": 1, "identity": null, "feature_segment": null, "enabled": true
        })
    );
    let all = flags(&plane, KeyKind::Server);
    assert_eq!(all[2]["feature_state_value"], "grüße \"x\"");
    assert_eq!(all[3]["feature_state_value"], "control-value");
    assert_eq!(all[3]["feature"]["type"], "MULTIVARIATE");
    assert!(all[3].get("variant").is_none());
}

#[tokio::test]
async fn clients_never_see_server_only_features() {
    for hides in [false, true] {
        let mut data = mixed();
        data.environment.hide_disabled_flags = Some(hides);
        let plane = Plane::new(data);
        assert!(!names(&flags(&plane, KeyKind::Client)).contains(&"secret"));
        assert!(names(&flags(&plane, KeyKind::Server)).contains(&"secret"));
        assert!(plane.snapshot.flag(KeyKind::Client, "secret").is_none());
        assert!(plane.snapshot.flag(KeyKind::Server, "SECRET").is_some());
        assert!(
            plane
                .snapshot
                .multivariate_options(KeyKind::Client, 2.into())
                .is_none()
        );
        let answer = plane.identify(KeyKind::Client, call("u", &[])).await.unwrap();
        assert!(!names(&answer["flags"]).contains(&"secret"));
        assert!(names(&plane.ask(call("u", &[])).await["flags"]).contains(&"secret"));
    }
}

#[tokio::test]
async fn disabled_flags_are_hidden_as_the_environment_or_else_the_project_says() {
    for (own, projects, is_hidden) in [
        (None, false, false),
        (None, true, true),
        (Some(false), true, false),
        (Some(true), false, true),
    ] {
        let mut data = mixed();
        data.environment.hide_disabled_flags = own;
        data.project.hide_disabled_flags = projects;
        let plane = Plane::new(data);
        for list in [
            flags(&plane, KeyKind::Client),
            plane.ask(call("u", &[])).await["flags"].clone(),
        ] {
            assert_eq!(!names(&list).contains(&"off"), is_hidden, "{own:?} {projects}");
        }
        assert_eq!(plane.snapshot.flag(KeyKind::Client, "off").is_none(), is_hidden);
    }
}

#[tokio::test]
async fn an_override_decides_whether_a_flag_counts_as_disabled() {
    let mut data = mixed();
    data.environment.hide_disabled_flags = Some(true);
    data.override_identity("vip", 3.into(), true, text("on"), &[]);
    data.override_identity("vip", 1.into(), false, text("gone"), &[]);
    let plane = Plane::new(data);
    let answer = plane.ask(call("vip", &[])).await;
    assert_eq!(names(&answer["flags"]), ["secret", "off", "mv"]);
    assert_eq!(flag(&answer, "off")["feature_state_value"], "on");
}

#[tokio::test]
async fn sensitive_data_is_nulled_and_keys_stay() {
    let mut data = mixed();
    let segment = data.add_segment("rich people", "plan", Operator::Equal, "pro");
    data.override_segment(1.into(), segment, 0, true, text("gold"), &[]);
    data.override_identity("vip", 1.into(), true, text("vip"), &[]);
    data.environment.hide_sensitive_data = true;
    let plane = Plane::new(data);
    let hidden = json!({"id": 1, "name": "plain", "created_date": null, "description": null, "initial_value": null,
        "default_enabled": null, "type": "STANDARD"});
    assert_eq!(
        flags(&plane, KeyKind::Client)[0],
        json!({"id": null, "feature": hidden, "feature_state_value": 42, "environment": null, "identity": null,
            "feature_segment": null, "enabled": true})
    );
    let answer = plane.ask(call("u", &[("plan", json!("pro"))])).await;
    assert_eq!(answer["traits"], json!([]));
    assert_eq!(
        *flag(&answer, "plain"),
        json!({"id": null, "feature": hidden, "feature_state_value": "gold", "environment": null, "identity": null,
            "feature_segment": null, "enabled": true, "variant": null, "reason": "TARGETING_MATCH"})
    );
    let answer = plane.ask(call("vip", &[])).await;
    assert_eq!(flag(&answer, "plain")["identity"], Value::Null);
    assert_eq!(plane.source.stored("u").unwrap().traits.len(), 1);
}

#[tokio::test]
async fn the_winning_state_gives_its_ids_variant_and_reason() {
    let mut data = mixed();
    let segment = data.add_segment("pro", "plan", Operator::Equal, "pro");
    data.override_segment(1.into(), segment, 0, true, text("gold"), &[]);
    data.override_segment(4.into(), segment, 1, false, text("pro"), &[100.0, 0.0]);
    data.override_identity("vip", 4.into(), true, text("mine"), &[0.0, 100.0]);
    data.override_identity("lone", 4.into(), true, text("alone"), &[]);
    let plane = Plane::new(data);

    let member = plane.ask(call("u", &[("plan", json!("pro"))])).await;
    let link = |flag: &Value| {
        (
            flag["id"].clone(),
            flag["feature_segment"].clone(),
            flag["identity"].clone(),
        )
    };
    let gold = flag(&member, "plain");
    assert_eq!(link(gold), (json!(104), json!(504), Value::Null));
    assert_eq!(
        (&gold["reason"], &gold["variant"]),
        (&json!("TARGETING_MATCH; segment=pro"), &Value::Null)
    );
    let blue = flag(&member, "mv");
    assert_eq!(
        (&blue["reason"], &blue["variant"]),
        (&json!("SPLIT; weight=100.0"), &json!("blue-key"))
    );
    assert_eq!(
        (&blue["enabled"], &blue["feature_state_value"]),
        (&json!(false), &json!("blue"))
    );
    assert_eq!(flag(&member, "off")["reason"], "STATIC");

    let vip = plane.ask(call("vip", &[])).await;
    let red = flag(&vip, "mv");
    assert_eq!(link(red), (json!(106), Value::Null, json!(1)));
    assert_eq!(
        (&red["reason"], &red["variant"]),
        (&json!("SPLIT; weight=100.0"), &Value::Null)
    );
    assert_eq!(flag(&vip, "plain")["reason"], "DEFAULT");

    // An override without options still says `control` for a multivariate feature (contract, sdk-api section 6).
    let lone = plane.ask(call("lone", &[])).await;
    let alone = flag(&lone, "mv");
    assert_eq!(alone["reason"], "TARGETING_MATCH; segment=identity_overrides");
    assert_eq!(
        (&alone["variant"], &alone["feature_state_value"]),
        (&json!("control"), &json!("alone"))
    );
}

#[tokio::test]
async fn single_flags_and_option_lists_are_found() {
    let plane = Plane::new(mixed());
    let one: Value = serde_json::from_slice(&plane.snapshot.flag(KeyKind::Client, "MV").unwrap()).unwrap();
    assert_eq!(one["feature"]["name"], "mv");
    assert!(plane.snapshot.flag(KeyKind::Client, "").is_none());
    let options = plane
        .snapshot
        .multivariate_options(KeyKind::Client, 4.into())
        .unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&options).unwrap(),
        json!({"control_value": "control-value", "options": [{"value": "blue"}, {"value": "red"}]})
    );
    assert!(
        plane
            .snapshot
            .multivariate_options(KeyKind::Server, 99.into())
            .is_none()
    );

    let snapshot = std::sync::Arc::clone(&plane.snapshot);
    let identified = plane
        .delivery
        .identify(snapshot, KeyKind::Client, call("u", &[]), &crate::testing::Sevens)
        .await
        .unwrap();
    let flag: Value = serde_json::from_slice(&identified.flag("plain").unwrap()).unwrap();
    assert_eq!(flag["reason"], "STATIC");
    assert!(identified.flag("secret").is_none());
    assert!(identified.flag("PLAIN").is_none());
}

/// A feature with all its default options at 0, and an experiment whose cohort are the members of `pro`.
fn experiment() -> EnvironmentData {
    let mut data = environment();
    let feature = data.add_multivariate("checkout", true, &[(Some("a"), "A", 0.0), (Some("b"), "B", 0.0)]);
    let cohort = data.add_segment("experiment-7-rollout", "cohort", Operator::Equal, "yes");
    data.override_segment(feature, cohort, 5, true, text("in"), &[100.0, 0.0]);
    let staff = data.add_segment("staff", "staff", Operator::IsSet, "");
    data.override_segment(feature, staff, 0, true, text("staff"), &[0.0, 100.0]);
    data.run_experiment(feature, cohort);
    data
}

#[tokio::test]
async fn an_experiments_flag_says_who_takes_part() {
    let plane = Plane::new(experiment());
    let metadata = |in_experiment: bool| json!({"experiment": {"id": 7, "name": "Checkout test", "in_experiment": in_experiment}});
    let cases = [
        (call("in", &[("cohort", json!("yes"))]), json!("a"), true),
        (call("out", &[]), Value::Null, false),
        (
            call("both", &[("cohort", json!("yes")), ("staff", json!(1))]),
            json!("b"),
            false,
        ),
    ];
    for (call, variant, in_experiment) in cases {
        let answer = plane.ask(call).await;
        let flag = flag(&answer, "checkout");
        assert_eq!(flag["variant"], variant);
        assert_eq!(flag["metadata"], metadata(in_experiment));
    }
}

#[tokio::test]
async fn the_operator_can_have_the_references_control_outside_the_cohort() {
    let options = SnapshotOptions {
        serve_control_outside_rollout: true,
    };
    let plane = Plane::with(experiment(), &options, IdentityOptions::default());
    assert_eq!(
        flag(&plane.ask(call("out", &[])).await, "checkout")["variant"],
        "control"
    );
}

#[tokio::test]
async fn an_experiment_that_does_not_run_is_not_mentioned() {
    let mut data = experiment();
    data.experiments[0].is_running = false;
    let answer = Plane::new(data).ask(call("out", &[])).await;
    let flag = flag(&answer, "checkout");
    assert!(flag.get("metadata").is_none());
    assert_eq!(flag["variant"], Value::Null);
}

#[tokio::test]
async fn flags_that_depend_on_each_other_in_a_circle_say_so() {
    let mut data = environment();
    for (name, other) in [("a", "b"), ("b", "a")] {
        let feature = data.add_feature(name, true, text("default"));
        let segment = data.add_segment(name, &format!("$.flags.{other}.enabled"), Operator::Equal, "true");
        data.override_segment(feature, segment, 0, true, text("override"), &[]);
    }
    let answer = Plane::new(data).ask(call("u", &[])).await;
    for name in ["a", "b"] {
        let flag = flag(&answer, name);
        assert_eq!(flag["reason"], "ERROR; code=CIRCULAR_DEPENDENCY");
        assert_eq!(flag["feature_state_value"], "default");
    }
}

#[tokio::test]
async fn segments_without_overrides_are_there_for_conditions_that_read_them() {
    let mut data = environment();
    let feature = data.add_feature("flag", false, FlagValue::Null);
    let segment = data.add_segment("reader", "$.segments['2'].name", Operator::Equal, "unused");
    data.add_segment("unused", "plan", Operator::IsSet, "");
    data.override_segment(feature, segment, 0, true, FlagValue::Null, &[]);
    let answer = Plane::new(data).ask(call("u", &[])).await;
    assert_eq!(flag(&answer, "flag")["reason"], "TARGETING_MATCH; segment=reader");
}
