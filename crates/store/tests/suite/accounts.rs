//! Users, sessions, organisations, their members and their keys.

use crate::support::{ALL, NOW, ODD_TEXT, World, a_user, each, refused, uuid};
use liftgate_model::{OrganisationId, OrganisationRole, Slice, UserId};
use liftgate_store::{master_keys, organisations, users};

#[tokio::test]
async fn users_are_kept_as_they_are() {
    each(async |store| {
        let tx = store.begin().await?;
        let mut user = a_user(&tx, "ada@example.com").await?;
        let second = a_user(&tx, "bob@example.com").await?;
        user.first_name = ODD_TEXT.into();
        user.last_login = Some(NOW);
        user.onboarding = Some(serde_json::json!({"step": ODD_TEXT}));
        users::update(&tx, &user).await?;
        users::update_password(&tx, user.id, "other").await?;
        let (found, hash) = users::find_by_email(&tx, "ada@example.com")
            .await?
            .expect("it is there");
        assert_eq!((found.first_name.as_str(), hash.as_str()), (ODD_TEXT, "other"));
        assert_eq!((found.date_joined, found.last_login), (NOW, Some(NOW)));
        assert_eq!(found.onboarding, user.onboarding);
        assert_eq!(
            users::find_password_hash(&tx, user.id).await?.as_deref(),
            Some("other")
        );
        assert_eq!(users::count(&tx).await?, 2);
        let listed = users::list_by_ids(&tx, &[second.id, UserId(99), user.id]).await?;
        assert_eq!(
            listed.iter().map(|user| user.id).collect::<Vec<_>>(),
            [user.id, second.id]
        );
        tx.commit().await?;
        refused(store, &["users", "email"], async |tx| {
            a_user(tx, "ada@example.com").await
        })
        .await;
        let tx = store.begin().await?;
        users::delete(&tx, user.id).await?;
        assert!(users::find(&tx, user.id).await?.is_none());
        a_user(&tx, "ada@example.com").await.map(|_| ())
    })
    .await;
}

