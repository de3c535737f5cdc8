//! Identities and their traits.

use crate::support::{ALL, NAMES, NOW, ODD_TEXT, SEARCHES, World, each, refused};
use liftgate_model::identity::TraitValue;
use liftgate_model::{EnvironmentId, IdentityId, Slice};
use liftgate_store::identities::{self, IdentifierFilter};

#[tokio::test]
async fn identifiers_are_unique_with_their_case() {
    each(async |store| {
        let world = World::create(store).await?;
        let environment = world.environment.id;
        let tx = store.begin().await?;
        let mut ids = Vec::new();
        for name in NAMES {
            ids.push(identities::create(&tx, environment, name, NOW).await?.id);
        }
        for (text, names) in SEARCHES {
            let page =
                identities::list(&tx, environment, Some(IdentifierFilter::Contains(text)), ALL).await?;
            assert!(
                page.items
                    .iter()
                    .map(|one| one.identifier.as_str())
                    .eq(names.iter().copied()),
                "{text}"
            );
        }
        assert_eq!(
            identities::list(&tx, environment, Some(IdentifierFilter::Exact("A_b")), ALL)
                .await?
                .total,
            0
        );
        assert_eq!(
            identities::list(&tx, environment, Some(IdentifierFilter::Exact("a_b")), ALL)
                .await?
                .total,
            1
        );
        // Whoever reads on behind the last one they saw misses nobody while others come.
        let first = identities::list(&tx, environment, None, Slice { offset: 0, limit: 4 }).await?;
        let long = identities::create(&tx, environment, &"é".repeat(2_000), NOW).await?;
        let rest = identities::list(&tx, environment, None, Slice { offset: 4, limit: 9 }).await?;
        let seen: Vec<_> = first.items.iter().chain(&rest.items).map(|one| one.id).collect();
        ids.push(long.id);
        assert_eq!(seen, ids);
        assert!(
            identities::find_by_identifier(&tx, environment, &long.identifier)
                .await?
                .is_some()
        );
        assert!(identities::find(&tx, EnvironmentId(99), ids[0]).await?.is_none());
        assert_eq!(
            identities::list_by_ids(&tx, &[ids[1], ids[0], IdentityId(99)]).await?[0].id,
            ids[0]
        );
        tx.commit().await?;
        let rule = ["identities", "environment_id", "identifier_key"];
        refused(store, &rule, async |tx| {
            identities::create(tx, environment, "a_b", NOW).await
        })
        .await;
        refused(store, &rule, async |tx| {
            identities::update_identifier(tx, ids[0], "a_b").await
        })
        .await;
        let tx = store.begin().await?;
        identities::update_identifier(&tx, ids[0], "A_b").await?;
        assert_eq!(
            identities::find_or_create(&tx, environment, "A_b", NOW).await?.id,
            ids[0]
        );
        identities::delete(&tx, ids[0]).await?;
        assert!(identities::find(&tx, environment, ids[0]).await?.is_none());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn traits_keep_their_type() {
    each(async |store| {
        let world = World::create(store).await?;
        let environment = world.environment.id;
        let tx = store.begin().await?;
        let id = identities::create(&tx, environment, "ada", NOW).await?.id;
        let values = [
            ("b", TraitValue::Integer(i64::MIN)),
            ("a", TraitValue::Text(ODD_TEXT.into())),
            ("ä", TraitValue::Float(0.1 + 0.2)),
            ("c", TraitValue::Boolean(false)),
        ];
        let given: Vec<_> = values.iter().map(|(key, value)| (*key, value)).collect();
        identities::put_traits(&tx, id, &given, NOW).await?;
        identities::put_traits(&tx, id, &[], NOW).await?;
        let stored = identities::list_traits(&tx, id).await?;
        assert!(
            stored
                .iter()
                .map(|one| (one.key.as_str(), &one.value))
                .eq(given.iter().copied())
        );
        let (old, new) = (TraitValue::Integer(1), TraitValue::Integer(2));
        identities::put_traits(
            &tx,
            id,
            &[("a", &old), ("z", &old), ("a", &new)],
            NOW.plus_seconds(9),
        )
        .await?;
        let a = identities::find_trait(&tx, id, stored[1].id)
            .await?
            .expect("it is there");
        assert_eq!(
            (a.value, a.created_at),
            (new.clone(), NOW),
            "the last of a key counts, in its place"
        );
        let page = identities::list_traits_page(&tx, id, Slice { offset: 4, limit: 1 }).await?;
        assert_eq!((page.total, page.items[0].key.as_str()), (5, "z"));
        for (key, by, sum) in [
            ("n", 3, Some(3)),
            ("n", -5, Some(-2)),
            ("n", i64::MIN, None),
            ("n", i64::MAX, Some(i64::MAX - 2)),
            ("n", 3, None),
            ("ä", 1, None),
        ] {
            let added = identities::increment_trait(&tx, id, key, by, NOW).await?;
            assert_eq!(added, sum, "{key} {by}");
        }
        identities::delete_traits(&tx, id, &["n"]).await?;
        let own = identities::create_trait(&tx, id, "own", &new, NOW).await?;
        identities::update_trait(&tx, own.id, "renamed", &old).await?;
        assert_eq!(
            identities::list_trait_keys(&tx, environment).await?,
            ["a", "b", "c", "renamed", "z", "ä"]
        );
        tx.commit().await?;
        let rule = ["traits", "identity_id", "key"];
        refused(store, &rule, async |tx| {
            identities::create_trait(tx, id, "a", &old, NOW).await
        })
        .await;
        refused(store, &rule, async |tx| {
            identities::update_trait(tx, own.id, "a", &old).await
        })
        .await;
        let tx = store.begin().await?;
        identities::delete_traits(&tx, id, &["a", "unknown"]).await?;
        identities::delete_trait_everywhere(&tx, environment, "b").await?;
        identities::delete_trait_everywhere(&tx, EnvironmentId(99), "c").await?;
        assert_eq!(
            identities::list_trait_keys(&tx, environment).await?,
            ["c", "renamed", "z", "ä"]
        );
        identities::delete(&tx, id).await?;
        assert!(
            identities::list_traits(&tx, id).await?.is_empty(),
            "they go with their identity"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn conversions_are_counted_by_the_text_of_a_trait() {
    each(async |store| {
        let world = World::create(store).await?;
        let environment = world.environment.id;
        let tx = store.begin().await?;
        let text = |text: &str| TraitValue::Text(text.to_owned());
        let (yes, no, one) = (
            TraitValue::Boolean(true),
            TraitValue::Boolean(false),
            TraitValue::Integer(1),
        );
        for (number, (variant, converted)) in [
            (text("b"), Some(&yes)),
            (text("b"), Some(&no)),
            (text("b"), None),
            (text("ä"), Some(&yes)),
            (text("ä"), Some(&yes)),
            (text("B"), Some(&one)),
            (text("B"), Some(&text("true"))),
            (text(""), None),
            (TraitValue::Integer(7), Some(&yes)),
        ]
        .into_iter()
        .enumerate()
        {
            let name = format!("person-{number}");
            let identity = identities::create(&tx, environment, &name, NOW).await?.id;
            let mut values = vec![("variant", &variant), ("other", &yes)];
            values.extend(converted.map(|value| ("converted", value)));
            identities::put_traits(&tx, identity, &values, NOW).await?;
        }
        let found = async |environment, limit| {
            let found = identities::count_conversions(&tx, environment, "variant", "converted", limit).await;
            found.map(|all| {
                let read = |one: identities::TraitConversions| (one.text, one.identities, one.conversions);
                all.into_iter().map(read).collect::<Vec<_>>()
            })
        };
        let row = |text: &str, identities, conversions| (text.to_owned(), identities, conversions);
        assert_eq!(
            found(environment, 9).await?,
            [row("", 1, 0), row("B", 2, 0), row("b", 3, 1), row("ä", 2, 2)]
        );
        assert_eq!(found(environment, 1).await?, [row("b", 3, 1)], "the largest");
        assert_eq!(found(EnvironmentId(99), 9).await?, []);
        Ok(())
    })
    .await;
}
