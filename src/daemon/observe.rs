//! What the hub does with what was observed: scans, looks, touched files, labels.

use super::clock;
use super::desktop::{Report, Subject};
use super::errand::{Errand, hangs};
use super::hub::Hub;
use super::looks::{Cause, Found};
use super::settings::EDITING;
use super::step::BLIND_INTERVAL;
use super::watcher::{Interest, Touched};
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::process::{Candidate, ProcessId};
use crate::session::sighting::Sighting;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long after the first event of a burst a scan begins.
const BURST: Duration = Duration::from_millis(20);

impl Hub {
    pub(super) fn take_found(&mut self, found: Found) {
        match found {
            Found::Scan { number, scanner, candidates } => {
                if !self.looks.is_scan_back(number, scanner) {
                    return self.take_late_scan();
                }
                let candidates = self.note_problem(
                    "scan",
                    candidates.map_err(|error| {
                        format!("cannot scan {}: {error}", self.options.proc_root.display())
                    }),
                );
                if let Some(candidates) = candidates {
                    let gone = self.looks.take_scan(candidates, Instant::now());
                    self.remove_all(gone);
                }
                self.place_sessions();
                self.note_scans();
                if self.looks.take_missed_scan() || !self.scan_waiters[1].is_empty() {
                    self.next_scan = Instant::now();
                }
            }
            Found::New { number, scanner, candidates } => {
                if !self.looks.is_scan_back(number, scanner) {
                    return self.take_late_scan();
                }
                self.looks.take_new(candidates, Instant::now());
                self.note_scans();
                if self.looks.take_missed_scan() || !self.scan_waiters[1].is_empty() {
                    self.next_scan = Instant::now();
                }
            }
            Found::Lost(process) => self.looks.replace(process),
            Found::Look { process, inspector, sighting } => {
                if self.looks.take_look(process, inspector, sighting.as_deref()) {
                    match sighting {
                        Some(sighting) => self.see(*sighting),
                        None => self.unsee(process),
                    }
                }
            }
        }
    }

    /// A scan came back that had been given up. What it hung on answers now, and the scans since
    /// then have left it out.
    fn take_late_scan(&mut self) {
        self.note_scans();
        self.next_scan = Instant::now();
    }

    /// Tell of what holds up scans.
    pub(super) fn note_scans(&mut self) {
        let trouble = self.looks.trouble().map_or(Ok(()), Err);
        self.note_problem("hanging", trouble);
    }

    /// Have every session of the last scan placed.
    fn place_sessions(&mut self) {
        let name = |process| self.registry.get(process).and_then(|it| it.details.name.clone());
        let subject =
            |it: &Arc<Candidate>| Subject { title: name(it.process.id), ..it.as_ref().into() };
        self.desktop.subjects(self.looks.subjects().iter().map(subject).collect());
        self.errands.places = Some(Errand::new(self.desktop.focused()));
    }

    /// The desktop has news.
    pub(super) fn take_report(&mut self, report: Report) {
        match report {
            Report::Places(places) => {
                for (process, place) in places {
                    let change = self.registry.place(process, place);
                    self.tell(change);
                }
            }
            Report::Focused(focused) => {
                self.tour.focus_reported();
                let change = self.registry.focus(focused.process);
                self.notifier.focus(focused.process);
                if let Some(process) = focused.process {
                    self.urgency.visit(process);
                }
                self.tell(change);
            }
            Report::Title { process, title, at } => {
                self.looks.title(process, &title, at, Instant::now());
            }
            Report::Status(status) => {
                let is_well = status.ends_with(" connected");
                self.note_problem("desktop", if is_well { Ok(()) } else { Err(status) });
            }
        }
    }

    fn see(&mut self, sighting: Sighting) {
        let process = sighting.process;
        self.watcher.set(Interest::Session(process), &sighting.watch);
        if self.options.proc_root.as_os_str() == "/proc" {
            self.exits.wait(process);
        }
        if let Some(dir) = &sighting.details.config_dir
            && self.config_dirs.insert(dir.clone())
        {
            self.watch_new_sessions();
        }
        let seen = self.registry.see(sighting, clock::now());
        if let Some((session_id, label)) = seen.carried {
            self.carry(session_id, label);
        }
        self.tell(seen.change);
    }

