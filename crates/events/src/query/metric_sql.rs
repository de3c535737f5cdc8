//! The parts of one metric in the SQL of an analysis.

use super::quantile_sql::{QuantileSql, values_name};
use super::sql::literal;
use crate::metric::{
    Aggregation, Cap, CapAt, EventFilter, ExposureWindow, Measure, MetadataValue, MetricKind, MetricQuery,
    Quantile, QuantileOf,
};

/// One metric of an analysis.
pub(crate) struct MetricSql {
    /// The names of its events, as literals.
    pub events: Vec<String>,
    /// The numbers of each identity.
    pub numbers: Vec<NumberSql>,
    /// The columns of the answer.
    pub outputs: Vec<String>,
    pub quantile: Option<QuantileSql>,
    pub has_window: bool,
}

/// One number of each identity.
pub(crate) struct NumberSql {
    /// The name of its column.
    pub name: String,
    /// An aggregate over the events of an identity.
    pub expression: String,
    /// The columns of its thresholds.
    pub thresholds: Vec<String>,
    /// The number after capping; `None` when it is not capped.
    pub capped: Option<String>,
}

/// When events count.
#[derive(Clone, Copy)]
enum Period {
    /// From the first exposure on, as the join of events and exposures already says.
    Joined,
    /// From the first exposure on.
    After,
    /// In a window after it.
    Within(ExposureWindow),
    /// In as many milliseconds before it.
    Before(i64),
}

impl MetricSql {
    /// The metric at an index. `until_ms` is the end of the analysed time; `looks_back` says that the join gives events from
    /// before the exposures too.
    pub(crate) fn new(index: usize, metric: &MetricQuery, until_ms: i64, looks_back: bool) -> Self {
        let name = format!("m{index}");
        let after = match metric.window {
            Some(window) => Period::Within(window),
            None if looks_back => Period::After,
            None => Period::Joined,
        };
        let (second, measure, period) = match &metric.kind {
            MetricKind::Plain | MetricKind::Quantile(_) => (None, &metric.measure, after),
            MetricKind::Ratio { denominator, .. } => {
                (Some(format!("{name}_denominator")), denominator, after)
            }
            MetricKind::Covariate { look_back_ms } => (
                Some(format!("{name}_covariate")),
                &metric.measure,
                Period::Before(*look_back_ms),
            ),
        };
        let mature = metric.window.map(|window| {
            format!(
                "epoch_ms(e.first_exposure) <= {}",
                until_ms.saturating_sub(window.until_ms)
            )
        });
        let mut made = Self {
            events: vec![literal(&metric.measure.event)],
            numbers: Vec::new(),
            outputs: Vec::new(),
            quantile: None,
            has_window: mature.is_some(),
        };
        if made.has_window {
            made.outputs.push(format!("count({name}) AS {name}_n"));
        }
        made.add(name.clone(), &metric.measure, after, mature.as_deref());
        if let Some(second) = second {
            made.events.push(literal(&measure.event));
            let product = made.sum(&format!("{name} * {second}"));
            made.add(second, measure, period, mature.as_deref());
            made.outputs.push(format!("{product} AS {name}_cross"));
        }
        if let MetricKind::Ratio {
            denominator,
            look_back_ms: Some(look_back_ms),
        } = &metric.kind
        {
            let before = Period::Before(*look_back_ms);
            made.add_before(&name, [&metric.measure, denominator], before, mature.as_deref());
        }
        if let MetricKind::Quantile(quantile) = &metric.kind {
            made.add_quantile(&name, quantile, &metric.measure, after, mature.as_deref());
        }
        made
    }

    /// Adds numerator and denominator before the exposure, and their products with each other and with those after it.
    fn add_before(&mut self, name: &str, measures: [&Measure; 2], before: Period, mature: Option<&str>) {
        let after = [name.to_owned(), format!("{name}_denominator")];
        let covariates = after.clone().map(|number| format!("{number}_covariate"));
        for (covariate, measure) in covariates.iter().zip(measures) {
            self.add(covariate.clone(), measure, before, mature);
        }
        let [numerator, denominator] = &covariates;
        let product = self.sum(&format!("{numerator} * {denominator}"));
        self.outputs.push(format!("{product} AS {numerator}_cross"));
        for number in &after {
            for (covariate, of) in covariates.iter().zip(["numerator", "denominator"]) {
                let product = self.sum(&format!("{number} * {covariate}"));
                self.outputs
                    .push(format!("{product} AS {number}_cross_before_{of}"));
            }
        }
    }

    fn add_quantile(
        &mut self,
        name: &str,
        quantile: &Quantile,
        measure: &Measure,
        period: Period,
        mature: Option<&str>,
    ) {
        if quantile.of == QuantileOf::Events {
            let mut counted = conditions(measure, period);
            if quantile.ignore_zeros {
                counted.push("m.number <> 0".to_owned());
            }
            let values = format!("list(m.number) FILTER (WHERE {})", counted.join(" AND "));
            self.numbers.push(NumberSql {
                name: values_name(name),
                expression: of_mature(values, mature),
                thresholds: Vec::new(),
                capped: None,
            });
        }
        let made = QuantileSql::new(name, quantile);
        self.outputs.extend(made.outputs.iter().cloned());
        self.quantile = Some(made);
    }

