//! Which sockets and processes are one server: the same port, in one family of processes. Pure.
//!
//! Several processes may hold one socket (workers), and one server may have a socket for each worker
//! (`SO_REUSEPORT`) or for each address family. Two servers may have one port, on different addresses.
//! Ports that a server opens beside its own, for its parts to reach each other, are auxiliary.

use super::listeners::{ByPort, Listener};
use super::tree::{Tree, is_shell};
use crate::session::process::Process;
use core::ops::RangeInclusive;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The ports that the kernel picks for a program that asks for any (`ip_local_port_range`, as it is
/// by default).
const EPHEMERAL: RangeInclusive<u16> = 32768..=60999;

/// How many ports of one program are servers of their own.
const MAX_PORTS: usize = 16;

/// One server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// The port.
    pub port: u16,
    /// Its sockets.
    pub inodes: BTreeSet<u64>,
    /// The processes that hold one of them.
    pub holders: BTreeSet<u32>,
    /// From the topmost process that runs only this server and is not a shell, down to the one above or
    /// among the holders that all of them descend from.
    pub chain: Vec<u32>,
    /// Whether the kernel picked the port, and what listens there runs, or is run by, what listens on a
    /// port that was chosen: workers and inspectors of `wrangler`, kernels of Jupyter; or whether the
    /// program has many lower ones.
    pub is_auxiliary: bool,
}

/// The servers of these sockets. `holders` has the processes that hold each; a socket without any is
/// left out.
pub fn families(
    listeners: &ByPort,
    holders: &BTreeMap<u64, BTreeSet<u32>>,
    tree: &Tree,
) -> Vec<Family> {
    let of_port = |(port, its): (&u16, &Vec<&Listener>)| on_one_port(*port, its, holders, tree);
    let mut families: Vec<Family> = listeners.iter().flat_map(of_port).collect();
    families.sort_by_key(|it| (it.port, it.inodes.first().copied()));
    mark_auxiliary(&mut families, tree);
    let own = families.iter().filter(|it| !it.is_auxiliary);
    let all: BTreeSet<u32> = own.flat_map(|it| &it.holders).copied().collect();
    // How many processes that listen are run by each, itself included.
    let mut run: HashMap<u32, usize> = HashMap::new();
    for above in all.iter().flat_map(|it| tree.ancestry(*it)) {
        *run.entry(above.id.pid).or_default() += 1;
    }
    for family in &mut families {
        let own = |pid| {
            let is_below = |it: &&u32| all.contains(*it) && tree.is_below(**it, pid);
            family.holders.iter().filter(is_below).count()
        };
        let runs_others =
            |it: &&Process| run.get(&it.id.pid).is_some_and(|count| *count > own(it.id.pid));
        family.chain = chain(&family.holders, runs_others, tree);
    }
    mark_many(&mut families);
    families.sort_by_key(|it| (it.port, it.chain.first().copied()));
    families
}

/// The servers of the sockets on one port.
fn on_one_port(
    port: u16,
    listeners: &[&Listener],
    holders: &BTreeMap<u64, BTreeSet<u32>>,
    tree: &Tree,
) -> Vec<Family> {
    let mut families: Vec<Family> = Vec::new();
    for listener in listeners {
        let Some(its) = holders.get(&listener.inode).filter(|it| !it.is_empty()) else { continue };
        let mut new = Family {
            port,
            inodes: [listener.inode].into(),
            holders: its.clone(),
            chain: Vec::new(),
            is_auxiliary: false,
        };
        let (joined, others) = families.into_iter().partition(|it| is_same(it, &new, tree));
        families = others;
        for it in joined {
            let it: Family = it;
            new.inodes.extend(it.inodes);
            new.holders.extend(it.holders);
        }
        families.push(new);
    }
    families
}

