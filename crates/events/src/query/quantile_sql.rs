//! The quantiles of an analysis as SQL.

use super::metric_sql::number;
use crate::metric::{Quantile, QuantileOf};

/// One quantile in the SQL of an analysis.
pub(crate) struct QuantileSql {
    /// The column of the numbers of a variant, in order, as an aggregate over the identities.
    pub sorted: String,
    /// The columns that are made of it.
    pub columns: Vec<String>,
    /// The columns of the answer, where a variant has the columns above in each row.
    pub outputs: Vec<String>,
}

/// The name of the column with the values of an identity's events, of a quantile of events.
pub(crate) fn values_name(name: &str) -> String {
    format!("{name}_values")
}

impl QuantileSql {
    /// The quantile of the metric of that name. Of identities whose window is not over there is no number and are no values.
    pub(crate) fn new(name: &str, quantile: &Quantile) -> Self {
        let values = values_name(name);
        let sorted = match quantile.of {
            QuantileOf::Identities => {
                let counts = if quantile.ignore_zeros {
                    "<> 0"
                } else {
                    "IS NOT NULL"
                };
                format!("list_sort(list({name}) FILTER (WHERE {name} {counts}))")
            }
            QuantileOf::Events => {
                format!("list_sort(flatten(list({values}) FILTER (WHERE {values} IS NOT NULL)))")
            }
        };
        let (level, z) = (number(quantile.level), number(quantile.z));
        let (n, centre, half_width) = (
            format!("{name}_quantile_n"),
            format!("{name}_centre"),
            format!("{name}_half_width"),
        );
        let low = format!("floor({centre} - {half_width})");
        let high = format!("ceil({centre} + {half_width}) + 1");
        let at = |rank: &str| format!("{name}_sorted[({rank})::BIGINT]");
        let has_ends = format!("{low} >= 1 AND {high} <= {n}");
        let columns = vec![
            format!("coalesce(len({name}_sorted), 0) AS {n}"),
            format!("{n} * {level} AS {centre}"),
            format!("{z} * sqrt({centre} * (1 - {level})) AS {half_width}"),
            format!(
                "{} AS {name}_quantile",
                at(&format!(
                    "greatest(1, CASE WHEN abs({centre} - round({centre})) <= 1e-9 THEN round({centre}) ELSE ceil({centre}) END)"
                ))
            ),
            format!(
                "CASE WHEN {has_ends} THEN {} END AS {name}_quantile_lower",
                at(&low)
            ),
            format!(
                "CASE WHEN {has_ends} THEN {} END AS {name}_quantile_upper",
                at(&high)
            ),
        ];
        let mut outputs: Vec<String> = ["quantile_n", "quantile", "quantile_lower", "quantile_upper"]
            .map(|column| format!("max({name}_{column}) AS {name}_{column}"))
            .into();
        if quantile.of == QuantileOf::Events {
            let indicator = format!("len(list_filter({values}, lambda x: x <= {name}_quantile))::DOUBLE");
            let count = format!("len({values})::DOUBLE");
            let sum = |of: &str, column: &str| format!("coalesce(sum({of}), 0) AS {name}_{column}");
            outputs.extend([
                sum(&indicator, "indicator_sum"),
                sum(&format!("{indicator} ** 2"), "indicator_sum_squares"),
                sum(&count, "count_sum"),
                sum(&format!("{count} ** 2"), "count_sum_squares"),
                sum(&format!("{indicator} * {count}"), "quantile_cross"),
            ]);
        }
        Self {
            sorted: format!("{sorted} AS {name}_sorted"),
            columns,
            outputs,
        }
    }
}
