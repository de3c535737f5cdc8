//! A random environment, the same in every run: flags of every kind, segments with every operator, overrides of segments
//! and identities. And random people whose identifiers and traits meet its conditions.

use liftgate_testkit::{Flag, Workspace};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

const FLAGS: usize = 12;
const SEGMENTS: usize = 24;
const SEGMENT_OVERRIDES: usize = 60;
/// The people `person-0`, `person-1`, … with overrides of their own.
const OVERRIDDEN: usize = 8;

/// Draws values of strategies, the same in every run.
pub struct Draw(TestRunner);

/// Whoever asks for flags.
#[derive(Debug)]
pub struct Person {
    /// `None`: anonymous.
    pub identifier: Option<String>,
    /// Scalars by key.
    pub traits: Map<String, Value>,
}

impl Draw {
    /// From the beginning.
    pub fn new() -> Self {
        Self(TestRunner::deterministic())
    }

    /// The next value.
    pub fn next<S: Strategy>(&mut self, strategy: &S) -> S::Value {
        let tree = strategy.new_tree(&mut self.0);
        tree.expect("nothing is filtered out").current()
    }
}

/// Makes the environment through the admin API.
pub async fn build(workspace: &Workspace, draw: &mut Draw) {
    let mut flags = Vec::new();
    for index in 0..FLAGS {
        let name = format!("flag_{index}");
        flags.push(if index % 2 == 0 {
            let shares = draw.next(&shares());
            let options = [("a", "A", shares[0]), ("b", "7", shares[1])];
            workspace.flag(&name, &options).await
        } else {
            let value = draw.next(&prop::sample::select(vec![
                "",
                "42",
                "true",
                "1.5",
                "text, of sorts",
            ]));
            let id = workspace.feature(&name, value).await;
            Flag {
                id,
                name,
                options: Vec::new(),
            }
        });
    }
    let mut segments = Vec::new();
    for index in 0..SEGMENTS {
        // Every operator comes first in some segment.
        let rules = draw.next(&rules(index));
        segments.push(workspace.segment(&format!("segment {index}"), rules).await);
    }
    let mut taken = std::collections::HashSet::new();
    for index in 0..SEGMENT_OVERRIDES {
        let (flag, segment) = (draw.next(&(0..FLAGS)), index % SEGMENTS);
        if !taken.insert((flag, segment)) {
            continue;
        }
        let shares = shares_of(&flags[flag], draw.next(&shares()));
        let (enabled, value) = (draw.next(&any::<bool>()), format!("{flag} for {segment}"));
        let (flag, segment) = (flags[flag].id, segments[segment]);
        workspace
            .override_segment(flag, segment, enabled, &value, &shares)
            .await;
    }
    for index in 0..OVERRIDDEN {
        let identity = workspace.identity(&format!("person-{index}")).await;
        for flag in [&flags[index % FLAGS], &flags[(index + 5) % FLAGS]] {
            let shares = shares_of(flag, draw.next(&shares()));
            let value = draw.next(&prop::sample::select(vec![
                json!("own"),
                json!(7),
                json!(true),
                json!(null),
            ]));
            let enabled = draw.next(&any::<bool>());
            workspace
                .override_identity(flag.id, identity, enabled, value, &shares)
                .await;
        }
    }
}

/// Anybody; one in sixteen is anonymous, and then has traits.
pub fn people() -> impl Strategy<Value = Person> {
    let identifier = prop_oneof![
        2 => (0..OVERRIDDEN).prop_map(|index| Some(format!("person-{index}"))),
        6 => (0..100_000_u32).prop_map(|index| Some(format!("person-{index}"))),
        4 => "[a-zé0-9 ,@._-]{1,20}".prop_map(|text| Some(format!("u{text}"))),
        3 => any::<u64>().prop_map(|number| Some(number.to_string())),
        1 => Just(None),
    ];
    let number = prop_oneof![
        (-5..70_i64).prop_map(Value::from),
        (-20..280_i64).prop_map(|quarters| {
            #[expect(clippy::cast_precision_loss, reason = "small whole numbers")]
            let quarters = quarters as f64;
            Value::from(quarters / 4.0)
        }),
        (0..70_i64).prop_map(|number| Value::from(format!("{number:02}"))),
    ];
    let anything = prop_oneof![
        number.clone(),
        any::<bool>().prop_map(Value::from),
        plans().prop_map(Value::from),
        "\\PC{0,10}".prop_map(Value::from),
    ];
    let traits = (
        prop::option::weighted(0.8, plans()),
        prop::option::weighted(0.8, number),
        prop::option::weighted(0.7, versions()),
        prop::option::weighted(0.7, emails()),
        prop::option::weighted(0.7, any::<bool>()),
        prop::option::weighted(0.6, anything),
    );
    (identifier, traits).prop_map(|(identifier, (plan, age, version, email, beta, any))| {
        let mut traits = Map::new();
        let mut put =
            |key: &str, value: Option<Value>| traits.extend(value.map(|value| (key.to_owned(), value)));
        put("plan", plan.map(Value::from));
        put("age", age);
        put("version", version.map(Value::from));
        put("email", email.map(Value::from));
        put("is beta", beta.map(Value::from));
        put("any", any);
        if identifier.is_none() && traits.is_empty() {
            traits.insert("plan".to_owned(), json!("pro"));
        }
        Person { identifier, traits }
    })
}

