//! The environment document, from which clients evaluate by themselves (contract, sdk-api section 5).

use liftgate_model::segment::Rule;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::catalogue::{Catalogue, ServedIdentity, ServedSegment, ServedState};
use super::fragments::{Metadata, json};

/// The environment document: JSON.
pub(super) fn document(catalogue: &Catalogue<'_>) -> Vec<u8> {
    json(&wire(catalogue))
}

#[derive(Serialize)]
struct EnvironmentWire<'a> {
    id: i32,
    api_key: &'a str,
    name: &'a str,
    updated_at: String,
    allow_client_traits: bool,
    hide_sensitive_data: bool,
    hide_disabled_flags: Option<bool>,
    use_identity_composite_key_for_hashing: bool,
    use_identity_overrides_in_local_eval: bool,
    project: ProjectWire<'a>,
    feature_states: Vec<StateWire<'a>>,
    identity_overrides: Vec<IdentityWire<'a>>,
}

#[derive(Serialize)]
struct ProjectWire<'a> {
    id: i32,
    name: &'a str,
    hide_disabled_flags: bool,
    enable_realtime_updates: bool,
    server_key_only_feature_ids: Vec<i32>,
    organisation: OrganisationWire<'a>,
    segments: Vec<SegmentWire<'a>>,
}

#[derive(Serialize)]
struct OrganisationWire<'a> {
    id: i32,
    name: &'a str,
    feature_analytics: bool,
    stop_serving_flags: bool,
    persist_trait_data: bool,
}

#[derive(Serialize)]
struct SegmentWire<'a> {
    id: i32,
    name: &'a str,
    rules: Vec<RuleWire<'a>>,
    feature_states: Vec<StateWire<'a>>,
}

#[derive(Serialize)]
struct RuleWire<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    conditions: Vec<ConditionWire<'a>>,
    rules: Vec<RuleWire<'a>>,
}

#[derive(Serialize)]
struct ConditionWire<'a> {
    operator: &'static str,
    /// Spelled with an underscore: every client reads this name.
    property_: Option<&'a str>,
    value: Option<&'a str>,
}

#[derive(Serialize)]
struct StateWire<'a> {
    feature: FeatureWire<'a>,
    enabled: bool,
    /// The salt of the split, constant for the lineage of the state; not the id of a row.
    django_id: i32,
    featurestate_uuid: Uuid,
    feature_segment: Option<PriorityWire>,
    feature_state_value: Value,
    multivariate_feature_state_values: Vec<VariantWire<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata<'a>>,
}

#[derive(Serialize)]
struct FeatureWire<'a> {
    id: i32,
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct PriorityWire {
    priority: i32,
}

#[derive(Serialize)]
struct VariantWire<'a> {
    id: i32,
    mv_fs_value_uuid: Uuid,
    percentage_allocation: f64,
    multivariate_feature_option: OptionWire<'a>,
}

#[derive(Serialize)]
struct OptionWire<'a> {
    id: i32,
    value: Value,
    key: Option<&'a str>,
}

#[derive(Serialize)]
struct IdentityWire<'a> {
    identifier: &'a str,
    identity_uuid: Uuid,
    django_id: i32,
    created_date: String,
    environment_api_key: &'a str,
    composite_key: String,
    dashboard_alias: Option<&'a str>,
    /// Always empty here.
    identity_traits: [(); 0],
    identity_features: Vec<StateWire<'a>>,
}

