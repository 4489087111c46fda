//! A file system that hangs: a FUSE mount whose server never says a word.

use super::open_after;
use crate::support::world::{Daemon, World};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;
use vmux::session::state::StateName;

/// A helper in vmuxd's mount namespace, told what to do through FIFOs: it makes the file system,
/// then lets everybody go who waits for it, and takes it away. It ends with vmuxd at the latest.
const HELPER: &str = "setpriv --pdeathsig KILL sh -ec '\
    read go <\"$W/go\"; exec 3<>/dev/fuse; \
    mount -i -t fuse none \"$W/hung\" -o fd=3,rootmode=40000,user_id=0,group_id=0; \
    echo done >\"$W/done\"; read go <\"$W/go\"; exec 3>&-; umount -l \"$W/hung\"' &";

/// It hangs from before vmuxd starts.
const HANGS_ALREADY: &str = "echo go >\"$W/go\"; read ok <\"$W/done\"";

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

    /// Whoever waits gets an error, and then what is below is there again.
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
    let mut daemon = open_after(world, &["-m"], &format!("{HELPER}\n{HANGS_ALREADY}"));
    let sessions = daemon.sessions();
    assert_eq!((sessions.len(), sessions[0].state), (2, StateName::Idle));
    assert_eq!(sessions[1].state, StateName::Unknown);
    // A thread that hangs does not hold up the end either.
    assert_eq!(daemon.ask("stop", json!({})), json!({"ok": true}));
    assert!(daemon.wait().success());
}

/// Everything vmuxd and Claude Code keep is on a file system that hangs from before vmuxd starts,
/// as with a home directory on a network mount that is gone.
#[test]
fn a_home_that_hung_from_the_beginning_keeps_nobody_waiting() {
    let hanging = Hanging::new();
    let world = &hanging.world;
    let home = hanging.hung("home");
    // What is there when the file system is taken away again.
    for name in [".claude/sessions", ".vmux"] {
        fs::create_dir_all(home.join(name)).unwrap();
    }
    fs::write(home.join(".vmux/labels.json"), r#"{"session-of-100": "api"}"#).unwrap();
    fs::write(home.join(".vmux/config.toml"), "interval = 1\n").unwrap();
    let process =
        world.claude(100).env("CLAUDE_CONFIG_DIR", home.join(".claude").to_str().unwrap());
    let process = process.live();
    let script = format!("{HELPER}\n{HANGS_ALREADY}\nexport HOME=\"$W/hung/home\"");
    let hurry = super::Hurry::like(|| drop(World::new().open()));
    let mut daemon = open_after(world, &["-m"], &script);
    // `vmux` waits 5 s for a vmuxd that it has started.
    hurry.assert_within(Duration::from_secs(5));
    assert_eq!(daemon.ask("list", json!({}))["ok"], true);
    let mut listener = daemon.listen();
    listener.until(|all| all.len() == 1 && all[0].state == StateName::Unknown);
    let told = eventually(&daemon, |told| {
        ["sessions/", "labels.json", "config.toml", "vmuxd.pid"]
            .iter()
            .all(|name| told.contains(&format!("{name} does not answer")))
    });
    assert!(told.contains("umount -l"), "{told}");
    let label = json!({"session_id": "session-of-100", "label": "later"});
    let refused = daemon.ask("label", label);
    assert_eq!(refused["code"], "not_saved", "{refused}");
    // A process that comes is found as ever; its files are elsewhere.
    let well = world.claude(101).env("CLAUDE_CONFIG_DIR", world.path("other").to_str().unwrap());
    let well = well.live();
    assert_eq!(daemon.sessions().len(), 2);
    hanging.release();
    let its_file = home.join(".claude/sessions/100.json");
    let fields = world.session_json(&process, json!({"status": "idle"}));
    fs::write(its_file, fields).unwrap();
    listener.until(|all| all.iter().any(|it| it.pid == 100 && it.state == StateName::Idle));
    // What could not be saved is told until something is saved.
    let label = json!({"session_id": "session-of-100", "label": "now"});
    eventually(&daemon, |_| daemon.ask("label", label.clone())["ok"] == true);
    // One that is gone and comes anew is noticed by a scan.
    eventually(&daemon, |told| !told.contains("does not answer") && !told.contains(".vmux"));
    let pid = fs::read_to_string(home.join(".vmux/vmuxd.pid")).unwrap();
    assert_eq!(pid.trim(), daemon.pid().to_string());
    well.end();
    assert_eq!(daemon.ask("stop", json!({})), json!({"ok": true}));
    assert!(daemon.wait().success());
}

/// What ails vmuxd, when it is as `wanted`; each time it is asked after a scan.
fn eventually(daemon: &Daemon, wanted: impl Fn(&str) -> bool) -> String {
    daemon.until_problems(|told| {
        let is_so = wanted(told);
        if !is_so {
            daemon.ask("scan", json!({}));
        }
        is_so
    })
}
