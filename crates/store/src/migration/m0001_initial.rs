//! The first schema.
//!
//! Times are microseconds since the epoch in 64-bit integers, so that both databases keep, compare and sort them alike.
//! Unique rules ignore soft-deleted rows through partial indexes. Names that may be too long for an index are unique by
//! a hash beside them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, boolean_null, double, double_null, integer, integer_null, json,
    json_null, pk_auto, text, text_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("users")
                    .col(pk_auto("id"))
                    .col(uuid("uuid").unique_key())
                    .col(text("email").unique_key())
                    .col(text("password_hash"))
                    .col(text("first_name"))
                    .col(text("last_name"))
                    .col(text_null("sign_up_type"))
                    .col(boolean("marketing_consent_given"))
                    .col(boolean("is_superuser"))
                    .col(boolean("is_active"))
                    .col(big_integer("date_joined"))
                    .col(big_integer_null("last_login"))
                    .col(json_null("onboarding"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("auth_tokens")
                    .col(pk_auto("id"))
                    .col(integer("user_id"))
                    .col(text("token_hash").unique_key())
                    .col(big_integer("created_at"))
                    .col(big_integer("last_used_at"))
                    .foreign_key(&mut cascade("auth_tokens", "user_id", "users", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("organisations")
                    .col(pk_auto("id"))
                    .col(uuid("uuid").unique_key())
                    .col(text("name"))
                    .col(big_integer("created_at"))
                    .col(text_null("webhook_notification_email"))
                    .col(boolean("persist_trait_data"))
                    .col(boolean("stop_serving_flags"))
                    .col(boolean("restrict_project_create_to_admin"))
                    .col(boolean("force_2fa"))
                    .col(big_integer_null("deleted_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("organisation_members")
                    .col(pk_auto("id"))
                    .col(integer("organisation_id"))
                    .col(integer("user_id"))
                    .col(text("role"))
                    .col(big_integer("date_joined"))
                    .foreign_key(&mut cascade(
                        "organisation_members",
                        "organisation_id",
                        "organisations",
                        "id",
                    ))
                    .foreign_key(&mut cascade("organisation_members", "user_id", "users", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("invites")
                    .col(pk_auto("id"))
                    .col(text("hash").unique_key())
                    .col(text("email"))
                    .col(text("role"))
                    .col(integer("organisation_id"))
                    .col(integer_null("invited_by"))
                    .col(big_integer("created_at"))
                    .foreign_key(&mut cascade("invites", "organisation_id", "organisations", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("master_api_keys")
                    .col(pk_auto("id"))
                    .col(integer("organisation_id"))
                    .col(text("name"))
                    .col(text("prefix").unique_key())
                    .col(text("hash"))
                    .col(big_integer("created_at"))
                    .col(integer_null("created_by"))
                    .col(big_integer_null("expires_at"))
                    .col(boolean("revoked"))
                    .col(boolean("is_admin"))
                    .foreign_key(&mut cascade(
                        "master_api_keys",
                        "organisation_id",
                        "organisations",
                        "id",
                    ))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("projects")
                    .col(pk_auto("id"))
                    .col(uuid("uuid").unique_key())
                    .col(integer("organisation_id"))
                    .col(text("name"))
                    .col(text("name_key"))
                    .col(boolean("hide_disabled_flags"))
                    .col(boolean("prevent_flag_defaults"))
                    .col(boolean("enable_realtime_updates"))
                    .col(boolean("only_allow_lower_case_feature_names"))
                    .col(text_null("feature_name_regex"))
                    .col(integer("stale_flags_limit_days"))
                    .col(integer_null("minimum_change_request_approvals"))
                    .col(boolean("enforce_feature_owners"))
                    .col(big_integer("created_at"))
                    .col(big_integer_null("deleted_at"))
                    .foreign_key(&mut cascade("projects", "organisation_id", "organisations", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("permission_grants")
                    .col(pk_auto("id"))
                    .col(integer("user_id"))
                    .col(text("level"))
                    .col(integer("resource_id"))
                    .col(boolean("is_admin"))
                    .col(json("permissions"))
                    .foreign_key(&mut cascade("permission_grants", "user_id", "users", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("tags")
                    .col(pk_auto("id"))
                    .col(uuid("uuid").unique_key())
                    .col(integer("project_id"))
                    .col(text("label"))
                    .col(text("color"))
                    .col(text_null("description"))
                    .col(boolean("is_permanent"))
                    .foreign_key(&mut cascade("tags", "project_id", "projects", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("environments")
                    .col(pk_auto("id"))
                    .col(uuid("uuid").unique_key())
                    .col(integer("project_id"))
                    .col(text("name"))
                    .col(text("name_key"))
                    .col(text("api_key"))
                    .col(text_null("description"))
                    .col(integer_null("minimum_change_request_approvals"))
                    .col(boolean("allow_client_traits"))
                    .col(text_null("banner_text"))
                    .col(text_null("banner_colour"))
                    .col(boolean_null("hide_disabled_flags"))
                    .col(boolean("hide_sensitive_data"))
                    .col(boolean("use_identity_composite_key_for_hashing"))
                    .col(boolean("use_v2_feature_versioning"))
                    .col(boolean("use_identity_overrides_in_local_eval"))
                    .col(big_integer("created_at"))
                    .col(big_integer("updated_at"))
                    .col(big_integer("revision"))
                    .col(big_integer_null("deleted_at"))
                    .foreign_key(&mut cascade("environments", "project_id", "projects", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("environment_keys")
                    .col(pk_auto("id"))
                    .col(integer("environment_id"))
                    .col(text("key").unique_key())
                    .col(text("name"))
                    .col(boolean("active"))
                    .col(big_integer("created_at"))
                    .col(big_integer_null("expires_at"))
                    .foreign_key(&mut cascade(
                        "environment_keys",
                        "environment_id",
                        "environments",
                        "id",
                    ))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("features")
                    .col(pk_auto("id"))
                    .col(uuid("uuid").unique_key())
                    .col(integer("project_id"))
                    .col(text("name"))
                    .col(text("name_key"))
                    .col(text("kind"))
                    .col(text_null("initial_value"))
                    .col(boolean("default_enabled"))
                    .col(text_null("description"))
                    .col(boolean("is_archived"))
                    .col(boolean("is_server_key_only"))
                    .col(big_integer("created_at"))
                    .col(big_integer_null("deleted_at"))
                    .foreign_key(&mut cascade("features", "project_id", "projects", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("feature_tags")
                    .col(integer("feature_id"))
                    .col(integer("tag_id"))
                    .primary_key(&mut Index::create().col("feature_id").col("tag_id").to_owned())
                    .foreign_key(&mut cascade("feature_tags", "feature_id", "features", "id"))
                    .foreign_key(&mut cascade("feature_tags", "tag_id", "tags", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("feature_owners")
                    .col(integer("feature_id"))
                    .col(integer("user_id"))
                    .primary_key(&mut Index::create().col("feature_id").col("user_id").to_owned())
                    .foreign_key(&mut cascade("feature_owners", "feature_id", "features", "id"))
                    .foreign_key(&mut cascade("feature_owners", "user_id", "users", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("multivariate_options")
                    .col(pk_auto("id"))
                    .col(uuid("uuid").unique_key())
                    .col(integer("feature_id"))
                    .col(text_null("key"))
                    .col(text("value_type"))
                    .col(text_null("string_value"))
                    .col(integer_null("integer_value"))
                    .col(boolean_null("boolean_value"))
                    .col(double("default_percentage_allocation"))
                    .foreign_key(&mut cascade(
                        "multivariate_options",
                        "feature_id",
                        "features",
                        "id",
                    ))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("segments")
                    .col(pk_auto("id"))
                    .col(uuid("uuid").unique_key())
                    .col(integer("project_id"))
                    .col(text("name"))
                    .col(text_null("description"))
                    .col(integer_null("feature_id"))
                    .col(boolean("is_system"))
                    .col(json("rules"))
                    .col(big_integer("created_at"))
                    .col(big_integer("updated_at"))
                    .col(big_integer_null("deleted_at"))
                    .foreign_key(&mut cascade("segments", "project_id", "projects", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("segment_revisions")
                    .col(pk_auto("id"))
                    .col(integer("segment_id"))
                    .col(text("name"))
                    .col(text_null("description"))
                    .col(json("rules"))
                    .col(big_integer("created_at"))
                    .foreign_key(&mut cascade("segment_revisions", "segment_id", "segments", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("counters")
                    .col(text("name").primary_key())
                    .col(integer("value"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("identities")
                    .col(pk_auto("id"))
                    .col(integer("environment_id"))
                    .col(text("identifier"))
                    .col(text("identifier_key"))
                    .col(big_integer("created_at"))
                    .foreign_key(&mut cascade("identities", "environment_id", "environments", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("traits")
                    .col(pk_auto("id"))
                    .col(integer("identity_id"))
                    .col(text("key"))
                    .col(text("value_type"))
                    .col(text_null("string_value"))
                    .col(big_integer_null("integer_value"))
                    .col(boolean_null("boolean_value"))
                    .col(double_null("float_value"))
                    .col(big_integer("created_at"))
                    .foreign_key(&mut cascade("traits", "identity_id", "identities", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("feature_versions")
                    .col(pk_auto("id"))
                    .col(uuid("uuid").unique_key())
                    .col(integer("feature_id"))
                    .col(integer("environment_id"))
                    .col(boolean("published"))
                    .col(big_integer_null("live_from"))
                    .col(integer_null("published_by"))
                    .col(integer_null("created_by"))
                    .col(text_null("description"))
                    .col(big_integer("created_at"))
                    .col(big_integer("updated_at"))
                    .foreign_key(&mut cascade("feature_versions", "feature_id", "features", "id"))
                    .foreign_key(&mut cascade(
                        "feature_versions",
                        "environment_id",
                        "environments",
                        "id",
                    ))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("feature_segments")
                    .col(pk_auto("id"))
                    .col(uuid("uuid").unique_key())
                    .col(integer("feature_id"))
                    .col(integer("segment_id"))
                    .col(integer("environment_id"))
                    .col(integer("priority"))
                    .col(uuid_null("version_uuid"))
                    .foreign_key(&mut cascade("feature_segments", "feature_id", "features", "id"))
                    .foreign_key(&mut cascade("feature_segments", "segment_id", "segments", "id"))
                    .foreign_key(&mut cascade(
                        "feature_segments",
                        "environment_id",
                        "environments",
                        "id",
                    ))
                    .foreign_key(&mut cascade(
                        "feature_segments",
                        "version_uuid",
                        "feature_versions",
                        "uuid",
                    ))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("feature_states")
                    .col(pk_auto("id"))
                    .col(uuid("uuid").unique_key())
                    .col(integer("feature_id"))
                    .col(integer("environment_id"))
                    .col(integer_null("segment_id"))
                    .col(integer_null("feature_segment_id"))
                    .col(integer_null("identity_id"))
                    .col(boolean("enabled"))
                    .col(text("value_type"))
                    .col(text_null("string_value"))
                    .col(integer_null("integer_value"))
                    .col(boolean_null("boolean_value"))
                    .col(integer("salt"))
                    .col(uuid_null("version_uuid"))
                    .col(big_integer("created_at"))
                    .col(big_integer("updated_at"))
                    .col(big_integer_null("deleted_at"))
                    .foreign_key(&mut cascade("feature_states", "feature_id", "features", "id"))
                    .foreign_key(&mut cascade(
                        "feature_states",
                        "environment_id",
                        "environments",
                        "id",
                    ))
                    .foreign_key(&mut cascade("feature_states", "identity_id", "identities", "id"))
                    .foreign_key(&mut cascade(
                        "feature_states",
                        "version_uuid",
                        "feature_versions",
                        "uuid",
                    ))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("allocations")
                    .col(pk_auto("id"))
                    .col(uuid("uuid").unique_key())
                    .col(integer("feature_state_id"))
                    .col(integer("option_id"))
                    .col(double("percentage"))
                    .foreign_key(&mut cascade(
                        "allocations",
                        "feature_state_id",
                        "feature_states",
                        "id",
                    ))
                    .foreign_key(&mut cascade(
                        "allocations",
                        "option_id",
                        "multivariate_options",
                        "id",
                    ))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("metrics")
                    .col(pk_auto("id"))
                    .col(integer("environment_id"))
                    .col(text("name"))
                    .col(text("description"))
                    .col(text("aggregation"))
                    .col(text("direction"))
                    .col(json("definition"))
                    .col(big_integer("created_at"))
                    .col(big_integer("updated_at"))
                    .col(big_integer_null("deleted_at"))
                    .foreign_key(&mut cascade("metrics", "environment_id", "environments", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("experiments")
                    .col(pk_auto("id"))
                    .col(integer("environment_id"))
                    .col(integer("feature_id"))
                    .col(text("name"))
                    .col(text("hypothesis"))
                    .col(text("status"))
                    .col(integer_null("rollout_segment_id"))
                    .col(json("saved_allocations"))
                    .col(big_integer("created_at"))
                    .col(big_integer("updated_at"))
                    .col(big_integer_null("started_at"))
                    .col(big_integer_null("ended_at"))
                    .col(big_integer_null("deleted_at"))
                    .foreign_key(&mut cascade(
                        "experiments",
                        "environment_id",
                        "environments",
                        "id",
                    ))
                    .foreign_key(&mut cascade("experiments", "feature_id", "features", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("experiment_metrics")
                    .col(pk_auto("id"))
                    .col(integer("experiment_id"))
                    .col(integer("metric_id"))
                    .col(text("expected_direction"))
                    .col(big_integer("created_at"))
                    .foreign_key(&mut cascade(
                        "experiment_metrics",
                        "experiment_id",
                        "experiments",
                        "id",
                    ))
                    .foreign_key(&mut cascade("experiment_metrics", "metric_id", "metrics", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("computations")
                    .col(pk_auto("id"))
                    .col(integer("experiment_id"))
                    .col(text("kind"))
                    .col(big_integer_null("as_of"))
                    .col(big_integer_null("last_error_at"))
                    .col(big_integer_null("refresh_requested_at"))
                    .col(json_null("payload"))
                    .foreign_key(&mut cascade("computations", "experiment_id", "experiments", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("computation_runs")
                    .col(pk_auto("id"))
                    .col(integer("experiment_id"))
                    .col(text("kind"))
                    .col(big_integer("started_at"))
                    .col(big_integer("finished_at"))
                    .col(text_null("error"))
                    .col(json_null("payload"))
                    .foreign_key(&mut cascade(
                        "computation_runs",
                        "experiment_id",
                        "experiments",
                        "id",
                    ))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("warehouse_connections")
                    .col(pk_auto("id"))
                    .col(integer("environment_id"))
                    .col(text("kind"))
                    .col(text("status"))
                    .col(text_null("status_detail"))
                    .col(text("name"))
                    .col(json_null("config"))
                    .col(text_null("credentials"))
                    .col(big_integer("created_at"))
                    .col(big_integer_null("deleted_at"))
                    .foreign_key(&mut cascade(
                        "warehouse_connections",
                        "environment_id",
                        "environments",
                        "id",
                    ))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("audit_records")
                    .col(pk_auto("id"))
                    .col(big_integer("created_at"))
                    .col(text("log"))
                    .col(integer_null("author_id"))
                    .col(integer_null("master_key_id"))
                    .col(integer_null("environment_id"))
                    .col(integer("project_id"))
                    .col(text("related_object_type"))
                    .col(integer_null("related_object_id"))
                    .col(text_null("related_object_uuid"))
                    .col(text("change_type"))
                    .col(json("change_details"))
                    .col(boolean("is_system_event"))
                    .foreign_key(&mut cascade("audit_records", "project_id", "projects", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("server_settings")
                    .col(text("name").primary_key())
                    .col(text("value"))
                    .to_owned(),
            )
            .await?;
        for (table, columns) in UNIQUE {
            manager
                .create_index(index(table, columns).unique().to_owned())
                .await?;
        }
        for (table, columns) in UNIQUE_WHILE_KEPT {
            let kept = Expr::col("deleted_at").is_null();
            manager
                .create_index(index(table, columns).unique().and_where(kept).to_owned())
                .await?;
        }
        let active = Expr::col("deleted_at")
            .is_null()
            .and(Expr::col("status").ne(Expr::cust("'completed'")));
        manager
            .create_index(
                index("experiments", &["environment_id", "feature_id"])
                    .unique()
                    .and_where(active)
                    .to_owned(),
            )
            .await?;
        for (table, columns) in INDEXES {
            manager.create_index(index(table, columns)).await?;
        }
        Ok(())
    }
}

/// What is unique for good.
const UNIQUE: &[(&str, &[&str])] = &[
    ("organisation_members", &["organisation_id", "user_id"]),
    ("invites", &["organisation_id", "email"]),
    ("permission_grants", &["user_id", "level", "resource_id"]),
    ("multivariate_options", &["feature_id", "key"]),
    ("identities", &["environment_id", "identifier_key"]),
    ("traits", &["identity_id", "key"]),
    ("allocations", &["feature_state_id", "option_id"]),
    ("experiment_metrics", &["experiment_id", "metric_id"]),
    ("computations", &["experiment_id", "kind"]),
];

/// What is unique among rows that are not soft-deleted.
const UNIQUE_WHILE_KEPT: &[(&str, &[&str])] = &[
    ("projects", &["organisation_id", "name_key"]),
    ("environments", &["project_id", "name_key"]),
    ("environments", &["api_key"]),
    ("features", &["project_id", "name_key"]),
    ("warehouse_connections", &["environment_id"]),
];

/// What is looked up by.
const INDEXES: &[(&str, &[&str])] = &[
    ("auth_tokens", &["user_id"]),
    ("organisation_members", &["user_id"]),
    ("master_api_keys", &["organisation_id"]),
    ("permission_grants", &["level", "resource_id"]),
    ("tags", &["project_id"]),
    ("environment_keys", &["environment_id"]),
    ("segments", &["project_id"]),
    ("segment_revisions", &["segment_id"]),
    ("feature_versions", &["environment_id", "feature_id", "live_from"]),
    ("feature_segments", &["environment_id", "feature_id"]),
    ("feature_segments", &["segment_id"]),
    ("feature_segments", &["version_uuid"]),
    ("feature_states", &["environment_id", "feature_id"]),
    ("feature_states", &["version_uuid"]),
    ("feature_states", &["identity_id"]),
    ("metrics", &["environment_id"]),
    ("experiment_metrics", &["metric_id"]),
    ("computation_runs", &["experiment_id", "kind", "started_at"]),
    ("audit_records", &["project_id", "created_at"]),
    ("identities", &["environment_id", "id"]),
    ("feature_tags", &["tag_id"]),
    ("allocations", &["option_id"]),
];

/// An index named after its table and columns.
pub(super) fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut statement = Index::create()
        .name(format!("{table}_{}", columns.join("_")))
        .table(table)
        .to_owned();
    for column in columns {
        statement.col(*column);
    }
    statement
}

/// A reference that takes the row along when what it points to is removed.
pub(super) fn cascade(
    table: &'static str,
    column: &'static str,
    to: &'static str,
    to_column: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}_{column}"))
        .from(table, column)
        .to(to, to_column)
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}
