//! The command lines that run most often, parsed by hand: building the parser of all of them takes a
//! tenth of a millisecond.

use super::{Cli, Command, GlobalArgs, ListArgs, PlainListArgs, StatusArgs, SwitchArgs};
use crate::cli::show::status::format::FORMATS;
use std::ffi::OsString;

/// Parses these arguments if they are one of the common command lines. `None` leaves them to the full
/// parser, which must give the same result.
pub fn parse(arguments: &[OsString]) -> Option<Cli> {
    let words: Vec<&str> = arguments.iter().map(|it| it.to_str()).collect::<Option<_>>()?;
    let list = |json| Some(Command::List(ListArgs { json, ..ListArgs::default() }));
    let switch = |way: fn(&mut SwitchArgs)| {
        let mut switch = SwitchArgs::default();
        way(&mut switch);
        Some(Command::Switch(switch))
    };
    let status = |format: &str, follow| {
        let (_, format) = FORMATS.iter().find(|(name, _)| *name == format)?;
        let status = StatusArgs { format: Some(format.clone()), follow, ..StatusArgs::default() };
        Some(Some(Command::Status(status)))
    };
    let command = match words[..] {
        [] | ["list" | "ls"] => list(false),
        ["list", "--json"] => list(true),
        ["switch", "--next"] => switch(|it| it.next = true),
        ["switch", "--previous"] => switch(|it| it.previous = true),
        ["switch", "--back"] => switch(|it| it.back = true),
        ["status", "--format", format] => status(format, false)?,
        ["status", "--format", format, "--follow"] => status(format, true)?,
        _ => return None,
    };
    Some(Cli { command, list: PlainListArgs::default(), global: GlobalArgs::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[test]
    fn the_parser_parses_them_in_the_same_way() {
        let lines: [&[&str]; 8] = [
            &["list"],
            &["ls"],
            &["list", "--json"],
            &["switch", "--next"],
            &["switch", "--previous"],
            &["switch", "--back"],
            &["status", "--format", "i3bar"],
            &["status", "--format", "waybar", "--follow"],
        ];
        for line in lines {
            let arguments: Vec<OsString> = line.iter().map(OsString::from).collect();
            let quick = parse(&arguments).unwrap();
            let parsed = Cli::parse_from([&[OsString::from("vmux")], &arguments[..]].concat());
            assert_eq!(format!("{quick:?}"), format!("{parsed:?}"), "{line:?}");
        }
        for line in [&["list", "--jso"][..], &["status", "--format", "{waiting}"]] {
            let arguments: Vec<OsString> = line.iter().map(OsString::from).collect();
            assert!(parse(&arguments).is_none(), "{line:?}");
        }
    }
}
