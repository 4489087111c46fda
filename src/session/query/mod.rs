//! Queries: which session is meant by some words.
//!
//! Better matches win: exact > prefix > start of a word > substring > fuzzy, over label, name,
//! directory, branch, workspace, session id and pid. What names one session only (its label, its
//! session id, its pid) stands above a directory that many may share.

pub mod filter;
mod letters;
pub mod name;
pub mod number;
pub mod order;
pub mod sort;

use super::info::SessionInfo;
use super::key::HostName;
use letters::letters_between;
use order::Order;
use std::borrow::Borrow;

/// What a query means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The index of this one.
    One(usize),
    /// Several match equally well. Their indices, in the order of [`order::compare`].
    Several(Vec<usize>),
    /// No session matches.
    None {
        /// Indices of the sessions that may have been meant, best first, at most [`CLOSEST`].
        closest: Vec<usize>,
        /// The query begins with `NAME:`, and no host of this name has sessions.
        unknown_host: Option<HostName>,
    },
}

/// How many sessions are offered if none matches.
pub const CLOSEST: usize = 3;

/// How well a session matches; the smaller the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// It is the label, the session id, or the process.
    Itself,
    /// It is a whole name, directory, branch or workspace.
    Exact,
    Prefix,
    /// It begins a word.
    Word,
    Substring,
    /// Its letters come in order; with that many others between them.
    Fuzzy(usize),
}

/// The sessions that `query` means, of `sessions` in any order.
///
/// `HOST:WORDS` means only sessions of that host, if it has any; `HOST:` means all of them.
///
/// Use it where a mistake would do harm: two that fit equally well are [`Found::Several`].
pub fn find<S: Borrow<SessionInfo>>(query: &str, sessions: &[S]) -> Found {
    let sessions: Vec<&SessionInfo> = sessions.iter().map(Borrow::borrow).collect();
    let sessions = &sessions[..];
    let (query, fits, unknown_host) = fits(query, sessions);
    let Some(best) = fits.iter().flatten().min().copied() else {
        return Found::None { closest: query.closest(sessions), unknown_host };
    };
    // How well letters fit is a matter of taste, so it never makes one match the only one.
    let best = if let Fit::Fuzzy(_) = best { Fit::Fuzzy(usize::MAX) } else { best };
    let mut found: Vec<usize> =
        (0..sessions.len()).filter(|&index| fits[index].is_some_and(|fit| fit <= best)).collect();
    found.sort_by(|&a, &b| {
        fits[a].cmp(&fits[b]).then(order::compare(sessions[a], sessions[b], Order::Longest))
    });
    match found[..] {
        [one] => Found::One(one),
        _ => Found::Several(found),
    }
}

/// The indices of all sessions that have the words of `query` somewhere; if none has, of those that have
/// its letters in order. For lists.
pub fn matching(query: &str, sessions: &[SessionInfo]) -> Vec<usize> {
    let (_, fits, _) = fits(query, &sessions.iter().collect::<Vec<_>>());
    let indices = |wanted: fn(&Fit) -> bool| {
        let fits = fits.iter().enumerate();
        fits.filter(|(_, fit)| fit.as_ref().is_some_and(wanted)).map(|(index, _)| index).collect()
    };
    let literal: Vec<usize> = indices(|fit| *fit < Fit::Fuzzy(0));
    if literal.is_empty() { indices(|_| true) } else { literal }
}

/// How well each session fits; also the words without the host, and a host that has no sessions.
fn fits(query: &str, sessions: &[&SessionInfo]) -> (Query, Vec<Option<Fit>>, Option<HostName>) {
    let prefix = host_prefix(query);
    let is_on = |host: HostName| sessions.iter().any(|it| it.host == Some(host));
    let (host, words) = match prefix {
        Some((host, words)) if is_on(host) => (Some(host), words),
        _ => (None, query),
    };
    let query = Query::new(words);
    let is_meant = |it: &SessionInfo| host.is_none() || it.host == host;
    let fit = |it: &SessionInfo| match host {
        Some(_) if query.phrase.is_empty() => Some(Fit::Exact),
        _ => query.fit(it),
    };
    let fits = sessions.iter().map(|it| if is_meant(it) { fit(it) } else { None }).collect();
    let unknown_host = prefix.map(|(name, _)| name).filter(|name| !is_on(*name));
    (query, fits, unknown_host)
}

/// What to say of a query that means several sessions equally well, in one line; `quoted` is the
/// query, clean and short.
pub fn several_match(quoted: &str) -> String {
    format!("several sessions match \"{quoted}\"")
}

/// What to say of a query that means no session, in one line; `quoted` is the query, clean and short.
pub fn no_match(quoted: &str, unknown_host: Option<HostName>) -> String {
    match unknown_host {
        None => format!("no session matches \"{quoted}\""),
        Some(host) => {
            format!("no session matches \"{quoted}\", and no session of a host \"{host}\" is known")
        }
    }
}

/// `laptop:api` → the host and the rest. A label may hold a colon too, so this is only a possible
/// reading.
fn host_prefix(query: &str) -> Option<(HostName, &str)> {
    let (name, words) = query.trim_start().split_once(':')?;
    Some((HostName::new(name).ok()?, words))
}

/// The same, but of several sessions the first. For `switch`, where a wrong guess costs a key press.
///
/// The best match wins, and of equal ones the first in the order of [`order::compare`].
pub fn find_first<S: Borrow<SessionInfo>>(query: &str, sessions: &[S]) -> Found {
    match find(query, sessions) {
        Found::Several(found) if !found.is_empty() => Found::One(found[0]),
        found => found,
    }
}

