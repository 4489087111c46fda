//! What a process costs, as `/proc/PID/stat` tells it (proc_pid_stat(5)).

use std::time::Duration;

/// What a process has used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// In user and kernel mode together.
    pub cpu: Duration,
    /// Bytes in memory.
    pub resident: u64,
}

/// Reads it; `None` if there is no such process.
pub fn usage(pid: u32) -> Option<Usage> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    let ticks = rustix::param::clock_ticks_per_second();
    parse(&String::from_utf8_lossy(&stat), ticks, rustix::param::page_size() as u64)
}

fn parse(stat: &str, ticks: u64, page: u64) -> Option<Usage> {
    // The name of the program, in parentheses, may hold anything.
    let (_, fields) = stat.rsplit_once(") ")?;
    let field = |number: usize| fields.split(' ').nth(number - 3)?.trim().parse::<u64>().ok();
    let used = field(14)?.checked_add(field(15)?)?;
    let cpu = Duration::from_millis(used.checked_mul(1000)?.checked_div(ticks)?);
    Some(Usage { cpu, resident: field(24)?.checked_mul(page)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_behind_the_name() {
        let stat =
            "7 (a) b) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 2 0 99 1000000 512 1 1\n";
        let usage = parse(stat, 100, 4096).unwrap();
        assert_eq!(usage, Usage { cpu: Duration::from_secs(3), resident: 512 * 4096 });
        for wrong in ["", "7 (a) S", "7 (a) S 1 2 3 4 5 6 7 8 9 10 x 11 12"] {
            assert_eq!(parse(wrong, 100, 4096), None);
        }
    }

    #[test]
    fn this_process_has_memory() {
        assert!(usage(std::process::id()).unwrap().resident > 0);
    }
}
