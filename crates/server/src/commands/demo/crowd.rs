//! The visitors: each asks for its flags, and what it does then depends on the variant it saw.

use super::api::Api;
use super::scene::{FLAG, Scene};
use indicatif::ProgressBar;
use liftgate_model::{Clock as _, SystemClock};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::task::JoinSet;

/// Visitors at the same time.
const AT_ONCE: u32 = 16;
/// Events sent together.
const BATCH: usize = 200;

/// Lets the visitors come.
pub async fn visit(api: &Api, scene: &Scene, count: u32, seed: u64, bar: &ProgressBar) -> anyhow::Result<()> {
    let next = Arc::new(AtomicU32::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (api, key, next, bar) = (api.clone(), scene.key.clone(), Arc::clone(&next), bar.clone());
        tasks.spawn(async move {
            let mut events = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    break;
                }
                let mut visitor = Visitor::new(number, seed);
                let variant = visitor.look(&api, &key).await?;
                events.extend(visitor.act(variant.as_deref()));
                if events.len() >= BATCH {
                    send(&api, &key, &mut events).await?;
                }
                bar.inc(1);
            }
            send(&api, &key, &mut events).await
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

async fn send(api: &Api, key: &str, events: &mut Vec<Value>) -> anyhow::Result<()> {
    if !events.is_empty() {
        let body = json!({"events": std::mem::take(events)});
        api.post_as_sdk(key, "/v1/events", &body).await?;
    }
    Ok(())
}

/// What a variant does to people, as factors of what they would have done.
struct Effect {
    purchases: f64,
    spending: f64,
    pages: f64,
    support: f64,
}

impl Effect {
    fn of(variant: Option<&str>) -> Self {
        match variant {
            Some("one_click") => Self {
                purchases: 1.22,
                spending: 1.03,
                pages: 0.97,
                support: 1.15,
            },
            Some("reassure") => Self {
                purchases: 1.07,
                spending: 1.01,
                pages: 1.02,
                support: 0.80,
            },
            _ => Self {
                purchases: 1.0,
                spending: 1.0,
                pages: 1.0,
                support: 1.0,
            },
        }
    }
}

/// One visitor.
struct Visitor {
    identifier: String,
    orders: u32,
    chance: Chance,
}

impl Visitor {
    fn new(number: u32, seed: u64) -> Self {
        let mut chance = Chance(seed ^ (u64::from(number) << 20) ^ 0x9E37_79B9_7F4A_7C15);
        let orders = if chance.next() < 0.35 {
            1 + chance.below(6)
        } else {
            0
        };
        Self {
            identifier: format!("visitor-{seed}-{number}"),
            orders,
            chance,
        }
    }

    /// Asks for the flags; answers the variant, if the visitor is part of the experiment.
    async fn look(&self, api: &Api, key: &str) -> anyhow::Result<Option<String>> {
        let body = json!({"identifier": self.identifier,
            "traits": [{"trait_key": "orders", "trait_value": self.orders}]});
        let answer = api.post_as_sdk(key, "/api/v1/identities/", &body).await?;
        let flags = answer["flags"].as_array().map(Vec::as_slice).unwrap_or_default();
        let flag = flags.iter().find(|flag| flag["feature"]["name"] == FLAG);
        Ok(flag
            .filter(|flag| flag["metadata"]["experiment"]["in_experiment"] == true)
            .and_then(|flag| flag["variant"].as_str().map(str::to_owned)))
    }

    /// What the visitor does, as events: the exposure first.
    fn act(&mut self, variant: Option<&str>) -> Vec<Value> {
        let effect = Effect::of(variant);
        let mut at = SystemClock.now().as_millis();
        let mut events = Vec::new();
        let mut event = |name: &str, feature: Option<&str>, value: Option<String>| {
            at += 1;
            events.push(
                json!({"event": name, "feature_name": feature, "identifier": self.identifier,
                "value": value, "traits": null, "metadata": {"sdk_version": "demo"}, "timestamp": at}),
            );
        };
        if let Some(variant) = variant {
            event("$flag_exposure", Some(FLAG), Some(variant.to_owned()));
        }
        let loyal = if self.orders > 0 { 1.6 } else { 1.0 };
        for _ in 0..=self.chance.poisson(3.2 * effect.pages) {
            event("page_view", None, None);
        }
        if self.chance.next() < 0.11 * loyal * effect.purchases {
            event("purchase", None, None);
            let spent = 18.0 * (0.55 * self.chance.normal()).exp() * 2.2 * effect.spending;
            event("revenue", None, Some(format!("{spent:.2}")));
        }
        if self.chance.next() < 0.03 * effect.support {
            event("support_request", None, None);
        }
        events
    }
}

/// A small generator (SplitMix64): a demonstration repeats itself, and nothing else depends on it.
struct Chance(u64);

impl Chance {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Uniform in [0, 1).
    fn next(&mut self) -> f64 {
        f64::from(u32::try_from(self.bits() >> 32).unwrap_or_default()) / 4_294_967_296.0
    }

    /// Uniform in 0..limit.
    fn below(&mut self, limit: u32) -> u32 {
        u32::try_from(self.bits() % u64::from(limit)).unwrap_or_default()
    }

    /// Standard normal (Box and Muller).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.next()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.next()).cos()
    }

    /// Poisson (Knuth).
    fn poisson(&mut self, mean: f64) -> u32 {
        let (limit, mut product, mut count) = ((-mean).exp(), self.next(), 0);
        while product > limit {
            product *= self.next();
            count += 1;
        }
        count
    }
}
