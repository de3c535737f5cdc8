//! Features through HTTP (contract, admin API, section 4.1).

use crate::support::{FORBIDDEN, audit_log, id, keys, member};
use crate::variants::{everybody, live};
use liftgate_testkit::{Client, TestServer, Workspace};
use serde_json::{Value, json};

async fn create(workspace: &Workspace, body: Value) -> Value {
    let path = workspace.project_path("features/");
    workspace.client.post(path, body).await.expect(201)
}

async fn names(workspace: &Workspace, query: &str) -> Vec<String> {
    let path = workspace.project_path(&format!("features/{query}"));
    let list = workspace.client.get(path).await.expect(200);
    let results = list["results"].as_array().unwrap();
    results
        .iter()
        .map(|feature| feature["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_feature_is_shown_as_the_contract_says() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let tag = workspace
        .client
        .post(workspace.project_path("tags/"), json!({"label": "t"}))
        .await
        .expect(201);
    let made = create(
        &workspace,
        json!({"name": " feat ", "initial_value": 12, "default_enabled": true, "tags": [tag["id"]]}),
    )
    .await;
    let mut expected = [
        "id",
        "name",
        "type",
        "default_enabled",
        "initial_value",
        "created_date",
        "description",
        "tags",
        "multivariate_options",
        "is_archived",
        "owners",
        "group_owners",
        "uuid",
        "project",
        "environment_feature_state",
        "segment_feature_state",
        "num_segment_overrides",
        "num_identity_overrides",
        "is_num_identity_overrides_complete",
        "is_server_key_only",
        "last_modified_in_any_environment",
        "last_modified_in_current_environment",
        "metadata",
        "code_references_counts",
    ]
    .to_vec();
    assert_eq!(keys(&made), expected);
    assert_eq!(made["name"], "feat");
    assert_eq!(made["initial_value"], "12");
    assert_eq!(made["type"], "STANDARD");
    assert_eq!(made["tags"], json!([tag["id"]]));
    assert_eq!(made["num_segment_overrides"], 0);
    assert_eq!(made["num_identity_overrides"], json!(null));
    assert_eq!(
        keys(&made["owners"][0]),
        ["id", "email", "first_name", "last_name", "last_login", "uuid"]
    );
    assert_eq!(made["owners"][0]["email"], "admin@example.com");

    let path = workspace.project_path(&format!("features/{}/", id(&made)));
    assert_eq!(workspace.client.get(&path).await.expect(200), made);
    let by_uuid = format!("/api/v1/features/get-by-uuid/{}/", made["uuid"].as_str().unwrap());
    assert_eq!(workspace.client.get(&by_uuid).await.expect(200), made);

    let within = format!("{path}?environment={}", workspace.environment);
    let shown = workspace.client.get(&within).await.expect(200);
    expected.push("lifecycle_stage");
    assert_eq!(keys(&shown), expected);
    assert_eq!(shown["lifecycle_stage"], "new");
    let state = &shown["environment_feature_state"];
    assert_eq!(
        keys(state),
        [
            "id",
            "feature_state_value",
            "environment",
            "identity",
            "feature_segment",
            "enabled"
        ]
    );
    assert_eq!(
        (&state["feature_state_value"], &state["enabled"]),
        (&json!(12), &json!(true))
    );
    let missing = json!({"detail": "No Feature matches the given query."});
    assert_eq!(
        workspace
            .client
            .get(workspace.project_path("features/999/"))
            .await
            .expect(404),
        missing
    );
    let nobody = workspace
        .client
        .get("/api/v1/features/get-by-uuid/00000000-0000-4000-8000-000000000000/")
        .await;
    assert_eq!(nobody.expect(404), missing);
    server.stop().await;
}

#[tokio::test]
async fn initial_values_are_typed_by_their_text() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let cases = [
        ("a", json!(12), json!("12"), json!(12)),
        ("b", json!(true), json!("True"), json!(true)),
        ("c", json!(1.5), json!("1.5"), json!("1.5")),
        ("d", json!(""), json!(""), json!("")),
        ("e", json!(0), json!("0"), json!(0)),
        ("f", json!("FALSE"), json!("FALSE"), json!(false)),
        ("g", json!(null), json!(null), json!(null)),
        ("h", json!("  x y "), json!("x y"), json!("x y")),
        ("i", json!("2147483648"), json!("2147483648"), json!("2147483648")),
    ];
    for (name, given, stored, served) in cases {
        let made = create(&workspace, json!({"name": name, "initial_value": given})).await;
        assert_eq!(made["initial_value"], stored, "{name}");
        let path = workspace.path(&format!("featurestates/?feature={}", id(&made)));
        let states = workspace.client.get(path).await.expect(200);
        assert_eq!(states["results"][0]["feature_state_value"], served, "{name}");
    }
    let refused = json!({"initial_value": ["Not a valid string."]});
    for value in [json!(false), json!([]), json!({})] {
        let body = json!({"name": "z", "initial_value": value});
        assert_eq!(
            workspace
                .client
                .post(workspace.project_path("features/"), body)
                .await
                .expect(400),
            refused
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn refusals_are_told_in_the_words_of_the_contract() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let refused = async |body: Value| {
        workspace
            .client
            .post(workspace.project_path("features/"), body)
            .await
            .expect(400)
    };
    assert_eq!(
        refused(json!({})).await,
        json!({"name": ["This field is required."]})
    );
    create(&workspace, json!({"name": "Feat"})).await;
    let taken = "Feature with that name already exists for this project. Note that feature names are case insensitive.";
    assert_eq!(refused(json!({"name": "fEAT"})).await, json!({"name": [taken]}));
    assert_eq!(
        refused(json!({"name": "x".repeat(2001)})).await,
        json!({"name": ["Ensure this field has no more than 2000 characters."]})
    );
    assert_eq!(
        refused(json!({"name": "x", "type": "OTHER"})).await,
        json!({"type": ["\"OTHER\" is not a valid choice."]})
    );
    assert_eq!(
        refused(json!({"name": "x", "tags": [9]})).await,
        json!({"tags": ["Invalid pk \"9\" - object does not exist."]})
    );
    assert_eq!(
        refused(json!({"name": "x", "owners": [99]})).await,
        json!({"owners": ["Invalid pk \"99\" - object does not exist."]})
    );
    assert_eq!(
        refused(json!({"name": "x", "group_owners": [5]})).await,
        json!({"group_owners": ["Invalid pk \"5\" - object does not exist."]})
    );
    let shares = json!([{"string_value": "a", "default_percentage_allocation": 60.0},
        {"string_value": "b", "default_percentage_allocation": 50.0}]);
    assert_eq!(
        refused(json!({"name": "x", "multivariate_options": shares})).await,
        json!({"multivariate_options": ["Invalid percentage allocation"]})
    );
    assert_eq!(
        refused(json!({"name": "x", "multivariate_options": [{"string_value": "a"}, {"string_value": "b"}]}))
            .await,
        json!({"multivariate_options": ["Invalid percentage allocation"]}),
        "an option without a share counts as 100"
    );

    let other = json!({"name": "Other", "organisation": workspace.organisation});
    let other = workspace
        .client
        .post("/api/v1/projects/", other)
        .await
        .expect(201);
    let path = format!("/api/v1/projects/{}/tags/", id(&other));
    let foreign = workspace
        .client
        .post(path, json!({"label": "t"}))
        .await
        .expect(201);
    assert_eq!(
        refused(json!({"name": "x", "tags": [foreign["id"]]})).await,
        json!({"non_field_errors": ["Selected Tags must be from the same Project as current Feature"]})
    );
    let stranger = server.sign_up("stranger@example.com").await;
    let me = stranger.get("/api/v1/auth/users/me/").await.expect(200);
    let stranger = id(&me);
    assert_eq!(
        refused(json!({"name": "x", "owners": [stranger]})).await,
        json!({"owners": [format!("Users with ids [{stranger}] do not have access to this project.")]})
    );
    server.stop().await;
}

#[tokio::test]
async fn names_match_the_pattern_of_the_project_as_a_whole() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let post = async |name: &str| {
        workspace
            .client
            .post(workspace.project_path("features/"), json!({"name": name}))
            .await
    };
    workspace
        .client
        .patch(
            workspace.project_path(""),
            json!({"feature_name_regex": "[a-z_]+"}),
        )
        .await
        .expect(200);
    assert_eq!(
        post("Upper").await.expect(400),
        json!({"name": ["Feature name must match regex: [a-z_]+"]})
    );
    assert_eq!(post("lower x").await.status, 400);
    post("lower_case").await.expect(201);
    server.stop().await;
}

#[tokio::test]
async fn a_project_may_want_owners() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    workspace
        .client
        .patch(
            workspace.project_path(""),
            json!({"enforce_feature_owners": true}),
        )
        .await
        .expect(200);
    let features = workspace.project_path("features/");
    assert_eq!(
        workspace
            .client
            .post(&features, json!({"name": "x"}))
            .await
            .expect(400),
        json!({"non_field_errors": ["This project requires at least one owner or group owner when creating a feature."]})
    );
    let me = id(&workspace.client.get("/api/v1/auth/users/me/").await.expect(200));
    let made = create(&workspace, json!({"name": "x", "owners": [me]})).await;
    let remove = workspace.project_path(&format!("features/{}/remove-owners/", id(&made)));
    assert_eq!(
        workspace
            .client
            .post(&remove, json!({"user_ids": [me]}))
            .await
            .expect(400),
        json!(["This project requires at least one owner or group owner per feature."])
    );
    server.stop().await;
}

#[tokio::test]
async fn owners_come_and_go() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let feature = create(&workspace, json!({"name": "x"})).await;
    member(&server, &workspace, "viewer@example.com", &["VIEW_PROJECT"], &[]).await;
    let stranger = server.sign_up("stranger@example.com").await;
    let stranger = id(&stranger.get("/api/v1/auth/users/me/").await.expect(200));
    let people = workspace
        .client
        .get(format!("/api/v1/organisations/{}/users/", workspace.organisation))
        .await;
    let people = people.expect(200);
    let viewer = people
        .as_array()
        .unwrap()
        .iter()
        .find(|user| user["email"] == "viewer@example.com")
        .unwrap();
    let path = |verb: &str| workspace.project_path(&format!("features/{}/{verb}-owners/", id(&feature)));
    let added = workspace
        .client
        .post(path("add"), json!({"user_ids": [viewer["id"]]}))
        .await
        .expect(200);
    assert_eq!(
        keys(&added),
        [
            "id",
            "name",
            "created_date",
            "description",
            "initial_value",
            "default_enabled",
            "type",
            "owners",
            "group_owners",
            "is_server_key_only"
        ]
    );
    assert_eq!(added["owners"].as_array().unwrap().len(), 2);
    assert_eq!(
        workspace
            .client
            .post(path("add"), json!({"user_ids": [99]}))
            .await
            .expect(400),
        json!({"non_field_errors": ["Some users not found"]})
    );
    assert_eq!(
        workspace
            .client
            .post(path("add"), json!({"user_ids": [stranger]}))
            .await
            .expect(400),
        json!(["Some users not found"])
    );
    let left = workspace
        .client
        .post(path("remove"), json!({"user_ids": [viewer["id"]]}))
        .await
        .expect(200);
    assert_eq!(left["owners"].as_array().unwrap().len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn lists_are_filtered_and_sorted() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let tags = workspace.project_path("tags/");
    let red = id(&workspace
        .client
        .post(&tags, json!({"label": "red"}))
        .await
        .expect(201));
    let blue = json!({"label": "blue", "is_permanent": true});
    let blue = id(&workspace.client.post(&tags, blue).await.expect(201));
    create(
        &workspace,
        json!({"name": "cherry", "initial_value": "Ripe Fruit", "default_enabled": true, "tags": [red]}),
    )
    .await;
    let apple = create(
        &workspace,
        json!({"name": "apple", "initial_value": 7, "tags": [red, blue]}),
    )
    .await;
    let banana =
        json!({"name": "banana", "initial_value": "true", "default_enabled": true, "is_archived": true});
    let banana = create(&workspace, banana).await;
    let options = json!([{"string_value": "a", "default_percentage_allocation": 30.0}]);
    create(
        &workspace,
        json!({"name": "date", "initial_value": "control", "multivariate_options": options}),
    )
    .await;

    assert_eq!(names(&workspace, "").await, ["cherry", "apple", "banana", "date"]);
    assert_eq!(
        names(&workspace, "?sort_field=name").await,
        ["apple", "banana", "cherry", "date"]
    );
    assert_eq!(
        names(&workspace, "?sort_field=name&sort_direction=DESC").await,
        ["date", "cherry", "banana", "apple"]
    );
    assert_eq!(names(&workspace, "?search=AN").await, ["banana"]);
    assert_eq!(
        names(&workspace, "?is_archived=false").await,
        ["cherry", "apple", "date"]
    );
    assert_eq!(names(&workspace, "?type=MULTIVARIATE").await, ["date"]);
    assert_eq!(
        names(&workspace, &format!("?tags={red}")).await,
        ["cherry", "apple"]
    );
    assert_eq!(names(&workspace, &format!("?tags={red},{blue}")).await, ["apple"]);
    assert_eq!(
        names(&workspace, &format!("?tags={red},{blue}&tag_strategy=UNION")).await,
        ["cherry", "apple"]
    );
    assert_eq!(names(&workspace, "?tags=").await, ["banana", "date"]);
    assert_eq!(names(&workspace, "?group_owners=1").await, Vec::<String>::new());
    let me = id(&workspace.client.get("/api/v1/auth/users/me/").await.expect(200));
    assert_eq!(
        names(&workspace, &format!("?owners={me}&group_owners=1"))
            .await
            .len(),
        4
    );

    let environment = workspace.environment;
    let within = |query: &str| format!("?environment={environment}&{query}");
    assert_eq!(names(&workspace, &within("value_search=fruit")).await, ["cherry"]);
    assert_eq!(names(&workspace, &within("value_search=7")).await, ["apple"]);
    assert_eq!(names(&workspace, &within("value_search=TRUE")).await, ["banana"]);
    assert_eq!(
        names(&workspace, &within("is_enabled=true")).await,
        ["cherry", "banana"]
    );
    assert_eq!(
        names(&workspace, &within("lifecycle_stage=permanent")).await,
        ["apple"]
    );
    assert_eq!(
        names(&workspace, &within("lifecycle_stage=new")).await,
        ["cherry", "banana", "date"]
    );
    assert_eq!(
        names(&workspace, &within("lifecycle_stage=stale")).await,
        Vec::<String>::new()
    );

    let segment = everybody(&workspace, "all").await;
    let path = workspace.path(&format!("features/{}/create-segment-override/", id(&banana)));
    let body = json!({"feature_segment": {"segment": segment}, "enabled": true,
        "feature_state_value": {"type": "unicode", "string_value": "over"}});
    workspace.client.post(path, body).await.expect(201);
    let alice = workspace
        .client
        .post(workspace.path("identities/"), json!({"identifier": "alice"}))
        .await
        .expect(201);
    let path = workspace.path(&format!("identities/{}/featurestates/", id(&alice)));
    workspace
        .client
        .post(path, json!({"feature": id(&apple), "enabled": true}))
        .await
        .expect(201);
    assert_eq!(
        names(
            &workspace,
            &within(&format!("segment={segment}&identity={}", id(&alice)))
        )
        .await,
        ["banana", "apple", "cherry", "date"]
    );
    let list = workspace.project_path(&format!("features/{}", within(&format!("segment={segment}"))));
    let list = workspace.client.get(list).await.expect(200);
    let first = &list["results"][0];
    assert_eq!(first["segment_feature_state"]["feature_state_value"], "over");
    assert_eq!(
        (&first["num_segment_overrides"], &first["num_identity_overrides"]),
        (&json!(1), &json!(null))
    );
    let apple = list["results"]
        .as_array()
        .unwrap()
        .iter()
        .find(|feature| feature["name"] == "apple")
        .unwrap();
    assert_eq!(
        (&apple["num_segment_overrides"], &apple["num_identity_overrides"]),
        (&json!(0), &json!(1))
    );
    server.stop().await;
}

#[tokio::test]
async fn malformed_queries_are_refused() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let refused = async |query: &str| {
        let path = workspace.project_path(&format!("features/?{query}"));
        workspace.client.get(path).await.expect(400)
    };
    assert_eq!(
        refused("sort_field=bad").await,
        json!({"sort_field": ["\"bad\" is not a valid choice."]})
    );
    assert_eq!(
        refused("tags=abc").await,
        json!({"tags": ["Tag IDs must be integers."]})
    );
    assert_eq!(
        refused("owners=1,x").await,
        json!({"owners": ["Owner IDs must be integers."]})
    );
    assert_eq!(
        refused("identity=alice").await,
        json!({"identity": ["Must be a valid integer."]})
    );
    assert_eq!(
        refused("environment=x").await,
        json!({"environment": ["A valid integer is required."]})
    );
    assert_eq!(
        refused("environment=999").await,
        json!({"environment": ["Invalid pk \"999\" - object does not exist."]})
    );
    let needs = json!(["Environment is required in order to filter by state search or by state enabled"]);
    assert_eq!(refused("value_search=12").await, needs);
    assert_eq!(refused("is_enabled=true").await, needs);
    let beyond = workspace
        .client
        .get(workspace.project_path("features/?page=99"))
        .await;
    assert_eq!(beyond.expect(404), json!({"detail": "Invalid page."}));
    server.stop().await;
}

