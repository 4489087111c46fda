//! Reads limits of the system, and how much of them is used.

use crate::cli::commands::doctor::ANSWER_WITHIN;
use crate::cli::commands::doctor::deadline::{Work, begin as begin_work};
use crate::cli::commands::doctor::judge::system::LimitState;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// How the limits of inotify are raised.
const INOTIFY: &str = "raise fs.inotify.max_user_watches and fs.inotify.max_user_instances (sysctl.d(5)), \
    or end what uses so many; without watches vmux scans every second";

/// What the processes of the user use together.
#[derive(Default)]
struct Usage {
    watches: u64,
    instances: u64,
    threads: u64,
}

/// Begins to read. `vmuxd` is its pid, if it runs here.
pub fn begin(vmuxd: Option<u32>) -> Work<Vec<LimitState>> {
    begin_work(ANSWER_WITHIN, move || {
        let usage = usage();
        let inotify = |name: &str| number(Path::new("/proc/sys/fs/inotify").join(name));
        let limit = |what, used, limit, remedy| LimitState { what, used, limit, remedy };
        let mut limits = vec![
            limit("inotify watches", usage.watches, inotify("max_user_watches"), INOTIFY),
            limit("inotify instances", usage.instances, inotify("max_user_instances"), INOTIFY),
        ];
        // Root is not bound by it (getrlimit(2), RLIMIT_NPROC).
        let process = vmuxd.map_or_else(|| "self".to_owned(), |pid| pid.to_string());
        if !rustix::process::geteuid().is_root() {
            let most = soft_limit(&process, "Max processes");
            let remedy = "raise it (`ulimit -u`, limits.conf(5)), or end some processes";
            limits.push(limit("threads of this user", usage.threads, most, remedy));
        }
        if let Some(pid) = vmuxd {
            let open = fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, |it| it.count() as u64);
            let most = soft_limit(&process, "Max open files");
            let remedy = "raise it: LimitNOFILE in the unit, or `ulimit -n` where vmuxd is started";
            limits.push(limit("open files of vmuxd", open, most, remedy));
        }
        let remedy =
            "raise it: TasksMax in the unit or the slice, or --pids-limit of the container";
        let tasks = fullest_group(&process);
        limits.extend(
            tasks.map(|(used, most)| limit("tasks of the control group", used, Some(most), remedy)),
        );
        limits
    })
}

fn usage() -> Usage {
    let own = rustix::process::geteuid().as_raw();
    let mut usage = Usage::default();
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let path = process.path();
        let is_process =
            process.file_name().to_string_lossy().bytes().all(|it| it.is_ascii_digit());
        if !is_process || !process.metadata().is_ok_and(|it| it.uid() == own) {
            continue;
        }
        usage.threads += fs::read_dir(path.join("task")).map_or(0, |it| it.count() as u64);
        for file in fs::read_dir(path.join("fd")).into_iter().flatten().flatten() {
            // proc_pid_fd(5): what has no path is named by its kind.
            if !fs::read_link(file.path()).is_ok_and(|it| it == Path::new("anon_inode:inotify")) {
                continue;
            }
            usage.instances += 1;
            let info = fs::read_to_string(path.join("fdinfo").join(file.file_name()));
            let lines = info.unwrap_or_default();
            usage.watches += lines.lines().filter(|it| it.starts_with("inotify ")).count() as u64;
        }
    }
    usage
}

/// The soft limit of a process (proc_pid_limits(5)); `None` if it is unlimited or cannot be read.
fn soft_limit(process: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/limits")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Tasks and their limit in the control group of a process, or one above it: of those with a limit,
/// where the least is left (cgroups(7), version 2).
fn fullest_group(process: &str) -> Option<(u64, u64)> {
    let text = fs::read_to_string(format!("/proc/{process}/cgroup")).ok()?;
    let group = text.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let root = PathBuf::from("/sys/fs/cgroup");
    let group = root.join(group);
    let groups = group.ancestors().take_while(|it| it.starts_with(&root));
    let limited = groups
        .filter_map(|it| Some((number(it.join("pids.current"))?, number(it.join("pids.max"))?)));
    limited.min_by_key(|(used, most)| most.saturating_sub(*used))
}

fn number(path: PathBuf) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}