    fn add(&mut self, name: String, measure: &Measure, period: Period, mature: Option<&str>) {
        self.outputs.extend([
            format!("{} AS {name}_sum", self.sum(&name)),
            format!("{} AS {name}_sum_squares", self.sum(&format!("{name} * {name}"))),
        ]);
        let expression = of_mature(aggregate(measure, period), mature);
        let Cap { lower, upper } = measure.cap;
        let sides = [("lower", lower), ("upper", upper)];
        let thresholds: Vec<String> = sides
            .into_iter()
            .filter_map(|(side, at)| Some(format!("{} AS {name}_{side}", threshold(&name, at?))))
            .collect();
        let capped = (!thresholds.is_empty()).then(|| {
            let raised = lower.map_or(name.clone(), |_| format!("greatest({name}, {name}_lower)"));
            let capped = upper.map_or(raised.clone(), |_| format!("least({raised}, {name}_upper)"));
            format!("CASE WHEN {name} <> 0 THEN {capped} ELSE {name} END AS {name}")
        });
        if capped.is_some() {
            let moved = format!("count(*) FILTER (WHERE {name} <> {name}_uncapped)");
            self.outputs.push(format!("{moved} AS {name}_n_capped"));
            let given = sides.into_iter().filter(|(_, at)| at.is_some());
            self.outputs
                .extend(given.map(|(side, _)| format!("max({name}_{side}) AS {name}_{side}_threshold")));
        }
        self.numbers.push(NumberSql {
            name,
            expression,
            thresholds,
            capped,
        });
    }

    /// A sum over the identities. Of those whose window is not over there is no number, and of no numbers no sum.
    fn sum(&self, of: &str) -> String {
        if self.has_window {
            format!("coalesce(sum({of}), 0)")
        } else {
            format!("sum({of})")
        }
    }
}

/// Whether a metric reads the metadata of events.
pub(crate) fn metadata_is_needed(metric: &MetricQuery) -> bool {
    let denominator = match &metric.kind {
        MetricKind::Ratio { denominator, .. } => Some(denominator),
        MetricKind::Plain | MetricKind::Covariate { .. } | MetricKind::Quantile(_) => None,
    };
    std::iter::once(&metric.measure)
        .chain(denominator)
        .any(|measure| !measure.filter.metadata.is_empty())
}

/// Returns the number of one identity as an aggregate over its events.
fn aggregate(measure: &Measure, period: Period) -> String {
    let counted = format!("FILTER (WHERE {})", conditions(measure, period).join(" AND "));
    match measure.aggregation {
        Aggregation::Count => format!("count(m.event) {counted}::DOUBLE"),
        Aggregation::Occurrence => format!("(count(m.event) {counted} > 0)::DOUBLE"),
        Aggregation::Sum => format!("coalesce(sum(m.number) {counted}, 0)"),
        Aggregation::Mean => format!("coalesce(avg(m.number) {counted}, 0)"),
    }
}

/// Which events count.
fn conditions(measure: &Measure, period: Period) -> Vec<String> {
    let mut conditions = vec![format!("m.event = {}", literal(&measure.event))];
    conditions.extend(in_period(period));
    conditions.extend(in_filter(&measure.filter));
    conditions
}

/// What there is of an identity once its window is over.
fn of_mature(of: String, mature: Option<&str>) -> String {
    match mature {
        Some(mature) => format!("CASE WHEN {mature} THEN {of} END"),
        None => of,
    }
}

fn in_period(period: Period) -> Vec<String> {
    let since = "epoch_ms(m.timestamp) - epoch_ms(e.first_exposure)";
    match period {
        Period::Joined => Vec::new(),
        Period::After => vec!["m.timestamp >= e.first_exposure".to_owned()],
        Period::Within(window) => vec![
            format!("{since} >= {}", window.from_ms),
            format!("{since} < {}", window.until_ms),
        ],
        Period::Before(look_back_ms) => vec![
            format!("{since} >= {}", look_back_ms.saturating_neg()),
            "m.timestamp < e.first_exposure".to_owned(),
        ],
    }
}

fn in_filter(filter: &EventFilter) -> Vec<String> {
    let mut conditions = Vec::new();
    conditions.extend(filter.min_value.map(|min| format!("m.number >= {}", number(min))));
    conditions.extend(filter.max_value.map(|max| format!("m.number <= {}", number(max))));
    for (key, value) in &filter.metadata {
        let (json_type, text) = match value {
            MetadataValue::Text(text) => ("VARCHAR", text.as_str()),
            MetadataValue::Boolean(true) => ("BOOLEAN", "true"),
            MetadataValue::Boolean(false) => ("BOOLEAN", "false"),
        };
        // A JSON pointer (RFC 6901).
        let path = literal(&format!("/{}", key.replace('~', "~0").replace('/', "~1")));
        conditions.push(format!("json_type(m.metadata, {path}) = '{json_type}'"));
        conditions.push(format!(
            "json_extract_string(m.metadata, {path}) = {}",
            literal(text)
        ));
    }
    conditions
}

/// Returns a threshold as an aggregate over the identities.
fn threshold(name: &str, at: CapAt) -> String {
    match at {
        CapAt::Value(value) => format!("max({})", number(value)),
        CapAt::Share(share) => format!("quantile_cont({name}, {share:?}) FILTER (WHERE {name} <> 0)"),
    }
}

/// Returns a number as a literal that is read as exactly that number.
pub(crate) fn number(number: f64) -> String {
    format!("'{number:?}'::DOUBLE")
}
