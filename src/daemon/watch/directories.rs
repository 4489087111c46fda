//! The directories that are watched, and who is interested in which names in them. Pure.

use super::interest::Interest;
use super::registration::WatchPoint;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};

/// The watched directories, by their watch descriptors.
#[derive(Default)]
pub struct WatchedDirectories(HashMap<i32, WatchedDirectory>);

/// Most often there is one.
type Interested = Vec<Interest>;

#[derive(Default)]
struct WatchedDirectory {
    names: HashMap<OsString, Interested>,
    /// Interested in every name.
    every_name: Interested,
}

impl WatchedDirectories {
    /// Adds a watch, with or without an interest in it.
    pub fn add(&mut self, point: WatchPoint, interest: Option<Interest>) {
        let directory = self.0.entry(point.watch).or_default();
        let Some(interest) = interest else { return };
        let interested = match point.name {
            Some(name) => directory.names.entry(name).or_insert_with(|| Vec::with_capacity(1)),
            None => &mut directory.every_name,
        };
        if !interested.contains(&interest) {
            interested.push(interest);
        }
    }

    /// Whether this watch is known.
    pub fn contains(&self, watch: i32) -> bool {
        self.0.contains_key(&watch)
    }

    /// Who is interested in anything in this directory.
    pub fn interested(&self, watch: i32) -> impl Iterator<Item = Interest> {
        let directory = self.0.get(&watch);
        let named = directory.into_iter().flat_map(|it| it.names.values().flatten());
        named.chain(directory.into_iter().flat_map(|it| &it.every_name)).copied()
    }

    /// Who is interested in this name, and in no other.
    pub fn interested_in_name(&self, watch: i32, name: &OsStr) -> impl Iterator<Item = Interest> {
        let directory = self.0.get(&watch);
        directory.and_then(|it| it.names.get(name)).into_iter().flatten().copied()
    }

    /// Who is interested in every name.
    pub fn interested_in_every_name(&self, watch: i32) -> impl Iterator<Item = Interest> {
        self.0.get(&watch).into_iter().flat_map(|it| &it.every_name).copied()
    }

    /// `interest` ends.
    pub fn forget(&mut self, interest: Interest) {
        for directory in self.0.values_mut() {
            directory.every_name.retain(|it| *it != interest);
            directory.names.retain(|_, interested| {
                interested.retain(|it| *it != interest);
                !interested.is_empty()
            });
        }
    }

    /// The watches of directories in which there is no interest.
    pub fn unused(&self) -> Vec<i32> {
        let is_unused = |it: &WatchedDirectory| it.names.is_empty() && it.every_name.is_empty();
        self.0.iter().filter(|(_, it)| is_unused(it)).map(|(watch, _)| *watch).collect()
    }

    /// This watch has ended.
    pub fn remove(&mut self, watch: i32) {
        self.0.remove(&watch);
    }

    /// Whether no directory is watched.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