#[tokio::test]
async fn what_a_feature_was_made_with_does_not_change() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let made = create(&workspace, json!({"name": "x", "initial_value": "a"})).await;
    let path = workspace.project_path(&format!("features/{}/", id(&made)));
    let body =
        json!({"name": "y", "initial_value": "b", "default_enabled": true, "owners": [], "description": "d"});
    let put = workspace.client.put(&path, body).await.expect(200);
    assert_eq!(
        (&put["name"], &put["initial_value"], &put["default_enabled"]),
        (&json!("x"), &json!("a"), &json!(false))
    );
    assert_eq!(put["owners"].as_array().unwrap().len(), 1);
    assert_eq!(put["description"], "d");
    let patched = workspace
        .client
        .patch(&path, json!({"is_archived": true}))
        .await
        .expect(200);
    assert_eq!(
        (&patched["is_archived"], &patched["description"]),
        (&json!(true), &json!("d"))
    );
    workspace.client.put(&path, json!({})).await.expect(200);
    let log = audit_log(&server, &workspace).await;
    let updates = log
        .iter()
        .filter(|text| *text == "Flag / Remote Config updated: x")
        .count();
    assert_eq!(updates, 2, "a change that changes nothing is not told");
    server.stop().await;
}

#[tokio::test]
async fn options_are_synchronised_with_the_list() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let options = json!([{"string_value": "a", "default_percentage_allocation": 30.0},
        {"type": "int", "integer_value": 5, "default_percentage_allocation": 20.0}]);
    let made = create(
        &workspace,
        json!({"name": "x", "initial_value": "c", "multivariate_options": options}),
    )
    .await;
    assert_eq!(made["type"], "MULTIVARIATE");
    let first = &made["multivariate_options"][0];
    assert_eq!(
        keys(first),
        [
            "id",
            "uuid",
            "type",
            "integer_value",
            "string_value",
            "boolean_value",
            "default_percentage_allocation",
            "key"
        ]
    );
    assert_eq!(
        (&first["key"], &first["default_percentage_allocation"]),
        (&json!(null), &json!(30.0))
    );
    let states = live(&server, &workspace, id(&made)).await;
    let shares: Vec<f64> = states[0]
        .allocations
        .iter()
        .map(|share| share.percentage)
        .collect();
    assert_eq!(shares, [30.0, 20.0]);

    let path = workspace.project_path(&format!("features/{}/", id(&made)));
    let wanted = json!([{"id": made["multivariate_options"][1]["id"], "integer_value": 6},
        {"string_value": "new", "default_percentage_allocation": 10.0}]);
    let put = workspace
        .client
        .put(&path, json!({"multivariate_options": wanted}))
        .await
        .expect(200);
    let after = put["multivariate_options"].as_array().unwrap();
    assert_eq!(after.len(), 2);
    assert_eq!(after[0]["id"], made["multivariate_options"][1]["id"]);
    assert_eq!(
        (
            &after[0]["integer_value"],
            &after[0]["default_percentage_allocation"]
        ),
        (&json!(6), &json!(20.0))
    );
    assert_eq!(after[1]["string_value"], "new");
    let states = live(&server, &workspace, id(&made)).await;
    let shares: Vec<f64> = states[0]
        .allocations
        .iter()
        .map(|share| share.percentage)
        .collect();
    assert_eq!(shares, [20.0, 10.0]);
    let too_much = json!([{"string_value": "a", "default_percentage_allocation": 100.0},
        {"string_value": "b", "default_percentage_allocation": 1.0}]);
    let refused = workspace
        .client
        .patch(&path, json!({"multivariate_options": too_much}))
        .await
        .expect(400);
    assert_eq!(
        refused,
        json!({"multivariate_options": ["Invalid percentage allocation"]})
    );
    let none = workspace
        .client
        .patch(&path, json!({"multivariate_options": []}))
        .await
        .expect(200);
    assert_eq!(
        (&none["type"], &none["multivariate_options"]),
        (&json!("STANDARD"), &json!([]))
    );
    server.stop().await;
}

