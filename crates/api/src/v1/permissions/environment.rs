//! What users are granted on an environment.

use liftgate_app::access::need::ViewEnvironment;

super::grants::grants!(
    GuardedEnvironment,
    list for ViewEnvironment,
    all at "/api/v1/environments/{environment_key}/user-permissions/",
    one at "/api/v1/environments/{environment_key}/user-permissions/{grant_id}/"
);
