//! Looks identities up.

use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::ViewIdentities;
use crate::error::Result;
use crate::flags::identity_overrides::find_identity;
use liftgate_model::identity::Identity;
use liftgate_model::{IdentityId, Page, Slice};
use liftgate_store::identities::{self, IdentifierFilter};

/// What is looked for among identifiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// Everything.
    All,
    /// This text somewhere in it, in any case.
    Contains(String),
    /// This text and nothing else.
    Exact(String),
}

impl Search {
    /// Reads a search as people type it: text in quotation marks is looked for exactly.
    pub fn parse(text: &str) -> Self {
        if text.is_empty() {
            Self::All
        } else if text.starts_with('"') && text.ends_with('"') {
            Self::Exact(text.replace('"', ""))
        } else {
            Self::Contains(text.to_owned())
        }
    }
}

/// The identities of an environment, oldest first.
pub async fn list(
    app: &App,
    on: &OnEnvironment<ViewIdentities>,
    search: &Search,
    slice: Slice,
) -> Result<Page<Identity>> {
    let filter = match search {
        Search::All => None,
        Search::Contains(text) => Some(IdentifierFilter::Contains(text)),
        Search::Exact(text) => Some(IdentifierFilter::Exact(text)),
    };
    Ok(identities::list(&app.store.reader(), on.environment.id, filter, slice).await?)
}

/// The identity with that id.
pub async fn find(app: &App, on: &OnEnvironment<ViewIdentities>, id: IdentityId) -> Result<Identity> {
    find_identity(&app.store.reader(), &on.environment, id).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotation_marks_ask_for_the_whole_identifier() {
        assert_eq!(Search::parse(""), Search::All);
        assert_eq!(Search::parse("ann"), Search::Contains("ann".into()));
        assert_eq!(Search::parse("\"ann\""), Search::Exact("ann".into()));
        assert_eq!(Search::parse("an\"n"), Search::Contains("an\"n".into()));
    }
}
