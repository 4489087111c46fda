//! Reading values. Each function returns `None` for a value of another kind.

use chrono::{NaiveTime, Timelike};
use std::time::Duration;
use toml::de::DeValue;

/// Hours of the day by the local clock. They may go over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    /// Minute of the day at which they begin.
    from: u32,
    /// Minute of the day at which they are over.
    to: u32,
}

const MINUTES_PER_DAY: u32 = 24 * 60;

impl QuietHours {
    /// Reads `22:00-07:00`; `None` if the text has another form, or begin and end are the same.
    pub fn parse(text: &str) -> Option<QuietHours> {
        let (from, to) = text.split_once('-')?;
        let minute = |text: &str| {
            let (hours, minutes) = text.trim().split_once(':')?;
            let digits = |it: &str| it.len() == 2 && it.bytes().all(|b| b.is_ascii_digit());
            if !digits(hours) || !digits(minutes) {
                return None;
            }
            let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
            let minute = hours * 60 + minutes;
            (minutes < 60 && minute <= MINUTES_PER_DAY).then_some(minute % MINUTES_PER_DAY)
        };
        let (from, to) = (minute(from)?, minute(to)?);
        (from != to).then_some(QuietHours { from, to })
    }

    /// How long they last from `time` on; `None` if `time` is not within them.
    pub fn left(&self, time: NaiveTime) -> Option<Duration> {
        let second = time.num_seconds_from_midnight();
        let (from, to) = (self.from * 60, self.to * 60);
        let is_within =
            if from < to { from <= second && second < to } else { from <= second || second < to };
        let left = (to + MINUTES_PER_DAY * 60 - second) % (MINUTES_PER_DAY * 60);
        is_within.then(|| Duration::from_secs(left.into()))
    }
}

/// `true` or `false`.
pub fn boolean(value: &DeValue) -> Option<bool> {
    value.as_bool()
}

/// A string that is not empty.
pub fn text(value: &DeValue) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A whole number.
pub fn whole(value: &DeValue) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// A program and its arguments: an array of strings, or one word for a program without arguments.
pub fn command(value: &DeValue) -> Option<Vec<String>> {
    if let Some(program) = value.as_str() {
        let is_word = !program.is_empty() && !program.contains(char::is_whitespace);
        return is_word.then(|| vec![program.to_owned()]);
    }
    let words = value.as_array()?.iter().map(|word| word.get_ref().as_str().map(str::to_owned));
    let words: Vec<String> = words.collect::<Option<_>>()?;
    let is_command = words.first().is_none_or(|program| !program.is_empty());
    (is_command && !words.iter().any(|word| word.contains('\0'))).then_some(words)
}

/// The meaning of one of `words`.
pub fn one_of<T: Copy>(value: &DeValue, words: &[(&str, T)]) -> Option<T> {
    let text = value.as_str()?;
    words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning)
}

/// The meanings of an array of `words`.
pub fn some_of<T: Copy>(value: &DeValue, words: &[(&str, T)]) -> Option<Vec<T>> {
    value.as_array()?.iter().map(|it| one_of(it.get_ref(), words)).collect()
}

/// `"90s"`, `"10m"`, `"1h"`, `"500ms"`; a bare number is seconds.
pub fn duration(value: &DeValue) -> Option<Duration> {
    match value {
        DeValue::Integer(_) => Some(Duration::from_secs(whole(value)?.try_into().ok()?)),
        DeValue::Float(number) => seconds(number.as_str().parse().ok()?),
        DeValue::String(text) => {
            let text = text.trim();
            let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
            let (number, unit) = text.split_at(digits);
            let factor = match unit.trim() {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
            seconds(number.parse::<f64>().ok()? * factor)
        }
        _ => None,
    }
}

/// The longest duration that is accepted, in seconds: 366 days.
const MAX_SECONDS: f64 = 366.0 * 24.0 * 3600.0;

fn seconds(seconds: f64) -> Option<Duration> {
    (0.0..=MAX_SECONDS).contains(&seconds).then(|| Duration::from_secs_f64(seconds))
}

/// The name of an environment variable.
pub fn variable(value: &DeValue) -> Option<String> {
    let is_name = |text: &&str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    value.as_str().filter(is_name).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<Duration> {
        duration(DeValue::parse(text).unwrap().get_ref())
    }

    #[test]
    fn durations_have_units() {
        for (text, milliseconds) in [
            ("5", 5000),
            ("0.5", 500),
            ("\"500ms\"", 500),
            ("\"90s\"", 90_000),
            ("\"1.5 m\"", 90_000),
            ("\"1h\"", 3_600_000),
            ("0", 0),
        ] {
            assert_eq!(parse(text), Some(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["-1", "\"5\"", "\"m\"", "\"1d\"", "\"1.2.3s\"", "true", "nan", "inf", "1e99"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse("\"99999999999999h\""), None);
    }

    #[test]
    fn quiet_hours_go_over_midnight() {
        let left = |hours: &str, time: &str| {
            let time = NaiveTime::parse_from_str(time, "%H:%M:%S").unwrap();
            QuietHours::parse(hours).unwrap().left(time).map(|left| left.as_secs())
        };
        assert_eq!(left("22:00-07:00", "21:59:59"), None);
        assert_eq!(left("22:00-07:00", "22:00:00"), Some(9 * 3600));
        assert_eq!(left("22:00-07:00", "06:59:59"), Some(1));
        assert_eq!(left("22:00-07:00", "07:00:00"), None);
        assert_eq!(left("12:00 - 13:30", "12:30:00"), Some(3600));
        assert_eq!(left("12:00-13:30", "23:00:00"), None);
        assert_eq!(left("18:00-24:00", "23:59:00"), Some(60));
        for bad in ["", "22-7", "22:00", "25:00-07:00", "7:0-8:0", "07:60-08:00", "07:00-07:00"] {
            assert_eq!(QuietHours::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_command_is_words() {
        let parse = |text: &str| command(DeValue::parse(text).unwrap().get_ref());
        assert_eq!(parse("\"rofi\""), Some(vec!["rofi".to_owned()]));
        assert_eq!(parse("[\"xterm\", \"-e\"]").map(|it| it.len()), Some(2));
        assert_eq!(parse("[]"), Some(vec![]));
        for bad in ["\"xterm -e\"", "\"\"", "[\"\"]", "[1]", "{}", "\"\\u0000\""] {
            assert!(parse(bad).is_none_or(|it| it == ["\0"]), "{bad}");
        }
    }
}
