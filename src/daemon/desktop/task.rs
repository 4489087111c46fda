//! The task behind [`crate::daemon::desktop`]: what it does with events, requests and time.

use super::{Ask, Focused, Inbox, Report, Subject};
use crate::daemon::clock;
use crate::session::process::ProcessId;
use crate::wm::ipc::IpcError;
use crate::wm::ipc::events::WmEvent;
use crate::wm::locate::location::Location;
use crate::wm::manager::WindowManager;
use crate::wm::windows::unreadable;
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Events within this time of the first are one burst.
const BURST: Duration = Duration::from_millis(8);

/// How long the silence of the window manager is believed when a scan asks.
const SILENCE: Duration = Duration::from_secs(1);

/// Pauses before a lost window manager is sought again; i3 restarts within 200 ms. Afterwards it
/// is sought with every scan.
const RETRIES: &[u64] = &[10, 20, 50, 100, 200, 400, 800, 1600];

/// The hub is gone: the task is to end.
pub(in crate::daemon) struct Gone;

/// The desk, and what was last reported of it.
pub(in crate::daemon) struct Task {
    pub(in crate::daemon) desk: WindowManager,
    pub(in crate::daemon) reports: mpsc::Sender<Report>,
    subjects: Vec<Subject>,
    /// What was last found of each session.
    pub(in crate::daemon) found: HashMap<ProcessId, Option<Box<Location>>>,
    /// The titles last reported.
    pub(in crate::daemon) titles: HashMap<ProcessId, String>,
    pub(in crate::daemon) focused: Option<Focused>,
    pub(in crate::daemon) status: String,
    /// When the burst is over and the windows are to be read anew.
    look_at: Option<Instant>,
    /// When they were last read.
    looked: Option<Instant>,
    /// When a lost window manager is to be sought again.
    retry_at: Option<Instant>,
    retries: usize,
}

impl Task {
    /// A task that has reported nothing yet.
    pub(in crate::daemon) fn new(desk: WindowManager, reports: mpsc::Sender<Report>) -> Self {
        Task {
            desk,
            reports,
            subjects: Vec::new(),
            found: HashMap::new(),
            titles: HashMap::new(),
            focused: None,
            status: String::new(),
            look_at: None,
            looked: None,
            retry_at: None,
            retries: 0,
        }
    }

    /// Lives until the handle or the hub is gone.
    pub(in crate::daemon) async fn run(mut self, mut inbox: Inbox) {
        loop {
            let (look_at, retry_at) = (self.look_at, self.retry_at);
            let done = tokio::select! {
                ask = inbox.next() => match ask {
                    Some(ask) => self.answer(ask).await,
                    None => return,
                },
                event = self.desk.next_event() => self.happened(event).await,
                () = clock::reached(look_at) => self.look().await,
                () = clock::reached(retry_at) => self.seek().await,
            };
            if done.is_err() {
                return;
            }
        }
    }

    async fn answer(&mut self, ask: Ask) -> Result<(), Gone> {
        match ask {
            Ask::Subjects(subjects) => {
                self.desk.set_displays(subjects.iter().filter_map(|subject| {
                    Some((subject.display.clone()?, subject.authority.clone()))
                }));
                let titles = subjects
                    .iter()
                    .filter_map(|subject| Some((subject.process.pid, subject.title.clone()?)));
                self.desk.set_titles(titles);
                self.subjects = subjects;
                self.desk.forget_facts(true);
                if self.desk.name().is_none() {
                    return self.seek().await;
                }
                // i3 tells of no `swap`, nor what it may forget to tell of besides.
                let old = self.looked.is_none_or(|then| then.elapsed() > SILENCE);
                if old || self.look_at.is_some() { self.look().await } else { self.locate().await }
            }
            // Whoever asked has given up.
            Ask::Switch(_, _, reply) if reply.is_closed() => Ok(()),
            Ask::FocusWindow(_, reply) if reply.is_closed() => Ok(()),
            Ask::Switch(process, options, reply) => {
                let result = self.desk.switch(process.pid, &options).await;
                if let Err(error) = &result {
                    log::info!("switch to {}: {error}", process.pid);
                }
                // Whoever asked may have gone away.
                let _ = reply.send(result);
                self.after_command().await
            }
            Ask::FocusWindow(window, reply) => {
                let result = self.desk.focus_window(window.con_id, window.xid).await;
                let _ = reply.send(result);
                self.after_command().await
            }
            Ask::Focused(reply) => {
                let _ = reply.send(self.desk.focused());
                Ok(())
            }
            Ask::Urgent(window, urgent) => {
                if let Err(error) = self.desk.set_urgent(&window, urgent).await {
                    log::info!("the urgency hint of a window: {error}");
                }
                Ok(())
            }
            Ask::Configure(socket, title_probe) => {
                let was_connected = self.desk.name().is_some();
                self.desk.configure(socket, title_probe);
                match was_connected && self.desk.name().is_none() {
                    true => self.seek().await,
                    false => Ok(()),
                }
            }
        }
    }

