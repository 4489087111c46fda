//! What the kernel counts of the TCP sockets of this network namespace (proc_pid_net(5)): while all is as
//! before, no socket has begun to listen.
//!
//! A socket that begins to listen is one more in use. That can only be hidden by another one that goes at
//! the same time, which shows in a counter of its own: a connection that ends is one established or one
//! orphan less, or one more that waits. A socket that listens and closes shows nowhere, so those that are
//! known are asked about one by one ([`super::Listening`]).

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// More bytes than any of the three files has before the line of TCP ends.
const MAX_BYTES: usize = 4096;

/// The counters of `sockstat`, `sockstat6` and `snmp` that follow the sockets, not the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TcpCounters([u64; 10]);

/// The files of the counters, open.
pub struct CounterFiles {
    sockstat: File,
    /// Missing where the kernel has no IPv6.
    sockstat6: Option<File>,
    snmp: File,
}

impl CounterFiles {
    /// Those of the process that opens them; `None` if there are none.
    pub fn open() -> Option<CounterFiles> {
        let open = |name| File::open(Path::new("/proc/self/net").join(name)).ok();
        Some(CounterFiles {
            sockstat: open("sockstat")?,
            sockstat6: open("sockstat6"),
            snmp: open("snmp")?,
        })
    }

    /// What they say now; `None` if it is not what is known of them.
    pub fn read(&self) -> Option<TcpCounters> {
        let mut buffers = [[0; MAX_BYTES]; 3];
        let [four, six, all] = &mut buffers;
        let six = match &self.sockstat6 {
            Some(file) => text(file, six)?,
            None => "TCP6: inuse 0",
        };
        parse(text(&self.sockstat, four)?, six, text(&self.snmp, all)?)
    }
}

fn text<'a>(file: &File, buffer: &'a mut [u8]) -> Option<&'a str> {
    let length = file.read_at(buffer, 0).ok()?;
    std::str::from_utf8(&buffer[..length]).ok()
}

/// The counters in these three texts; `None` if one is missing.
pub fn parse(sockstat: &str, sockstat6: &str, snmp: &str) -> Option<TcpCounters> {
    let (four, six) = (line(sockstat, "TCP:")?, line(sockstat6, "TCP6:")?);
    let mut of_snmp = snmp.lines().filter_map(|it| it.strip_prefix("Tcp:"));
    let (names, values) = (of_snmp.next()?, of_snmp.next()?);
    // Names and values take turns in one file, and have lines of their own in the other.
    let in_pairs = |line: &str, wanted: &str| {
        let mut words = line.split_ascii_whitespace();
        words.find(|it| *it == wanted)?;
        words.next()?.parse().ok()
    };
    let in_columns = |wanted: &str| {
        let index = names.split_ascii_whitespace().position(|it| it == wanted)?;
        values.split_ascii_whitespace().nth(index)?.parse().ok()
    };
    Some(TcpCounters([
        in_pairs(four, "inuse")?,
        in_pairs(four, "orphan")?,
        in_pairs(four, "tw")?,
        in_pairs(four, "alloc")?,
        in_pairs(six, "inuse")?,
        in_columns("ActiveOpens")?,
        in_columns("PassiveOpens")?,
        in_columns("AttemptFails")?,
        in_columns("EstabResets")?,
        in_columns("CurrEstab")?,
    ]))
}

fn line<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|it| it.strip_prefix(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOUR: &str =
        "sockets: used 20\nTCP: inuse 4 orphan 1 tw 2 alloc 5 mem 125\nUDP: inuse 0\n";
    const SIX: &str = "TCP6: inuse 3\nUDP6: inuse 0\n";
    const ALL: &str = "Ip: Forwarding\nIp: 2\n\
        Tcp: MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs\n\
        Tcp: -1 1543 1377 123 354 6 52214\nUdp: InDatagrams\nUdp: 74\n";

    #[test]
    fn only_what_follows_the_sockets_counts() {
        let counters = parse(FOUR, SIX, ALL).unwrap();
        assert_eq!(counters, TcpCounters([4, 1, 2, 5, 3, 1543, 1377, 123, 354, 6]));
        let busy = [FOUR.replace("mem 125", "mem 9"), ALL.replace("52214", "52999")];
        assert_eq!(parse(&busy[0], SIX, &busy[1]), Some(counters));
    }

    #[test]
    fn what_is_not_known_is_none() {
        assert_eq!(parse("", SIX, ALL), None);
        assert_eq!(parse(FOUR, "", ALL), None);
        assert_eq!(parse(FOUR, SIX, "Tcp: CurrEstab\n"), None);
        assert_eq!(parse(&FOUR.replace("tw 2", "tw"), SIX, ALL), None);
        assert_eq!(parse(FOUR, SIX, &ALL.replace("1377", "-1")), None);
        for end in 0..ALL.len() {
            let _ = parse(FOUR, SIX, &ALL[..end]);
        }
    }

    #[test]
    fn a_socket_that_begins_to_listen_is_counted() {
        let files = CounterFiles::open().unwrap();
        let before = files.read().unwrap();
        let _socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        assert_ne!(files.read().unwrap(), before);
    }
}
