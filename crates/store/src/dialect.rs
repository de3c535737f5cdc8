//! Statements that the query builder cannot say, in the words of each database.

use crate::entity::traits;
use crate::values::{TraitColumns, one_of};
use crate::{Conn, Error, Result};
use liftgate_model::identity::Trait;
use liftgate_model::{IdentityId, Timestamp, TraitId};
use sea_orm::{
    ConnectionTrait as _, DatabaseBackend, EntityTrait as _, QueryFilter as _, QuerySelect as _, Statement,
};
use std::collections::HashMap;

const TRAITS_SQLITE: &str = "\
    SELECT identity_id, json_group_array(json_array(\
        id, key, value_type, string_value, integer_value, boolean_value, created_at)) \
    FROM traits WHERE identity_id IN (SELECT value FROM json_each(?1)) GROUP BY identity_id";
const TRAITS_POSTGRES: &str = "\
    SELECT identity_id, json_agg(json_build_array(\
        id, key, value_type, string_value, integer_value, boolean_value::int, created_at))::text \
    FROM traits WHERE identity_id IN (SELECT value::int FROM json_array_elements_text($1::json)) \
    GROUP BY identity_id";

/// A trait in a document: id, key, type, text, integer, truth as 0 or 1, time of creation. A float is not there: JSON
/// would round it.
type Columns = (i32, String, String, Option<String>, Option<i64>, Option<i64>, i64);

/// The type of traits whose value lies in the column for floats.
const FLOAT: &str = "float";

/// The traits of identities, by id, one row an identity: rows cost more than what is in them. The list travels as one
/// parameter, so that the statement is prepared once.
pub(crate) async fn traits_of(c: &impl Conn, ids: &[IdentityId]) -> Result<Vec<(IdentityId, Vec<Trait>)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let backend = c.raw().get_database_backend();
    let sql = match backend {
        DatabaseBackend::Sqlite => TRAITS_SQLITE,
        _ => TRAITS_POSTGRES,
    };
    let list: Vec<String> = ids.iter().map(|id| id.0.to_string()).collect();
    let list = format!("[{}]", list.join(","));
    let statement = Statement::from_sql_and_values(backend, sql, [list.into()]);
    let mut documents: Vec<(IdentityId, Vec<Columns>)> = Vec::with_capacity(ids.len());
    for row in c.raw().query_all_raw(statement).await? {
        let (identity, document): (i32, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let mut columns: Vec<Columns> = serde_json::from_str(&document)
            .map_err(|error| Error::corrupt("traits", format!("not the document asked for: {error}")))?;
        // Cheaper here than in the statement.
        columns.sort_unstable_by_key(|(id, ..)| *id);
        documents.push((IdentityId(identity), columns));
    }
    let floats = floats(c, &documents).await?;
    let read = |(identity, columns): (IdentityId, Vec<Columns>)| {
        let traits = columns
            .into_iter()
            .map(|columns| read(identity, columns, &floats));
        Ok((identity, traits.collect::<Result<_>>()?))
    };
    documents.into_iter().map(read).collect()
}

/// The floats among the traits, by the ids of the traits.
async fn floats(
    c: &impl Conn,
    documents: &[(IdentityId, Vec<Columns>)],
) -> Result<HashMap<i32, Option<f64>>> {
    let ids: Vec<i32> = documents
        .iter()
        .flat_map(|(_, columns)| columns)
        .filter(|(_, _, value_type, ..)| value_type == FLOAT)
        .map(|(id, ..)| *id)
        .collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let select = traits::Entity::find()
        .select_only()
        .columns([traits::Column::Id, traits::Column::FloatValue])
        .filter(one_of(traits::Column::Id, ids));
    let rows: Vec<(i32, Option<f64>)> = select.into_tuple().all(c.raw()).await?;
    Ok(rows.into_iter().collect())
}

fn read(identity: IdentityId, columns: Columns, floats: &HashMap<i32, Option<f64>>) -> Result<Trait> {
    let (id, key, value_type, string_value, integer_value, truth, created_at) = columns;
    let columns = TraitColumns {
        value_type,
        string_value,
        integer_value,
        boolean_value: truth.map(|truth| truth != 0),
        float_value: floats.get(&id).copied().flatten(),
    };
    Ok(Trait {
        id: TraitId(id),
        identity,
        key,
        value: columns.read()?,
        created_at: Timestamp(created_at),
    })
}
