//! Environments, their keys, their revisions and their warehouse connection.

use crate::support::{ALL, NOW, ODD_TEXT, World, each, environment, refused};
use liftgate_model::environment::EnvironmentKey;
use liftgate_model::warehouse::{WarehouseConnection, WarehouseStatus, WarehouseType};
use liftgate_model::{EnvironmentId, EnvironmentKeyId, WarehouseConnectionId};
use liftgate_store::{environments, warehouses};

#[tokio::test]
async fn names_and_keys_are_free_again_after_deletion() {
    each(async |store| {
        let world = World::create(store).await?;
        let (project, first) = (world.project.id, world.environment.clone());
        let tx = store.begin().await?;
        let mut second = environments::create(&tx, &environment(project, ODD_TEXT)).await?;
        tx.commit().await?;
        let mut twin = environment(project, "Production");
        refused(store, &["environments", "name_key"], async |tx| {
            environments::create(tx, &twin).await
        })
        .await;
        twin.name = "Other".into();
        twin.api_key.clone_from(&first.api_key);
        refused(store, &["environments", "api_key"], async |tx| {
            environments::create(tx, &twin).await
        })
        .await;
        second.name = "Production".into();
        refused(store, &["environments", "name_key"], async |tx| {
            environments::update(tx, &second).await
        })
        .await;
        let tx = store.begin().await?;
        environments::delete(&tx, first.id, NOW).await?;
        assert!(environments::find(&tx, first.id).await?.is_none());
        assert!(environments::find_for_update(&tx, first.id).await?.is_none());
        assert!(environments::find_by_key(&tx, &first.api_key).await?.is_none());
        assert!(environments::find_by_uuid(&tx, first.uuid).await?.is_none());
        second.banner_text = Some(ODD_TEXT.into());
        environments::update(&tx, &second).await?;
        let twin = environments::create(&tx, &twin).await?;
        assert_eq!(
            environments::find_by_key(&tx, &first.api_key)
                .await?
                .map(|one| one.id),
            Some(twin.id)
        );
        let found = environments::find_for_update(&tx, second.id)
            .await?
            .expect("it is there");
        assert_eq!(
            (found.name.as_str(), found.banner_text.as_deref()),
            ("Production", Some(ODD_TEXT))
        );
        let ids = [second.id, twin.id];
        let listed = environments::list(&tx, project).await?;
        assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), ids);
        assert_eq!(environments::list_all(&tx).await?.len(), 2);
        let given = [twin.id, first.id, EnvironmentId(99)];
        assert_eq!(environments::list_by_ids(&tx, &given).await?.len(), 1);
        assert_eq!(
            environments::list_visible(&tx, project, Some(&given), ALL)
                .await?
                .total,
            1
        );
        assert_eq!(
            environments::list_visible(&tx, project, Some(&[]), ALL)
                .await?
                .total,
            0
        );
        assert_eq!(
            environments::list_visible(&tx, project, None, ALL).await?.total,
            2
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_touch_moves_time_and_revision_on() {
    each(async |store| {
        let world = World::create(store).await?;
        let id = world.environment.id;
        let tx = store.begin().await?;
        environments::touch(&tx, &[id], NOW.plus_seconds(1)).await?;
        environments::touch(&tx, &[id], NOW.plus_seconds(2)).await?;
        environments::touch(&tx, &[], NOW.plus_seconds(3)).await?;
        assert_eq!(
            environments::list_revisions(&tx).await?,
            [(id, world.environment.revision + 2)]
        );
        let found = environments::find(&tx, id).await?.expect("it is there");
        assert_eq!(found.updated_at, NOW.plus_seconds(2));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn keys_belong_to_one_environment() {
    each(async |store| {
        let world = World::create(store).await?;
        let id = world.environment.id;
        let key = |key: &str| EnvironmentKey {
            id: EnvironmentKeyId(0),
            environment: id,
            key: key.into(),
            name: ODD_TEXT.into(),
            active: true,
            created_at: NOW,
            expires_at: None,
        };
        let tx = store.begin().await?;
        let mut first = environments::create_key(&tx, &key("ser.a")).await?;
        let second = environments::create_key(&tx, &key("ser.b")).await?;
        first.active = false;
        first.expires_at = Some(NOW);
        environments::update_key(&tx, &first).await?;
        let listed = environments::list_keys(&tx, id).await?;
        assert_eq!(
            (listed[0].active, listed[0].expires_at, listed[1].id),
            (false, Some(NOW), second.id)
        );
        assert!(
            environments::find_key(&tx, EnvironmentId(99), first.id)
                .await?
                .is_none()
        );
        environments::delete_key(&tx, first.id).await?;
        assert!(environments::find_key(&tx, id, first.id).await?.is_none());
        tx.commit().await?;
        let rule = ["environment_keys", "key"];
        refused(store, &rule, async |tx| {
            environments::create_key(tx, &key("ser.b")).await
        })
        .await;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_environment_has_one_warehouse() {
    each(async |store| {
        let world = World::create(store).await?;
        let id = world.environment.id;
        let connection = WarehouseConnection {
            id: WarehouseConnectionId(0),
            environment: id,
            kind: WarehouseType::Clickhouse,
            status: WarehouseStatus::Created,
            status_detail: None,
            name: ODD_TEXT.into(),
            config: Some(serde_json::json!({"host": "db"})),
            credentials: Some("sealed".into()),
            created_at: NOW,
        };
        let tx = store.begin().await?;
        let mut stored = warehouses::create(&tx, &connection).await?;
        stored.status = WarehouseStatus::Errored;
        warehouses::update(&tx, &stored).await?;
        let found = warehouses::find(&tx, id, stored.id).await?.expect("it is there");
        assert_eq!(
            (found.status, found.config),
            (WarehouseStatus::Errored, connection.config.clone())
        );
        tx.commit().await?;
        let rule = ["warehouse_connections", "environment_id"];
        refused(store, &rule, async |tx| warehouses::create(tx, &connection).await).await;
        let tx = store.begin().await?;
        warehouses::delete(&tx, stored.id, NOW).await?;
        assert!(warehouses::find_of_environment(&tx, id).await?.is_none());
        warehouses::create(&tx, &connection).await.map(|_| ())
    })
    .await;
}