/// Marks the ports of a program beyond the first ones: no list is the place for a thousand.
fn mark_many(families: &mut [Family]) {
    let mut counts: HashMap<Option<u32>, usize> = HashMap::new();
    for family in families.iter_mut().filter(|it| !it.is_auxiliary) {
        let count = counts.entry(family.chain.first().copied()).or_default();
        *count += 1;
        family.is_auxiliary = *count > MAX_PORTS;
    }
}

/// Marks those that only serve another one. Families are connected if a process of one is, or was
/// started by, a process of the other.
fn mark_auxiliary(families: &mut [Family], tree: &Tree) {
    if !families.iter().any(|it| EPHEMERAL.contains(&it.port)) {
        return;
    }
    let mut of_pid: HashMap<u32, usize> = HashMap::new();
    let mut groups: Vec<usize> = (0..families.len()).collect();
    for (index, family) in families.iter().enumerate() {
        for pid in &family.holders {
            let other = *of_pid.entry(*pid).or_insert(index);
            join(&mut groups, index, other);
        }
    }
    for (index, family) in families.iter().enumerate() {
        let above = family.holders.iter().flat_map(|pid| tree.chain(*pid));
        for other in above.filter_map(|it| of_pid.get(&it.id.pid)) {
            join(&mut groups, index, *other);
        }
    }
    let group_of: Vec<usize> = (0..families.len()).map(|index| group(&groups, index)).collect();
    let is_chosen = |it: &Family| !EPHEMERAL.contains(&it.port);
    let chosen: BTreeSet<usize> = families
        .iter()
        .zip(&group_of)
        .filter(|(family, _)| is_chosen(family))
        .map(|(_, group)| *group)
        .collect();
    for (family, group) in families.iter_mut().zip(group_of) {
        family.is_auxiliary = !is_chosen(family) && chosen.contains(&group);
    }
}

/// The group of a family: the first family of it. Each points to an earlier one of its group, or to
/// itself.
fn group(groups: &[usize], mut index: usize) -> usize {
    while groups[index] != index {
        index = groups[index];
    }
    index
}

fn join(groups: &mut [usize], one: usize, other: usize) {
    let (one, other) = (group(groups, one), group(groups, other));
    groups[one.max(other)] = one.min(other);
}

/// Whether two sockets on one port are of one server: one process holds both, or one that is no shell
/// runs the holders of both.
fn is_same(one: &Family, other: &Family, tree: &Tree) -> bool {
    if !one.holders.is_disjoint(&other.holders) {
        return true;
    }
    let both: BTreeSet<u32> = one.holders.union(&other.holders).copied().collect();
    base(&both, tree).is_some_and(|it| !is_shell(it))
}

/// The lowest process that is, or runs, each of the holders.
fn base<'a>(holders: &BTreeSet<u32>, tree: &'a Tree) -> Option<&'a Process> {
    let mut holders = holders.iter();
    let first = tree.chain(*holders.next()?);
    let rest: Vec<Vec<&Process>> = holders.map(|it| tree.chain(*it)).collect();
    let runs_all =
        |it: &&Process| rest.iter().all(|chain| chain.iter().any(|other| other.id == it.id));
    first.into_iter().find(runs_all)
}

/// The chain of a family: above its base, as long as nothing else that listens is run.
fn chain(
    holders: &BTreeSet<u32>,
    runs_others: impl Fn(&&Process) -> bool,
    tree: &Tree,
) -> Vec<u32> {
    // Workers whose parent was killed have none in common: the oldest stands for them.
    let oldest = || holders.iter().filter_map(|it| tree.get(*it)).min_by_key(|it| it.id.start);
    let is_of_it = |it: &&Process| holders.contains(&it.id.pid) || !is_shell(it);
    let Some(base) = base(holders, tree).filter(is_of_it).or_else(oldest) else {
        return holders.iter().take(1).copied().collect();
    };
    let chain = tree.chain(base.id.pid);
    let above = chain.iter().skip(1).take_while(|it| !runs_others(it));
    let mut found: Vec<&Process> = chain.iter().take(1).chain(above).copied().collect();
    // A shell at the top runs a script, which may do other things beside the server or after it (`&`).
    // One between npm and what it runs is part of it.
    while found.len() > 1 && found.last().is_some_and(|it| is_shell(it)) {
        found.pop();
    }
    found.iter().rev().map(|it| it.id.pid).collect()
}

