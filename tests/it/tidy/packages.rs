//! The Debian packages that the tests need, and the shell for nix: both have the same programs.

/// Debian's name → the name in nixpkgs, where they differ.
const NIX_NAMES: &[(&str, &str)] = &[
    ("bsdutils", "util-linux"),
    ("chromium-driver", "chromedriver"),
    ("dbus-bin", "dbus"),
    ("dbus-daemon", "dbus"),
    ("gunicorn", "python3Packages.gunicorn"),
    ("i3-wm", "i3"),
    ("libglib2.0-bin", "glib"),
    ("openssh-client", "openssh"),
    ("openssh-server", "openssh"),
    ("stterm", "st"),
    ("suckless-tools", "tabbed"),
    ("uvicorn", "python3Packages.uvicorn"),
    ("xfce4-terminal", "xfce.xfce4-terminal"),
    ("xvfb", "xorg.xorgserver"),
];

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
