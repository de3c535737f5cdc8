//! The three encodings of one flag value (contract, admin API, section 4.2): [`Plain`] JSON, [`Columns`] of which the
//! one named by the type counts, and [`TypedText`]. Readers and writers of all three are here and nowhere else, and so
//! are the shares of options that stand beside them.

mod columns;
mod plain;
mod shares;
mod typed_text;

#[cfg(test)]
mod tests;

pub use columns::{Columns, NewColumns, beside_columns};
pub use plain::{NewPlain, Plain};
pub use shares::{NewShare, Share, replacement};
pub use typed_text::{AnyTypedText, TypedText};

/// Most characters of a text value.
pub const TEXT_CHARACTERS: usize = 20_000;
