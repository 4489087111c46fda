//! The least that following transcripts costs: a loop that waits for inotify, and reads the bytes that
//! are new in each file, with the files open all the time.

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::time::{ClockId, clock_gettime};
use std::collections::HashMap;
use std::ffi::CString;
use std::fs::File;
use std::mem::MaybeUninit;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

/// The loop, in a thread of its own.
pub struct Loop {
    dir: PathBuf,
    thread: JoinHandle<Duration>,
}

/// A file of this name ends the loop.
const END: &str = "end";

impl Loop {
    /// Follows all files in a directory.
    pub fn start(dir: &Path) -> Loop {
        let dir = dir.to_owned();
        let inotify = inotify::init(CreateFlags::CLOEXEC).unwrap();
        inotify::add_watch(&inotify, &dir, WatchFlags::MODIFY | WatchFlags::CREATE).unwrap();
        let followed = dir.clone();
        Loop { dir, thread: std::thread::spawn(move || follow(&inotify, &followed)) }
    }

    /// Ends it. Returns the processor time that it used.
    pub fn end(self) -> Duration {
        std::fs::write(self.dir.join(END), "").unwrap();
        self.thread.join().unwrap()
    }
}

fn follow(inotify: &impl std::os::fd::AsFd, dir: &Path) -> Duration {
    let mut files: HashMap<CString, (File, u64)> = HashMap::new();
    let mut buffer = [MaybeUninit::uninit(); 16 * 1024];
    let mut reader = inotify::Reader::new(inotify, &mut buffer);
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let event = reader.next().unwrap();
        // The directory is gone: nothing more will come.
        let is_over = event.events().contains(ReadFlags::IGNORED);
        let name = event.file_name().unwrap_or_default();
        if is_over || name.to_bytes() == END.as_bytes() {
            let used = clock_gettime(ClockId::ThreadCPUTime);
            return Duration::try_from(used).unwrap();
        }
        if !files.contains_key(name) {
            let file = File::open(dir.join(name.to_str().unwrap())).unwrap();
            files.insert(name.to_owned(), (file, 0));
        }
        let (file, offset) = files.get_mut(name).unwrap();
        *offset += file.read_at(&mut bytes, *offset).unwrap() as u64;
    }
}
