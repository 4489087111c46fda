//! `vmux list`: prints sessions, those that wait first.

use crate::cli::args::ListArgs;
use crate::cli::commands::config::load;
use crate::cli::error::{CliError, CliResult, HOSTS_HINT, NO_MATCH};
use crate::cli::find::closest;
use crate::cli::find::here::Here;
use crate::cli::find::repository::repositories;
use crate::cli::json::pretty;
use crate::cli::terminal::{Output, print, say};
use crate::client::connect::Endpoint;
use crate::config::{Config, Glyphs};
use crate::protocol::request::{Nothing, Request, TableRequest};
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::query::filter::{Filter, HostFilter, StateFilter};
use crate::session::query::matching;
use crate::session::query::order::Order;
use crate::session::query::sort::{SortKey, sort};
use crate::session::sanitize::clean;
use crate::session::state::host::HostInfo;
use crate::show::paint::Tone;
use crate::show::table::listing::{Extent, Group, GroupBy, group, heading, listing};
use crate::show::table::{next_tick, template, with_teams};
use crate::show::width::cut;
use chrono::Utc;
use serde_json::json;
use std::fs::canonicalize;
use std::time::Duration;

/// Lines of the terminal that a list leaves for the prompt.
const PROMPT: usize = 2;

/// How long finding the repositories may take. What is not found by then stands for itself.
const REPOSITORIES_TIMEOUT: Duration = Duration::from_millis(500);

/// Runs the command once.
pub fn run(args: &ListArgs, endpoint: &Endpoint, output: &Output) -> CliResult {
    let list = List::new(args, output, &load(endpoint));
    if list.is_plain() {
        let response = endpoint.ask(&Request::Table(list.request()))?;
        print(&(response.text.unwrap_or_default() + "\n"))?;
        tell_problems(response.problems, output);
        return Ok(());
    }
    let response = endpoint.ask(&Request::List(Nothing {}))?;
    let sessions = response.sessions.unwrap_or_default();
    if let Some(query) = &list.filter.query
        && matching(query, &sessions).is_empty()
    {
        return Err(closest(query, &sessions, list.output.home.as_deref()));
    }
    let others = response.hosts.unwrap_or_default();
    if let Some(name) = unknown_host(&list.filter, &sessions, &others) {
        let message = format!("no host is called \"{}\"", cut(&clean(&name, 200), 60));
        return Err(CliError::new(NO_MATCH, message).hint(HOSTS_HINT));
    }
    print(&list.text(&sessions, Utc::now())?)?;
    if !args.json && args.format.is_none() {
        tell_problems(response.problems, output);
    }
    Ok(())
}

/// A host that the filter names although neither a session nor vmuxd knows of it.
fn unknown_host(filter: &Filter, sessions: &[SessionInfo], others: &[HostInfo]) -> Option<String> {
    let is_known = |name: &str| {
        let own = sessions.iter().filter_map(|it| it.host);
        own.chain(others.iter().map(|it| it.name)).any(|it| it.as_str() == name)
    };
    filter.hosts.iter().find_map(|host| match host {
        HostFilter::Named(name) if !is_known(name) => Some(name.clone()),
        _ => None,
    })
}

/// Says on standard error, beside the table on the terminal, that vmuxd has problems.
fn tell_problems(problems: u32, output: &Output) {
    let count = match problems {
        _ if !output.terminal => return,
        0 => return,
        1 => "1 problem".to_owned(),
        many => format!("{many} problems"),
    };
    say(&format!("{}: vmux doctor", output.paint.paint(Tone::Wrong, &count)));
}

/// A list as the command line and the configuration want it.
pub struct List<'a> {
    args: &'a ListArgs,
    /// Which sessions it has.
    pub filter: Filter,
    /// Where it goes.
    pub output: Output,
}

