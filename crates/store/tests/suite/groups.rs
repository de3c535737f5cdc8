//! Groups, what users and groups were granted, invitations.

use crate::support::{ALL, NOW, ODD_TEXT, World, a_user, each, refused};
use liftgate_model::account::{Group, Invite, InviteLink};
use liftgate_model::{GroupId, InviteId, InviteLinkId, OrganisationId, OrganisationRole, Slice};
use liftgate_store::grants::Level;
use liftgate_store::{grants, group_grants, groups, invite_links, invites};

fn group(organisation: OrganisationId, name: &str) -> Group {
    Group {
        id: GroupId(0),
        organisation,
        name: name.into(),
        is_default: false,
        external_id: None,
    }
}

#[tokio::test]
async fn groups_have_members_once() {
    each(async |store| {
        let world = World::create(store).await?;
        let (organisation, user) = (world.organisation.id, world.user.id);
        let tx = store.begin().await?;
        let bob = a_user(&tx, "bob@example.com").await?.id;
        let mut first = groups::create(&tx, &group(organisation, "first")).await?;
        let second = groups::create(&tx, &group(organisation, "second")).await?;
        first.name = ODD_TEXT.into();
        groups::update(&tx, &first).await?;
        groups::add_members(&tx, first.id, &[bob, user]).await?;
        groups::add_members(&tx, first.id, &[]).await?;
        assert!(groups::update_admin(&tx, first.id, user, true).await?);
        groups::add_members(&tx, first.id, &[user]).await?;
        groups::add_members(&tx, second.id, &[user]).await?;
        assert!(!groups::update_admin(&tx, second.id, bob, true).await?);
        let members = groups::list_members(&tx, &[first.id, GroupId(99)]).await?;
        let members: Vec<_> = members[&first.id]
            .iter()
            .map(|one| (one.user.id, one.is_admin))
            .collect();
        assert_eq!(members, [(user, true), (bob, false)]);
        let own = groups::list_for_user(&tx, organisation, user).await?;
        assert_eq!(
            own.iter()
                .map(|(one, admin)| (one.id, *admin))
                .collect::<Vec<_>>(),
            [(first.id, true), (second.id, false)]
        );
        assert_eq!(groups::list(&tx, organisation).await?[0].name, ODD_TEXT);
        assert_eq!(
            groups::list_by_ids(&tx, &[second.id, first.id]).await?[0].id,
            first.id
        );
        groups::remove_members(&tx, first.id, &[bob]).await?;
        groups::remove_user(&tx, OrganisationId(99), user).await?;
        assert_eq!(groups::list_members(&tx, &[first.id, second.id]).await?.len(), 2);
        groups::remove_user(&tx, organisation, user).await?;
        assert!(
            groups::list_members(&tx, &[first.id, second.id])
                .await?
                .is_empty()
        );
        groups::delete(&tx, first.id).await?;
        assert_eq!(groups::list(&tx, organisation).await?.len(), 1);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_user_and_a_group_have_one_grant_a_resource() {
    each(async |store| {
        let world = World::create(store).await?;
        let (level, user, on) = (Level::Project, world.user.id, world.project.id.0);
        let keys = vec!["VIEW_PROJECT".to_owned()];
        let tx = store.begin().await?;
        let mut grant = grants::create(&tx, level, on, user, false, &keys).await?;
        let team = groups::create(&tx, &group(world.organisation.id, "team"))
            .await?
            .id;
        groups::add_members(&tx, team, &[user]).await?;
        let mut of_team = group_grants::create(&tx, level, on, team, false, &keys).await?;
        grant.is_admin = true;
        grant.permissions.clear();
        grants::update(&tx, &grant).await?;
        of_team.permissions.push("DELETE_FEATURE".into());
        group_grants::update(&tx, &of_team).await?;
        tx.commit().await?;
        let rule = ["permission_grants", "user_id", "level", "resource_id"];
        refused(store, &rule, async |tx| {
            grants::create(tx, level, on, user, false, &[]).await
        })
        .await;
        let rule = ["group_grants", "group_id", "level", "resource_id"];
        refused(store, &rule, async |tx| {
            group_grants::create(tx, level, on, team, false, &[]).await
        })
        .await;
        let tx = store.begin().await?;
        let found = grants::find(&tx, level, on, user).await?.expect("it is there");
        assert!(found.is_admin && found.permissions.is_empty());
        assert!(
            grants::find_by_id(&tx, Level::Environment, on, grant.id)
                .await?
                .is_none()
        );
        assert!(grants::find_by_id(&tx, level, on, grant.id).await?.is_some());
        assert_eq!(grants::list(&tx, level, on).await?.len(), 1);
        assert_eq!(grants::list_for_user(&tx, level, user).await?.len(), 1);
        assert!(
            grants::list_for_user(&tx, Level::Organisation, user)
                .await?
                .is_empty()
        );
        assert_eq!(group_grants::list(&tx, level, on).await?[0].permissions.len(), 2);
        assert!(
            group_grants::find(&tx, level, on + 1, of_team.id)
                .await?
                .is_none()
        );
        assert!(group_grants::find(&tx, level, on, of_team.id).await?.is_some());
        assert_eq!(
            group_grants::list_for_user(&tx, level, None, user).await?.len(),
            1
        );
        assert!(
            group_grants::list_for_user(&tx, level, Some(on + 1), user)
                .await?
                .is_empty()
        );
        grants::delete_for_user(&tx, level, &[on], user).await?;
        assert!(grants::find(&tx, level, on, user).await?.is_none());
        let again = grants::create(&tx, level, on, user, false, &keys).await?;
        grants::delete(&tx, again.id).await?;
        group_grants::delete(&tx, of_team.id).await?;
        let last = group_grants::create(&tx, level, on, team, false, &keys).await?;
        groups::delete(&tx, team).await?;
        assert!(
            group_grants::find(&tx, level, on, last.id).await?.is_none(),
            "it goes with its group"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_address_is_invited_once() {
    each(async |store| {
        let world = World::create(store).await?;
        let organisation = world.organisation.id;
        let tx = store.begin().await?;
        let team = groups::create(&tx, &group(organisation, "team")).await?.id;
        let invite = |email: &str, groups| Invite {
            id: InviteId(0),
            hash: format!("hash of {email}"),
            email: email.into(),
            role: OrganisationRole::User,
            organisation,
            invited_by: Some(world.user.id),
            groups,
            created_at: NOW,
        };
        let first = invites::create(&tx, &invite("a@example.com", vec![team])).await?;
        let second = invites::create(&tx, &invite("b@example.com", vec![])).await?;
        assert_eq!(
            invites::find(&tx, organisation, first.id)
                .await?
                .map(|one| one.groups),
            Some(vec![team])
        );
        assert!(invites::find(&tx, OrganisationId(99), first.id).await?.is_none());
        assert_eq!(
            invites::find_by_hash(&tx, &second.hash).await?.map(|one| one.id),
            Some(second.id)
        );
        let page = invites::list(&tx, organisation, Slice { offset: 1, limit: 1 }).await?;
        assert_eq!((page.total, page.items[0].id), (2, second.id));
        assert!(invites::is_invited(&tx, "a@example.com", Some(organisation)).await?);
        assert!(!invites::is_invited(&tx, "a@example.com", Some(OrganisationId(99))).await?);
        assert!(!invites::is_invited(&tx, "c@example.com", None).await?);
        tx.commit().await?;
        let rule = ["invites", "organisation_id", "email"];
        let twin = Invite {
            hash: "other".into(),
            ..invite("a@example.com", vec![])
        };
        refused(store, &rule, async |tx| invites::create(tx, &twin).await).await;
        let tx = store.begin().await?;
        invites::delete(&tx, first.id).await?;
        invites::create(&tx, &twin).await?;
        assert_eq!(invites::list(&tx, organisation, ALL).await?.total, 2);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn links_are_found_by_their_secret() {
    each(async |store| {
        let world = World::create(store).await?;
        let organisation = world.organisation.id;
        let link = InviteLink {
            id: InviteLinkId(0),
            hash: "secret".into(),
            role: OrganisationRole::Admin,
            organisation,
            expires_at: Some(NOW),
            created_at: NOW,
        };
        let tx = store.begin().await?;
        let stored = invite_links::create(&tx, &link).await?;
        let found = invite_links::find_by_hash(&tx, "secret")
            .await?
            .expect("it is there");
        assert_eq!(
            (found.id, found.role, found.expires_at),
            (stored.id, OrganisationRole::Admin, Some(NOW))
        );
        tx.commit().await?;
        refused(store, &["invite_links", "hash"], async |tx| {
            invite_links::create(tx, &link).await
        })
        .await;
        let tx = store.begin().await?;
        assert!(!invite_links::delete(&tx, OrganisationId(99), stored.id).await?);
        assert_eq!(invite_links::list(&tx, organisation).await?.len(), 1);
        assert!(invite_links::delete(&tx, organisation, stored.id).await?);
        assert!(invite_links::find_by_hash(&tx, "secret").await?.is_none());
        Ok(())
    })
    .await;
}
