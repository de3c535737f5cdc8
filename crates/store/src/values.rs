//! Encodings shared by several tables.

use crate::error::{Error, Result};
use liftgate_model::identity::TraitValue;
use liftgate_model::{FlagValue, Leftovers, Page, Slice, Timestamp};
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QuerySelect, Select};
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
pub fn name_key(name: &str) -> String {
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

/// `%text%` for LIKE, with its wildcards taken literally (escape character `\`).
pub(crate) fn like(text: &str) -> sea_orm::sea_query::LikeExpr {
    let escaped = text
        .to_lowercase()
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    sea_orm::sea_query::LikeExpr::new(format!("%{escaped}%")).escape('\\')
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
