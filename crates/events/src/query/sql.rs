//! An analysis as SQL for DuckDB over the store's Parquet files.

use std::fmt::Write as _;

use crate::event::EXPOSURE_EVENT;
use crate::layout::Layout;
use crate::store::{Aggregation, ExposureQuery, MetricQuery};

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
    write!(
        sql,
        "WITH events AS (
    SELECT event, feature_name, identifier, value, timestamp
    FROM read_parquet({files}, hive_partitioning = false)
    WHERE environment_key = {environment_key}
        AND timestamp >= epoch_ms({from_ms}) AND timestamp < epoch_ms({until_ms})
),
first_exposures AS (
    SELECT identifier, min(value) AS variant, min(value) <> max(value) AS quarantined, min(timestamp) AS first_exposure
    FROM events
    WHERE event = {exposure_event} AND feature_name = {feature_name}
        AND identifier IS NOT NULL AND value IS NOT NULL
    GROUP BY identifier
)",
        files = literal(&files.to_string_lossy()),
        environment_key = literal(&query.environment_key),
        from_ms = query.from_ms,
        until_ms = query.until_ms,
        exposure_event = literal(EXPOSURE_EVENT),
        feature_name = literal(&query.feature_name),
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
    let mut names: Vec<String> = metrics.iter().map(|metric| literal(&metric.event)).collect();
    names.sort();
    names.dedup();
    write!(
        sql,
        ",
metric_events AS (
    SELECT event, identifier, timestamp,
        CASE WHEN regexp_full_match(value, '{NUMBER_PATTERN}') AND isfinite(try_cast(ltrim(value, '+') AS DOUBLE))
            THEN try_cast(ltrim(value, '+') AS DOUBLE) ELSE 0 END AS number
    FROM events
    WHERE event IN ({names})
),
identities AS (
    SELECT e.variant",
        names = names.join(", "),
    )?;
    for (index, metric) in metrics.iter().enumerate() {
        write!(sql, ",\n        {} AS m{index}", aggregate(metric))?;
    }
    write!(
        sql,
        "
    FROM first_exposures AS e
    LEFT JOIN metric_events AS m ON m.identifier = e.identifier AND m.timestamp >= e.first_exposure
    WHERE NOT e.quarantined
    GROUP BY e.identifier, e.variant
)
SELECT variant, count(*) AS n"
    )?;
    for index in 0..metrics.len() {
        write!(
            sql,
            ",\n    sum(m{index}) AS m{index}_sum, sum(m{index} * m{index}) AS m{index}_sum_squares"
        )?;
    }
    write!(
        sql,
        ",\n    {quarantined}\nFROM identities\nGROUP BY variant\nORDER BY variant"
    )
}

/// Returns the number of one identity as an aggregate over its events.
fn aggregate(metric: &MetricQuery) -> String {
    let of_event = format!("FILTER (WHERE m.event = {})", literal(&metric.event));
    match metric.aggregation {
        Aggregation::Count => format!("count(m.event) {of_event}::DOUBLE"),
        Aggregation::Occurrence => format!("(count(m.event) {of_event} > 0)::DOUBLE"),
        Aggregation::Sum => format!("coalesce(sum(m.number) {of_event}, 0)"),
        Aggregation::Mean => format!("coalesce(avg(m.number) {of_event}, 0)"),
    }
}

/// Returns a text as an SQL literal.
fn literal(text: &str) -> String {
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