fn wire<'a>(catalogue: &Catalogue<'a>) -> EnvironmentWire<'a> {
    let data = catalogue.data;
    let environment = &data.environment;
    let identities = catalogue
        .identities
        .iter()
        .map(|served| identity(catalogue, served));
    EnvironmentWire {
        id: environment.id.0,
        api_key: &environment.api_key,
        name: &environment.name,
        updated_at: environment.updated_at.to_iso_offset(),
        allow_client_traits: environment.allow_client_traits,
        hide_sensitive_data: environment.hide_sensitive_data,
        hide_disabled_flags: environment.hide_disabled_flags,
        // Assignment always uses the composite key, as local clients do.
        use_identity_composite_key_for_hashing: environment.use_identity_composite_key_for_hashing,
        use_identity_overrides_in_local_eval: environment.use_identity_overrides_in_local_eval,
        project: ProjectWire {
            id: data.project.id.0,
            name: &data.project.name,
            hide_disabled_flags: data.project.hide_disabled_flags,
            enable_realtime_updates: data.project.enable_realtime_updates,
            server_key_only_feature_ids: server_only(catalogue),
            organisation: OrganisationWire {
                id: data.organisation.id.0,
                name: &data.organisation.name,
                feature_analytics: false,
                stop_serving_flags: data.organisation.stop_serving_flags,
                persist_trait_data: data.organisation.persist_trait_data,
            },
            segments: catalogue.segments.iter().map(segment).collect(),
        },
        feature_states: catalogue
            .features
            .iter()
            .map(|served| state(&served.default))
            .collect(),
        identity_overrides: if environment.use_identity_overrides_in_local_eval {
            identities.collect()
        } else {
            Vec::new()
        },
    }
}

fn server_only(catalogue: &Catalogue<'_>) -> Vec<i32> {
    let features = catalogue.data.features.iter();
    let mut ids: Vec<i32> = features
        .filter(|feature| feature.is_server_key_only)
        .map(|feature| feature.id.0)
        .collect();
    ids.sort_unstable();
    ids
}

fn segment<'a>(served: &ServedSegment<'a>) -> SegmentWire<'a> {
    SegmentWire {
        id: served.segment.id.0,
        name: &served.segment.name,
        rules: served.segment.rules.iter().map(rule).collect(),
        feature_states: served.overrides.iter().map(state).collect(),
    }
}

fn rule(rule_: &Rule) -> RuleWire<'_> {
    let conditions = rule_.conditions.iter().map(|condition| ConditionWire {
        operator: condition.operator.as_str(),
        property_: condition.property.as_deref(),
        value: condition.value.as_deref(),
    });
    RuleWire {
        kind: rule_.kind.as_str(),
        conditions: conditions.collect(),
        rules: rule_.rules.iter().map(rule).collect(),
    }
}

fn state<'a>(served: &ServedState<'a>) -> StateWire<'a> {
    let variants = served.variants.iter().map(|variant| VariantWire {
        id: variant.allocation.id.0,
        mv_fs_value_uuid: variant.allocation.uuid,
        percentage_allocation: variant.allocation.percentage,
        multivariate_feature_option: OptionWire {
            id: variant.option.id.0,
            value: variant.option.value.to_json(),
            key: variant.option.key.as_deref(),
        },
    });
    let link = served.state.feature_segment.as_ref();
    StateWire {
        feature: FeatureWire {
            id: served.definition.id.0,
            name: &served.definition.name,
            kind: served.definition.kind.as_str(),
        },
        enabled: served.state.enabled,
        django_id: served.state.salt,
        featurestate_uuid: served.state.uuid,
        feature_segment: link.map(|link| PriorityWire {
            priority: link.priority,
        }),
        feature_state_value: served.state.value.to_json(),
        multivariate_feature_state_values: variants.collect(),
        metadata: Metadata::of(served),
    }
}

fn identity<'a>(catalogue: &Catalogue<'a>, served: &ServedIdentity<'a>) -> IdentityWire<'a> {
    let environment = &catalogue.data.environment;
    let identity = served.identity;
    IdentityWire {
        identifier: &identity.identifier,
        identity_uuid: identity_uuid(environment.uuid, identity.id.0),
        django_id: identity.id.0,
        created_date: identity.created_at.to_iso_offset(),
        environment_api_key: &environment.api_key,
        composite_key: format!("{}_{}", environment.api_key, identity.identifier),
        dashboard_alias: None,
        identity_traits: [],
        identity_features: served.overrides.iter().map(state).collect(),
    }
}

/// A stable public id for an identity, which has none in the store: a hash of the environment's and its own id.
fn identity_uuid(environment: Uuid, identity: i32) -> Uuid {
    let digest = Sha256::new()
        .chain_update(environment.as_bytes())
        .chain_update(identity.to_be_bytes())
        .finalize();
    let (head, _) = digest.as_slice().as_chunks::<16>();
    uuid::Builder::from_custom_bytes(head[0]).into_uuid()
}
