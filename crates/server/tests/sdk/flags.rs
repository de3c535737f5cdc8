//! Flagsmith's SDKs: right flags before a change and after it, which reaches those that hold the environment by its stream
//! or by polling.

use crate::program::Program;
use crate::shop::{Shop, sights};
use serde_json::{Value, json};

/// What the flags of a client tell.
struct Told {
    /// The name of the client in what the program prints.
    client: &'static str,
    has_variant: bool,
    reasons: Reasons,
}

/// How a client tells reasons.
enum Reasons {
    /// Not at all.
    Untold,
    /// As the server does.
    AsServed,
    /// By Node's engine, which has one word for what no segment could change and for what none did, and writes numbers as
    /// JavaScript does.
    ByNode,
}

fn told(client: &'static str, has_variant: bool, reasons: Reasons) -> Told {
    Told {
        client,
        has_variant,
        reasons,
    }
}

async fn check(program: Option<Program>, clients: &[Told]) {
    let Some(program) = program else {
        return;
    };
    let shop = Shop::open().await;
    let mut running = program.start(&shop.plan()).await;
    compare(&running.line().await, clients, false);
    shop.change_title().await;
    compare(&running.line().await, clients, true);
    running.end().await;
    shop.close().await;
}

fn compare(seen: &Value, clients: &[Told], is_changed: bool) {
    for client in clients {
        for sight in sights(is_changed) {
            let flag = &seen[client.client][sight.person][sight.flag];
            let place = format!("{} {} {}: {flag}", client.client, sight.person, sight.flag);
            assert_eq!(
                (&flag["enabled"], &flag["value"]),
                (&json!(sight.enabled), &sight.value),
                "{place}"
            );
            if client.has_variant {
                assert_eq!(flag["variant"], json!(sight.variant), "{place}");
            }
            let reason = match (&client.reasons, sight.reason) {
                (Reasons::Untold, _) => continue,
                (Reasons::ByNode, "STATIC") => "DEFAULT",
                (Reasons::ByNode, "SPLIT; weight=100.0") => "SPLIT; weight=100",
                (_, reason) => reason,
            };
            assert_eq!(flag["reason"], reason, "{place}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_sdk_sees_the_flags_and_hears_of_a_change() {
    let clients = [
        told("remote", true, Reasons::AsServed),
        told("local", true, Reasons::AsServed),
    ];
    check(Program::python("flags.py"), &clients).await;
}

/// The SDK for servers tells no variants, and looks for the reason of a remote flag where no server has it.
#[tokio::test(flavor = "multi_thread")]
async fn the_javascript_sdks_see_the_flags_and_hear_of_a_change() {
    let clients = [
        told("browser", true, Reasons::AsServed),
        told("remote", false, Reasons::Untold),
        told("local", false, Reasons::ByNode),
    ];
    check(Program::node("flags.mjs"), &clients).await;
}
