//! Parses the files of `/proc`. Pure, and total: any bytes give a value or `None`.

use crate::session::process::{Environment, Process, ProcessId};
use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The fields of `/proc/PID/stat` that matter (proc_pid_stat(5)).
///
/// The name in parentheses may contain any bytes, also spaces and parentheses: the fields after it
/// begin behind the *last* closing parenthesis.
pub fn parse_stat(bytes: &[u8]) -> Option<Process> {
    let open = bytes.iter().position(|&byte| byte == b'(')?;
    let close = bytes.iter().rposition(|&byte| byte == b')')?;
    let comm = bytes.get(open + 1..close)?;
    let pid = number(bytes.get(..open)?.trim_ascii())?;
    let mut fields = bytes.get(close + 1..)?.trim_ascii().split(|&byte| byte == b' ');
    let state = char::from(*fields.next()?.first()?);
    let ppid = number(fields.next()?)?;
    let leader = number(fields.nth(1)?)?;
    let tty = number(fields.next()?)?;
    let start = number(fields.nth(14)?)?;
    let image = parse_image(fields.skip(3));
    Some(Process {
        id: ProcessId { pid, start },
        ppid,
        comm: (&*String::from_utf8_lossy(comm)).into(),
        state,
        leader,
        tty,
        image,
    })
}

/// [`Process::image`] from the fields of `stat` from field 26 on: where code and stack begin, and, from
/// field 45 on, the data. The kernel places all of these anew with each program (execve(2)). Where
/// that is switched off (`kernel.randomize_va_space`), they differ with the layout of the program.
fn parse_image<'a>(mut fields: impl Iterator<Item = &'a [u8]>) -> u64 {
    let code = [fields.next(), fields.next()];
    let stack = fields.next().filter(|stack| *stack != b"0");
    let data = [fields.nth(16), fields.next(), fields.next()];
    let mut hasher = DefaultHasher::new();
    (code, stack, data).hash(&mut hasher);
    stack.map_or(0, |_| hasher.finish())
}

/// The processor time that a process has used, in clock ticks: fields 14 and 15 of `stat`.
pub fn parse_cpu_ticks(bytes: &[u8]) -> Option<u64> {
    let close = bytes.iter().rposition(|&byte| byte == b')')?;
    let mut fields = bytes.get(close + 1..)?.trim_ascii().split(|&byte| byte == b' ');
    let user: u64 = number(fields.nth(11)?)?;
    let system: u64 = number(fields.next()?)?;
    user.checked_add(system)
}

/// Whether a process belongs to the foreground of its controlling terminal: fields 5 and 8 of `stat`,
/// its process group and that of the foreground.
pub fn parse_foreground(bytes: &[u8]) -> Option<bool> {
    let close = bytes.iter().rposition(|&byte| byte == b')')?;
    let mut fields = bytes.get(close + 1..)?.trim_ascii().split(|&byte| byte == b' ');
    let group: i32 = number(fields.nth(2)?)?;
    let foreground: i32 = number(fields.nth(2)?)?;
    Some(group == foreground)
}

/// `/proc/PID/cmdline`: arguments, each ended by NUL. A process that overwrote its arguments may
/// have padded them with NULs, which are not arguments.
pub fn parse_cmdline(bytes: &[u8]) -> Vec<String> {
    let end = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    if end == 0 {
        return Vec::new();
    }
    let arguments = bytes[..end].split(|&byte| byte == 0);
    let mut argv: Vec<String> =
        arguments.map(|argument| String::from_utf8_lossy(argument).into_owned()).collect();
    // They are kept as long as the process runs.
    argv.shrink_to_fit();
    argv
}

/// What is kept of `/proc/PID/environ`.
pub fn parse_environ(bytes: &[u8]) -> Environment {
    bytes.split(|&byte| byte == 0).filter_map(variable).collect()
}

/// The home directory of a user by the content of `/etc/passwd` (passwd(5)), which is where Claude Code
/// finds it without `HOME` (2.1.332). `None` for a user who is not in it, such as one of LDAP.
pub fn parse_home(users: &[u8], uid: u32) -> Option<String> {
    let fields = |line: &[u8]| -> Option<String> {
        let mut fields = line.split(|&byte| byte == b':');
        let is_it = number::<u32>(fields.nth(2)?) == Some(uid);
        let home = fields.nth(2).filter(|home| is_it && home.starts_with(b"/"))?;
        String::from_utf8(home.to_owned()).ok()
    };
    users.split(|&byte| byte == b'\n').find_map(fields)
}

fn variable(entry: &[u8]) -> Option<(&str, Cow<'_, str>)> {
    let equals = entry.iter().position(|&byte| byte == b'=')?;
    let name = std::str::from_utf8(&entry[..equals]).ok()?;
    Some((name, String::from_utf8_lossy(&entry[equals + 1..])))
}

/// The pid of a process in its innermost PID namespace: the last of `NSpid:` in
/// `/proc/PID/status` (proc_pid_status(5), since Linux 4.1).
pub fn parse_inner_pid(status: &[u8]) -> Option<u32> {
    let line = status.split(|&byte| byte == b'\n').find_map(|line| line.strip_prefix(b"NSpid:"))?;
    line.split(u8::is_ascii_whitespace).rfind(|field| !field.is_empty()).and_then(number)
}

