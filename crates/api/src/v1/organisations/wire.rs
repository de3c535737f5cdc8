//! The bodies of organisations.

use liftgate_app::organisations::{NewOrganisation, OrganisationChange, OrganisationView};
use liftgate_model::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::subscription::SubscriptionBody;
use crate::form::{Form, Parse, Patch};

/// Longest name.
const NAME_CHARACTERS: usize = 2_000;

/// An organisation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Organisation)]
pub struct OrganisationBody {
    id: i32,
    uuid: Uuid,
    #[schema(example = "Acme")]
    name: String,
    #[schema(value_type = String, format = DateTime)]
    created_date: Timestamp,
    webhook_notification_email: Option<String>,
    /// How many members it has.
    num_seats: u64,
    subscription: SubscriptionBody,
    /// The caller's role; null in the answer to its creation.
    role: Option<&'static str>,
    persist_trait_data: bool,
    block_access_to_admin: bool,
    restrict_project_create_to_admin: bool,
    force_2fa: bool,
}

impl From<OrganisationView> for OrganisationBody {
    fn from(view: OrganisationView) -> Self {
        let organisation = view.organisation;
        Self {
            id: organisation.id.0,
            uuid: organisation.uuid,
            subscription: SubscriptionBody::of(&organisation),
            name: organisation.name,
            created_date: organisation.created_at,
            webhook_notification_email: organisation.webhook_notification_email,
            num_seats: view.members,
            role: view.role.map(liftgate_model::OrganisationRole::as_str),
            persist_trait_data: organisation.persist_trait_data,
            block_access_to_admin: false,
            restrict_project_create_to_admin: organisation.restrict_project_create_to_admin,
            force_2fa: organisation.force_2fa,
        }
    }
}

/// An organisation to be made or changed. `targeting_key` is accepted at creation and not used.
#[derive(Debug, ToSchema)]
pub struct OrganisationInput {
    #[schema(value_type = Option<String>)]
    name: Patch<String>,
    #[schema(value_type = Option<String>)]
    webhook_notification_email: Patch<String>,
    #[schema(value_type = Option<bool>)]
    restrict_project_create_to_admin: Patch<bool>,
    #[schema(value_type = Option<bool>)]
    force_2fa: Patch<bool>,
}

impl Parse for OrganisationInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let name = form.text("name").max(NAME_CHARACTERS).change_required();
        let mail = form.email("webhook_notification_email").nullable().change();
        let restrict = form.boolean("restrict_project_create_to_admin").change();
        let force_2fa = form.boolean("force_2fa").change();
        Some(Self {
            name: name?,
            webhook_notification_email: mail?,
            restrict_project_create_to_admin: restrict?,
            force_2fa: force_2fa?,
        })
    }
}

impl From<OrganisationInput> for OrganisationChange {
    fn from(input: OrganisationInput) -> Self {
        Self {
            name: input.name.value(),
            webhook_notification_email: input.webhook_notification_email.change(),
            restrict_project_create_to_admin: input.restrict_project_create_to_admin.value(),
            force_2fa: input.force_2fa.value(),
        }
    }
}

impl From<OrganisationInput> for NewOrganisation {
    fn from(input: OrganisationInput) -> Self {
        Self {
            name: input.name.value().unwrap_or_default(),
            webhook_notification_email: input.webhook_notification_email.value(),
            restrict_project_create_to_admin: input.restrict_project_create_to_admin.value().unwrap_or(false),
            force_2fa: input.force_2fa.value().unwrap_or(false),
        }
    }
}
