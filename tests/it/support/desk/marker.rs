//! The marker program: it is called `claude`, tells its pid, and waits.

use crate::support::world::readable;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Markers of one world.
#[derive(Debug)]
pub struct Markers {
    dir: PathBuf,
    pids: HashMap<String, u32>,
    /// What tells the markers their titles, kept open until they have read it.
    titles: Vec<File>,
    /// Titles that no marker was told yet, with the FIFO of each.
    untold: Vec<(PathBuf, String)>,
}

impl Markers {
    pub fn new(dir: &Path) -> Markers {
        crate::support::program::copy("/bin/sleep", dir.join("claude"));
        Markers { dir: dir.to_owned(), pids: HashMap::new(), titles: vec![], untold: vec![] }
    }

    fn fifo(&self, label: &str) -> PathBuf {
        self.dir.join(format!("{}.fifo", label.replace(' ', "-")))
    }

    /// The script that becomes the marker; its path is free of what a shell would read.
    pub fn script(&self, label: &str) -> String {
        self.written(label, "")
    }

    /// The same; it gives its terminal this title, once [`Markers::set_titles`] says so. i3 must have
    /// the window by then: of a title that changes while it takes a window in it may never know
    /// (docs/facts-windows.md).
    pub fn titled(&mut self, label: &str, title: &str) -> String {
        let fifo = self.dir.join(format!("{label}.title"));
        make_fifo(&fifo);
        let read = format!("IFS= read -r title <{}\n", fifo.display());
        self.untold.push((fifo, title.to_owned()));
        self.written(label, &(read + "printf '\\033]2;%s\\007' \"$title\"\n"))
    }

    /// Has every marker set its title that has not done so.
    pub fn set_titles(&mut self) {
        for (fifo, title) in self.untold.drain(..) {
            // Open for reading too: it must not wait for the marker.
            let mut fifo = File::options().read(true).write(true).open(fifo).unwrap();
            writeln!(fifo, "{title}").unwrap();
            self.titles.push(fifo);
        }
    }

    fn written(&self, label: &str, set_title: &str) -> String {
        let fifo = self.fifo(label);
        let script = fifo.with_extension("sh");
        if !script.exists() {
            make_fifo(&fifo);
            let claude = self.dir.join("claude");
            let text = format!(
                "#!/bin/sh\necho {label}\n{set_title}echo $$ > {}\nexec {} 86400\n",
                fifo.display(),
                claude.display()
            );
            crate::support::program::write(&script, &text);
        }
        script.display().to_string()
    }

    /// The pid it tells, in its own pid namespace.
    pub async fn heard(&mut self, label: &str) -> u32 {
        self.script(label);
        let flags = rustix::fs::OFlags::NONBLOCK.bits() as i32;
        // Open for writing too: else a reader before the first writer sees an end.
        let mut fifo = File::options()
            .read(true)
            .write(true)
            .custom_flags(flags)
            .open(self.fifo(label))
            .unwrap();
        let said = tokio::task::spawn_blocking(move || {
            let mut said = String::new();
            while !said.ends_with('\n') {
                assert!(readable(&fifo), "a marker did not start");
                let mut bytes = [0; 64];
                let count = fifo.read(&mut bytes).unwrap();
                said.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
            }
            said
        });
        said.await.unwrap().trim().parse().unwrap()
    }

    /// Its pid, once it has told it.
    pub async fn pid(&mut self, label: &str) -> u32 {
        if let Some(pid) = self.pids.get(label) {
            return *pid;
        }
        let pid = self.heard(label).await;
        // It told its pid before it became the marker.
        let comm = || fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        super::eventually("the marker's name", async || (comm().trim() == "claude").then_some(()))
            .await;
        self.pids.insert(label.to_owned(), pid);
        pid
    }
}

/// A FIFO for every user.
fn make_fifo(path: &Path) {
    let made = std::process::Command::new("mkfifo").args(["-m", "666"]).arg(path).status();
    assert!(made.unwrap().success());
}

impl Drop for Markers {
    /// Ends markers that outlived their terminals.
    fn drop(&mut self) {
        for pid in self.pids.values() {
            let ours = fs::read_link(format!("/proc/{pid}/exe"))
                .is_ok_and(|exe| exe.starts_with(&self.dir));
            if let (true, Some(pid)) = (ours, rustix::process::Pid::from_raw(*pid as i32)) {
                let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            }
        }
    }
}
