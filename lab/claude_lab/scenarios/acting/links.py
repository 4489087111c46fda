"""What vmux types from another machine: over a link that hangs for a while."""

import os
import signal
import subprocess
import time

from ...api.answers import answer
from ...pod import machine
from ...pod.truth import IDLE
from .. import scenario
from .answers import done
from .keys import SINCE, allowed

SSH = """#!/bin/sh
exec 2>>{home}/ssh.log
sh -c 'echo $$ >{home}/cat; exec cat' | exec env -u VMUX_HOME -u VMUX_SOCKET HOME={far} XDG_RUNTIME_DIR=/run/user/1000 {vmux}/vmux relay
"""


class Near:
    """Another vmuxd of this machine, which reaches that of the lab as a host `far`, over a cat(1) that can be stopped."""

    def __init__(self, lab):
        self.home = machine.clear(machine.HOME / "near")
        lab.write(self.home / "config.toml", "[hosts.far]\n")
        ssh = self.home / "bin/ssh"
        lab.write(ssh, SSH.format(home=self.home, far=machine.HOME, vmux=machine.VMUX))
        ssh.chmod(0o755)
        machine.own(self.home)
        path = f"{ssh.parent}:{lab.vmux.environment['PATH']}"
        self.environment = lab.vmux.environment | {"VMUX_HOME": str(self.home), "VMUX_SOCKET": f"{self.home}/vmuxd.sock", "PATH": path}
        self.begin([machine.VMUX / "vmuxd"], stderr=open(machine.RESULT / "near.log", "wb"))

    def begin(self, words, **more):
        return subprocess.Popen(machine.as_user(words), env=self.environment, cwd=machine.HOME, stdin=subprocess.DEVNULL, **more)

    def vmux(self, *words):
        return self.begin([machine.VMUX / "vmux", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def until_up(self):
        deadline = time.monotonic() + 20
        while '"up"' not in self.vmux("hosts", "--json").communicate()[0] and time.monotonic() < deadline:
            time.sleep(0.1)

    def signal(self, number):
        os.kill(int((self.home / "cat").read_text()), number)


@scenario("send-late", since=SINCE)
def send_late(lab):
    """Over a link that works nothing comes too late. It hangs for 4 s: the text is typed; for 9 s and more: never."""
    session = allowed(lab, {})
    lab.write(lab.home / ".vmux/config.toml", '[send]\nallow = ["user", "hosts"]\n')
    near = Near(lab)
    near.until_up()
    codes = [near.vmux("label", f"far:{session.pid}", f"works {number}").wait() for number in range(60)]
    lab.check("nothing comes too late over a link that works", not any(codes), codes)
    for seconds in (0, 4, 9, 10, 11, 14):
        session.shows(IDLE)
        near.until_up()
        # It counts as silent from now on, which is borne for 12 s.
        done(lab, "label", str(session.pid), f"hangs {seconds}")
        time.sleep(0.2)
        if seconds:
            near.signal(signal.SIGSTOP)
        began = time.monotonic()
        send = near.vmux("send", f"far:{session.pid}", f"hung for {seconds} s")
        time.sleep(seconds)
        lab.note(f"hung for {seconds} s: {'over' if send.poll() is not None else 'runs'} before it goes on")
        if seconds:
            near.signal(signal.SIGCONT)
        said = send.communicate()[0]
        lab.note(f"hung for {seconds} s: {send.returncode} after {time.monotonic() - began:.1f} s, {said!r}")
        # What would be typed comes within a second.
        time.sleep(3)
        is_typed = f"hung for {seconds} s" in session.screen()
        lab.check(f"hung for {seconds} s: typed or told", is_typed == (send.returncode == 0), session.screen()[-600:])
        lab.check(f"hung for {seconds} s: as it should be", is_typed == (seconds < 6), said)
    session.shows(IDLE)
