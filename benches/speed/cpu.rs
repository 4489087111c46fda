//! Processor time and memory of processes.

use std::collections::HashMap;
use std::ffi::OsString;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The processor time that a process has used, that of threads that have ended included.
pub fn of_process(pid: u32) -> Duration {
    let mut clock = 0;
    // SAFETY: the pointer is to a clock of ours, for the time of the call.
    #[expect(unsafe_code)]
    let status = unsafe { libc::clock_getcpuclockid(pid.cast_signed(), &raw mut clock) };
    assert_eq!(status, 0, "process {pid} has ended");
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a time of ours, for the time of the call.
    #[expect(unsafe_code)]
    let status = unsafe { libc::clock_gettime(clock, &raw mut time) };
    assert_eq!(status, 0, "process {pid} has ended");
    Duration::new(time.tv_sec.cast_unsigned(), u32::try_from(time.tv_nsec).unwrap())
}

/// The processor time of all processes that this one has started and waited for.
pub fn of_children() -> Duration {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the pointer is to a value of ours, which any bytes make valid.
    #[expect(unsafe_code)]
    let usage = unsafe {
        assert_eq!(libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr()), 0);
        usage.assume_init()
    };
    let time = |it: libc::timeval| {
        Duration::from_secs(it.tv_sec.cast_unsigned())
            + Duration::from_micros(it.tv_usec.cast_unsigned())
    };
    time(usage.ru_utime) + time(usage.ru_stime)
}

/// How often the threads of processes go to sleep by themselves while `act` runs. They are looked at
/// twice a second, because the count of a thread that ends is lost.
pub fn sleeps_during(pids: &[u32], act: impl FnOnce()) -> Vec<u64> {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let counting = scope.spawn(|| {
            let mut all: Vec<Sleeps> = pids.iter().map(|pid| Sleeps::of(*pid)).collect();
            loop {
                let is_last = is_over.load(Ordering::Relaxed);
                all.iter_mut().for_each(Sleeps::look);
                if is_last {
                    return all.into_iter().map(|it| it.total).collect();
                }
                std::thread::sleep(Duration::from_millis(500));
            }
        });
        act();
        is_over.store(true, Ordering::Relaxed);
        counting.join().unwrap()
    })
}

/// How often the threads of a process went to sleep, as far as they were looked at.
struct Sleeps {
    pid: u32,
    /// By the number of the thread.
    known: HashMap<OsString, u64>,
    total: u64,
}

impl Sleeps {
    fn of(pid: u32) -> Sleeps {
        Sleeps { pid, known: counts(pid).collect(), total: 0 }
    }

    fn look(&mut self) {
        for (thread, count) in counts(self.pid) {
            self.total += count - self.known.insert(thread, count).unwrap_or_default();
        }
    }
}

/// The threads of a process that live now, and how often each has gone to sleep.
fn counts(pid: u32) -> impl Iterator<Item = (OsString, u64)> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten();
    tasks.filter_map(|it| {
        let text = std::fs::read_to_string(it.path().join("status")).ok()?;
        let line = text.lines().find_map(|it| it.strip_prefix("voluntary_ctxt_switches:"))?;
        Some((it.file_name(), line.trim().parse().ok()?))
    })
}

/// RSS, in KiB.
pub fn resident(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
