//! Breakdowns of results as lines of text.

use serde_json::Value;

/// The series of every metric and treatment: a line a day, what drifts, and what it comes to.
pub(super) fn series_lines(payload: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for (metric, variant, series) in by_variant(&payload["metrics"]) {
        lines.push(String::new());
        lines.push(format!(
            "Metric {metric}, {variant}: as of each day's end, and each day by itself"
        ));
        lines.push(format!(
            "{:11} {:>9} {:>9} {:>12} {:>12} {:>12} {:>9} {:>12} {:>9}",
            "day", "control", "units", "effect", "low", "high", "lift", "day's effect", "its lift"
        ));
        for point in list(&series["cumulative"]) {
            let daily = list(&series["daily"])
                .iter()
                .find(|daily| daily["day"] == point["day"])
                .unwrap_or(&Value::Null);
            lines.push(format!(
                "{:11} {:>9} {:>9} {:>12} {:>12} {:>12} {:>9} {:>12} {:>9}",
                day(point),
                point["control_units"].to_string(),
                point["units"].to_string(),
                number(&point["estimate"]),
                number(&point["ci_low"]),
                number(&point["ci_high"]),
                percent(&point["lift"]),
                number(&daily["estimate"]),
                percent(&daily["lift"]),
            ));
        }
        let novelty = &series["novelty"];
        if !novelty.is_null() {
            let found = if novelty["flagged"] == true {
                "drifts"
            } else {
                "does not drift"
            };
            lines.push(format!(
                "The effect {found}: {} a day ({}, z = {}, {} days)",
                number(&novelty["slope"]),
                novelty["scale"].as_str().unwrap_or_default(),
                number(&novelty["z"]),
                novelty["days"],
            ));
        }
        let impact = &series["scaled_impact"];
        if !impact.is_null() {
            lines.push(format!(
                "With every one of {} eligible units a day: {} a day ({} to {})",
                number(&impact["units_per_day"]),
                number(&impact["estimate"]),
                number(&impact["ci_low"]),
                number(&impact["ci_high"]),
            ));
        }
    }
    lines
}

/// The dimensions: a line a level, whether levels differ, and where the split is off.
pub(super) fn dimension_lines(payload: &Value) -> Vec<String> {
    let mut lines = vec!["Exploratory: no verdict comes from these.".to_owned()];
    for dimension in list(&payload["dimensions"]) {
        let name = dimension["name"].as_str().unwrap_or_default();
        for split in list(&dimension["srm"]) {
            if split["adjusted_p_value"].as_f64().is_some_and(|p| p < 0.001) {
                lines.push(format!(
                    "{name} = {}: the split is off (p = {})",
                    level(split),
                    number(&split["adjusted_p_value"])
                ));
            }
        }
        for (metric, variant, found) in by_variant(&dimension["metrics"]) {
            lines.push(String::new());
            lines.push(format!("{name}: metric {metric}, {variant}"));
            lines.push(format!(
                "{:24} {:>9} {:>9} {:>12} {:>12} {:>12} {:>9}",
                "level", "control", "units", "effect", "low", "high", "lift"
            ));
            for effect in list(&found["levels"]) {
                lines.push(format!(
                    "{:24} {:>9} {:>9} {:>12} {:>12} {:>12} {:>9}",
                    level(effect),
                    effect["control_units"].to_string(),
                    effect["units"].to_string(),
                    number(&effect["estimate"]),
                    number(&effect["ci_low"]),
                    number(&effect["ci_high"]),
                    percent(&effect["lift"]),
                ));
            }
            let test = &found["heterogeneity"];
            if !test.is_null() {
                lines.push(format!(
                    "Do levels differ? Q = {} on {} df, p = {} (corrected {}), I2 = {}",
                    number(&test["q"]),
                    test["df"],
                    number(&test["p_value"]),
                    number(&test["adjusted_p_value"]),
                    percent(&test["i_squared"]),
                ));
            }
        }
    }
    lines
}