struct Query {
    /// The words in lower case, one space between them.
    phrase: String,
}

impl Query {
    fn new(query: &str) -> Query {
        Query { phrase: query.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ") }
    }

    /// The whole phrase in one field, or each of its words in some field.
    fn fit(&self, session: &SessionInfo) -> Option<Fit> {
        if self.phrase.is_empty() {
            return None;
        }
        let fields = Fields::of(session);
        let whole = fields.fit(&self.phrase);
        if whole.is_some() || !self.phrase.contains(' ') {
            return whole;
        }
        let words = self.phrase.split(' ').map(|word| fields.fit(word));
        words.collect::<Option<Vec<Fit>>>()?.into_iter().max().map(|fit| fit.max(Fit::Exact))
    }

    /// Sessions whose label, name, directory, branch or workspace, or a word of it, is the phrase
    /// with a typing error or two.
    fn closest(&self, sessions: &[&SessionInfo]) -> Vec<usize> {
        let typing_errors = |session: &SessionInfo| Fields::of(session).typing_errors(&self.phrase);
        let mut close: Vec<(usize, usize)> = (0..sessions.len())
            .filter_map(|index| {
                typing_errors(sessions[index]).map(|typing_errors| (typing_errors, index))
            })
            .collect();
        close.sort_by(|(a, i), (b, j)| {
            a.cmp(b).then(order::compare(sessions[*i], sessions[*j], Order::Longest))
        });
        close.into_iter().map(|(_, index)| index).take(CLOSEST).collect()
    }
}

/// The texts of a session that a query may match, in lower case.
struct Fields {
    label: Option<String>,
    /// Name, last part of the directory, branch, workspace.
    names: Vec<String>,
    path: String,
    session_id: Option<String>,
    /// `4711`, and with its start time `4711:9876`.
    process: [String; 2],
}

/// How many characters of a session id a query must give.
const SHORTEST_ID: usize = 4;

impl Fields {
    fn of(session: &SessionInfo) -> Fields {
        let path = session.cwd.trim_end_matches('/').to_lowercase();
        let name = session.details.name.as_ref().map(|it| it.to_lowercase());
        let base = path.rsplit('/').next().filter(|it| !it.is_empty()).map(str::to_owned);
        let branch = session.git_branch.as_ref().map(|it| it.to_lowercase());
        let workspace = session.workspace.as_ref().map(|it| it.to_lowercase());
        Fields {
            label: session.label.as_ref().map(|it| it.to_lowercase()),
            names: [name, base, branch, workspace].into_iter().flatten().collect(),
            path,
            session_id: session.session_id.as_ref().map(|it| it.to_lowercase()),
            process: [session.pid.to_string(), session.key().process.to_string()],
        }
    }

    fn fit(&self, phrase: &str) -> Option<Fit> {
        let itself = self.label.as_deref() == Some(phrase)
            || self.session_id.as_deref() == Some(phrase)
            || self.process.iter().any(|it| it == phrase);
        if itself {
            return Some(Fit::Itself);
        }
        let id = self.session_id.as_deref().unwrap_or_default();
        let id = (phrase.len() >= SHORTEST_ID && id.starts_with(phrase)).then_some(Fit::Prefix);
        let named = self.named().filter_map(|it| literal(phrase, it)).min();
        let best = [id, named, self.path_fit(phrase)].into_iter().flatten().min();
        best.or_else(|| {
            self.named().filter_map(|it| letters_between(phrase, it)).min().map(Fit::Fuzzy)
        })
    }

    fn named(&self) -> impl Iterator<Item = &str> {
        self.label.iter().chain(&self.names).map(String::as_str)
    }

    /// Within a path only whole parts count as more than a substring.
    fn path_fit(&self, phrase: &str) -> Option<Fit> {
        let wanted = phrase.trim_end_matches('/');
        if phrase.contains('/') && !wanted.is_empty() {
            if self.path == wanted {
                return Some(Fit::Exact);
            }
            let tail = self.path.strip_suffix(wanted);
            if tail.is_some_and(|head| head.ends_with('/') || wanted.starts_with('/')) {
                return Some(Fit::Prefix);
            }
        }
        self.path.contains(wanted).then_some(Fit::Substring)
    }

    /// With how many typing errors `phrase` is one of the names or a word of one; none if with more
    /// than one in four letters.
    fn typing_errors(&self, phrase: &str) -> Option<usize> {
        let letters = phrase.chars().count();
        let most = letters.div_ceil(4);
        // Two words differ in at least as many letters as their lengths do. Comparing takes time with the
        // product of the lengths, and a query may have any.
        let may_be = |it: &&str| it.chars().count().abs_diff(letters) <= most;
        let words = self.named().flat_map(|it| it.split(|c: char| !c.is_alphanumeric()));
        let names = self.named().chain(words).filter(may_be);
        let errors = names.map(|it| strsim::osa_distance(phrase, it)).min()?;
        (errors <= most && letters > 1).then_some(errors)
    }
}

fn literal(phrase: &str, field: &str) -> Option<Fit> {
    if field == phrase {
        return Some(Fit::Exact);
    }
    if field.starts_with(phrase) {
        return Some(Fit::Prefix);
    }
    let mut best = None;
    for (at, _) in field.match_indices(phrase) {
        if !field[..at].ends_with(char::is_alphanumeric) {
            return Some(Fit::Word);
        }
        best = Some(Fit::Substring);
    }
    best
}

#[cfg(test)]
#[path = "query_tests.rs"]
mod tests;
