//! People: how they come to the server, sign in and out, and what they change about themselves.
//!
//! The server sends no mail. Who is invited gets the link from who invites; who forgot the password gets a link from
//! the operator ([`create_reset_link`]); the first administrator uses the link the server prints
//! ([`create_setup_link`]).

mod delete;
mod invitation;
mod password;
mod profile;
mod session;
mod setup;
mod sign_in_limits;
mod sign_up;

pub use delete::delete;
pub use invitation::{join, join_by_link};
pub use password::{ResetLink, change_password, check_current_password, create_reset_link, reset_password};
pub use profile::{Onboarding, OnboardingTask, OnboardingTools, ProfileChange, save_onboarding, update};
pub(crate) use session::SESSION;
pub use session::{log_in, log_out, log_out_everywhere};
pub use setup::{NewAdministrator, complete_setup, create_setup_link};
pub(crate) use sign_in_limits::SignInLimits;
pub use sign_up::{NewAccount, NewUser, create_user, sign_up};

use crate::error::{Error, Invalid, Result};
use crate::passwords;
use liftgate_model::Secret;
use serde_json::{Map, json};

/// Refuses a password that is easily guessed, under the name of its field. `about` is what an attacker tries first.
fn check_password(field: &str, password: &Secret, about: &[&str]) -> Result<()> {
    let found = passwords::weaknesses(password.expose(), about);
    if found.is_empty() {
        return Ok(());
    }
    let mut fields = Map::new();
    fields.insert(field.to_owned(), json!(found));
    Err(Error::Invalid(Invalid::Fields(fields)))
}
