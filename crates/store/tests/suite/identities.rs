//! Identities and their traits.

use crate::support::{ALL, NAMES, NOW, ODD_TEXT, SEARCHES, World, each, refused};
use liftgate_model::identity::TraitValue;
use liftgate_model::{EnvironmentId, IdentityId, Slice};
use liftgate_store::identities::{self, IdentifierFilter};
use liftgate_store::identity_batches;

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
        let given: Vec<_> = values.iter().map(|(key, value)| (id, *key, value)).collect();
        identity_batches::put_traits(&tx, &given, NOW).await?;
        identity_batches::put_traits(&tx, &[], NOW).await?;
        let stored = identities::list_traits(&tx, id).await?;
        assert!(
            stored
                .iter()
                .map(|one| (one.identity, one.key.as_str(), &one.value))
                .eq(given.iter().copied())
        );
        let (old, new) = (TraitValue::Integer(1), TraitValue::Integer(2));
        let later = NOW.plus_seconds(9);
        identity_batches::put_traits(&tx, &[(id, "a", &old), (id, "z", &old)], later).await?;
        identity_batches::put_traits(&tx, &[(id, "a", &new)], later).await?;
        let a = identities::find_trait(&tx, id, stored[1].id)
            .await?
            .expect("it is there");
        assert_eq!(
            (a.value, a.created_at),
            (new.clone(), NOW),
            "the last value of a key counts, in its place"
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
            let values: Vec<_> = values
                .into_iter()
                .map(|(key, value)| (identity, key, value))
                .collect();
            identity_batches::put_traits(&tx, &values, NOW).await?;
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

#[tokio::test]
async fn many_identities_are_found_or_made_together() {
    each(async |store| {
        let world = World::create(store).await?;
        let environment = world.environment.id;
        let tx = store.begin().await?;
        let ada = identities::create(&tx, environment, "ada", NOW).await?.id;
        let names: Vec<String> = (0..1_100).map(|number| format!("person-{number}")).collect();
        let mut wanted: Vec<_> = names.iter().map(|name| (environment, name.as_str())).collect();
        wanted.insert(500, (environment, "ada"));
        wanted.push((environment, "person-7"));
        let ids = identity_batches::lock_or_create(&tx, &wanted, NOW).await?;
        assert_eq!((ids.len(), ids[500], ids[7]), (1_102, ada, ids[1_101]));
        for at in [0, 7, 499, 501, 1_100] {
            let stored = identities::find(&tx, environment, ids[at])
                .await?
                .expect("it is there");
            assert_eq!(
                (stored.identifier.as_str(), stored.created_at),
                (wanted[at].1, NOW)
            );
        }
        assert_eq!(
            identity_batches::lock_or_create(&tx, &wanted, NOW.plus_seconds(1)).await?,
            ids,
            "a second time they are there"
        );
        assert!(identity_batches::lock_or_create(&tx, &[], NOW).await?.is_empty());
        assert_eq!(identities::list(&tx, environment, None, ALL).await?.total, 1_101);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn traits_of_many_identities_are_read_as_they_are_stored() {
    each(async |store| {
        let world = World::create(store).await?;
        let environment = world.environment.id;
        let tx = store.begin().await?;
        let names = [
            (environment, "ada"),
            (environment, "bob"),
            (environment, "nobody"),
        ];
        let ids = identity_batches::lock_or_create(&tx, &names, NOW).await?;
        let values = [
            TraitValue::Text(ODD_TEXT.into()),
            TraitValue::Text(String::new()),
            TraitValue::Text("a \"line\"\n\t\u{1}\u{7f}\u{2028}".into()),
            TraitValue::Integer(i64::MIN),
            TraitValue::Integer(i64::MAX),
            TraitValue::Integer(9_007_199_254_740_993),
            TraitValue::Boolean(true),
            TraitValue::Boolean(false),
            TraitValue::Float(0.1 + 0.2),
            TraitValue::Float(f64::MIN_POSITIVE),
            TraitValue::Float(-f64::MAX),
            TraitValue::Float(5e-324),
            TraitValue::Float(1.0),
            TraitValue::Float(8.414_709_848_078_965e-1),
        ];
        let keys: Vec<String> = (0..values.len())
            .rev()
            .map(|at| format!("{ODD_TEXT}-{at}"))
            .collect();
        for identity in &ids[..2] {
            let rows: Vec<_> = keys
                .iter()
                .zip(&values)
                .map(|(key, value)| (*identity, key.as_str(), value))
                .collect();
            identity_batches::put_traits(&tx, &rows, NOW).await?;
        }
        let many: Vec<IdentityId> = (10_000..12_000).map(IdentityId).chain(ids.clone()).collect();
        let found = identity_batches::list_traits(&tx, &many).await?;
        assert_eq!(found.len(), 2, "whoever has none is left out");
        for identity in &ids[..2] {
            let expected = identities::list_traits(&tx, *identity).await?;
            assert_eq!(expected.len(), values.len());
            let read = &found[identity];
            assert_eq!(format!("{read:?}"), format!("{expected:?}"));
        }
        assert!(identity_batches::list_traits(&tx, &[]).await?.is_empty());
        Ok(())
    })
    .await;
}