/// The holders that no other holder descends from: those that take connections.
pub fn leaves(holders: &BTreeSet<u32>, tree: &Tree) -> BTreeSet<u32> {
    let has_child =
        |pid: &u32| holders.iter().any(|other| other != pid && tree.is_below(*other, *pid));
    holders.iter().copied().filter(|pid| !has_child(pid)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::listeners::by_port;
    use super::super::tree::process;
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    /// Sockets: inode, port, holders.
    fn found(sockets: &[(u64, u16, &[u32])], processes: &[Process]) -> Vec<Family> {
        let listener = |&(inode, port, _): &(u64, u16, &[u32])| Listener {
            inode,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port,
            is_dual: false,
            uid: 0,
            backlog: 0,
        };
        let listeners: Vec<Listener> = sockets.iter().map(listener).collect();
        let holders = sockets.iter().map(|it| (it.0, it.2.iter().copied().collect())).collect();
        let tree = Tree::new(processes.iter().cloned(), [10]);
        families(&by_port(&listeners), &holders, &tree)
    }

    fn shape(families: &[Family]) -> Vec<(u16, Vec<u32>, Vec<u32>)> {
        let holders = |it: &Family| it.holders.iter().copied().collect();
        families.iter().map(|it| (it.port, it.chain.clone(), holders(it))).collect()
    }

    fn tool() -> Vec<Process> {
        vec![process(10, 1, 10, "claude"), process(20, 10, 20, "bash")]
    }

    #[test]
    fn ports_that_the_kernel_picked_for_parts_of_a_server_are_auxiliary() {
        // As of `wrangler dev`: a program in Node, and two workers that it runs.
        let mut processes = tool();
        processes.extend([
            process(21, 20, 20, "node"),
            process(22, 21, 20, "workerd"),
            process(23, 21, 20, "workerd"),
            // An API beside it on a port that the kernel picked is a server of its own.
            process(30, 20, 20, "node"),
        ]);
        let sockets: &[(u64, u16, &[u32])] = &[
            (1, 8787, &[22]),
            (2, 39187, &[23]),
            (3, 46593, &[21]),
            (4, 40000, &[30]),
            (5, 9229, &[22]),
        ];
        let families = found(sockets, &processes);
        let auxiliary: Vec<(u16, bool)> =
            families.iter().map(|it| (it.port, it.is_auxiliary)).collect();
        let expected = [(8787, false), (9229, false), (39187, true), (40000, false), (46593, true)];
        assert_eq!(auxiliary, expected);
        // What is ended is the program that runs them.
        let of = |port| families.iter().find(|it| it.port == port).unwrap().chain.clone();
        assert_eq!((of(8787), of(40000)), (vec![21, 22], vec![30]));
        // Nothing that was chosen beside it: it is what there is.
        assert!(!found(&[(1, 39187, &[23]), (2, 46593, &[21])], &processes)[0].is_auxiliary);
    }

    #[test]
    fn a_reloader_and_its_worker_are_one_server() {
        let processes = [
            tool(),
            vec![
                process(21, 20, 20, "uvicorn"),
                process(22, 21, 20, "python3"),
                process(23, 21, 20, "python3"),
            ],
        ]
        .concat();
        let found = found(&[(1, 8000, &[21, 23])], &processes);
        assert_eq!(shape(&found), [(8000, vec![21], vec![21, 23])]);
        let tree = Tree::new(processes, [10]);
        assert_eq!(leaves(&found[0].holders, &tree), [23].into());
        assert_eq!(leaves(&[21].into(), &tree), [21].into());
    }

    #[test]
    fn npm_is_part_of_what_it_runs() {
        let processes = [
            tool(),
            vec![
                process(21, 20, 20, "npm exec vite"),
                process(22, 21, 20, "sh"),
                process(23, 22, 20, "node"),
            ],
        ]
        .concat();
        assert_eq!(
            shape(&found(&[(1, 5173, &[23])], &processes)),
            [(5173, vec![21, 22, 23], vec![23])]
        );
    }

    #[test]
    fn workers_with_a_socket_each_are_one_server_and_orphans_of_it_too() {
        let mut processes = [
            tool(),
            vec![
                process(21, 20, 20, "gunicorn"),
                process(22, 21, 20, "gunicorn"),
                process(23, 21, 20, "gunicorn"),
            ],
        ]
        .concat();
        let sockets: &[(u64, u16, &[u32])] = &[(1, 8000, &[22]), (2, 8000, &[23])];
        assert_eq!(shape(&found(sockets, &processes)), [(8000, vec![21], vec![22, 23])]);
        // Its master was killed: they share the socket still.
        processes.remove(2);
        processes[2].ppid = 1;
        processes[3].ppid = 1;
        assert_eq!(
            shape(&found(&[(1, 8000, &[22, 23])], &processes)),
            [(8000, vec![22], vec![22, 23])]
        );
    }

    #[test]
    fn two_servers_of_one_script_are_two_and_its_shell_is_of_neither() {
        let processes = [
            tool(),
            vec![
                process(21, 20, 20, "bash"),
                process(22, 21, 20, "node"),
                process(23, 21, 20, "python3"),
            ],
        ]
        .concat();
        let both: &[(u64, u16, &[u32])] = &[(1, 3000, &[22]), (2, 8000, &[23])];
        assert_eq!(
            shape(&found(both, &processes)),
            [(3000, vec![22], vec![22]), (8000, vec![23], vec![23])]
        );
        // Also on one port, on other addresses.
        let same: &[(u64, u16, &[u32])] = &[(1, 3000, &[22]), (2, 3000, &[23])];
        assert_eq!(found(same, &processes).len(), 2);
        // Nor with one server: it may do other things, such as running the tests.
        assert_eq!(found(&both[..1], &processes)[0].chain, [22]);
        // Not even if the workers share a socket that it opened.
        assert_eq!(found(&[(1, 3000, &[22, 23])], &processes)[0].chain, [22]);
    }

    #[test]
    fn two_ports_of_one_process_are_two_servers_of_one_process() {
        let processes = [tool(), vec![process(21, 20, 20, "node")]].concat();
        let sockets: &[(u64, u16, &[u32])] = &[(1, 3000, &[21]), (2, 24678, &[21])];
        assert_eq!(
            shape(&found(sockets, &processes)),
            [(3000, vec![21], vec![21]), (24678, vec![21], vec![21])]
        );
        // The two sockets of redis.
        assert_eq!(found(&[(1, 6379, &[21]), (2, 6379, &[21])], &processes).len(), 1);
        assert_eq!(found(&[(1, 6379, &[])], &processes), []);
    }

    #[test]
    fn of_a_program_with_a_thousand_ports_the_lowest_are_its_servers() {
        let processes = [tool(), vec![process(21, 20, 20, "node")]].concat();
        let sockets: Vec<(u64, u16, &[u32])> =
            (0..1000).map(|it: u16| (u64::from(it) + 1, 10_000 + it, &[21][..])).collect();
        let found = found(&sockets, &processes);
        let own: Vec<u16> = found.iter().filter(|it| !it.is_auxiliary).map(|it| it.port).collect();
        assert_eq!(own, (10_000..10_016).collect::<Vec<u16>>());
        assert!(found.len() == 1000 && found.iter().all(|it| it.chain == [21]));
    }
}
