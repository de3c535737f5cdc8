//! Encodings shared by several tables.

use crate::Conn;
use crate::error::{Error, Result};
use liftgate_model::identity::TraitValue;
use liftgate_model::{FlagValue, Leftovers, Page, Slice, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel,
    PaginatorTrait, QuerySelect, Select,
};
use sha2::{Digest, Sha256};

/// The columns a flag value is stored in.
pub(crate) struct FlagColumns {
    pub value_type: String,
    pub string_value: Option<String>,
    pub integer_value: Option<i32>,
    pub boolean_value: Option<bool>,
}

impl From<&FlagValue> for FlagColumns {
    fn from(value: &FlagValue) -> Self {
        let mut columns = Self {
            value_type: "unicode".into(),
            string_value: None,
            integer_value: None,
            boolean_value: None,
        };
        match value {
            FlagValue::Null => {}
            FlagValue::Text(text) => columns.string_value = Some(text.clone()),
            FlagValue::Integer(number) => {
                columns.value_type = "int".into();
                columns.integer_value = Some(*number);
            }
            FlagValue::Boolean(truth) => {
                columns.value_type = "bool".into();
                columns.boolean_value = Some(*truth);
            }
        }
        columns
    }
}

impl FlagColumns {
    /// The same with what lies in the other columns.
    pub(crate) fn beside(mut self, leftovers: &Leftovers) -> Self {
        if self.value_type != "unicode" {
            self.string_value.clone_from(&leftovers.text);
        }
        if self.value_type != "int" {
            self.integer_value = leftovers.integer;
        }
        if self.value_type != "bool" {
            self.boolean_value = leftovers.boolean;
        }
        self
    }

    /// Reads the column named by the type.
    pub(crate) fn read(self) -> FlagValue {
        match self.value_type.as_str() {
            "int" => self.integer_value.map_or(FlagValue::Null, FlagValue::Integer),
            "bool" => self.boolean_value.map_or(FlagValue::Null, FlagValue::Boolean),
            _ => self.string_value.map_or(FlagValue::Null, FlagValue::Text),
        }
    }
}

/// The columns a trait value is stored in.
pub(crate) struct TraitColumns {
    pub value_type: String,
    pub string_value: Option<String>,
    pub integer_value: Option<i64>,
    pub boolean_value: Option<bool>,
    pub float_value: Option<f64>,
}

impl From<&TraitValue> for TraitColumns {
    fn from(value: &TraitValue) -> Self {
        let mut columns = Self {
            value_type: String::new(),
            string_value: None,
            integer_value: None,
            boolean_value: None,
            float_value: None,
        };
        let value_type = match value {
            TraitValue::Text(text) => {
                columns.string_value = Some(text.clone());
                "unicode"
            }
            TraitValue::Integer(number) => {
                columns.integer_value = Some(*number);
                "int"
            }
            TraitValue::Boolean(truth) => {
                columns.boolean_value = Some(*truth);
                "bool"
            }
            TraitValue::Float(number) => {
                columns.float_value = Some(*number);
                "float"
            }
        };
        value_type.clone_into(&mut columns.value_type);
        columns
    }
}

impl TraitColumns {
    /// Reads the column named by the type.
    pub(crate) fn read(self) -> Result<TraitValue> {
        match self.value_type.as_str() {
            "int" => self.integer_value.map(TraitValue::Integer),
            "bool" => self.boolean_value.map(TraitValue::Boolean),
            "float" => self.float_value.map(TraitValue::Float),
            _ => self.string_value.map(TraitValue::Text),
        }
        .ok_or_else(|| Error::corrupt("traits", "no value in the column its type names"))
    }
}

/// The key under which a name is unique: the SHA-256 of its lower-case form where case does not matter, of the name
/// itself where it does. Names may be longer than an index allows.
pub(crate) fn name_key(name: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(name.as_bytes())
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Reads a named value of an enum.
pub(crate) fn named<T>(table: &'static str, name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T> {
    parse(name).ok_or_else(|| Error::corrupt(table, format!("unknown name {name:?}")))
}

/// Optional times.
pub(crate) fn time(micros: Option<i64>) -> Option<Timestamp> {
    micros.map(Timestamp)
}

/// The most values of one list that are sent as parameters of a statement, and the most rows of one insert. SQLite takes
/// 32,766 parameters a statement and Postgres 65,535; the widest row has 12 columns.
pub(crate) const BOUND: usize = 1_000;

/// Whether a column is one of some ids, however many: a long list is written into the statement.
pub(crate) fn one_of(column: impl ColumnTrait, ids: impl IntoIterator<Item = i32>) -> Expr {
    let ids: Vec<i32> = ids.into_iter().collect();
    if ids.len() <= BOUND {
        return column.is_in(ids);
    }
    let literals = ids.into_iter().map(|id| Expr::cust(id.to_string()));
    Expr::col(column.as_column_ref()).is_in(literals)
}

/// Stores rows, however many, in their order.
pub(crate) async fn insert_all<A>(c: &impl Conn, rows: Vec<A>, on_conflict: Option<OnConflict>) -> Result<()>
where
    A: ActiveModelTrait + Send,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    let mut rows = rows.into_iter();
    loop {
        let part: Vec<A> = rows.by_ref().take(BOUND).collect();
        if part.is_empty() {
            return Ok(());
        }
        let insert = A::Entity::insert_many(part);
        match &on_conflict {
            Some(rule) => {
                insert
                    .on_conflict(rule.clone())
                    .exec_without_returning(c.raw())
                    .await?
            }
            None => insert.exec_without_returning(c.raw()).await?,
        };
    }
}

/// The most letters outside of ASCII that [`contains`] looks for in any case. Each is one more call in the statement,
/// and the databases bound its depth.
const FOLDED_LETTERS: usize = 100;

/// Whether a column contains a text, in any case, wildcards taken literally.
///
/// What `lower` does to letters outside of ASCII depends on the database and, on Postgres, on its locale. So those
/// letters of the text that have a capital are folded in the column one by one.
pub(crate) fn contains(column: impl ColumnTrait, text: &str) -> Expr {
    let folded: String = text.chars().map(small).collect();
    let mut letters: Vec<char> = folded.chars().filter(|letter| !letter.is_ascii()).collect();
    letters.sort_unstable();
    letters.dedup();
    let capitals = letters.into_iter().filter_map(|letter| {
        let mut upper = letter.to_uppercase();
        let capital = upper.next().filter(|capital| *capital != letter)?;
        (upper.next().is_none() && small(capital) == letter).then_some((capital, letter))
    });
    let mut lower = Func::lower(Expr::col(column.as_column_ref()));
    for (capital, letter) in capitals.take(FOLDED_LETTERS) {
        lower = Func::cust("replace")
            .arg(lower)
            .arg(capital.to_string())
            .arg(letter.to_string());
    }
    let pattern = folded
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    Expr::expr(lower).like(LikeExpr::new(format!("%{pattern}%")).escape('\\'))
}

/// The small form of a letter, where it is one letter.
fn small(letter: char) -> char {
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(small), None) => small,
        _ => letter,
    }
}

/// Reads one part of a list and the length of the whole: two statements.
pub(crate) async fn page<E, M>(c: &impl ConnectionTrait, select: Select<E>, slice: Slice) -> Result<Page<M>>
where
    E: EntityTrait<Model = M>,
    M: FromQueryResult + Sized + Send + Sync,
{
    let total = select.clone().count(c).await?;
    let items = if slice.offset >= total {
        Vec::new()
    } else {
        select.offset(slice.offset).limit(slice.limit).all(c).await?
    };
    Ok(Page { total, items })
}