fn plans() -> impl Strategy<Value = String> + Clone {
    prop::sample::select(vec![
        "free",
        "pro",
        "Pro",
        "enterprise",
        "",
        "a,b",
        "42",
        "4.5",
        "naïve",
    ])
    .prop_map(str::to_owned)
}

fn versions() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        (0..3_u8, 0..4_u8, 0..3_u8).prop_map(|(major, minor, patch)| format!("{major}.{minor}.{patch}")),
        prop::sample::select(vec!["1.2.0-rc.1", "1.2.0+build", "1.2", "v1.2.3", ""]).prop_map(str::to_owned),
    ]
}

fn emails() -> impl Strategy<Value = String> + Clone {
    (
        "[a-c]{1,3}[0-9]{0,2}",
        prop::sample::select(vec!["example.com", "example.org", "test"]),
    )
        .prop_map(|(name, host)| format!("{name}@{host}"))
}

fn shares() -> impl Strategy<Value = [f64; 2]> {
    prop::array::uniform2(prop::sample::select(vec![0.0, 12.5, 33.3, 50.0]))
}

fn shares_of(flag: &Flag, shares: [f64; 2]) -> Vec<(i64, f64)> {
    flag.options.iter().copied().zip(shares).collect()
}

/// The rules of a segment, the first condition by the operator of that number.
fn rules(number: usize) -> impl Strategy<Value = Value> {
    let kind = || prop::sample::select(vec!["ALL", "ANY", "NONE"]);
    let first = condition(number);
    let more = prop::collection::vec((0..64_usize).prop_flat_map(condition), 0..2);
    let beside = prop::collection::vec((0..64_usize).prop_flat_map(condition), 1..3);
    (kind(), kind(), first, more, prop::option::weighted(0.4, beside)).prop_map(
        |(outer, inner, first, more, beside)| {
            let conditions: Vec<Value> = std::iter::once(first).chain(more).collect();
            let inner = json!({"type": inner, "rules": [], "conditions": conditions});
            let beside = json!(beside.unwrap_or_default());
            json!([{"type": outer, "rules": [inner], "conditions": beside}])
        },
    )
}

fn condition(number: usize) -> BoxedStrategy<Value> {
    let made = |property: &'static str, operator: &'static str, value: BoxedStrategy<String>| {
        value
            .prop_map(move |value| json!({"property": property, "operator": operator, "value": value}))
            .boxed()
    };
    let choice =
        |values: &'static [&'static str]| prop::sample::select(values).prop_map(str::to_owned).boxed();
    let age = || (0..65_i64).prop_map(|age| age.to_string()).boxed();
    match number % 20 {
        0 => made("plan", "EQUAL", plans().boxed()),
        1 => made("plan", "NOT_EQUAL", plans().boxed()),
        2 => made("age", "GREATER_THAN", age()),
        3 => made("age", "GREATER_THAN_INCLUSIVE", age()),
        4 => made("age", "LESS_THAN", age()),
        5 => made("age", "LESS_THAN_INCLUSIVE", choice(&["18", "18.5", "abc", "-1"])),
        6 => made("email", "CONTAINS", choice(&["@example.", "a", "org", ""])),
        7 => made("email", "NOT_CONTAINS", choice(&["@example.", "b1", "test"])),
        8 => made(
            "plan",
            "IN",
            choice(&["free,pro", "[\"a,b\", \"pro\"]", "42", "", "[42, 4.5]"]),
        ),
        9 => made(
            "email",
            "REGEX",
            choice(&[r"[ab]+\d?@", r".*\.org$", r"(?!a).+@example", r"(\w)\1", r"(?i)A"]),
        ),
        10 => made("age", "MODULO", choice(&["2|0", "3|1", "2.5|0", "x|1"])),
        11 => made(
            "version",
            "GREATER_THAN",
            choice(&["1.2.0:semver", "1.2.0-rc.1:semver", "1.2:semver"]),
        ),
        12 => made(
            "version",
            "EQUAL",
            choice(&["1.2.0:semver", "1.2.0", "0.0.1:semver"]),
        ),
        13 => made("any", "IS_SET", choice(&[""])),
        14 => made("any", "IS_NOT_SET", choice(&[""])),
        15 => made(
            "$.identity.key",
            "PERCENTAGE_SPLIT",
            (0..1000_u32)
                .prop_map(|tenths| format!("{}.{}", tenths / 10, tenths % 10))
                .boxed(),
        ),
        16 => made("email", "PERCENTAGE_SPLIT", choice(&["10", "50", "99.9", "x"])),
        17 => made("is beta", "EQUAL", choice(&["true", "false", "1", "False"])),
        18 => made("any", "EQUAL", choice(&["1", "7.0", "true", "pro", "4.5"])),
        _ => made(
            "$.identity.identifier",
            "REGEX",
            choice(&["person-[0-4]", "u", r"\d+$"]),
        ),
    }
}
