//! The features of a project.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::need::ViewProject;
use liftgate_app::features::{self, LifecycleStage, ListFeatures, Owners};
use liftgate_model::feature::FeatureType;
use liftgate_model::{GroupId, IdentityId, TagId, UserId};

use super::wire::{FeatureBody, WithinQuery};
use crate::access::VisibleProject;
use crate::error::ApiError;
use crate::extract::{Page999, Query};
use crate::form::{Form, Parse, rule};
use crate::reply::{Paged, Reply};

/// What the query says.
struct ListQuery(ListFeatures);

impl Parse for ListQuery {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let search = form.text("search").optional();
        let sort_by_name = form.choice("sort_field", |name| match name {
            "created_date" => Some(false),
            "name" => Some(true),
            _ => None,
        });
        let sort_by_name = sort_by_name.or(false);
        let descending = form.choice("sort_direction", |name| match name {
            "ASC" => Some(false),
            "DESC" => Some(true),
            _ => None,
        });
        let descending = descending.or(false);
        let is_tagged = form.has("tags");
        let tags = ids(form, "tags", "Tag IDs must be integers.");
        let any_tag = form.choice("tag_strategy", |name| match name {
            "INTERSECTION" => Some(false),
            "UNION" => Some(true),
            _ => None,
        });
        let any_tag = any_tag.or(false);
        let is_archived = boolean(form, "is_archived");
        let kind = form.choice("type", FeatureType::parse).optional();
        let owners = ids(form, "owners", "Owner IDs must be integers.");
        let group_owners = ids(form, "group_owners", "Group owner IDs must be integers.");
        let within = WithinQuery::parse(form);
        let identity = identity(form);
        let value = form.text("value_search").optional();
        let is_enabled = boolean(form, "is_enabled");
        let stage = form.choice("lifecycle_stage", LifecycleStage::parse).optional();
        let tags: Vec<TagId> = tags?.unwrap_or_default().into_iter().map(TagId).collect();
        Some(Self(ListFeatures {
            search: search?,
            sort_by_name: sort_by_name?,
            descending: descending?,
            tags: is_tagged.then_some(tags),
            any_tag: any_tag?,
            is_archived: is_archived?,
            kind: kind?,
            owners: match (owners?, group_owners?) {
                (None, None) => None,
                (users, groups) => Some(Owners {
                    users: users.unwrap_or_default().into_iter().map(UserId).collect(),
                    groups: groups.unwrap_or_default().into_iter().map(GroupId).collect(),
                }),
            },
            within: within?.0,
            identity: identity?,
            value: value?,
            is_enabled: is_enabled?,
            stage: stage?,
        }))
    }
}

/// A boolean that is not asked about when it is missing or empty.
fn boolean(form: &mut Form<'_>, name: &'static str) -> Option<Option<bool>> {
    if form.has(name) {
        form.boolean(name).nullable().optional()
    } else {
        Some(None)
    }
}

/// Integers with commas between them.
fn ids(form: &mut Form<'_>, name: &'static str, complaint: &str) -> Option<Option<Vec<i32>>> {
    let Some(text) = form.text(name).optional()? else {
        return Some(None);
    };
    let read = |item: &str| rule::integer_text(item).and_then(|id| i32::try_from(id).ok());
    let ids: Option<Vec<i32>> = text.split(',').map(read).collect();
    if ids.is_none() {
        form.refuse(name, complaint);
    }
    ids.map(Some)
}

/// The id of an identity, in digits.
fn identity(form: &mut Form<'_>) -> Option<Option<IdentityId>> {
    let Some(text) = form.text("identity").optional()? else {
        return Some(None);
    };
    let digits = text.bytes().all(|digit| digit.is_ascii_digit());
    if !digits {
        form.refuse("identity", "Must be a valid integer.");
        return None;
    }
    // An id that large is nobody's.
    Some(Some(IdentityId(text.parse().unwrap_or_default())))
}

/// The features of a project, oldest first.
///
/// `tags` and `owners` are ids with commas between them; an empty `tags` is for features without. `environment` fills
/// what is known only in one; with it, features with an override of `segment` come first, and `value_search` and
/// `is_enabled` look at its live defaults. Features with an override of `identity` come first.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/features/", tag = "features",
    params(("search" = Option<String>, Query), ("sort_field" = Option<String>, Query, example = "name"),
        ("sort_direction" = Option<String>, Query, example = "DESC"), ("tags" = Option<String>, Query, example = "1,2"),
        ("tag_strategy" = Option<String>, Query, example = "UNION"), ("is_archived" = Option<bool>, Query),
        ("type" = Option<String>, Query, example = "MULTIVARIATE"), ("owners" = Option<String>, Query, example = "1,2"),
        ("group_owners" = Option<String>, Query), ("environment" = Option<i32>, Query),
        ("segment" = Option<i32>, Query), ("identity" = Option<i32>, Query),
        ("value_search" = Option<String>, Query), ("is_enabled" = Option<bool>, Query),
        ("lifecycle_stage" = Option<String>, Query, example = "new"), Page999),
    responses((status = 200, body = Paged<FeatureBody>)))]
pub async fn list(
    VisibleProject(on): VisibleProject<ViewProject>,
    State(app): State<Arc<App>>,
    page: Page999,
    query: Query,
) -> Result<Reply<Paged<FeatureBody>>, ApiError> {
    let query: ListQuery = query.parse()?;
    let found = features::list(&app, &on, query.0, page.slice()).await?;
    page.reply(found.map(FeatureBody::from))
}
