//! Typed ids. All are small positive integers handed out by the database: local-evaluation clients read them as
//! unsigned 32-bit numbers, so they are never random.

/// Declares an integer id type.
macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i32);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<i32> for $name {
            fn from(id: i32) -> Self {
                Self(id)
            }
        }
    )+};
}

id! {
    /// A person who can sign in.
    UserId,
    /// An organisation.
    OrganisationId,
    /// A project.
    ProjectId,
    /// An environment; its URL name is the client-side key.
    EnvironmentId,
    /// A server-side environment key.
    EnvironmentKeyId,
    /// An organisation-wide API key.
    MasterKeyId,
    /// A feature.
    FeatureId,
    /// A multivariate option of a feature.
    OptionId,
    /// A feature state: the setting of a feature for one line (default, segment or identity).
    FeatureStateId,
    /// One allocation row: the share of an option within a feature state.
    AllocationId,
    /// The link between a feature and a segment in an environment, carrying the priority.
    FeatureSegmentId,
    /// A segment.
    SegmentId,
    /// An identity: one person or device as an environment knows it.
    IdentityId,
    /// A stored trait of an identity.
    TraitId,
    /// An experiment.
    ExperimentId,
    /// A metric.
    MetricId,
    /// The attachment of a metric to an experiment.
    ExperimentMetricId,
    /// A warehouse connection.
    WarehouseConnectionId,
    /// An audit record.
    AuditId,
    /// An invitation by mail.
    InviteId,
    /// The invitation link of an organisation.
    InviteLinkId,
    /// A group of an organisation.
    GroupId,
    /// A tag of a project.
    TagId,
}
