//! Requests of SDKs and evaluations of features, by day.

use crate::entity::{environments, evaluation_counts, projects, request_counts};
use crate::values::{insert_all, named};
use crate::{Conn, Result};
use liftgate_model::usage::{Day, EvaluationCount, Labels, LabelsFilter, RequestCount, Resource};
use liftgate_model::{EnvironmentId, FeatureId, OrganisationId, ProjectId};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Adds to the requests of their days. No two of them may differ in their count only.
pub async fn add_requests(c: &impl Conn, counts: &[RequestCount]) -> Result<()> {
    use request_counts::Column;
    let rows = counts.iter().map(|item| request_counts::ActiveModel {
        environment_id: Set(item.environment.0),
        day: Set(item.day.0),
        resource: Set(item.resource.as_str().to_owned()),
        user_agent: Set(item.labels.user_agent.clone()),
        client_application_name: Set(item.labels.client_application_name.clone()),
        client_application_version: Set(item.labels.client_application_version.clone()),
        count: Set(item.count),
    });
    let key = [
        Column::EnvironmentId,
        Column::Day,
        Column::Resource,
        Column::UserAgent,
        Column::ClientApplicationName,
        Column::ClientApplicationVersion,
    ];
    insert_all(c, rows.collect(), Some(adding(key, Column::Count))).await
}

/// Adds to the evaluations of their days. No two of them may differ in their count only.
pub async fn add_evaluations(c: &impl Conn, counts: &[EvaluationCount]) -> Result<()> {
    use evaluation_counts::Column;
    let rows = counts.iter().map(|item| evaluation_counts::ActiveModel {
        environment_id: Set(item.environment.0),
        feature_id: Set(item.feature.0),
        day: Set(item.day.0),
        user_agent: Set(item.labels.user_agent.clone()),
        client_application_name: Set(item.labels.client_application_name.clone()),
        client_application_version: Set(item.labels.client_application_version.clone()),
        count: Set(item.count),
    });
    let key = [
        Column::EnvironmentId,
        Column::FeatureId,
        Column::Day,
        Column::UserAgent,
        Column::ClientApplicationName,
        Column::ClientApplicationVersion,
    ];
    insert_all(c, rows.collect(), Some(adding(key, Column::Count))).await
}

/// Adds to the count of a row that has the key already.
fn adding<C: ColumnTrait>(key: impl IntoIterator<Item = C>, count: C) -> OnConflict {
    let stored = Expr::col(count.as_column_ref());
    OnConflict::columns(key)
        .value(count, stored.add(Expr::col(("excluded", count))))
        .to_owned()
}

/// Rows of the labels looked for.
fn labelled<C: ColumnTrait>([user_agent, name, version]: [C; 3], wanted: &LabelsFilter) -> Condition {
    let is = |column: C, text: &Option<String>| text.as_ref().map(|text| column.eq(text));
    Condition::all()
        .add_option(is(user_agent, &wanted.user_agent))
        .add_option(is(name, &wanted.client_application_name))
        .add_option(is(version, &wanted.client_application_version))
}

/// Which requests to look at.
#[derive(Debug, Clone)]
pub struct RequestFilter {
    /// Whose environments.
    pub organisation: OrganisationId,
    /// Those of one project.
    pub project: Option<ProjectId>,
    /// One of them.
    pub environment: Option<EnvironmentId>,
    /// The days after this one.
    pub after: Day,
    /// The last day.
    pub until: Day,
    /// By whom.
    pub labels: LabelsFilter,
}

/// Requests of a day, whatever the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestTotal {
    /// The day.
    pub day: Day,
    /// By whom.
    pub labels: Labels,
    /// What was asked for.
    pub resource: Resource,
    /// How many.
    pub count: i64,
}

