//! What the hub does by itself at each turn of its loop, and when the next turn is due.

use super::Hub;
use crate::daemon::clock;
use std::time::{Duration, Instant};

/// How often to scan when inotify cannot tell of changes.
pub(in crate::daemon) const BLIND_INTERVAL: Duration = Duration::from_secs(1);

impl Hub {
    /// When [`Hub::step`] has something to do.
    pub(in crate::daemon) fn step_due(&mut self) -> Instant {
        let (at, now) = (Instant::now(), clock::now());
        let looks = self.looks.due(at, now);
        let held = self.registry.due().map(|then| at + clock::until(then, now));
        let late = [self.errands.due(at), self.settings.due(at)];
        let ready = self.ready.as_ref().map(|_| self.ready_by);
        let answers = self.postponed.first().map(|_| self.postponed_until);
        let all = [held, ready, answers].into_iter().chain(late).flatten();
        all.fold(self.next_scan.min(looks), Instant::min)
    }

    /// Do what is due.
    pub(in crate::daemon) fn step(&mut self) {
        let (at, now) = (Instant::now(), clock::now());
        if at >= self.next_scan {
            self.begin_scan();
        }
        if self.looks.give_up_scan(at) {
            self.note_scans();
            self.begin_scan();
        }
        for subject in self.looks.dispatch(at, now) {
            self.cannot_read(&subject, now);
        }
        for change in self.registry.tick(now) {
            self.tell(Some(change));
        }
        self.note_late(at);
        if at >= self.ready_by {
            self.tell_ready();
        }
        if self.is_waited_for() {
            self.answer_waiting(at);
        }
    }

    /// Whether somebody waits for all that is due to be done.
    fn is_waited_for(&self) -> bool {
        let scan = !self.scan_waiters[0].is_empty();
        scan || self.ready.is_some() || !self.postponed.is_empty()
    }

    fn answer_waiting(&mut self, at: Instant) {
        let is_quiet = self.looks.is_quiet(at);
        if is_quiet || at >= self.postponed_until {
            for (request, reply) in std::mem::take(&mut self.postponed) {
                self.answer_now(request, reply);
            }
        }
        if is_quiet && self.errands.due(at).is_none() && !self.looks.is_scanning() {
            self.tell_ready();
            for waiter in self.scan_waiters[0].drain(..) {
                let _ = waiter.send(());
            }
        }
    }

    fn tell_ready(&mut self) {
        if let Some(ready) = self.ready.take() {
            // Nobody listens any more at the end.
            let _ = ready.send(());
        }
    }

    fn begin_scan(&mut self) {
        let interval = match self.watcher.problem() {
            Some(_) => self.interval().min(BLIND_INTERVAL),
            None => self.interval(),
        };
        self.next_scan = Instant::now() + interval;
        // Kept for those who ask again and again, not for days.
        self.listed = None;
        self.heal();
        if self.looks.scan(Instant::now(), clock::now()) {
            let [running, next] = &mut self.scan_waiters;
            running.append(next);
        }
    }
}
