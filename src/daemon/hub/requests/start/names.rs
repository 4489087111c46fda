//! The names of sessions that are about to begin.

use crate::daemon::server::reply::StreamItem;
use crate::protocol::request::ReserveRequest;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How long a name is kept for a session that does not come, if nobody holds it.
const KEPT: Duration = Duration::from_secs(60);

/// The most names that are kept.
const MAX_RESERVED: usize = 256;

/// The connection of who holds a name: it is closed when that client has gone.
pub type Holder = mpsc::Sender<StreamItem>;

/// The names that are kept.
#[derive(Debug, Default)]
pub struct Reservations(Vec<Reservation>);

#[derive(Debug)]
struct Reservation {
    name: String,
    session_id: Option<String>,
    kept: Kept,
}

#[derive(Debug)]
enum Kept {
    Until(Instant),
    WhileConnected(Holder),
}

impl Reservation {
    fn is_over(&self, now: Instant) -> bool {
        match &self.kept {
            Kept::Until(end) => now >= *end,
            Kept::WhileConnected(holder) => holder.is_closed(),
        }
    }
}

impl Reservations {
    /// Why another session cannot have the name or the id, if one is about to begin with it.
    pub fn obstacle(&mut self, args: &ReserveRequest, now: Instant) -> Option<&'static str> {
        self.0.retain(|it| !it.is_over(now));
        let other = self.0.iter().find(|it| {
            it.name.eq_ignore_ascii_case(&args.name)
                || (it.session_id.is_some() && it.session_id == args.session_id)
        });
        other.map(|_| "a session with this name is about to begin")
    }

    /// Keeps the name, for `holder` while it is there; false if too many are kept.
    pub fn keep(&mut self, args: ReserveRequest, holder: Option<Holder>, now: Instant) -> bool {
        let ReserveRequest { name, session_id, .. } = args;
        let is_room = self.0.len() < MAX_RESERVED;
        if is_room {
            let kept = holder.map_or(Kept::Until(now + KEPT), Kept::WhileConnected);
            self.0.push(Reservation { name, session_id, kept });
        }
        is_room
    }

    /// A start has come to its end, well or not: the name is free for whoever is shown with it.
    pub fn release(&mut self, name: &str, session_id: Option<&str>) {
        self.0.retain(|it| {
            !it.name.eq_ignore_ascii_case(name) || it.session_id.as_deref() != session_id
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_starts_at_once_one_has_the_name() {
        let now = Instant::now();
        let mut names = Reservations::default();
        let ask = |name: &str, id: &str| ReserveRequest {
            name: name.to_owned(),
            session_id: Some(id.to_owned()),
            ..Default::default()
        };
        assert!(names.obstacle(&ask("web", "1"), now).is_none());
        assert!(names.keep(ask("web", "1"), None, now));
        for other in [ask("WEB", "2"), ask("web", "1"), ask("docs", "1")] {
            assert!(names.obstacle(&other, now).is_some(), "{other:?}");
        }
        assert!(names.obstacle(&ask("docs", "2"), now).is_none());
        assert!(names.obstacle(&ask("web", "2"), now + KEPT).is_none());
        assert!(names.keep(ask("web", "1"), None, now));
        names.release("web", Some("2"));
        assert!(names.obstacle(&ask("web", "2"), now).is_some());
        names.release("web", Some("1"));
        assert!(names.obstacle(&ask("web", "2"), now).is_none());
    }

    #[test]
    fn a_name_is_held_until_its_client_has_gone() {
        let (now, mut names) = (Instant::now(), Reservations::default());
        let ask = || ReserveRequest { name: "web".to_owned(), hold: true, ..Default::default() };
        let (holder, client) = mpsc::channel(1);
        assert!(names.keep(ask(), Some(holder), now));
        assert!(names.obstacle(&ask(), now + 10 * KEPT).is_some());
        drop(client);
        assert!(names.obstacle(&ask(), now).is_none());
    }

    #[test]
    fn names_that_never_come_are_bounded() {
        let (now, mut names) = (Instant::now(), Reservations::default());
        let ask =
            |number: usize| ReserveRequest { name: format!("n{number}"), ..Default::default() };
        assert!((0..MAX_RESERVED).all(|number| names.keep(ask(number), None, now)));
        assert!(!names.keep(ask(999), None, now));
    }
}
