//! The few members of a JSON object that matter, without building the rest.
//!
//! Transcript lines reach 64 KB and more, of which a verdict needs a few words. Values are slices
//! of the line. A value of the wrong shape counts as absent, so that a record of a newer version
//! costs a field, not the record.

use crate::session::Timestamp;
use chrono::Datelike;
use serde::Deserializer as _;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The raw values of the members called `names`, in that order; of duplicates the last, as
/// JavaScript reads them. None if `json` is not exactly one object.
pub(crate) fn pick<'a, const N: usize>(
    json: &'a str,
    names: &[&str; N],
) -> Option<[Option<&'a str>; N]> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let found = deserializer.deserialize_map(Members { names }).ok()?;
    deserializer.end().ok()?;
    Some(found)
}

/// Declares a struct of raw members, and `pick`, which reads them from an object as [`pick`] does:
/// each field stands beside the name of its member, so the two cannot get out of step.
macro_rules! members {
    ($(#[$attribute:meta])* struct $name:ident { $($field:ident: $member:literal,)+ }) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy)]
        struct $name<'a> {
            $($field: Option<&'a str>,)+
        }

        impl<'a> $name<'a> {
            /// None if `json` is not exactly one object.
            fn pick(json: &'a str) -> Option<$name<'a>> {
                let [$($field,)+] = $crate::claude::input::json::pick(json, &[$($member,)+])?;
                Some($name { $($field,)+ })
            }
        }
    };
}
pub(crate) use members;

/// A string value.
pub(crate) fn text(raw: Option<&str>) -> Option<Cow<'_, str>> {
    let raw = raw?;
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    match inner.contains('\\') {
        false => Some(Cow::Borrowed(inner)),
        true => serde_json::from_str(raw).ok().map(Cow::Owned),
    }
}

/// The beginning of a string value: at most about `limit` bytes of it are looked at, whatever its
/// length.
pub(crate) fn head(raw: Option<&str>, limit: usize) -> Option<String> {
    let raw = raw?;
    if raw.len() <= limit {
        return text(Some(raw)).map(Cow::into_owned);
    }
    // The cut may go through a character or an escape sequence (`\\u0041`, and a pair of them is
    // 12 bytes long): go back until what is left is a string.
    let longest = limit.min(raw.len());
    (longest.saturating_sub(16)..=longest).rev().find_map(|end| {
        let piece = format!("{}\"", raw.get(..end)?);
        text(Some(&piece)).map(Cow::into_owned)
    })
}

/// A boolean; anything else is false.
pub(crate) fn flag(raw: Option<&str>) -> bool {
    raw == Some("true")
}

/// A non-negative whole number.
pub(crate) fn number(raw: Option<&str>) -> Option<u64> {
    raw?.parse().ok()
}

/// The raw elements of an array; none if it is not one.
pub(crate) fn elements(raw: Option<&str>) -> Option<Vec<&str>> {
    let elements: Vec<&RawValue> = serde_json::from_str(raw?).ok()?;
    Some(elements.into_iter().map(RawValue::get).collect())
}

/// A point in time: RFC 3339; one without a zone is taken as UTC. None beyond the years 0 to 9999:
/// what is counted from such a time may be no time any more.
pub(crate) fn time(raw: Option<&str>) -> Option<Timestamp> {
    let text = text(raw)?;
    let time = match chrono::DateTime::parse_from_rfc3339(&text) {
        Ok(time) => time.to_utc(),
        Err(_) => text.parse::<chrono::NaiveDateTime>().ok()?.and_utc(),
    };
    (0..=9999).contains(&time.year()).then_some(time)
}

/// A point in time: a number of milliseconds since the epoch, or of seconds if it is too small for
/// that.
pub(crate) fn epoch(raw: Option<&str>) -> Option<Timestamp> {
    let number: f64 = raw?.parse().ok()?;
    let millis = if number.abs() < 1e11 { number * 1000.0 } else { number };
    if !millis.is_finite() || millis.abs() > 1e15 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
    chrono::DateTime::from_timestamp_millis(millis as i64)
}

struct Members<'n, const N: usize> {
    names: &'n [&'n str; N],
}

impl<'a, const N: usize> Visitor<'a> for Members<'_, N> {
    type Value = [Option<&'a str>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = [None; N];
        while let Some(position) = map.next_key_seed(Name { names: self.names })? {
            match position {
                Some(position) => found[position] = Some(map.next_value::<&RawValue>()?.get()),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }
}

/// Turns a key into its position among the wanted names, without keeping it.
struct Name<'n> {
    names: &'n [&'n str],
}

impl<'a> DeserializeSeed<'a> for Name<'_> {
    type Value = Option<usize>;

    fn deserialize<D: serde::Deserializer<'a>>(self, key: D) -> Result<Self::Value, D::Error> {
        key.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.names.iter().position(|name| *name == key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_members() {
        let found = pick(r#" {"a":1,"b":{"a":2},"c":"x","a":3} "#, &["a", "c", "d"]);
        assert_eq!(found, Some([Some("3"), Some("\"x\""), None]));
        assert_eq!(pick("{}", &["a"]), Some([None]));
        for wrong in ["", "{", "[]", "{} x", "{\"a\":}", "null", "{\"a\":1,}"] {
            assert_eq!(pick(wrong, &["a"]), None, "{wrong}");
        }
    }

    #[test]
    fn deep_nesting_is_only_skipped() {
        let deep = format!("{{\"x\":{}{},\"a\":1}}", "[".repeat(200_000), "]".repeat(200_000));
        assert_eq!(pick(&deep, &["a"]), Some([Some("1")]));
        let kept = format!("{{\"a\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000));
        assert!(pick(&kept, &["a"]).is_some());
        assert!(elements(pick(&kept, &["a"]).unwrap()[0]).is_some());
    }

    #[test]
    fn reads_scalars() {
        assert_eq!(text(Some(r#""a\u0042""#)).as_deref(), Some("aB"));
        assert_eq!(text(Some("7")), None);
        assert!(flag(Some("true")) && !flag(Some("\"true\"")) && !flag(None));
        assert_eq!(number(Some("-1")), None);
        let utc = time(Some("\"2026-11-20T16:00:00.5Z\"")).unwrap();
        assert_eq!(time(Some("\"2026-11-20T17:00:00.500+01:00\"")), Some(utc));
        assert_eq!(time(Some("\"2026-11-20T16:00:00.500\"")), Some(utc));
        assert_eq!(time(Some("\"yesterday\"")), None);
        assert_eq!(time(Some("\"+262142-12-31T23:59:59.9\"")), None);
        assert_eq!(time(Some("\"-262142-01-01T00:00:00\"")), None);
        assert_eq!(time(Some("\"9999-12-31T23:59:59-12:00\"")), None);
        assert_eq!(epoch(Some("1795190400500")), Some(utc));
        assert_eq!(epoch(Some("1795190400.5")), Some(utc));
        assert_eq!(epoch(Some("1e300")), None);
    }
}
