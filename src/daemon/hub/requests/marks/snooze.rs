//! `snooze`: set a session aside, or take it up again.

use crate::daemon::clock::Now;
use crate::daemon::hub::Hub;
use crate::daemon::hub::requests::MAX_TITLE;
use crate::protocol::request::SnoozeRequest;
use crate::protocol::response::{Code, Response};
use crate::session::info::SessionInfo;
use crate::session::key::SessionKey;
use crate::session::state::snooze::Snooze;
use crate::session::title::title;
use std::time::Duration;

/// The longest snooze.
const MAX_SNOOZE: Duration = Duration::from_secs(366 * 24 * 3600);

impl Hub {
    /// Sets the session that the query means aside, or ends that. The reply has the session as it is then.
    pub(in crate::daemon::hub::requests) fn snooze(
        &mut self,
        args: &SnoozeRequest,
        now: Now,
    ) -> Response {
        let session = match self.find_only(&args.query) {
            Ok(session) => session,
            Err(refusal) => return *refusal,
        };
        let mut note = None;
        let snooze = if args.end {
            let nothing = || format!("{} was not snoozed", title(&session, MAX_TITLE));
            note = session.snoozed.is_none().then(nothing);
            None
        } else {
            match self.snooze_of(args, &session, now) {
                Some(snooze) => Some(snooze),
                None => return Response::refused(Code::BadRequest, "a snooze has at most a year"),
            }
        };
        let key = session.key();
        let change = self.registry.snooze(key, snooze);
        self.publish(change);
        let session = self.registry.get(key).cloned().map_or(session, Box::new);
        Response { session: Some(session), note, ..Response::done() }
    }

    fn snooze_of(&self, args: &SnoozeRequest, session: &SessionInfo, now: Now) -> Option<Snooze> {
        let configured = self.config.current.notify.snooze;
        let time = match (args.seconds, args.until_change) {
            (Some(seconds), _) => Some(Duration::from_secs(seconds)),
            (None, false) => Some(configured.min(MAX_SNOOZE)),
            (None, true) => None,
        };
        let is_possible = time.is_none_or(|time| !time.is_zero() && time <= MAX_SNOOZE);
        is_possible.then(|| Snooze {
            until: time.map(|time| now.wall + time),
            state_since: args.until_change.then_some(session.since),
        })
    }

    /// The user chose "Snooze" in the notification of this session: what it waits for is set aside for
    /// the configured time.
    pub(in crate::daemon::hub) fn snooze_notified(&mut self, key: SessionKey, now: Now) {
        let Some(session) = self.registry.get(key) else { return };
        let time = self.config.current.notify.snooze.min(MAX_SNOOZE);
        let snooze = Snooze { until: Some(now.wall + time), state_since: Some(session.since) };
        let change = self.registry.snooze(key, Some(snooze));
        self.publish(change);
    }
}
