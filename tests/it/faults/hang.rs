//! A file system that hangs: a FUSE mount whose server never says a word.

use super::open_after;
use crate::world::{Daemon, World};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use vmux::session::state::StateName;

/// A helper in vmuxd's mount namespace, told what to do through FIFOs: it makes the file system
/// and then, by ending, lets everybody go who waits for it. It ends with vmuxd at the latest.
const HELPER: &str = "setpriv --pdeathsig KILL sh -ec '\
    read go <\"$W/go\"; exec 3<>/dev/fuse; \
    mount -i -t fuse none \"$W/hung\" -o fd=3,rootmode=40000,user_id=0,group_id=0; \
    echo done >\"$W/done\"; read go <\"$W/go\"' &";

struct Hanging {
    world: World,
}

impl Hanging {
    fn new() -> Hanging {
        let world = World::new();
        fs::create_dir(world.path("hung")).unwrap();
        for name in ["go", "done"] {
            let mode = Mode::from_raw_mode(0o600);
            mknodat(CWD, world.path(name), FileType::Fifo, mode, 0).unwrap();
        }
        Hanging { world }
    }

    /// From now on nothing below `hung` answers.
    fn hang(&self) {
        self.go();
        fs::read_to_string(self.world.path("done")).unwrap();
    }

    /// Whoever waits gets an error.
    fn release(&self) {
        self.go();
    }

    fn go(&self) {
        fs::write(self.world.path("go"), "go\n").unwrap();
    }

    fn hung(&self, name: &str) -> PathBuf {
        self.world.path("hung").join(name)
    }
}

#[test]
fn a_session_in_a_directory_that_hangs_holds_up_no_other() {
    let hanging = Hanging::new();
    let world = &hanging.world;
    let daemon = open_after(world, &["-m"], HELPER);
    let well = world.claude(100).live();
    world.session_file(&well, json!({"status": "busy"}));
    // A repository, so that every look asks for its branch.
    fs::create_dir_all(hanging.hung("work/.git")).unwrap();
    fs::write(hanging.hung("work/.git/HEAD"), "ref: refs/heads/main\n").unwrap();
    let ill = world.claude(101).cwd(hanging.hung("work")).live();
    world.session_file(&ill, json!({"status": "busy", "cwd": hanging.hung("work")}));
    assert_eq!(daemon.sessions().len(), 2);
    hanging.hang();
    let mut listener = daemon.listen();
    assert_eq!(daemon.ask("scan", json!({}))["ok"], true);
    listener.until(|sessions| sessions[1].state == StateName::Unknown);
    let why = daemon.ask("why", json!({"query": "101"})).to_string();
    assert!(why.contains("do not answer"), "{why}");
    // The other one is followed as before, by event and by scan.
    world.session_file(&well, json!({"status": "waiting", "waitingFor": "permission prompt"}));
    listener.until(|sessions| sessions[0].state == StateName::NeedsInput);
    let third = world.claude(102).live();
    world.session_file(&third, json!({"status": "idle"}));
    listener.until(|sessions| sessions.len() == 3);
    hanging.release();
    listener.until(|sessions| sessions[1].state == StateName::Working);
}

#[test]
fn a_claude_directory_that_hangs_does_not_end_discovery() {
    let hanging = Hanging::new();
    let world = &hanging.world;
    let daemon = open_after(world, &["-m"], HELPER);
    let other_home = hanging.hung(".claude");
    fs::create_dir_all(other_home.join("sessions")).unwrap();
    let ill = world.claude(101).env("CLAUDE_CONFIG_DIR", other_home.to_str().unwrap()).live();
    assert_eq!(daemon.sessions().len(), 1);
    hanging.hang();
    let well = world.claude(102).live();
    world.session_file(&well, json!({"status": "idle"}));
    let sessions = daemon.sessions();
    let state = |pid| sessions.iter().find(|it| it.pid == pid).map(|it| it.state);
    assert_eq!((state(102), state(101)), (Some(StateName::Idle), Some(StateName::Unknown)));
    let later = world.claude(103).live();
    world.session_file(&later, json!({"status": "idle"}));
    assert_eq!(daemon.sessions().len(), 3);
    ill.end();
    assert_eq!(daemon.sessions().len(), 2);
    hanging.release();
    later.end();
    assert_eq!(daemon.sessions().len(), 1);
}

#[test]
fn a_session_that_hung_from_the_beginning_does_not_keep_vmuxd_from_getting_ready() {
    let hanging = Hanging::new();
    let world = &hanging.world;
    let well = world.claude(100).live();
    world.session_file(&well, json!({"status": "idle"}));
    let ill = world.claude(101).env("CLAUDE_CONFIG_DIR", hanging.hung("x").to_str().unwrap());
    ill.live();
    let script = format!("{HELPER}\necho go >\"$W/go\"; read ok <\"$W/done\"");
    let mut daemon: Daemon = open_after(world, &["-m"], &script);
    let sessions = daemon.sessions();
    assert_eq!((sessions.len(), sessions[0].state), (2, StateName::Idle));
    assert_eq!(sessions[1].state, StateName::Unknown);
    // A thread that hangs does not hold up the end either.
    assert_eq!(daemon.ask("stop", json!({})), json!({"ok": true}));
    assert!(daemon.wait().success());
}
