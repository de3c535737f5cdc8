//! An analysis as SQL for DuckDB over the store's Parquet files.

use std::fmt::Write as _;

use super::metric_sql::{MetricSql, metadata_is_needed};
use super::plan::Plan;
use crate::event::EXPOSURE_EVENT;
use crate::layout::Layout;
use crate::metric::MetricQuery;
use crate::store::ExposureQuery;

/// What a value has to look like to be a number, as a regular expression.
const NUMBER_PATTERN: &str = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?";

/// See [`crate::ReproductionSql::sql`].
pub(crate) fn reproduction_sql(layout: &Layout, query: &ExposureQuery, metrics: &[MetricQuery]) -> String {
    let mut sql = String::new();
    write_sql(&mut sql, layout, query, metrics).expect("writing to a String cannot fail");
    sql
}

fn write_sql(
    sql: &mut String,
    layout: &Layout,
    query: &ExposureQuery,
    metrics: &[MetricQuery],
) -> Result<(), std::fmt::Error> {
    let files = layout
        .beside_root()
        .environment(&query.environment_key)
        .join("day=*")
        .join("part-*.parquet");
    let look_back_ms = Plan::new(metrics).look_back_ms();
    let needs_metadata = metrics.iter().any(metadata_is_needed);
    write!(
        sql,
        "WITH events AS (
    SELECT event, feature_name, identifier, value, timestamp{metadata}
    FROM read_parquet({files}, hive_partitioning = false)
    WHERE environment_key = {environment_key}
        AND timestamp >= epoch_ms({from_ms}) AND timestamp < epoch_ms({until_ms})
),
first_exposures AS (
    SELECT identifier, min(value) AS variant, min(value) <> max(value) AS quarantined, min(timestamp) AS first_exposure
    FROM events
    WHERE event = {exposure_event} AND feature_name = {feature_name}
        AND identifier IS NOT NULL AND value IS NOT NULL{in_time}
    GROUP BY identifier
)",
        metadata = if needs_metadata { ", metadata" } else { "" },
        files = literal(&files.to_string_lossy()),
        environment_key = literal(&query.environment_key),
        from_ms = query.from_ms.saturating_sub(look_back_ms),
        until_ms = query.until_ms,
        exposure_event = literal(EXPOSURE_EVENT),
        feature_name = literal(&query.feature_name),
        in_time = match look_back_ms {
            0 => String::new(),
            _ => format!("\n        AND timestamp >= epoch_ms({})", query.from_ms),
        },
    )?;
    let quarantined = "(SELECT count(*) FROM first_exposures WHERE quarantined) AS quarantined";
    if metrics.is_empty() {
        return write!(
            sql,
            "\nSELECT variant, count(*) AS n, {quarantined}
FROM first_exposures
WHERE NOT quarantined
GROUP BY variant
ORDER BY variant"
        );
    }
    let metrics: Vec<MetricSql> = metrics
        .iter()
        .enumerate()
        .map(|(index, metric)| MetricSql::new(index, metric, query.until_ms, look_back_ms > 0))
        .collect();
    let mut names: Vec<&String> = metrics.iter().flat_map(|metric| &metric.events).collect();
    names.sort();
    names.dedup();
    let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
    write!(
        sql,
        ",
metric_events AS (
    SELECT event, identifier, timestamp,
        CASE WHEN regexp_full_match(value, '{NUMBER_PATTERN}') AND isfinite(try_cast(ltrim(value, '+') AS DOUBLE))
            THEN try_cast(ltrim(value, '+') AS DOUBLE) ELSE 0 END AS number{metadata}
    FROM events
    WHERE event IN ({names})
),
identities AS (
    SELECT e.variant",
        metadata = if needs_metadata {
            ",\n        try_cast(nullif(metadata, '') AS JSON) AS metadata"
        } else {
            ""
        },
        names = names.join(", "),
    )?;
    for number in metrics.iter().flat_map(|metric| &metric.numbers) {
        write!(sql, ",\n        {} AS {}", number.expression, number.name)?;
    }
    let since = if look_back_ms == 0 {
        " AND m.timestamp >= e.first_exposure"
    } else {
        ""
    };
    let exposure = if metrics.iter().any(|metric| metric.has_window) {
        ", e.first_exposure"
    } else {
        ""
    };
    write!(
        sql,
        "
    FROM first_exposures AS e
    LEFT JOIN metric_events AS m ON m.identifier = e.identifier{since}
    WHERE NOT e.quarantined
    GROUP BY e.identifier, e.variant{exposure}
)"
    )?;
    let source = write_caps(sql, &metrics)?;
    let joined = write_quantiles(sql, &metrics)?;
    write!(sql, "\nSELECT variant, count(*) AS n")?;
    for metric in &metrics {
        write!(sql, ",\n    {}", metric.outputs.join(", "))?;
    }
    write!(
        sql,
        ",\n    {quarantined}\nFROM {source}{joined}\nGROUP BY variant\nORDER BY variant"
    )
}

/// Writes the tables of thresholds and of capped numbers, if any number is capped. Returns what the numbers are read from.
fn write_caps(sql: &mut String, metrics: &[MetricSql]) -> Result<&'static str, std::fmt::Error> {
    let numbers = || metrics.iter().flat_map(|metric| &metric.numbers);
    let thresholds: Vec<&str> = numbers()
        .flat_map(|number| &number.thresholds)
        .map(String::as_str)
        .collect();
    if thresholds.is_empty() {
        return Ok("identities");
    }
    let capped: Vec<&str> = numbers().filter_map(|number| number.capped.as_deref()).collect();
    let kept: Vec<String> = numbers()
        .filter(|number| number.capped.is_some())
        .map(|number| format!("{name} AS {name}_uncapped", name = number.name))
        .collect();
    write!(
        sql,
        ",
thresholds AS (
    SELECT {thresholds}
    FROM identities
),
capped AS (
    SELECT * REPLACE ({capped}), {kept}
    FROM identities CROSS JOIN thresholds
)",
        thresholds = thresholds.join(",\n        "),
        capped = capped.join(",\n        "),
        kept = kept.join(", "),
    )?;
    Ok("capped")
}

/// Writes the tables of ordered numbers and of quantiles, if any metric has one. Returns how the identities are joined with it.
fn write_quantiles(sql: &mut String, metrics: &[MetricSql]) -> Result<&'static str, std::fmt::Error> {
    let quantiles = || metrics.iter().filter_map(|metric| metric.quantile.as_ref());
    let sorted: Vec<&str> = quantiles().map(|quantile| quantile.sorted.as_str()).collect();
    if sorted.is_empty() {
        return Ok("");
    }
    let columns: Vec<&str> = quantiles()
        .flat_map(|quantile| &quantile.columns)
        .map(String::as_str)
        .collect();
    write!(
        sql,
        ",
sorted AS (
    SELECT variant,
        {sorted}
    FROM identities
    GROUP BY variant
),
quantiles AS (
    SELECT variant,
        {columns}
    FROM sorted
)",
        sorted = sorted.join(",\n        "),
        columns = columns.join(",\n        "),
    )?;
    Ok(" JOIN quantiles USING (variant)")
}

/// Returns a text as an SQL literal.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn quotes_cannot_end_a_literal() {
        assert_eq!(literal("a'; DROP TABLE x; --"), "'a''; DROP TABLE x; --'");
    }
}
