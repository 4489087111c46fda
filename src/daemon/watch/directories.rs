//! The directories that are watched, and who is interested in which names in them. Pure.

use super::interest::Interest;
use super::registration::WatchPoint;
use crate::session::shared::SharedPath;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// The watched directories, by their watch descriptors.
#[derive(Default)]
pub struct WatchedDirectories {
    all: HashMap<i32, WatchedDirectory>,
    /// The directories in which each interest is or was.
    of_interest: HashMap<Interest, Vec<i32>>,
}

/// Who is interested in a name: most often one.
enum Interested {
    One(Interest),
    Several(Box<[Interest]>),
}

impl Interested {
    fn all(&self) -> &[Interest] {
        match self {
            Interested::One(interest) => std::slice::from_ref(interest),
            Interested::Several(interests) => interests,
        }
    }

    /// The same and `interest`.
    fn and(&self, interest: Interest) -> Interested {
        let others = self.all().iter().copied().filter(|it| *it != interest);
        Interested::of(others.chain([interest]).collect()).unwrap_or(Interested::One(interest))
    }

    /// The same without `interest`; none if nobody is left.
    fn without(&self, interest: Interest) -> Option<Interested> {
        Interested::of(self.all().iter().copied().filter(|it| *it != interest).collect())
    }

    fn of(interests: Box<[Interest]>) -> Option<Interested> {
        match *interests {
            [] => None,
            [interest] => Some(Interested::One(interest)),
            _ => Some(Interested::Several(interests)),
        }
    }
}

#[derive(Default)]
struct WatchedDirectory {
    names: HashMap<Box<OsStr>, Interested>,
    /// Interested in every name.
    every_name: Vec<Interest>,
}

impl WatchedDirectories {
    /// Adds a watch, with or without an interest in it.
    pub fn add(&mut self, point: WatchPoint, interest: Option<Interest>) {
        self.all.entry(point.watch).or_default();
        let Some(interest) = interest else { return };
        let watches = self.of_interest.entry(interest).or_insert_with(|| Vec::with_capacity(2));
        if !watches.contains(&point.watch) {
            watches.retain(|watch| self.all.contains_key(watch));
            watches.push(point.watch);
        }
        let directory = self.all.entry(point.watch).or_default();
        match point.name {
            Some(name) => {
                let before = directory.names.remove(&*name);
                let now = before.map_or(Interested::One(interest), |it| it.and(interest));
                directory.names.insert(name.into(), now);
            }
            None if directory.every_name.contains(&interest) => {}
            None => directory.every_name.push(interest),
        }
    }

    /// Whether this watch is known.
    pub fn contains(&self, watch: i32) -> bool {
        self.all.contains_key(&watch)
    }

    /// Whether there is this interest in what a watch is for.
    pub fn is_interested(&self, point: &WatchPoint, interest: Interest) -> bool {
        match &point.name {
            Some(name) => self.interested_in_name(point.watch, name).any(|it| it == interest),
            None => self.interested_in_every_name(point.watch).any(|it| it == interest),
        }
    }

    /// Who is interested in anything in this directory.
    pub fn interested(&self, watch: i32) -> impl Iterator<Item = Interest> {
        let directory = self.all.get(&watch);
        let named =
            directory.into_iter().flat_map(|it| it.names.values().flat_map(Interested::all));
        named.chain(directory.into_iter().flat_map(|it| &it.every_name)).copied()
    }

    /// Who is interested in this name, and in no other.
    pub fn interested_in_name(&self, watch: i32, name: &OsStr) -> impl Iterator<Item = Interest> {
        let directory = self.all.get(&watch);
        directory.and_then(|it| it.names.get(name)).into_iter().flat_map(Interested::all).copied()
    }

    /// Who is interested in every name.
    pub fn interested_in_every_name(&self, watch: i32) -> impl Iterator<Item = Interest> {
        self.all.get(&watch).into_iter().flat_map(|it| &it.every_name).copied()
    }

    /// `interest`, which was in the paths `before`, is in those of them only that are in `now` too.
    /// Returns the watches that it was in. The names are looked up, not searched for: a directory
    /// may have thousands.
    pub fn forget(
        &mut self,
        interest: Interest,
        before: &[SharedPath],
        now: &[SharedPath],
    ) -> Vec<i32> {
        let watches = match now.is_empty() {
            true => self.of_interest.remove(&interest).unwrap_or_default(),
            false => self.of_interest.get(&interest).cloned().unwrap_or_default(),
        };
        let is_directory = |path: &SharedPath| path.as_os_str().as_bytes().ends_with(b"/");
        let ends = |path: &&SharedPath| !now.contains(path);
        let ended: Vec<&SharedPath> = before.iter().filter(ends).collect();
        // A part of the path may be what is waited for in a directory, and be a part of others.
        let stays = |name: &OsStr| now.iter().flat_map(|it| it.iter()).any(|it| it == name);
        let names = ended.iter().flat_map(|it| it.iter()).filter(|name| !stays(name));
        let names: Vec<&OsStr> = names.collect();
        for watch in &watches {
            let Some(directory) = self.all.get_mut(watch) else { continue };
            if ended.iter().copied().any(is_directory) && !now.iter().any(is_directory) {
                directory.every_name.retain(|it| *it != interest);
            }
            for name in &names {
                let Some((name, interested)) = directory.names.remove_entry(*name) else {
                    continue;
                };
                if let Some(left) = interested.without(interest) {
                    directory.names.insert(name, left);
                }
            }
        }
        watches
    }

    /// Whether this directory is watched, and there is no interest in it.
    pub fn is_unused(&self, watch: i32) -> bool {
        self.all.get(&watch).is_some_and(|it| it.names.is_empty() && it.every_name.is_empty())
    }

    /// This watch has ended.
    pub fn remove(&mut self, watch: i32) {
        self.all.remove(&watch);
    }

    /// Whether no directory is watched.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::process::ProcessId;
    use std::path::Path;

    const A: Interest = Interest::Session(ProcessId { pid: 1, start: 1 });
    const B: Interest = Interest::Session(ProcessId { pid: 2, start: 1 });

    #[test]
    fn what_an_interest_gives_up_is_told_it_no_more() {
        let mut directories = WatchedDirectories::default();
        let paths =
            ["/s/1.json", "/p/x/t.jsonl", "/p/x/t/sub"].map(|it| SharedPath::from(Path::new(it)));
        let point = |watch, name: &str| WatchPoint { watch, name: Some(name.into()) };
        directories.add(point(1, "1.json"), Some(A));
        directories.add(point(2, "t.jsonl"), Some(A));
        directories.add(point(2, "t.jsonl"), Some(B));
        // The last one does not exist yet.
        directories.add(point(2, "t"), Some(A));
        let told = |directories: &WatchedDirectories, watch, name: &str| {
            directories.interested_in_name(watch, OsStr::new(name)).collect::<Vec<_>>()
        };
        let mut watches = directories.forget(A, &paths, &[paths[0].clone(), paths[2].clone()]);
        watches.sort_unstable();
        assert_eq!(watches, [1, 2]);
        assert_eq!(told(&directories, 2, "t.jsonl"), [B]);
        assert_eq!(
            (told(&directories, 1, "1.json"), told(&directories, 2, "t")),
            (vec![A], vec![A])
        );
        directories.forget(A, &[paths[0].clone(), paths[2].clone()], &[]);
        assert!(directories.is_unused(1) && !directories.is_unused(2));
        directories.forget(B, &paths[1..2], &[]);
        assert!(directories.is_unused(2) && !directories.is_unused(3));
    }
}
