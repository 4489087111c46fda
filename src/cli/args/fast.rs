//! The command lines that are run most, understood without building the parser of all of them: that
//! alone takes a tenth of a millisecond.

use super::{Cli, Command, Global, List, Switch};
use std::ffi::OsString;

/// What these arguments mean, where that is plain to see; `None` leaves them to the parser, which
/// must understand them in the same way.
pub fn understand(arguments: &[OsString]) -> Option<Cli> {
    let words: Vec<&str> = arguments.iter().map(|it| it.to_str()).collect::<Option<_>>()?;
    let list = |json| Some(Command::List(List { json, watch: false }));
    let switch = |way: fn(&mut Switch)| {
        let mut switch = Switch::default();
        way(&mut switch);
        Some(Command::Switch(switch))
    };
    let command = match words[..] {
        [] | ["list"] => list(false),
        ["list", "--json"] => list(true),
        ["switch", "--next"] => switch(|it| it.next = true),
        ["switch", "--previous"] => switch(|it| it.previous = true),
        ["switch", "--back"] => switch(|it| it.back = true),
        _ => return None,
    };
    Some(Cli { command, list: List::default(), global: Global::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[test]
    fn the_parser_understands_them_in_the_same_way() {
        let lines: [&[&str]; 5] = [
            &["list"],
            &["list", "--json"],
            &["switch", "--next"],
            &["switch", "--previous"],
            &["switch", "--back"],
        ];
        for line in lines {
            let arguments: Vec<OsString> = line.iter().map(OsString::from).collect();
            let quick = understand(&arguments).unwrap();
            let parsed = Cli::parse_from([&[OsString::from("vmux")], &arguments[..]].concat());
            assert_eq!(format!("{quick:?}"), format!("{parsed:?}"), "{line:?}");
        }
        assert!(understand(&["list".into(), "--jso".into()]).is_none());
    }
}
