//! Points in time.

use chrono::{FixedOffset, NaiveDate, NaiveTime, TimeZone as _, Utc};
use liftgate_model::Timestamp;
use serde_json::Value;

use super::Rule;
use crate::form::{FieldError, Mode};

/// A date with or without a time, with or without an offset (then UTC); digits beyond microseconds are cut off.
#[derive(Debug, Clone, Copy)]
pub struct Datetime;

const WRONG_FORMAT: &str = "Datetime has wrong format. Use one of these formats instead: \
    YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].";

impl Rule for Datetime {
    type Out = Timestamp;

    fn read(&self, value: &Value, _mode: Mode) -> Result<Timestamp, FieldError> {
        value
            .as_str()
            .and_then(parse)
            .ok_or_else(|| FieldError::text(WRONG_FORMAT))
    }
}

/// Reads `2026-01-02`, `2026-1-2 3:04`, `2026-01-02T03:04:05.123456+01:00` and the like.
fn parse(text: &str) -> Option<Timestamp> {
    let mut rest = Rest(text);
    let year = rest.digits(4, 4)?;
    rest.skip("-")?;
    let month = rest.digits(1, 2)?;
    rest.skip("-")?;
    let day = rest.digits(1, 2)?;
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok().filter(|year| *year > 0)?, month, day)?;
    if rest.0.is_empty() {
        return Some(Timestamp(
            date.and_time(NaiveTime::MIN).and_utc().timestamp_micros(),
        ));
    }
    rest.skip("T ")?;
    let hour = rest.digits(1, 2)?;
    rest.skip(":")?;
    let minute = rest.digits(1, 2)?;
    let mut second = 0;
    let mut micros = 0;
    if rest.skip(":").is_some() {
        second = rest.digits(1, 2)?;
        if rest.skip(".,").is_some() {
            micros = rest.fraction()?;
        }
    }
    let time = date.and_time(NaiveTime::from_hms_micro_opt(hour, minute, second, micros)?);
    let offset = rest.offset()?;
    let time = offset.from_local_datetime(&time).single()?;
    Some(Timestamp(time.with_timezone(&Utc).timestamp_micros()))
}

/// What is still to be read.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    /// Between `least` and `most` digits, as many as there are.
    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let count = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        (count >= least).then_some(())?;
        digits.parse().ok()
    }

    /// One of the characters.
    fn skip(&mut self, characters: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(|next| characters.contains(next))?;
        Some(())
    }

    /// Up to twelve digits after the point, of which six count.
    fn fraction(&mut self) -> Option<u32> {
        let count = self.0.bytes().take(12).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        let counted = digits
            .get(..digits.len().min(6))
            .filter(|digits| !digits.is_empty())?;
        format!("{counted:0<6}").parse().ok()
    }

    /// The end, `Z`, or hours with optional minutes, blanks before it allowed.
    fn offset(&mut self) -> Option<FixedOffset> {
        let text = self.0.trim_start();
        if text.is_empty() {
            return self.0.is_empty().then(|| FixedOffset::east_opt(0))?;
        }
        if text == "Z" {
            return FixedOffset::east_opt(0);
        }
        let sign = if text.starts_with('-') { -1 } else { 1 };
        let mut rest = Rest(text.strip_prefix(['+', '-'])?);
        let hours = rest.digits(2, 2)?;
        let minutes = if rest.0.is_empty() {
            0
        } else {
            let _ = rest.skip(":");
            rest.digits(2, 2).filter(|minutes| *minutes < 60)?
        };
        rest.0.is_empty().then_some(())?;
        FixedOffset::east_opt(sign * i32::try_from(hours * 3600 + minutes * 60).ok()?)
    }
}