#[tokio::test]
async fn sessions_end_alone_together_or_by_age() {
    each(async |store| {
        let tx = store.begin().await?;
        let user = a_user(&tx, "ada@example.com").await?;
        let later = NOW.plus_seconds(60);
        for (token, at) in [("old", NOW), ("used", NOW), ("new", later), ("gone", later)] {
            users::create_token(&tx, user.id, token, at).await?;
        }
        users::touch_session(&tx, "used", later).await?;
        let session = users::find_session(&tx, "used").await?.expect("it is open");
        assert_eq!((session.created_at, session.last_used_at), (NOW, later));
        users::delete_token(&tx, "gone").await?;
        assert!(users::find_session(&tx, "gone").await?.is_none());
        users::delete_stale_tokens(&tx, user.id, NOW.plus_seconds(-1), NOW).await?;
        assert!(
            users::find_session(&tx, "old").await?.is_none(),
            "unused for too long"
        );
        users::delete_stale_tokens(&tx, user.id, NOW, NOW.plus_seconds(-1)).await?;
        assert!(
            users::find_session(&tx, "used").await?.is_none(),
            "opened too long ago"
        );
        users::create_token(&tx, user.id, "newer", later).await?;
        users::delete_other_tokens(&tx, user.id, "newer").await?;
        assert!(users::find_session(&tx, "new").await?.is_none());
        users::delete_tokens(&tx, user.id).await?;
        assert!(users::find_session(&tx, "newer").await?.is_none());
        users::create_token(&tx, user.id, "last", later).await?;
        users::delete(&tx, user.id).await?;
        assert!(
            users::find_session(&tx, "last").await?.is_none(),
            "it goes with its user"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn organisations_are_found_until_deleted() {
    each(async |store| {
        let world = World::create(store).await?;
        let tx = store.begin().await?;
        let twin = organisations::create(&tx, uuid(), "Acme", NOW).await?;
        let first = organisations::find_by_name(&tx, "Acme")
            .await?
            .expect("there are two");
        assert_eq!(first.id, world.organisation.id);
        let mut changed = world.organisation.clone();
        changed.name = "x".repeat(100_000);
        changed.stop_serving_flags = true;
        organisations::update(&tx, &changed).await?;
        let found = organisations::find(&tx, changed.id).await?.expect("it is there");
        assert_eq!((found.name.len(), found.stop_serving_flags), (100_000, true));
        for organisation in [&world.organisation, &twin] {
            organisations::add_member(&tx, organisation.id, world.user.id, OrganisationRole::User, NOW)
                .await?;
        }
        let one = Slice { offset: 1, limit: 1 };
        let page = organisations::list_for_user(&tx, world.user.id, one).await?;
        assert_eq!((page.total, page.items[0].id), (2, twin.id));
        let beyond = Slice { offset: 2, limit: 1 };
        let page = organisations::list_for_user(&tx, world.user.id, beyond).await?;
        assert_eq!((page.total, page.items.len()), (2, 0));
        organisations::delete(&tx, twin.id, NOW).await?;
        assert!(organisations::find(&tx, twin.id).await?.is_none());
        assert!(organisations::find_by_uuid(&tx, twin.uuid).await?.is_none());
        assert!(organisations::find_by_uuid(&tx, changed.uuid).await?.is_some());
        assert_eq!(
            organisations::list_for_user(&tx, world.user.id, ALL).await?.total,
            1
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_user_is_a_member_once() {
    each(async |store| {
        let world = World::create(store).await?;
        let (organisation, user) = (world.organisation.id, world.user.id);
        let tx = store.begin().await?;
        organisations::add_member(&tx, organisation, user, OrganisationRole::User, NOW).await?;
        let second = a_user(&tx, "bob@example.com").await?;
        organisations::add_member(&tx, organisation, second.id, OrganisationRole::User, NOW).await?;
        organisations::update_role(&tx, organisation, user, OrganisationRole::Admin).await?;
        let role = organisations::find_role(&tx, organisation, user).await?;
        assert_eq!(role, Some(OrganisationRole::Admin));
        assert_eq!(
            organisations::find_role(&tx, organisation, UserId(99)).await?,
            None
        );
        assert_eq!(
            organisations::list_roles(&tx, second.id).await?[&organisation],
            OrganisationRole::User
        );
        let members = organisations::list_members(&tx, organisation).await?;
        assert_eq!(
            members.iter().map(|one| one.user.id).collect::<Vec<_>>(),
            [user, second.id]
        );
        assert_eq!(organisations::count_members(&tx, organisation).await?, 2);
        let counts = organisations::count_members_of(&tx, &[organisation, OrganisationId(99)]).await?;
        assert_eq!((counts[&organisation], counts.len()), (2, 1));
        tx.commit().await?;
        let rule = ["organisation_members", "organisation_id", "user_id"];
        let role = OrganisationRole::User;
        refused(store, &rule, async |tx| {
            organisations::add_member(tx, organisation, user, role, NOW).await
        })
        .await;
        let tx = store.begin().await?;
        organisations::remove_member(&tx, organisation, user).await?;
        assert_eq!(organisations::count_members(&tx, organisation).await?, 1);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_revoked_key_is_not_found() {
    each(async |store| {
        let world = World::create(store).await?;
        let key = |prefix| master_keys::NewMasterKey {
            organisation: world.organisation.id,
            name: ODD_TEXT,
            prefix,
            hash: "hash",
            created_by: Some(world.user.id),
            expires_at: Some(NOW),
        };
        let tx = store.begin().await?;
        let mut first = master_keys::create(&tx, key("first"), NOW).await?;
        let second = master_keys::create(&tx, key("second"), NOW).await?;
        assert_eq!((first.name.as_str(), first.expires_at), (ODD_TEXT, Some(NOW)));
        assert_eq!(master_keys::list(&tx, world.organisation.id, ALL).await?.total, 2);
        first.revoked = true;
        master_keys::update(&tx, &first).await?;
        assert!(master_keys::find_by_prefix(&tx, "first").await?.is_none());
        let left = master_keys::list(&tx, world.organisation.id, ALL).await?;
        assert_eq!((left.total, left.items[0].id), (1, second.id));
        master_keys::delete(&tx, second.id).await?;
        assert!(master_keys::find_by_prefix(&tx, "second").await?.is_none());
        Ok(())
    })
    .await;
}
