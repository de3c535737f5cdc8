//! Accounts and sessions (contract, admin API, section 1.1).
//!
//! A session token is 40 hexadecimal characters; every sign-in opens a session of its own, which ends after twelve
//! hours without use and after thirty days in any case. The server sends no mail: asking for a new password is always
//! answered with 204 and does nothing, and the operator hands out links for a new password instead.

mod authenticator;
mod current_token;
mod me;
mod onboarding;
mod password;
mod second_factor;
mod session;
mod sign_up;
mod users;
mod wire;

use crate::operations;
use crate::router::Routes;

/// The routes of accounts and sessions.
pub fn routes() -> Routes {
    operations!(
        sign_up::sign_up,
        users::list,
        users::read,
        users::update,
        users::patch,
        users::delete,
        second_factor::active_methods,
        second_factor::log_in_with_code,
        session::log_in,
        session::log_out,
        session::delete_token,
        me::read,
        me::update,
        me::patch,
        me::delete,
        onboarding::save,
        password::set_password,
        password::reset_password,
        password::reset_password_confirm,
    )
}
