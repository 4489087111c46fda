//! What the hub does by itself in each turn of its loop, and when the next turn is due.

use super::Hub;
use crate::daemon::clock::Now;
use crate::daemon::lifecycle::heap;
use std::time::{Duration, Instant};

/// How often to scan while inotify cannot report all changes.
pub(super) const SCAN_INTERVAL_WITHOUT_INOTIFY: Duration = Duration::from_secs(1);

/// So much later than it was to begin by itself, the loop begins a scan.
const MAX_SCAN_DELAY: Duration = Duration::from_millis(250);

/// So long after the start all was read that is read at once then: session files and transcripts.
pub(super) const SETTLES_AFTER: Duration = Duration::from_secs(20);

impl Hub {
    /// When [`Hub::do_what_is_due`] has something to do.
    pub(super) fn due(&mut self, now: Now) -> Instant {
        let at = now.monotonic;
        let inspections = self.inspections.due(now);
        let held = self.registry.due().map(|then| now.instant_of(then));
        let overdue = [self.pending.deadline(at), self.config.deadline(at)];
        let ready = self.ready.as_ref().map(|_| self.ready_by);
        let others = [inspections, held, ready, self.postponed.deadline(), self.retry_threads_at];
        let servers = self.server_scans.due();
        let all = others.into_iter().chain(overdue).chain([servers]).flatten();
        all.fold(self.scan_due(), Instant::min)
    }

    /// When to begin a scan here: one that begins by itself is left alone, unless it is late.
    fn scan_due(&self) -> Instant {
        match self.inspections.scans().prepared_at() {
            Some(at) if at == self.next_scan => at + MAX_SCAN_DELAY,
            _ => self.next_scan,
        }
    }

    /// Does what is due.
    pub(super) fn do_what_is_due(&mut self, now: Now) {
        let at = now.monotonic;
        if self.retry_threads_at.is_some_and(|then| at >= then) {
            self.retry_threads(now);
        }
        if at >= self.scan_due() {
            self.begin_scan(now);
        }
        if self.inspections.give_up_scan(at) {
            self.report_hanging_scan();
            self.begin_scan(now);
        }
        for candidate in self.inspections.dispatch(now) {
            self.mark_unreadable(&candidate, now);
        }
        for change in self.registry.tick(now.wall) {
            self.publish(Some(change));
        }
        self.save_unseen(now);
        self.save_record(now);
        self.report_overdue(at);
        if at >= self.ready_by {
            self.tell_ready();
        }
        self.scan_for_servers(now);
        if self.is_waited_for() {
            self.answer_waiting(now);
        }
    }

    /// Whether anything waits until all that is due is done.
    fn is_waited_for(&self) -> bool {
        let scan = !self.scan_waiters[0].is_empty();
        scan || self.ready.is_some() || !self.postponed.is_empty()
    }

    fn answer_waiting(&mut self, now: Now) {
        let at = now.monotonic;
        let is_settled = self.inspections.is_settled(at);
        if is_settled || self.postponed.deadline().is_some_and(|then| at >= then) {
            for (request, reply) in self.postponed.take() {
                self.answer(request, reply, now);
            }
        }
        let is_pending = self.pending.deadline(at).is_some();
        if is_settled && !is_pending && !self.inspections.scans().is_running() {
            self.tell_ready();
            for waiter in self.scan_waiters[0].drain(..) {
                let _ = waiter.send(());
            }
        }
    }

    fn tell_ready(&mut self) {
        if let Some(ready) = self.ready.take() {
            // The receiver may be gone at the end.
            let _ = ready.send(());
            self.forget_remembered();
        }
    }

    fn begin_scan(&mut self, now: Now) {
        let due = self.next_scan;
        self.note_scan(now.monotonic, now);
        if self.inspections.begin_scan(due, self.next_scan, now) {
            let [running, next] = &mut self.scan_waiters;
            running.append(next);
        }
    }

    /// How far apart scans are now.
    pub(super) fn interval(&self) -> Duration {
        match self.watcher.problem() {
            Some(_) => self.scan_interval().min(SCAN_INTERVAL_WITHOUT_INOTIFY),
            None => self.scan_interval(),
        }
    }

    /// Does what is done with each scan; this one was begun at `begun`.
    pub(super) fn note_scan(&mut self, begun: Instant, now: Now) {
        self.next_scan = begun + self.interval();
        // Kept for clients that ask again and again, not for days.
        self.frames.clear();
        self.retry_failed(now);
        self.review_prompts(now);
        if self.is_presence_check_due(now.monotonic) {
            self.check_presence(now);
        }
        if self.settles_at.take_if(|at| *at <= now.monotonic).is_some() {
            heap::give_back();
        }
    }
}