    /// A command looked at the world by itself, and may have lost or found the window manager.
    async fn after_command(&mut self) -> Result<(), Gone> {
        match self.desk.name() {
            Some(_) => {
                self.retry_at = None;
                self.retries = 0;
                let trouble = self.desk.x_trouble().map(str::to_owned);
                self.report_status(trouble).await?;
                self.soon();
                Ok(())
            }
            None => self.seek().await,
        }
    }

    async fn happened(&mut self, event: Result<WmEvent, IpcError>) -> Result<(), Gone> {
        match event {
            Ok(WmEvent::Title { con_id, .. }) => self.report_titles(Some(con_id)).await,
            Ok(
                WmEvent::Moved
                | WmEvent::New { .. }
                | WmEvent::Closed { .. }
                | WmEvent::Focus { .. },
            ) => {
                self.soon();
                Ok(())
            }
            // The end of the connection follows, and then it is sought.
            Ok(WmEvent::Shutdown | WmEvent::Other) => Ok(()),
            Err(error) => {
                log::debug!("the window manager's events end: {error}");
                self.lost();
                Ok(())
            }
        }
    }

    fn soon(&mut self) {
        self.look_at.get_or_insert_with(|| Instant::now() + BURST);
    }

    /// Sought again at once: what restarts is back within moments, and places are kept so long.
    fn lost(&mut self) {
        self.desk.disconnect();
        self.look_at = None;
        self.retries = 0;
        self.retry_at = RETRIES.first().map(|pause| Instant::now() + Duration::from_millis(*pause));
    }

    /// Tries to connect.
    async fn seek(&mut self) -> Result<(), Gone> {
        self.retry_at = None;
        match self.desk.connect().await {
            Ok(()) => {
                self.retries = 0;
                self.look().await
            }
            Err(why) => {
                self.retries += 1;
                if let (Some(pause), true) = (RETRIES.get(self.retries), self.sought_again()) {
                    self.retry_at = Some(Instant::now() + Duration::from_millis(*pause));
                    return Ok(());
                }
                self.desk.forget_windows();
                self.report_status(Some(why)).await?;
                self.locate().await
            }
        }
    }

    /// Whether there was a window manager just now, of which places are still kept.
    fn sought_again(&self) -> bool {
        !self.desk.windows().is_empty()
    }

    /// Reads the windows, then finds all sessions.
    async fn look(&mut self) -> Result<(), Gone> {
        self.look_at = None;
        self.looked = Some(Instant::now());
        match self.desk.read_windows().await {
            Ok(()) => {
                let hosts_tmux = self.focus_hosts_tmux();
                self.desk.forget_facts(hosts_tmux);
                let trouble = self.desk.x_trouble().map(str::to_owned);
                self.report_status(trouble).await?;
                self.locate().await
            }
            Err(error @ IpcError::Json(_)) => {
                self.desk.forget_windows();
                self.report_status(Some(unreadable(&error))).await?;
                self.locate().await
            }
            Err(error) => {
                log::info!("the window manager: {error}");
                self.lost();
                Ok(())
            }
        }
    }

    /// Whether the window that now has the focus shows a tmux client: what it shows may be
    /// another pane than before, and nobody tells.
    fn focus_hosts_tmux(&self) -> bool {
        let Some(focus) = self.desk.focused() else { return false };
        let shown_before = self.focused.as_ref().and_then(|focused| focused.window.as_ref());
        shown_before != Some(&focus)
            && self.all_found().any(|(_, found)| {
                found.innermost_pane().is_some() && found.candidates().contains(&focus.con_id)
            })
    }

    /// Finds all sessions and reports what changed.
    async fn locate(&mut self) -> Result<(), Gone> {
        let mut before = std::mem::take(&mut self.found);
        let mut moved = Vec::new();
        for subject in &self.subjects {
            let now = self.desk.locate(subject.process.pid).await.map(Box::new);
            let place = now.as_ref().map(|found| &found.place);
            let before = before.remove(&subject.process);
            if before.is_none_or(|before| before.as_ref().map(|found| &found.place) != place) {
                moved.push((subject.process, place.cloned()));
            }
            self.found.insert(subject.process, now);
        }
        self.titles.retain(|process, _| self.found.contains_key(process));
        if !moved.is_empty() {
            self.send(Report::Places(moved)).await?;
        }
        self.report_titles(None).await?;
        self.report_focus().await
    }
}
