//! The schema: the same on both databases, made once, never taken over from a newer version.

use crate::support::{backs, open};
use liftgate_store::Error;
use sea_orm::{ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, Statement};
use std::collections::BTreeSet;

const SQLITE_COLUMNS: &str = "SELECT m.name || '.' || c.name || CASE WHEN c.\"notnull\" OR c.pk THEN '' ELSE '?' END \
     FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'";
const POSTGRES_COLUMNS: &str = "SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'NO' THEN '' ELSE '?' END \
     FROM information_schema.columns WHERE table_schema = 'public'";
/// Table, unique or not, partial or not, columns in their order; whatever the name.
const SQLITE_INDEXES: &str = "SELECT m.name || CASE i.\"unique\" WHEN 1 THEN ' unique' ELSE '' END || \
     CASE i.partial WHEN 1 THEN ' partial' ELSE '' END || ' ' || \
     (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) \
     FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type = 'table'";
const POSTGRES_INDEXES: &str = "SELECT t.relname || CASE WHEN i.indisunique THEN ' unique' ELSE '' END || \
     CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END || ' ' || \
     (SELECT string_agg(a.attname, ',' ORDER BY array_position(i.indkey::int2[], a.attnum)) \
      FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = ANY(i.indkey::int2[])) \
     FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
     WHERE n.nspname = 'public'";
/// The conditions of partial indexes, by the name of the index.
const SQLITE_CONDITIONS: &str = "SELECT name || ' ' || substr(sql, instr(sql, ' WHERE ') + 7) \
     FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'";
const POSTGRES_CONDITIONS: &str = "SELECT c.relname || ' ' || pg_get_expr(i.indpred, i.indrelid) FROM pg_index i \
     JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE n.nspname = 'public' AND i.indpred IS NOT NULL";
const SQLITE_REFERENCES: &str = "SELECT m.name || '.' || f.\"from\" || ' ' || f.\"table\" || '.' || f.\"to\" || ' ' || f.on_delete \
     FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'";
const POSTGRES_REFERENCES: &str = "SELECT k.table_name || '.' || k.column_name || ' ' || u.table_name || '.' || u.column_name \
     || ' ' || r.delete_rule FROM information_schema.referential_constraints r \
     JOIN information_schema.key_column_usage k ON k.constraint_name = r.constraint_name \
     JOIN information_schema.constraint_column_usage u ON u.constraint_name = r.constraint_name";

async fn lines(database: &DatabaseConnection, sql: &str) -> BTreeSet<String> {
    let statement = Statement::from_string(database.get_database_backend(), sql);
    let rows = database
        .query_all_raw(statement)
        .await
        .expect("the catalogue answers");
    rows.iter()
        .map(|row| row.try_get_by_index(0).expect("a text"))
        .collect()
}

/// A condition as both databases could have written it.
fn plain(line: &str) -> String {
    line.replace("::text", "")
        .replace(['"', '(', ')'], "")
        .replace("!=", "<>")
        .to_uppercase()
}

struct Schema {
    columns: BTreeSet<String>,
    indexes: BTreeSet<String>,
    conditions: BTreeSet<String>,
    references: BTreeSet<String>,
}

async fn schema(url: &str) -> Schema {
    let database = Database::connect(url).await.expect("it opens");
    let [columns, indexes, conditions, references] = match database.get_database_backend() {
        DatabaseBackend::Sqlite => [
            SQLITE_COLUMNS,
            SQLITE_INDEXES,
            SQLITE_CONDITIONS,
            SQLITE_REFERENCES,
        ],
        _ => [
            POSTGRES_COLUMNS,
            POSTGRES_INDEXES,
            POSTGRES_CONDITIONS,
            POSTGRES_REFERENCES,
        ],
    };
    let indexes = lines(&database, indexes).await;
    Schema {
        columns: lines(&database, columns).await,
        // The key `id` of a table is an index on Postgres and the row itself on SQLite.
        indexes: indexes
            .into_iter()
            .filter(|line| !line.ends_with(" unique id"))
            .collect(),
        conditions: lines(&database, conditions)
            .await
            .iter()
            .map(|line| plain(line))
            .collect(),
        references: lines(&database, references).await,
    }
}

#[tokio::test]
async fn both_databases_have_the_same_schema() {
    let backs = backs().await;
    let mut schemas = Vec::new();
    for back in &backs {
        open(back).await.close().await.expect("it closes");
        schemas.push(schema(&back.url).await);
    }
    let sqlite = &schemas[0];
    assert!(sqlite.columns.contains("projects.deleted_at?"));
    assert!(
        sqlite
            .indexes
            .contains("projects unique partial organisation_id,name_key")
    );
    assert!(
        sqlite
            .conditions
            .contains("PROJECTS_ORGANISATION_ID_NAME_KEY DELETED_AT IS NULL")
    );
    assert!(
        sqlite
            .references
            .contains("projects.organisation_id organisations.id CASCADE")
    );
    for postgres in &schemas[1..] {
        assert_eq!(sqlite.columns, postgres.columns);
        assert_eq!(sqlite.indexes, postgres.indexes);
        assert_eq!(sqlite.conditions, postgres.conditions);
        assert_eq!(sqlite.references, postgres.references);
    }
}

#[tokio::test]
async fn a_second_migration_changes_nothing() {
    for back in backs().await {
        let store = open(&back).await;
        let before = schema(&back.url).await.columns;
        store.migrate().await.expect("it migrates again");
        assert!(store.is_migrated().await.expect("it answers"));
        assert_eq!(before, schema(&back.url).await.columns);
    }
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    for back in backs().await {
        let store = open(&back).await;
        let database = Database::connect(&back.url).await.expect("it opens");
        let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_tomorrow', 0)";
        database
            .execute_unprepared(newer)
            .await
            .expect("a row can be stored");
        for answer in [store.migrate().await, store.is_migrated().await.map(|_| ())] {
            let Err(error @ Error::Newer(_)) = answer else {
                panic!("{} took it: {answer:?}", back.name);
            };
            assert!(error.to_string().contains("newer version"), "{error}");
            assert!(error.to_string().contains("m9999_tomorrow"), "{error}");
        }
    }
}
