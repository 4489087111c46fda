//! Which command lines ask for JSON.

use super::options::hosts::HostsAction;
use super::{Cli, Command, ConfigAction};

impl Cli {
    /// Whether `--json` was given: then an error is JSON too.
    pub fn wants_json(&self) -> bool {
        match &self.command {
            None => self.list.json,
            Some(Command::List(args)) => args.json,
            Some(Command::Switch(args)) => args.json,
            Some(Command::Label(args)) => args.json,
            Some(Command::Show(args) | Command::Why(args) | Command::Ack(args)) => args.json,
            Some(Command::Peek(args)) => args.json,
            Some(Command::Pending(args)) => args.json,
            Some(Command::Answer(args)) => args.common.json,
            Some(Command::Allow(args)) => args.common.json,
            Some(Command::Deny(args)) => args.common.json,
            Some(Command::New(args)) => args.json,
            Some(Command::End(args)) => args.json,
            Some(Command::Restore(args)) => args.json,
            Some(Command::Send(args)) => args.json,
            Some(Command::Snooze(args)) => args.json,
            Some(Command::Wait(args)) => args.json,
            Some(Command::Servers(args)) => args.json,
            Some(Command::Hosts(args)) => match &args.action {
                Some(HostsAction::Check { json, .. }) => *json,
                _ => args.json,
            },
            Some(Command::Hooks(args)) => args.json,
            Some(Command::Config { action: ConfigAction::Check { json, .. } }) => *json,
            Some(Command::Doctor(args)) => args.json,
            Some(Command::Extras(args)) => args.json,
            Some(Command::Version { json } | Command::Stop { json }) => *json,
            Some(_) => false,
        }
    }
}
