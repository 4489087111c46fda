//! `vmux snooze`: sets a session aside, or takes it up again.

use crate::cli::args::SnoozeArgs;
use crate::cli::args::options::duration;
use crate::cli::error::{CliError, CliResult, FAILED, NO_MATCH};
use crate::cli::find::for_vmuxd;
use crate::cli::json::pretty;
use crate::cli::terminal::{Output, print, print_note};
use crate::client::connect::Endpoint;
use crate::protocol::request::{Request, SnoozeRequest};
use crate::session::info::SessionInfo;
use crate::session::sanitize::clean;
use crate::show::phrases;
use chrono::{DateTime, Local};
use std::time::Duration;

/// Runs the command.
pub fn run(args: &SnoozeArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let (query, time) = query_and_time(args)?;
    // For no time at all: as if it were taken up again.
    let is_over = time.is_some_and(|time| time.is_zero());
    let (time, end) = (time.filter(|_| !is_over), args.end || is_over);
    let ask = || {
        let request = SnoozeRequest {
            query: for_vmuxd(&query, endpoint, output, false)?,
            seconds: time.map(|time| time.as_secs()),
            until_change: args.until_change && !end,
            end,
        };
        Ok(endpoint.ask(&Request::Snooze(request))?)
    };
    let response = ask().map_err(|error| no_time(error, &args.query))?;
    let Some(session) = &response.session else {
        return Err(CliError::new(FAILED, "vmuxd did not say which session it is"));
    };
    if args.json {
        return print(&pretty(session, output.terminal)?);
    }
    if response.note.is_none() {
        print(&format!("{}\n", outcome(session, Local::now())))?;
    }
    print_note(&response)
}

/// If nothing matches because the last word was meant as a time, says how times are written.
fn no_time(error: CliError, words: &[String]) -> CliError {
    match words {
        [_, .., last]
            if error.code == NO_MATCH && last.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            let hint =
                format!("if {} says for how long, write it as 10m or 1h30m", clean(last, 20));
            error.hint(hint)
        }
        _ => error,
    }
}

/// The words of the query, and the time: the option's, else the last word if it is one. A number without a
/// unit belongs to the query (`web 2`), but no session is meant by a 0.
fn query_and_time(args: &SnoozeArgs) -> CliResult<(String, Option<Duration>)> {
    let (last, others) = args.query.split_last().unwrap_or((const { &String::new() }, &[]));
    let has_unit = last.ends_with(|c: char| c.is_ascii_alphabetic()) || last == "0";
    let time = duration(last).ok().filter(|_| has_unit && !others.is_empty());
    let (words, time) = match (time, args.time) {
        (Some(_), Some(_)) => {
            return Err(CliError::usage(format!("both {last} and --for say for how long")));
        }
        (Some(time), None) => (others, Some(time)),
        (None, time) => (&args.query[..], time),
    };
    if args.end && time.is_some() {
        return Err(CliError::usage("--end takes no time"));
    }
    Ok((words.join(" "), time))
}

fn outcome(session: &SessionInfo, now: DateTime<Local>) -> String {
    let title = phrases::title(session);
    let Some(snooze) = session.snoozed else {
        return format!("{title} is no longer snoozed");
    };
    let until = snooze.until.map(|until| {
        let until = until.with_timezone(&Local);
        let is_today = until.date_naive() == now.date_naive();
        until.format(if is_today { "%H:%M" } else { "%Y-%m-%d %H:%M" }).to_string()
    });
    match (until, snooze.state_since) {
        (Some(until), None) => format!("{title} is snoozed until {until}"),
        (Some(until), Some(_)) => {
            format!("{title} is snoozed until {until}, or until its state changes")
        }
        (None, _) => format!("{title} is snoozed until its state changes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::info::sample;
    use crate::session::state::StateName;
    use crate::session::state::snooze::Snooze;
    use chrono::TimeDelta;

    fn args(words: &[&str], time: Option<u64>, end: bool) -> SnoozeArgs {
        let query = words.iter().map(|it| (*it).to_owned()).collect();
        let time = time.map(Duration::from_secs);
        SnoozeArgs { query, time, until_change: false, end, json: false }
    }

    #[test]
    fn what_is_no_time_is_told_where_nothing_matches() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let hint = |code, text| no_time(CliError::new(code, "x"), &words(text)).hint;
        let expected = "if 10x says for how long, write it as 10m or 1h30m";
        assert_eq!(hint(NO_MATCH, "api 10x").as_deref(), Some(expected));
        assert_eq!(hint(NO_MATCH, "10x"), None);
        assert_eq!(hint(NO_MATCH, "api fix"), None);
        assert_eq!(hint(FAILED, "api 10x"), None);
    }

    #[test]
    fn the_last_word_is_a_time_if_it_has_a_unit_and_a_query_before_it() {
        let cases = [
            (&["api", "10m"][..], "api", Some(600)),
            (&["api", "1h30m"], "api", Some(5400)),
            (&["my", "web", "90s"], "my web", Some(90)),
            (&["10m"], "10m", None),
            (&["pid", "4711"], "pid 4711", None),
            (&["api", "v2"], "api v2", None),
            (&["api", "0"], "api", Some(0)),
            (&["api", "0m"], "api", Some(0)),
            (&["web", "2"], "web 2", None),
            (&["0"], "0", None),
        ];
        for (words, query, seconds) in cases {
            let expected = (query.to_owned(), seconds.map(Duration::from_secs));
            assert_eq!(query_and_time(&args(words, None, false)).ok(), Some(expected));
        }
        let named = query_and_time(&args(&["api"], Some(60), false)).unwrap();
        assert_eq!(named, ("api".to_owned(), Some(Duration::from_secs(60))));
        assert!(query_and_time(&args(&["api", "10m"], Some(60), false)).is_err());
        assert!(query_and_time(&args(&["api", "10m"], None, true)).is_err());
    }

    #[test]
    fn it_says_until_when() {
        let mut session = sample(7, StateName::NeedsInput, 4);
        session.label = Some("api".into());
        let now = Local::now();
        let text = |session: &SessionInfo| outcome(session, now);
        assert_eq!(text(&session), "api is no longer snoozed");
        let state_since = Some(session.since);
        session.snoozed = Some(Snooze { until: None, state_since });
        assert_eq!(text(&session), "api is snoozed until its state changes");
        let until = Some(now.to_utc() + TimeDelta::days(3));
        session.snoozed = Some(Snooze { until, state_since: None });
        let day = (now + TimeDelta::days(3)).format("%Y-%m-%d %H:%M");
        assert_eq!(text(&session), format!("api is snoozed until {day}"));
    }
}
