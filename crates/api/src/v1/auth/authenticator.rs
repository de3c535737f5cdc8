//! The use-cases know who holds which credentials.

use async_trait::async_trait;
use liftgate_app::App;
use liftgate_model::account::Actor;

use crate::credentials::{Authenticator, Credentials};

#[async_trait]
impl Authenticator for App {
    async fn authenticate(&self, credentials: &Credentials) -> liftgate_app::Result<Option<Actor>> {
        match credentials {
            Credentials::Token(token) => self.authenticate_token(token).await.map(Some),
            Credentials::ApiKey(key) => self.authenticate_master_key(key).await.map(Some),
            // Nobody hands out access tokens, so none fits; the contract ignores those that do not.
            Credentials::Bearer(_) | Credentials::None => Ok(None),
        }
    }
}
