//! Points in time with microsecond precision, the precision of the wire.

use chrono::{DateTime, SecondsFormat, Utc};

/// A point in time: microseconds since 1970-01-01 UTC.
///
/// Kept as an integer so that both databases store, compare and sort it alike, without rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// From milliseconds since the epoch; saturates far outside any calendar.
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// Milliseconds since the epoch, rounded down.
    pub fn as_millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// This time plus a number of seconds, which may be negative.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Seconds from `earlier` to this time, rounded down; negative when `earlier` is later.
    pub fn seconds_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).div_euclid(1_000_000)
    }

    /// Reads ISO 8601 with an offset, or without one (then UTC), or a bare date (midnight UTC).
    pub fn parse(text: &str) -> Option<Self> {
        use chrono::{NaiveDate, NaiveDateTime};
        let text = text.trim();
        let from = |time: DateTime<Utc>| Self(time.timestamp_micros());
        DateTime::parse_from_rfc3339(text)
            .map(|time| from(time.to_utc()))
            .or_else(|_| {
                NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map(|time| from(time.and_utc()))
            })
            .or_else(|_| {
                NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").map(|time| from(time.and_utc()))
            })
            .or_else(|_| {
                NaiveDate::parse_from_str(text, "%Y-%m-%d")
                    .map(|date| from(date.and_hms_opt(0, 0, 0).unwrap_or_default().and_utc()))
            })
            .ok()
    }

    /// The calendar form, clamped to what a calendar can show.
    pub fn to_utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or(if self.0 < 0 {
            DateTime::<Utc>::MIN_UTC
        } else {
            DateTime::<Utc>::MAX_UTC
        })
    }

    /// `2026-11-22T11:35:20.907639Z`: the wire form of the admin API.
    pub fn to_iso(self) -> String {
        self.to_utc().to_rfc3339_opts(SecondsFormat::Micros, true)
    }

    /// `2026-11-22T11:35:21.241593+00:00`: the wire form of the environment document.
    pub fn to_iso_offset(self) -> String {
        self.to_utc().to_rfc3339_opts(SecondsFormat::Micros, false)
    }

    /// `1795347321.241593`: epoch seconds with a fraction, as the data-plane headers carry it.
    pub fn to_epoch_seconds(self) -> String {
        format!(
            "{}.{:06}",
            self.0.div_euclid(1_000_000),
            self.0.rem_euclid(1_000_000)
        )
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_iso())
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    /// Reads what serialising writes, for years of any number of digits too.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let time: DateTime<Utc> = text.parse().map_err(serde::de::Error::custom)?;
        Ok(Self(time.timestamp_micros()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_serialised_is_read_back() {
        let far = Timestamp::parse("9999-12-31T23:59:59.999999Z").unwrap();
        for time in [
            Timestamp(0),
            Timestamp(-1),
            Timestamp(1_795_347_321_241_593),
            far,
            Timestamp(far.0 + 1),
        ] {
            let text = serde_json::to_string(&time).unwrap();
            assert_eq!(serde_json::from_str::<Timestamp>(&text).unwrap(), time, "{text}");
        }
        assert!(serde_json::from_str::<Timestamp>("\"soon\"").is_err());
    }
}