impl<'a> List<'a> {
    /// The list of these options.
    pub fn new(args: &'a ListArgs, output: &Output, config: &Config) -> List<'a> {
        let mut output = output.configured(config);
        let is_said = args.columns.as_ref().is_some_and(|it| !it.more);
        if let Some(column) = args.group.and_then(GroupBy::column).filter(|_| !is_said) {
            output.columns.retain(|it| *it != column);
        }
        if let Some(columns) = &args.columns {
            output.columns = columns.beside(&output.columns);
        }
        List { args, filter: filter(args, output.home.as_deref()), output }
    }

    /// Whether it is the table of all sessions in the usual order, which vmuxd can render.
    fn is_plain(&self) -> bool {
        let ListArgs { query, json, watch, waiting, state, dir, host, .. } = self.args;
        let ListArgs { sort, reverse, group, format, columns: _, all: _, .. } = self.args;
        let is_narrowed = *waiting || !(state.is_empty() && dir.is_empty() && host.is_empty());
        let is_sorted = sort.is_some() || *reverse || group.is_some();
        let is_other = *json || *watch || format.is_some();
        query.is_empty() && !is_narrowed && !is_sorted && !is_other
    }

    /// The request for it.
    fn request(&self) -> TableRequest {
        let output = &self.output;
        TableRequest {
            columns: output.columns.iter().map(|it| it.name().to_owned()).collect(),
            width: output.width,
            rows: self.rows(),
            home: output.home.clone(),
            colour: output.paint.colour,
            ascii: output.paint.glyphs == Glyphs::Ascii,
            permissions_first: output.order == Order::Permissions,
        }
    }

    /// How many lines it may have, if that is limited.
    fn rows(&self) -> Option<usize> {
        let rows = self.output.height.filter(|_| self.output.terminal && !self.args.watch);
        match self.args.all {
            true => rows.map(|_| usize::MAX),
            false => rows.map(|it| it.saturating_sub(PROMPT)),
        }
    }

    /// What is printed of these sessions.
    pub fn text(&self, sessions: &[SessionInfo], now: Timestamp) -> CliResult<String> {
        let listed = self.sorted(self.filter.select(sessions));
        let home = self.output.home.as_deref();
        if let Some(row) = &self.args.format {
            let lines = listed.iter().map(|it| Ok(template::row(row, it, now, home)? + "\n"));
            let text: Result<String, template::Error> = lines.collect();
            return text.map_err(|error| CliError::usage(error.to_string()));
        }
        if self.args.json && self.args.group.is_none() {
            return pretty(&listed, self.output.terminal);
        }
        let groups = self.groups(listed);
        if self.args.json {
            let group = |it: &Group| json!({ "group": it.heading, "sessions": it.sessions });
            return pretty(&groups.iter().map(group).collect::<Vec<_>>(), self.output.terminal);
        }
        let extent = Extent { of: sessions.len(), rows: self.rows(), order: self.output.order };
        Ok(listing(&groups, extent, now, self.output.frame()).join("\n") + "\n")
    }

    /// When a clock of the list changes next.
    pub fn next_tick(&self, sessions: &[SessionInfo], now: Timestamp) -> Option<Timestamp> {
        next_tick(sessions, now).filter(|_| !self.args.json)
    }

    fn sorted<'s>(&self, mut listed: Vec<&'s SessionInfo>) -> Vec<&'s SessionInfo> {
        let key = self.args.sort.unwrap_or_default();
        sort(&mut listed, key, self.output.order, self.args.reverse);
        match key == SortKey::Urgency && !self.args.reverse && !self.args.json {
            true => with_teams(listed),
            false => listed,
        }
    }

    fn groups<'s>(&self, listed: Vec<&'s SessionInfo>) -> Vec<Group<'s>> {
        let Some(by) = self.args.group else {
            return vec![Group { heading: String::new(), sessions: listed }];
        };
        let found = match by {
            GroupBy::Repo => {
                let local = listed.iter().filter(|it| it.host.is_none());
                repositories(local.map(|it| it.cwd.to_string()).collect(), REPOSITORIES_TIMEOUT)
            }
            _ => Default::default(),
        };
        let repo = |it: &SessionInfo| found.get(&*it.cwd).cloned();
        group(listed, |it| heading(it, by, self.output.home.as_deref(), repo))
    }
}

/// What these options narrow a list to.
fn filter(args: &ListArgs, home: Option<&str>) -> Filter {
    let mut filter = Filter::default();
    let needs_here = !args.query.is_empty() || !args.dir.is_empty();
    let here = if needs_here { Here::of_process(home) } else { Here::default() };
    let words = args.query.join(" ");
    match here.path(&words) {
        Some(path) => filter.directories.push(path),
        None if words.trim().is_empty() => {}
        None => filter.query = Some(words),
    }
    for directory in &args.dir {
        let path = here.directory(&directory.to_string_lossy());
        // A session's directory has no symbolic links in it; what the user types may have some.
        let real = canonicalize(&path).ok().map(|it| it.to_string_lossy().into_owned());
        filter.directories.extend(real.filter(|it| *it != path));
        filter.directories.push(path);
    }
    filter.states.clone_from(&args.state);
    if args.waiting {
        filter.states = vec![StateFilter::Waiting];
    }
    filter.hosts = args.host.iter().map(|name| host(name)).collect();
    filter
}

/// The host of this name; `local`, `localhost` and the name of this machine mean this machine.
fn host(name: &str) -> HostFilter {
    let own = rustix::system::uname();
    let own = own.nodename().to_string_lossy();
    let is_own = own == name || own.split('.').next() == Some(name);
    match is_own || name == "local" || name == "localhost" {
        true => HostFilter::Local,
        false => HostFilter::Named(name.to_owned()),
    }
}
