"""Sessions of this host that are shown over ssh and mosh to this host."""

import time

from .. import layout
from ..multiplexers import HIDDEN, in_terminal, tmux

PORT = "2299"


def sshd(desk):
    """A server for this user; gives the words of its client."""
    folder = desk.folder / "ssh"
    folder.mkdir(mode=0o700)
    for name in ("host", "user"):
        desk.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name, check=True)
    (folder / "keys").write_text((folder / "user.pub").read_text())
    (folder / "config").write_text(
        f"Port {PORT}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/keys\n"
        f"StrictModes no\nUsePAM no\nPidFile {folder}/pid\nPermitRootLogin yes\nAllowTcpForwarding yes\n")
    (folder / "client").write_text(
        f"Host *\nPort {PORT}\nIdentityFile {folder}/user\nStrictHostKeyChecking no\nUserKnownHostsFile {folder}/known\n"
        "LogLevel ERROR\n")
    desk.run("mkdir", "-p", "/run/sshd")
    desk.spawn("/usr/sbin/sshd", "-D", "-f", folder / "config")
    time.sleep(1)
    return ("ssh", "-t", "-F", folder / "client")


NEEDS = ("xterm", "sshd", "ssh-keygen")


def not_followed(desk, *labels):
    """vmux follows connections to other hosts only."""
    for label in labels:
        desk.knows(label, "refused", *HIDDEN)


@layout(*NEEDS, "tmux")
def tmux_over_ssh_in_tmux(desk):
    """A tmux with a status line of its own, at the other end of an ssh in a hidden window of the outer tmux."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    ssh = sshd(desk)
    [window] = desk.open(1, *in_terminal("new-session", a), shows=["alpha"])
    far = f"TMUX_TMPDIR={desk.folder}/run tmux -L far -f /dev/null"
    tmux(desk, "new-window", "-d", " ".join(map(str, ssh)) + f" 127.0.0.1 '{far} new-session {b}'")
    desk.started("beta", window)
    tmux(desk, "new-window", "-d", c, server="far")
    desk.started("gamma", window)
    not_followed(desk, "beta", "gamma")
    desk.judge("beta", "alpha", "gamma", "alpha", "beta")


@layout(*NEEDS)
def shared_ssh_to_this_host(desk):
    """Two ssh that share a connection (ControlMaster), and one with a connection of its own."""
    a, b, c = (desk.session(it) for it in ("alpha", "beta", "gamma"))
    ssh = sshd(desk)
    share = ("-o", "ControlMaster=auto", "-o", f"ControlPath={desk.folder}/ssh/shared")
    for space, (label, script, how) in enumerate((("alpha", a, share), ("beta", b, share), ("gamma", c, ())), 1):
        [window] = desk.open(space, "xterm", "-e", *ssh, *how, "127.0.0.1", script)
        desk.started(label, window)
    not_followed(desk, "alpha", "beta", "gamma")
    desk.judge()


@layout(*NEEDS)
def ssh_by_a_jump_to_this_host(desk):
    """ssh -J by this host to this host; another session in an ssh without a jump."""
    a, b = desk.session("alpha"), desk.session("beta")
    ssh = sshd(desk)
    for space, (label, script, how) in enumerate((("alpha", a, ("-J", "127.0.0.1")), ("beta", b, ())), 1):
        [window] = desk.open(space, "xterm", "-e", *ssh, *how, "127.0.0.1", script)
        desk.started(label, window)
    not_followed(desk, "alpha", "beta")
    desk.judge("alpha", "beta")


@layout(*NEEDS, "mosh", "mosh-server")
def mosh_to_this_host(desk):
    """mosh to this host in two terminals."""
    a, b = desk.session("alpha"), desk.session("beta")
    ssh = " ".join(map(str, sshd(desk)))
    for space, (label, script) in enumerate((("alpha", a), ("beta", b)), 1):
        [window] = desk.open(space, "xterm", "-e", "mosh", f"--ssh={ssh}", "127.0.0.1", "--", script, LC_ALL="C.UTF-8")
        desk.started(label, window)
    not_followed(desk, "alpha", "beta")
    desk.judge("alpha", "beta", "alpha")


@layout("gnome-terminal", "sshd", "ssh-keygen", "tmux")
def ssh_in_one_process(desk):
    """Two ssh to this host in two windows of one gnome-terminal: titles come through, one from a tmux."""
    a, b = desk.session("alpha"), desk.session("beta")
    ssh = sshd(desk)
    (desk.folder / "far.conf").write_text("set -g set-titles on\nset -g set-titles-string '#T'\n")
    [first] = desk.open(1, "gnome-terminal", "--window", "--", *map(str, ssh), "127.0.0.1", a)
    desk.started("alpha", first)
    far = f"TMUX_TMPDIR={desk.folder}/run tmux -L far -f {desk.folder}/far.conf new-session {b}"
    [second] = desk.open(2, "gnome-terminal", "--window", "--", *map(str, ssh), "127.0.0.1", far)
    desk.started("beta", second)
    not_followed(desk, "alpha", "beta")
    desk.judge("alpha", "beta", "alpha")