#[tokio::test]
async fn deleting_a_feature_ends_everything_that_hangs_on_it() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace.flag("mv", &[("ka", "a", 30.0)]).await;
    let experiment = workspace
        .experiment(&flag, Some(workspace.rollout(&flag, 50.0, &[50.0])))
        .await;
    let start = workspace.path(&format!("experiments/{experiment}/start/"));
    workspace.client.post(start, json!({})).await.expect(200);
    let segment = format!("experiment-{experiment}-rollout");
    let path = workspace.project_path(&format!("features/{}/", flag.id));
    assert_eq!(workspace.client.delete(&path).await.status, 204);

    assert_eq!(workspace.client.get(&path).await.status, 404);
    let list = workspace
        .client
        .get(workspace.path("experiments/"))
        .await
        .expect(200);
    assert_eq!(list["count"], 0);
    let one = workspace
        .client
        .get(workspace.path(&format!("experiments/{experiment}/")))
        .await;
    assert_eq!(
        one.expect(404),
        json!({"detail": "No Experiment matches the given query."})
    );
    let states = workspace
        .client
        .get(workspace.path("featurestates/"))
        .await
        .expect(200);
    assert_eq!(states["count"], 0);
    let document = workspace
        .server_sdk()
        .await
        .get("/api/v1/environment-document/")
        .await
        .expect(200);
    assert_eq!(document["feature_states"], json!([]));
    assert_eq!(
        document["project"]["segments"],
        json!([]),
        "the segment of the rollout is gone"
    );
    assert_eq!(workspace.sdk().get("/api/v1/flags/").await.expect(200), json!([]));
    let log = audit_log(&server, &workspace).await;
    let last: Vec<&str> = log.iter().rev().take(4).map(String::as_str).collect();
    let mut expected = [
        "Flag 'mv' changed while experiment 'Button colour' is running".to_owned(),
        "Flag / Remote Config Deleted: mv".to_owned(),
        "Flag / Remote Config Deleted: mv".to_owned(),
        format!("Flag state / Remote config value deleted for feature 'mv' and segment '{segment}'"),
    ];
    expected.sort();
    let mut last: Vec<String> = last.into_iter().map(str::to_owned).collect();
    last.sort();
    assert_eq!(last, expected);
    workspace.feature("mv", "again").await;
    server.stop().await;
}

