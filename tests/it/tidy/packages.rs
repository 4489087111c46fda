//! The Debian packages that the tests need, and the shell for nix: both have the same programs. The
//! package for nix has all files that a build reads.

use super::sources;
use std::path::{Component, Path, PathBuf};

/// Debian's name → the name in nixpkgs, where they differ.
const NIX_NAMES: &[(&str, &str)] = &[
    ("bsdutils", "util-linux"),
    ("chromium-driver", "chromedriver"),
    ("dbus-bin", "dbus"),
    ("dbus-daemon", "dbus"),
    ("gunicorn", "python3Packages.gunicorn"),
    ("i3-wm", "i3"),
    ("libglib2.0-bin", "glib"),
    ("mako-notifier", "mako"),
    ("nginx-light", "nginx"),
    ("openssh-client", "openssh"),
    ("openssh-server", "openssh"),
    ("python3-flask", "python3Packages.flask"),
    ("stterm", "st"),
    ("suckless-tools", "tabbed"),
    ("uvicorn", "python3Packages.uvicorn"),
    ("xfce4-terminal", "xfce.xfce4-terminal"),
    ("xvfb", "xorg.xorgserver"),
];

/// What `apt show` and others print in one line: cargo-deb breaks a longer one, and the rest becomes the
/// first words of the description.
#[test]
fn the_package_is_described_in_one_line() {
    assert!(env!("CARGO_PKG_DESCRIPTION").len() < 72);
}

#[test]
fn the_shell_for_nix_has_what_the_tests_need() {
    let shell = include_str!("../../../shell.nix");
    let listed: Vec<&str> = shell.lines().map(str::trim).collect();
    let lines = include_str!("../../packages.txt").lines();
    let packages =
        lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split(' ').next());
    for package in packages.filter(|it| !it.is_empty()) {
        let renamed = NIX_NAMES.iter().find(|(debian, _)| *debian == package);
        let name = renamed.map_or(package, |(_, nix)| nix);
        assert!(listed.contains(&name), "shell.nix lacks {name}");
    }
}

/// The file that a source at `path` includes as `name`, without steps up.
fn included(path: &str, name: &str) -> PathBuf {
    let mut found = PathBuf::new();
    for part in Path::new(path).parent().unwrap().join(name).components() {
        match part {
            Component::ParentDir => assert!(found.pop(), "{path} includes {name}"),
            part => found.push(part),
        }
    }
    found
}

#[test]
fn the_package_for_nix_has_every_file_that_the_sources_include() {
    let package = include_str!("../../../nix/package.nix");
    let listed = package.lines().map(str::trim);
    let mut has: Vec<PathBuf> =
        listed.clone().filter_map(|it| Some(it.strip_prefix("../")?.into())).collect();
    has.extend(listed.filter_map(|it| Some(Path::new("nix").join(it.strip_prefix("./")?))));
    let mut count = 0;
    for (path, text) in sources() {
        for macro_call in ["include_str!(\"", "include_bytes!(\""] {
            for name in text.split(macro_call).skip(1).filter_map(|it| it.split('"').next()) {
                let file = included(&path, name);
                assert!(
                    has.iter().any(|it| file.starts_with(it)),
                    "nix/package.nix lacks {file:?}"
                );
                count += 1;
            }
        }
    }
    assert!(count > 10, "no source includes a file");
}