impl RequestFilter {
    fn condition(&self) -> Condition {
        use request_counts::Column;
        let mut environments = Query::select()
            .column((environments::Entity, environments::Column::Id))
            .from(environments::Entity)
            .inner_join(
                projects::Entity,
                Expr::col((projects::Entity, projects::Column::Id))
                    .equals((environments::Entity, environments::Column::ProjectId)),
            )
            .and_where(projects::Column::OrganisationId.eq(self.organisation.0))
            .and_where(projects::Column::DeletedAt.is_null())
            .and_where(environments::Column::DeletedAt.is_null())
            .to_owned();
        if let Some(project) = self.project {
            environments.and_where(projects::Column::Id.eq(project.0));
        }
        if let Some(environment) = self.environment {
            environments.and_where(environments::Column::Id.eq(environment.0));
        }
        let labels = [
            Column::UserAgent,
            Column::ClientApplicationName,
            Column::ClientApplicationVersion,
        ];
        Condition::all()
            .add(Column::EnvironmentId.in_subquery(environments))
            .add(Column::Day.gt(self.after.0))
            .add(Column::Day.lte(self.until.0))
            .add(labelled(labels, &self.labels))
    }
}

/// A sum of counts; both databases would make another type of it.
fn sum(column: impl ColumnTrait) -> Expr {
    Expr::col(column.as_column_ref()).sum().cast_as("bigint")
}

/// Requests by day, labels and resource, in this order.
pub async fn list_requests(c: &impl Conn, filter: &RequestFilter) -> Result<Vec<RequestTotal>> {
    use request_counts::Column;
    let key = [
        Column::Day,
        Column::UserAgent,
        Column::ClientApplicationName,
        Column::ClientApplicationVersion,
        Column::Resource,
    ];
    let mut select = request_counts::Entity::find()
        .select_only()
        .filter(filter.condition());
    for column in key {
        select = select.column(column).group_by(column).order_by_asc(column);
    }
    let rows: Vec<(i64, String, String, String, String, i64)> =
        select.expr(sum(Column::Count)).into_tuple().all(c.raw()).await?;
    let read = |(day, user_agent, name, version, resource, count): (i64, _, _, _, String, i64)| {
        Ok(RequestTotal {
            day: Day(day),
            labels: Labels {
                user_agent,
                client_application_name: name,
                client_application_version: version,
            },
            resource: named("request_counts", &resource, Resource::parse)?,
            count,
        })
    };
    rows.into_iter().map(read).collect()
}

/// All requests together.
pub async fn count_requests(c: &impl Conn, filter: &RequestFilter) -> Result<i64> {
    let total: Option<Option<i64>> = request_counts::Entity::find()
        .select_only()
        .filter(filter.condition())
        .expr(sum(request_counts::Column::Count))
        .into_tuple()
        .one(c.raw())
        .await?;
    Ok(total.flatten().unwrap_or(0))
}

/// Evaluations of a feature in an environment after one day and until another, by day and labels.
pub async fn list_evaluations(
    c: &impl Conn,
    environment: EnvironmentId,
    feature: FeatureId,
    (after, until): (Day, Day),
    labels: &LabelsFilter,
) -> Result<Vec<EvaluationCount>> {
    use evaluation_counts::Column;
    let by_labels = [
        Column::UserAgent,
        Column::ClientApplicationName,
        Column::ClientApplicationVersion,
    ];
    let mut select = evaluation_counts::Entity::find()
        .filter(Column::EnvironmentId.eq(environment.0))
        .filter(Column::FeatureId.eq(feature.0))
        .filter(Column::Day.gt(after.0))
        .filter(Column::Day.lte(until.0))
        .filter(labelled(by_labels, labels))
        .order_by_asc(Column::Day);
    for column in by_labels {
        select = select.order_by_asc(column);
    }
    let rows = select.all(c.raw()).await?;
    let read = |row: evaluation_counts::Model| EvaluationCount {
        environment,
        feature,
        day: Day(row.day),
        labels: Labels {
            user_agent: row.user_agent,
            client_application_name: row.client_application_name,
            client_application_version: row.client_application_version,
        },
        count: row.count,
    };
    Ok(rows.into_iter().map(read).collect())
}
