//! What feature states look like on the wire.

use liftgate_app::states::StateView;
use liftgate_model::Timestamp;
use liftgate_model::feature_state::{FeatureState, Line};
use liftgate_model::identity::Identity;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::v1::value::{Columns, Plain, Share};

/// An identity by both its names.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FeatureStateIdentity)]
pub struct IdentityBody {
    /// Id.
    pub id: i32,
    /// The name that clients use.
    pub identifier: String,
}

/// Declares the representation of a state: the encoding of its value, and where its identity stands and how.
macro_rules! state_body {
    ($(#[$doc:meta])* $name:ident, $schema:ident, $value:ty,
        first: { $($first:ident: $first_type:ty)? }, late: { $($late:ident: $late_type:ty)? }) => {
        $(#[$doc])*
        #[derive(Debug, Serialize, ToSchema)]
        #[schema(as = $schema)]
        pub struct $name {
            /// Id of the row.
            pub id: i32,
            /// The value; for multivariate features the control value.
            pub feature_state_value: $value,
            /// The shares of the options, in the order they are walked in.
            pub multivariate_feature_state_values: Vec<Share>,
            $(
                /// The identity of an identity override.
                pub $first: $first_type,
            )?
            /// Always null.
            #[schema(value_type = Option<String>, format = DateTime)]
            pub deleted_at: Option<Timestamp>,
            /// Public id of the row.
            pub uuid: Uuid,
            /// On or off.
            pub enabled: bool,
            /// When it was made.
            #[schema(value_type = String, format = DateTime)]
            pub created_at: Timestamp,
            /// When it last changed.
            #[schema(value_type = String, format = DateTime)]
            pub updated_at: Timestamp,
            /// Since when it is in force; null in a version.
            #[schema(value_type = Option<String>, format = DateTime)]
            pub live_from: Option<Timestamp>,
            /// 1; null in a version.
            pub version: Option<i32>,
            /// The id of the feature.
            pub feature: i32,
            /// The id of the environment.
            pub environment: i32,
            $(
                /// The id of the identity of an identity override.
                pub $late: $late_type,
            )?
            /// The id of the link of a segment override.
            pub feature_segment: Option<i32>,
            /// Always null.
            pub change_request: Option<i32>,
            /// The version it belongs to, in versioned environments.
            pub environment_feature_version: Option<Uuid>,
        }

        impl $name {
            fn new(state: &FeatureState, value: $value $(, $first: $first_type)? $(, $late: $late_type)?) -> Self {
                let versioned = state.version.is_some();
                Self {
                    id: state.id.0,
                    feature_state_value: value,
                    multivariate_feature_state_values: state.allocations.iter().map(Into::into).collect(),
                    $($first,)?
                    deleted_at: None,
                    uuid: state.uuid,
                    enabled: state.enabled,
                    created_at: state.created_at,
                    updated_at: state.updated_at,
                    live_from: (!versioned).then_some(state.created_at),
                    version: (!versioned).then_some(1),
                    feature: state.feature.0,
                    environment: state.environment.0,
                    $($late,)?
                    feature_segment: state.feature_segment.as_ref().map(|link| link.id.0),
                    change_request: None,
                    environment_feature_version: state.version,
                }
            }
        }
    };
}

state_body!(
    /// A feature state with a plain value, as lists show it: with its identity by both names.
    ListedStateBody,
    ListedFeatureState,
    Plain,
    first: { identity: Option<IdentityBody> },
    late: {}
);

state_body!(
    /// A feature state with a plain value.
    PlainStateBody,
    FeatureState,
    Plain,
    first: {},
    late: { identity: Option<i32> }
);

state_body!(
    /// A feature state with its value in columns.
    ColumnsStateBody,
    FeatureStateInColumns,
    Columns,
    first: {},
    late: { identity: Option<i32> }
);

impl ListedStateBody {
    /// A state with its identity, if it is for one.
    pub fn of(state: &FeatureState, identity: Option<&Identity>) -> Self {
        let identity = identity.map(|identity| IdentityBody {
            id: identity.id.0,
            identifier: identity.identifier.clone(),
        });
        Self::new(state, Plain(state.value.clone()), identity)
    }
}

impl From<StateView> for ListedStateBody {
    fn from(view: StateView) -> Self {
        Self::of(&view.state, view.identity.as_ref())
    }
}

impl From<FeatureState> for PlainStateBody {
    fn from(state: FeatureState) -> Self {
        Self::new(&state, Plain(state.value.clone()), identity_of(&state))
    }
}

impl From<FeatureState> for ColumnsStateBody {
    fn from(state: FeatureState) -> Self {
        Self::new(
            &state,
            Columns::beside(&state.value, &state.leftovers),
            identity_of(&state),
        )
    }
}

fn identity_of(state: &FeatureState) -> Option<i32> {
    match state.line {
        Line::Identity(id) => Some(id.0),
        Line::Default | Line::Segment(_) => None,
    }
}

/// What a PATCH under an environment or an identity answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PatchedFeatureState)]
pub struct PatchedState {
    /// The id of the feature.
    pub feature: i32,
    /// On or off.
    pub enabled: bool,
}

impl From<FeatureState> for PatchedState {
    fn from(state: FeatureState) -> Self {
        Self {
            feature: state.feature.0,
            enabled: state.enabled,
        }
    }
}

/// A state of a version, or of a segment override just made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VersionFeatureState)]
pub struct OverrideBody {
    /// Id of the row.
    pub id: i32,
    /// The id of the feature.
    pub feature: i32,
    /// On or off.
    pub enabled: bool,
    /// The value; for multivariate features the control value.
    pub feature_state_value: Columns,
    /// The link of a segment override; null for the environment's default.
    pub feature_segment: Option<LinkBody>,
    /// Always null.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub deleted_at: Option<Timestamp>,
    /// Public id of the row.
    pub uuid: Uuid,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// Since when it is in force; null in a version.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub live_from: Option<Timestamp>,
    /// The id of the environment.
    pub environment: i32,
    /// Always null.
    pub identity: Option<i32>,
    /// Always null.
    pub change_request: Option<i32>,
    /// The shares of the options, in the order they are walked in.
    pub multivariate_feature_state_values: Vec<Share>,
}

/// The link of a segment override.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VersionFeatureSegment)]
pub struct LinkBody {
    /// Id.
    pub id: i32,
    /// The id of the segment.
    pub segment: i32,
    /// 0 is the strongest.
    pub priority: i32,
    /// Public id.
    pub uuid: Uuid,
}

impl From<FeatureState> for OverrideBody {
    fn from(state: FeatureState) -> Self {
        let live_from = state.version.is_none().then_some(state.created_at);
        Self {
            id: state.id.0,
            feature: state.feature.0,
            enabled: state.enabled,
            feature_state_value: Columns::beside(&state.value, &state.leftovers),
            feature_segment: state.feature_segment.map(|link| LinkBody {
                id: link.id.0,
                segment: link.segment.0,
                priority: link.priority,
                uuid: link.uuid,
            }),
            deleted_at: None,
            uuid: state.uuid,
            created_at: state.created_at,
            updated_at: state.updated_at,
            live_from,
            environment: state.environment.0,
            identity: None,
            change_request: None,
            multivariate_feature_state_values: state.allocations.iter().map(Into::into).collect(),
        }
    }
}