#[tokio::test]
async fn a_new_feature_is_told_once_and_once_for_each_environment() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let before = audit_log(&server, &workspace).await.len();
    let options = json!([{"string_value": "a", "default_percentage_allocation": 30.0}]);
    create(&workspace, json!({"name": "mv", "multivariate_options": options})).await;
    let log = audit_log(&server, &workspace).await;
    assert_eq!(
        log[before..],
        [
            "New Flag / Remote Config created: mv",
            "New Flag / Remote Config created: mv",
            "Multivariate option added to feature 'mv'."
        ]
    );
    server.stop().await;
}

#[tokio::test]
async fn features_ask_for_their_permissions() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let made = create(&workspace, json!({"name": "x"})).await;
    let list = workspace.project_path("features/");
    let one = workspace.project_path(&format!("features/{}/", id(&made)));
    let viewer = member(&server, &workspace, "viewer@example.com", &["VIEW_PROJECT"], &[]).await;
    let editor = member(
        &server,
        &workspace,
        "editor@example.com",
        &["VIEW_PROJECT", "CREATE_FEATURE"],
        &[],
    )
    .await;
    let nobody = member(&server, &workspace, "nobody@example.com", &[], &[]).await;
    let forbidden = json!({"detail": FORBIDDEN});
    let hidden = json!({"detail": "No Project matches the given query."});
    let refuses = async |client: &Client, status: u16, body: &Value| {
        assert_eq!(client.patch(&one, json!({})).await.expect(status), *body);
        assert_eq!(client.put(&one, json!({})).await.expect(status), *body);
        assert_eq!(client.delete(&one).await.expect(status), *body);
    };
    viewer.get(&list).await.expect(200);
    viewer.get(&one).await.expect(200);
    assert_eq!(
        viewer.post(&list, json!({"name": "y"})).await.expect(403),
        forbidden
    );
    refuses(&viewer, 403, &forbidden).await;
    assert_eq!(nobody.get(&list).await.expect(404), hidden);
    assert_eq!(nobody.get(&one).await.expect(404), hidden);
    assert_eq!(
        nobody.post(&list, json!({"name": "y"})).await.expect(403),
        forbidden
    );
    refuses(&nobody, 404, &hidden).await;
    let uuid = format!("/api/v1/features/get-by-uuid/{}/", made["uuid"].as_str().unwrap());
    viewer.get(&uuid).await.expect(200);
    assert_eq!(
        nobody.get(&uuid).await.expect(404),
        json!({"detail": "No Feature matches the given query."})
    );

    editor.post(&list, json!({"name": "y"})).await.expect(201);
    editor.patch(&one, json!({"description": "d"})).await.expect(200);
    let options = json!([{"string_value": "a", "default_percentage_allocation": 30.0}]);
    let refused = json!({"detail": "User must be project admin to modify / create MV options."});
    let body = json!({"name": "z", "multivariate_options": options});
    assert_eq!(editor.post(&list, body).await.expect(403), refused);
    assert_eq!(
        editor
            .patch(&one, json!({"multivariate_options": options}))
            .await
            .expect(403),
        refused
    );
    assert_eq!(editor.delete(&one).await.expect(403), forbidden);
    assert_eq!(server.anonymous().get(&list).await.status, 401);
    assert_eq!(server.anonymous().get(&uuid).await.status, 401);
    server.stop().await;
}

#[tokio::test]
async fn evaluations_are_an_empty_list_for_who_sees_the_project() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let feature = workspace.feature("x", "a").await;
    let path = workspace.project_path(&format!("features/{feature}/evaluation-data/"));
    let query = format!("{path}?environment_id={}", workspace.environment);
    assert_eq!(workspace.client.get(&query).await.expect(200), json!([]));
    assert_eq!(
        workspace.client.get(&path).await.expect(400),
        json!({"environment_id": ["This field is required."]})
    );
    let stranger = server.sign_up("stranger@example.com").await;
    assert_eq!(stranger.get(&query).await.status, 404);
    server.stop().await;
}