/// Metric, variant and what is said of them.
fn by_variant(metrics: &Value) -> impl Iterator<Item = (&Value, &String, &Value)> {
    list(metrics).iter().flat_map(|metric| {
        let variants = metric["variants"].as_object().into_iter().flatten();
        variants.map(move |(variant, found)| (&metric["metric_id"], variant, found))
    })
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A day that is not over is marked.
fn day(point: &Value) -> String {
    let day = point["day"].as_str().unwrap_or_default();
    let mark = if point["is_complete"] == true { "" } else { "*" };
    format!("{day}{mark}")
}

/// Texts of clients may hold anything: what a terminal would obey is escaped.
fn level(of: &Value) -> String {
    match (&of["kind"], of["level"].as_str()) {
        (_, Some(value)) => value.escape_debug().to_string(),
        (kind, None) => format!("({})", kind.as_str().unwrap_or_default()),
    }
}

fn number(value: &Value) -> String {
    value.as_f64().map_or_else(
        || "-".to_owned(),
        |number| match number.abs() {
            size if size == 0.0 || (1e-3..1e6).contains(&size) => format!("{number:.4}"),
            _ => format!("{number:.3e}"),
        },
    )
}

fn percent(value: &Value) -> String {
    value
        .as_f64()
        .map_or_else(|| "-".to_owned(), |share| format!("{:.2} %", 100.0 * share))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_series_has_a_line_a_day() {
        let point = json!({"day": "2026-11-01", "is_complete": false, "control_units": 500, "units": 501, "estimate": 0.25,
            "ci_low": -1.5, "ci_high": 2e9, "lift": 0.125});
        let daily = json!({"day": "2026-11-01", "estimate": null, "lift": null});
        let payload = json!({"metrics": [{"metric_id": 7, "variants": {"ka": {"cumulative": [point], "daily": [daily],
            "novelty": {"scale": "relative", "days": 9, "slope": -0.02, "z": -4.5, "flagged": true},
            "scaled_impact": {"units_per_day": 40.0, "estimate": 10.0, "ci_low": -60.0, "ci_high": 8e10}}}}]});
        let lines = series_lines(&payload);
        let cells: Vec<&str> = lines[3].split_whitespace().collect();
        assert_eq!(
            cells,
            [
                "2026-11-01*",
                "500",
                "501",
                "0.2500",
                "-1.5000",
                "2.000e9",
                "12.50",
                "%",
                "-",
                "-"
            ]
        );
        assert_eq!(
            lines[4],
            "The effect drifts: -0.0200 a day (relative, z = -4.5000, 9 days)"
        );
        assert!(lines[5].contains("40.0000 eligible units a day: 10.0000"));
        assert!(series_lines(&json!({"metrics": []})).is_empty());
    }

    #[test]
    fn levels_are_named_and_what_a_terminal_obeys_is_escaped() {
        let level = json!({"level": "\u{1b}[2J", "kind": "value", "control_units": 100, "units": 100, "estimate": 1.0,
            "ci_low": 0.5, "ci_high": 1.5, "lift": null});
        let rest = json!({"level": null, "kind": "other", "control_units": 9, "units": 8});
        let payload = json!({"dimensions": [{"name": "country",
            "srm": [{"level": null, "kind": "missing", "adjusted_p_value": 1e-9}],
            "metrics": [{"metric_id": 7, "variants": {"ka": {"levels": [level, rest], "heterogeneity":
                {"q": 3.0, "df": 1, "p_value": 0.08, "adjusted_p_value": 0.2, "i_squared": 0.5}}}}]}]});
        let text = dimension_lines(&payload).join("\n");
        assert!(text.contains("country = (missing): the split is off (p = 1.000e-9)"));
        assert!(text.contains("\\u{1b}[2J") && !text.contains('\u{1b}'));
        assert!(text.contains("(other)"));
        assert!(text.contains("Q = 3.0000 on 1 df, p = 0.0800 (corrected 0.2000), I2 = 50.00 %"));
    }
}
