//! Numbers handed out one by one.

use crate::entity::counters;
use crate::{Conn, Result};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

/// The counter of the ids of segment rules and conditions.
pub const SEGMENT_NODES: &str = "segment_nodes";

/// Takes `count` numbers nobody else gets; the first of them is returned, the rest follow it.
pub async fn take(c: &impl Conn, name: &str, count: i32) -> Result<i32> {
    let updated = counters::Entity::update_many()
        .col_expr(
            counters::Column::Value,
            Expr::col(counters::Column::Value).add(count),
        )
        .filter(counters::Column::Name.eq(name))
        .exec_with_returning(c.raw())
        .await?;
    if let Some(row) = updated.first() {
        return Ok(row.value - count + 1);
    }
    let row = counters::ActiveModel {
        name: Set(name.to_owned()),
        value: Set(count),
    };
    counters::Entity::insert(row)
        .exec_without_returning(c.raw())
        .await?;
    Ok(1)
}
