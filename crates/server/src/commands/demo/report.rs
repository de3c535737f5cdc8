//! The results as a table for the terminal.

use super::scene::Scene;
use crate::commands::say;
use serde_json::Value;

/// Prints what was found and where to go on.
pub fn print(url: &str, scene: &Scene, results: &Value) {
    say("");
    let split = results["srm"]["observed"].as_object().map(|observed| {
        observed
            .iter()
            .map(|(variant, n)| format!("{variant} {n}"))
            .collect::<Vec<_>>()
            .join(", ")
    });
    say(format_args!(
        "Identities by variant: {}",
        split.unwrap_or_default()
    ));
    say(format_args!(
        "Sample ratio check: p = {}",
        number(&results["srm_p_value"], 3)
    ));
    say("");
    say(format_args!(
        "{:22} {:12} {:>9} {:>20} {:>14}",
        "metric", "variant", "lift", "95 % interval", "chance to win"
    ));
    for metric in results["metrics"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
    {
        let id = metric["metric_id"].as_i64().unwrap_or_default();
        let name = scene
            .metrics
            .iter()
            .find(|(known, _)| *known == id)
            .map_or("", |(_, name)| name);
        for (variant, inference) in metric["inference"].as_object().into_iter().flatten() {
            let interval = format!(
                "{} … {}",
                percent(&inference["ci_low"]),
                percent(&inference["ci_high"])
            );
            let chance = percent(&inference["chance_to_win"]);
            say(format_args!(
                "{name:22} {variant:12} {:>9} {interval:>20} {chance:>14}",
                percent(&inference["lift"])
            ));
        }
    }
    say("");
    say(format_args!("The environment's client-side key is {}", scene.key));
    say(format_args!(
        "The results are at {url}{}results/",
        scene.experiment
    ));
}

fn percent(value: &Value) -> String {
    value
        .as_f64()
        .map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

fn number(value: &Value, digits: usize) -> String {
    value
        .as_f64()
        .map_or_else(|| "–".to_owned(), |number| format!("{number:.digits$}"))
}
