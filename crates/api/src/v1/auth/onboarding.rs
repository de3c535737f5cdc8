//! What the first-steps page keeps about the caller.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::accounts::{self, Onboarding, OnboardingTask, OnboardingTools};
use utoipa::ToSchema;

use crate::auth::UserOnly;
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::{Form, Mode, Parse, rule};
use crate::reply::NoContent;

/// Most tasks, tools or preferences.
const ITEMS: usize = 100;
/// Longest name of one.
const NAME_CHARACTERS: usize = 255;

/// What was done, what is used, where it runs; at least one of them.
#[derive(ToSchema)]
#[schema(as = Onboarding)]
#[expect(
    dead_code,
    reason = "the fields document the body, which is read into the use-case's types"
)]
pub struct OnboardingBody {
    tasks: Option<Vec<TaskBody>>,
    tools: Option<ToolsBody>,
    hosting_preferences: Option<Vec<String>>,
}

/// A first step that was done.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "the fields document the body, which is read into the use-case's types"
)]
pub struct TaskBody {
    name: String,
    #[schema(format = DateTime)]
    completed_at: Option<String>,
}

/// The tools a person uses.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "the fields document the body, which is read into the use-case's types"
)]
pub struct ToolsBody {
    completed: Option<bool>,
    integrations: Vec<String>,
}

struct Given(Onboarding);
struct Task(OnboardingTask);
struct Tools(OnboardingTools);

impl Parse for Given {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let names = rule::Text::default().max(NAME_CHARACTERS);
        let tasks = form.objects::<Task>("tasks").max_items(ITEMS).optional();
        let tools = form.nested::<Tools>("tools").optional();
        let hosting = form
            .list("hosting_preferences", names)
            .max_items(ITEMS)
            .optional();
        let given = Onboarding {
            tasks: tasks?.map(|tasks| tasks.into_iter().map(|Task(task)| task).collect()),
            tools: tools?.map(|Tools(tools)| tools),
            hosting_preferences: hosting?,
        };
        if given.tasks.is_none() && given.tools.is_none() && given.hosting_preferences.is_none() {
            form.refuse_all("At least one of 'tasks' or 'tools' or 'hosting_preferences' must be provided.");
            return None;
        }
        Some(Self(given))
    }
}

impl Parse for Task {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let name = form.text("name").max(NAME_CHARACTERS).required();
        let completed_at = form.datetime("completed_at").nullable().optional();
        Some(Self(OnboardingTask {
            name: name?,
            completed_at: completed_at?,
        }))
    }
}

impl Parse for Tools {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let completed = form.boolean("completed").nullable().optional();
        let names = rule::Text::default().max(NAME_CHARACTERS);
        let integrations = form.list("integrations", names).max_items(ITEMS).required();
        Some(Self(OnboardingTools {
            completed: completed?.unwrap_or(true),
            integrations: integrations?,
        }))
    }
}

/// Keeps what the first-steps page sends, over what is there of the same name.
#[utoipa::path(patch, path = "/api/v1/auth/users/me/onboarding/", tag = "auth", request_body = OnboardingBody,
    responses((status = 204)))]
pub async fn save(
    UserOnly(user): UserOnly,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<NoContent, ApiError> {
    let Given(given) = body.parse(Mode::Create)?;
    accounts::save_onboarding(&app, &user, given).await?;
    Ok(NoContent)
}
