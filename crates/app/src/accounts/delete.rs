//! Deleting one's account.

use super::check_current_password;
use crate::error::Result;
use crate::{App, organisations as use_cases};
use liftgate_model::Secret;
use liftgate_model::account::{Actor, User};
use liftgate_store::{organisations, users};

/// Deletes the caller's account; organisations they are the only member of go along if they wish.
///
/// # Errors
/// `Invalid` when the password is wrong.
pub async fn delete(app: &App, user: &User, password: Secret, with_orphans: bool) -> Result<()> {
    check_current_password(app, user, password).await?;
    let mut work = app.begin(&Actor::User(user.clone())).await?;
    if with_orphans {
        for id in organisations::list_roles(&work.tx, user.id).await?.into_keys() {
            if organisations::count_members(&work.tx, id).await? == 1 {
                use_cases::remove(&mut work, id).await?;
            }
        }
    }
    users::delete(&work.tx, user.id).await?;
    work.commit().await
}
