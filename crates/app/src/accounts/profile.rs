//! What people change about themselves.

use crate::App;
use crate::error::{Error, Result};
use liftgate_model::Timestamp;
use liftgate_model::account::User;
use liftgate_store::users;
use serde_json::{Map, Value, json};

/// What to change. What is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ProfileChange {
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// How the person came; the inner `None` empties it.
    pub sign_up_type: Option<Option<String>>,
}

/// What the first-steps page keeps. What is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Onboarding {
    /// What was done.
    pub tasks: Option<Vec<OnboardingTask>>,
    /// What the person uses.
    pub tools: Option<OnboardingTools>,
    /// Where the person hosts.
    pub hosting_preferences: Option<Vec<String>>,
}

/// A first step that was done.
#[derive(Debug, Clone)]
pub struct OnboardingTask {
    /// Which.
    pub name: String,
    /// When; `None` means now.
    pub completed_at: Option<Timestamp>,
}

/// The tools a person uses.
#[derive(Debug, Clone)]
pub struct OnboardingTools {
    /// Whether the question was answered.
    pub completed: bool,
    /// Their names.
    pub integrations: Vec<String>,
}

/// Changes the caller's names.
pub async fn update(app: &App, user: &User, change: ProfileChange) -> Result<User> {
    let tx = app.store.begin().await?;
    let found = users::find(&tx, user.id).await?;
    let mut user = found.ok_or_else(|| Error::missing("FFAdminUser"))?;
    user.first_name = change.first_name.unwrap_or(user.first_name);
    user.last_name = change.last_name.unwrap_or(user.last_name);
    user.sign_up_type = change.sign_up_type.unwrap_or(user.sign_up_type);
    users::update(&tx, &user).await?;
    tx.commit().await?;
    Ok(user)
}

/// Keeps what the first-steps page sends, over what is there of the same name.
pub async fn save_onboarding(app: &App, user: &User, given: Onboarding) -> Result<()> {
    let now = app.clock.now();
    let tx = app.store.begin().await?;
    let found = users::find(&tx, user.id).await?;
    let mut user = found.ok_or_else(|| Error::missing("FFAdminUser"))?;
    let mut kept = match user.onboarding.take() {
        Some(Value::Object(kept)) => kept,
        _ => Map::new(),
    };
    if let Some(tasks) = given.tasks {
        let tasks = tasks.into_iter().map(|task| {
            let completed_at = task.completed_at.unwrap_or(now).to_iso();
            json!({"name": task.name, "completed_at": completed_at})
        });
        kept.insert("tasks".into(), tasks.collect());
    }
    if let Some(tools) = given.tools {
        let tools = json!({"completed": tools.completed, "integrations": tools.integrations});
        kept.insert("tools".into(), tools);
    }
    if let Some(preferences) = given.hosting_preferences {
        kept.insert("hosting_preferences".into(), json!(preferences));
    }
    user.onboarding = Some(Value::Object(kept));
    users::update(&tx, &user).await?;
    Ok(tx.commit().await?)
}
