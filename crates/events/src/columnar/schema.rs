//! The columns of the event files and how each is encoded.

use std::sync::{Arc, LazyLock};

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

/// Rows in a row group at most; what a writer or a reader holds in memory is a small multiple of one row group.
pub(crate) const ROW_GROUP_ROWS: usize = 131_072;

/// Rows in a page: the smallest run of rows that can be skipped unread.
const PAGE_ROWS: usize = 8_192;

/// The columns, in the order of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Column {
    EnvironmentKey,
    Event,
    FeatureName,
    Identifier,
    Value,
    Traits,
    Metadata,
    Timestamp,
    CollectedAt,
    SdkLanguage,
    SdkVersion,
    IdentifierHashHigh,
    IdentifierHashLow,
    FingerprintHigh,
    FingerprintLow,
    NumericValue,
}

impl Column {
    const ALL: [(Column, &'static str, bool); 16] = [
        (Column::EnvironmentKey, "environment_key", false),
        (Column::Event, "event", false),
        (Column::FeatureName, "feature_name", true),
        (Column::Identifier, "identifier", true),
        (Column::Value, "value", true),
        (Column::Traits, "traits", false),
        (Column::Metadata, "metadata", false),
        (Column::Timestamp, "timestamp", false),
        (Column::CollectedAt, "collected_at", false),
        (Column::SdkLanguage, "sdk_language", false),
        (Column::SdkVersion, "sdk_version", false),
        (Column::IdentifierHashHigh, "identifier_hash_high", false),
        (Column::IdentifierHashLow, "identifier_hash_low", false),
        (Column::FingerprintHigh, "fingerprint_high", false),
        (Column::FingerprintLow, "fingerprint_low", false),
        (Column::NumericValue, "numeric_value", false),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL[self.index()].1
    }

    pub(crate) fn index(self) -> usize {
        self as usize
    }

    fn path(self) -> ColumnPath {
        ColumnPath::from(self.name())
    }
}

/// The columns as record batches are written: plain text.
pub(crate) static WRITE_SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| schema(&DataType::Utf8));

/// The columns as a query reads them: the texts it compares keep the file's dictionaries, so that a text is compared
/// once for each dictionary and not once for each row.
pub(crate) static QUERY_SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&DataType::Dictionary(
        Box::new(DataType::Int32),
        Box::new(DataType::Utf8),
    ))
});

fn schema(compared_text: &DataType) -> SchemaRef {
    let fields = Column::ALL.map(|(column, name, nullable)| {
        let data_type = match column {
            Column::Timestamp | Column::CollectedAt => DataType::Timestamp(TimeUnit::Millisecond, None),
            Column::IdentifierHashHigh
            | Column::IdentifierHashLow
            | Column::FingerprintHigh
            | Column::FingerprintLow => DataType::UInt64,
            Column::NumericValue => DataType::Float64,
            Column::Event | Column::FeatureName | Column::Value => compared_text.clone(),
            _ => DataType::Utf8,
        };
        Field::new(name, data_type, nullable)
    });
    Arc::new(Schema::new(fields.to_vec()))
}

/// Returns how the columns are encoded.
///
/// Hashes do not compress, so they are stored plain; times are stored as packed differences; everything else is
/// dictionary-encoded where that helps and compressed. Only the columns by which row groups are skipped have statistics.
pub(crate) fn writer_properties() -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_created_by("liftgate".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_statistics_truncate_length(None);
    for column in [
        Column::Event,
        Column::FeatureName,
        Column::Timestamp,
        Column::IdentifierHashHigh,
    ] {
        builder = builder.set_column_statistics_enabled(column.path(), EnabledStatistics::Chunk);
    }
    for column in [
        Column::IdentifierHashHigh,
        Column::IdentifierHashLow,
        Column::FingerprintHigh,
        Column::FingerprintLow,
    ] {
        builder = builder
            .set_column_dictionary_enabled(column.path(), false)
            .set_column_compression(column.path(), Compression::UNCOMPRESSED);
    }
    for column in [Column::Timestamp, Column::CollectedAt] {
        builder = builder
            .set_column_dictionary_enabled(column.path(), false)
            .set_column_encoding(column.path(), Encoding::DELTA_BINARY_PACKED);
    }
    builder
        .set_column_compression(Column::Timestamp.path(), Compression::UNCOMPRESSED)
        .build()
}