    /// The files of a session do not answer. It is shown all the same, even if they never did.
    pub(super) fn cannot_read(&mut self, subject: &Candidate, now: Timestamp) {
        let process = subject.process.id;
        if self.registry.get(process).is_none() {
            let seen = self.registry.see(Sighting::of_nothing_but(subject, now), now);
            self.tell(seen.change);
        }
        let change = self.registry.unreadable(process, now);
        self.tell(change);
    }

    /// It looked like a session but is none, or is none any more.
    fn unsee(&mut self, process: ProcessId) {
        self.watcher.set(Interest::Session(process), &[]);
        let change = self.registry.gone(process);
        self.tell(change);
    }

    /// These processes ended.
    pub(super) fn remove_all(&mut self, ended: Vec<ProcessId>) {
        for process in ended {
            self.looks.forget(process);
            self.exits.forget(process);
            self.unsee(process);
            self.registry.place(process, None);
        }
    }

    pub(super) fn take_touched(&mut self, touched: Touched) {
        let at = Instant::now();
        if touched.overflow {
            self.next_scan = at;
        }
        for (interest, name) in touched.files {
            match interest {
                Interest::Session(process) if self.is_anothers(process, &name) => {}
                Interest::Session(process) => {
                    // A session file, or a directory that came or went; all else are logs.
                    let name = name.as_encoded_bytes();
                    let is_state = name.is_empty() || name.ends_with(b".json");
                    let cause = if is_state { Cause::State } else { Cause::Content };
                    self.looks.touch(process, cause, at);
                }
                Interest::NewSessions => {
                    // No name: the directory came, or is watched only now.
                    if name.is_empty() || !self.knows_session_file(&name) {
                        self.next_scan = self.next_scan.min(at + BURST);
                    }
                }
                Interest::Labels => self.reload_labels(),
                Interest::Config => self.settings.reload(EDITING),
            }
        }
        self.note_watcher();
    }

    /// Whether this is the transcript of another session, in a directory of which all matters.
    fn is_anothers(&self, process: ProcessId, name: &OsStr) -> bool {
        let Some(id) = name.to_str().and_then(|name| name.strip_suffix(".jsonl")) else {
            return false;
        };
        let holds = |it: &SessionInfo| it.session_id.as_deref() == Some(id);
        !self.registry.get(process).is_some_and(holds) && self.registry.sessions().any(holds)
    }

    /// Whether this file belongs to a session that is known already. Names begin with the pid:
    /// `4711.json`, and in 2.1.329 `4711.<hash>.key`, which is there before a dialog at the start.
    fn knows_session_file(&self, name: &OsStr) -> bool {
        let pid = name.to_str().and_then(|name| name.split('.').next()?.parse::<u32>().ok());
        pid.is_none_or(|pid| self.registry.sessions().any(|it| it.pid == pid))
    }

    pub(super) fn watch_new_sessions(&mut self) {
        let dirs: Vec<PathBuf> = self.config_dirs.iter().map(|dir| dir.join("sessions")).collect();
        let every: Vec<PathBuf> = dirs.iter().map(|dir| dir.join("")).collect();
        self.watcher.set(Interest::NewSessions, &every);
        self.looks.set_session_dirs(dirs);
        self.note_watcher();
    }

    fn note_watcher(&mut self) {
        let problem = self.watcher.problem().map_or(Ok(()), |it| Err(it.to_owned()));
        if problem.is_err() {
            self.next_scan = self.next_scan.min(Instant::now() + BLIND_INTERVAL);
        }
        self.note_problem("inotify", problem);
        let hanging = self.watcher.hanging().map(|path| hangs(path, "only scans tell of changes"));
        self.note_problem("watch", hanging.map_or(Ok(()), Err));
    }
}
