//! No request is ever sent to a server: what the kernel counts in a network that nobody else uses.

use super::Pod;
use crate::support::world::{daemon, until};
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// A server that writes a line for each connection that it gets.
const COUNTS: &str = "import socket\n\
    s = socket.create_server((\"127.0.0.1\", 8030))\n\
    while True:\n\
    \x20   c, _ = s.accept()\n\
    \x20   print(\"connection\", c.recv(9), file=open(\"connections\", \"a\"))\n";

/// Connections that were tried and that were taken, datagrams that were sent, and packets of the
/// loopback interface, in the whole network of the pod.
fn traffic(pod: &Pod) -> [u64; 4] {
    let text = pod.output("cat /proc/net/snmp /proc/net/dev");
    let counter = |protocol: &str, name: &str| {
        let mut lines = text.lines().filter(|line| line.starts_with(protocol));
        let (heads, values) = (lines.next().unwrap(), lines.next().unwrap());
        let at = heads.split(' ').position(|it| it == name).unwrap();
        values.split(' ').nth(at).unwrap().parse().unwrap()
    };
    let loopback = text.lines().find_map(|line| line.trim().strip_prefix("lo:")).unwrap();
    let packets = loopback.split_whitespace().nth(1).unwrap().parse().unwrap();
    [
        counter("Tcp:", "ActiveOpens"),
        counter("Tcp:", "PassiveOpens"),
        counter("Udp:", "OutDatagrams"),
        packets,
    ]
}

#[test]
fn no_connection_is_ever_made_to_a_server() {
    let pod = Pod::new();
    pod.file("counts.py", COUNTS);
    let file = pod.world.path("w/.dev-ports.json").display().to_string();
    let mut follower = pod.world.vmux();
    follower.args(["servers", "--follow"]).stdout(Stdio::piped());
    let mut follower = follower.spawn().unwrap();
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    pod.tool("python3 counts.py & echo $! >pid; wait");
    // Found by one who waits for it, and by one who follows.
    assert_eq!(pod.vmux(&["--wait", "8030", "--url"]).1, "http://127.0.0.1:8030/\n");
    assert!(lines.next().unwrap().unwrap().starts_with("+ 8030"));
    let mut keeper = pod.world.vmux().args(["servers", "--write", &file]).spawn().unwrap();
    until("the file", || std::path::Path::new(&file).exists());
    for args in [
        &[][..],
        &["8030"],
        &["--json"],
        &["--all"],
        &["--here"],
        &["--status"],
        &["--status", "8030"],
        &["--url"],
        &["--wait", "counts", "--timeout", "1m"],
    ] {
        for _ in 0..3 {
            assert_eq!(pod.vmux(args).0, 0, "{args:?}");
        }
    }
    assert_eq!(pod.vmux(&["--free", "8030-8031"]).1, "8031\n");
    for args in [&["list", "--columns", "+servers"][..], &["show", "w"], &["why", "w"], &["status"]]
    {
        assert!(pod.world.vmux().args(args).output().unwrap().status.success(), "{args:?}");
    }
    assert_eq!(traffic(&pod), [0; 4]);
    assert!(!pod.world.path("w/connections").exists());
    // That is what would be seen of one.
    pod.order("exec 9<>/dev/tcp/127.0.0.1/8030 && echo hello >&9");
    until("its connection", || pod.world.path("w/connections").exists());
    let [tried, taken, _, packets] = traffic(&pod);
    assert_eq!((tried, taken), (1, 1));
    assert!(packets > 3, "{packets}");
    // Nor is anything sent to end it.
    assert_eq!(pod.vmux(&["stop", "8030", "--yes"]).0, 0);
    assert_eq!(traffic(&pod)[..2], [1, 1]);
    assert!(daemon::wait(&mut keeper).success());
    drop(lines);
    assert!(daemon::wait(&mut follower).success());
}