/// By how many nanoseconds the clock of the time since boot is ahead in a time namespace: `boottime` in
/// `/proc/PID/timens_offsets` (time_namespaces(7), since Linux 5.6).
pub fn parse_boottime_offset(offsets: &[u8]) -> Option<i128> {
    let mut lines = offsets.split(|&byte| byte == b'\n');
    let line = lines.find_map(|line| line.strip_prefix(b"boottime"))?;
    let mut fields = line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty());
    let seconds: i64 = number(fields.next()?)?;
    let nanos: i64 = number(fields.next()?)?;
    Some(i128::from(seconds) * 1_000_000_000 + i128::from(nanos))
}

/// Pids separated by spaces, as in `/proc/PID/task/TID/children`.
pub fn parse_pids(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.split(u8::is_ascii_whitespace).filter_map(number)
}

/// A decimal number and nothing else.
pub fn number<T: std::str::FromStr>(bytes: &[u8]) -> Option<T> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_of_a_user_is_found() {
        let users =
            b"root:x:0:0:root:/root:/bin/sh\n\nbad:x:7\n:::\ndev:x:1000:1000:D:/home/dev:\n\
            odd:x:1001:1:::\nx:x:1002:1:\xff:/h\xff:";
        let home = |uid| parse_home(users, uid);
        assert_eq!((home(0).as_deref(), home(1000).as_deref()), (Some("/root"), Some("/home/dev")));
        assert_eq!([7, 1001, 1002, 4711].map(home), [None, None, None, None]);
    }

    #[test]
    fn the_foreground_is_a_process_group() {
        let stat = |foreground| format!("7 (a) b) S 1 70 7 34817 {foreground} 0 0").into_bytes();
        assert_eq!(parse_foreground(&stat(70)), Some(true));
        assert_eq!(parse_foreground(&stat(71)), Some(false));
        assert_eq!(parse_foreground(b"7 (a) S 1 70"), None);
    }

    const LINE: &[u8] =
        b"42 (claude) S 7 42 40 34816 42 4194304 1 2 3 4 5 6 7 8 20 0 9 0 123456 1 2 3 4 5 66";

    #[test]
    fn reads_the_processor_time() {
        assert_eq!(parse_cpu_ticks(LINE), Some(11));
        assert_eq!(parse_cpu_ticks(b"42 (claude) S 7 42"), None);
        let overflow = b"1 (x) S 1 1 1 1 1 1 1 1 1 1 18446744073709551615 1 0";
        assert_eq!(parse_cpu_ticks(overflow), None);
    }

    #[test]
    fn reads_the_fields_that_matter() {
        let process = parse_stat(LINE).unwrap();
        assert_eq!(process.id, ProcessId { pid: 42, start: 123456 });
        assert_eq!((process.ppid, process.leader, process.tty), (7, 40, 34816));
        assert_eq!((process.comm.as_str(), process.state), ("claude", 'S'));
    }

    #[test]
    fn another_program_is_another_image() {
        let image = |stat: &[u8]| parse_stat(stat).unwrap().image;
        let of = |code: u32, stack: u32, data: u32| {
            let head =
                "42 (claude) S 7 42 40 34816 42 4194304 1 2 3 4 5 6 7 8 20 0 9 0 123456 1 2 3";
            let signals = "1 ".repeat(16);
            image(format!("{head} {code} 5 {stack} {signals}{data} 7 8 9 10\n").as_bytes())
        };
        assert_eq!(of(4, 66, 6), of(4, 66, 6));
        let images = [of(4, 66, 6), of(5, 66, 6), of(4, 67, 6), of(4, 66, 7), image(LINE)];
        assert!((0..images.len()).all(|it| !images[it + 1..].contains(&images[it])));
        assert_eq!([of(1, 0, 0), image(&LINE[..LINE.len() - 12])], [0, 0], "not told");
    }

    #[test]
    fn a_name_may_hold_anything() {
        let line = b"1 (a) S 2 (\xff\n) T 1 2 3 0 5 6 7 8 9 10 11 12 13 14 15 16 17 18 99 1";
        let process = parse_stat(line).unwrap();
        assert_eq!((process.comm.as_str(), process.state), ("a) S 2 (\u{fffd}\n", 'T'));
        assert_eq!(process.id.start, 99);
    }

    #[test]
    fn garbage_is_no_process() {
        for bytes in [&b""[..], b"(", b")(", b"1 (x)", b"1 (x) ", b"x (x) S 1 2 3 4", b"\0\xff()"] {
            assert_eq!(parse_stat(bytes), None);
        }
        for end in 0..LINE.len() - 22 {
            assert_eq!(parse_stat(&LINE[..end]), None);
        }
    }

    #[test]
    fn arguments_end_at_the_padding() {
        assert_eq!(parse_cmdline(b"claude\0--resume\0\0x\0"), ["claude", "--resume", "", "x"]);
        assert_eq!(parse_cmdline(b"claude\0\0\0\0"), ["claude"]);
        assert!(parse_cmdline(b"").is_empty() && parse_cmdline(b"\0\0").is_empty());
        assert_eq!(parse_cmdline(b"a\xffb"), ["a\u{fffd}b"]);
    }

    #[test]
    fn only_wanted_variables_are_kept() {
        let home = Environment::from_iter([("HOME", "/h")]);
        assert_eq!(parse_environ(b"SECRET=1\0HOME=/h\0HOMEX=2\0HOME=/i\0junk\0"), home);
        assert_eq!((home.get("HOME"), home.get("TMUX")), (Some("/h"), None));
    }

    #[test]
    fn the_innermost_pid_is_the_last() {
        assert_eq!(parse_inner_pid(b"Name:\tx\nNSpid:\t4711\t12\nNSpgid:\t1\n"), Some(12));
        assert_eq!(parse_inner_pid(b"NSpid:\t5\n"), Some(5));
        assert_eq!(parse_inner_pid(b"Pid:\t5\n"), None);
    }
}
