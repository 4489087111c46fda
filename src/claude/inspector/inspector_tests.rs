//! One process through its life, in a real directory.

use super::*;
use crate::claude::testing::{candidate, time};
use crate::session::hook::HookReports;
use crate::session::process::Environment;
use crate::session::shared::SharedPath;
use crate::session::state::{ReasonKind, State};
use std::fs;
use std::path::PathBuf;

const FIRST: &str = "11111111-1111-4111-8111-111111111111";
const SECOND: &str = "22222222-2222-4222-8222-222222222222";

struct World {
    dir: tempfile::TempDir,
    subject: Candidate,
    inspector: Inspector,
    children: Vec<Child>,
    /// The arguments of each child.
    argv: Vec<String>,
    others: Option<OwnershipClaim>,
    is_bun_program: bool,
    session_dirs: Vec<PathBuf>,
}

impl World {
    fn new() -> World {
        let dir = tempfile::tempdir().unwrap();
        let mut subject = candidate(44);
        subject.env.add("HOME", &dir.path().to_string_lossy());
        fs::create_dir_all(dir.path().join(".claude/sessions")).unwrap();
        fs::create_dir_all(dir.path().join(".claude/projects/-home-dev-proj")).unwrap();
        let inspector = Inspector::new(subject.process.id);
        World {
            dir,
            subject,
            inspector,
            children: Vec::new(),
            argv: Vec::new(),
            others: None,
            is_bun_program: false,
            session_dirs: Vec::new(),
        }
    }

    fn session_file(&self) -> PathBuf {
        self.dir.path().join(".claude/sessions/44.json")
    }

    fn add_arguments(&mut self, words: &[&str]) {
        let words = words.iter().map(|it| (*it).to_owned());
        let argv: Vec<String> = self.subject.argv.iter().cloned().chain(words).collect();
        self.subject.argv = argv.into();
    }

    fn transcript(&self, id: &str) -> PathBuf {
        self.dir.path().join(format!(".claude/projects/-home-dev-proj/{id}.jsonl"))
    }

    fn says(&self, id: &str, status: &str) {
        let rest = format!("\"status\":\"{status}\",\"statusUpdatedAt\":1795190405000");
        self.writes(&format!(r#"{{"pid":44,"procStart":"1000","sessionId":"{id}",{rest}}}"#));
    }

    fn writes(&self, content: &str) {
        fs::write(self.session_file(), content).unwrap();
    }

    fn look(&mut self, at: i64) -> Option<Observation> {
        let around = Surroundings {
            peers: &[Arc::new(self.subject.clone())],
            teammates: &[],
            claimed: &|_| self.others,
            session_of: &|_| None,
            holder_of: &|_| None,
            children: &|| self.children.clone(),
            argv: &|_| self.argv.clone(),
            env: &|_| Environment::default(),
            usage: &|| None,
            wants_to_run: &|| false,
            is_bun_program: &|| self.is_bun_program,
            session_dirs: &self.session_dirs,
            title: None,
            screen: None,
            hooks: &HookReports::default(),
        };
        self.inspector.look(&self.subject, &around, time(at))
    }

    fn state(&mut self, at: i64) -> State {
        self.look(at).unwrap().verdict.state
    }
}

fn prompt(text: &str) -> String {
    let content = format!("{{\"role\":\"user\",\"content\":\"{text}\"}}");
    format!(r#"{{"type":"user","timestamp":"2026-11-20T16:00:03Z","message":{content}}}"#) + "\n"
}

#[test]
fn a_native_build_under_another_name_is_a_session_once_it_has_written_something() {
    let mut world = World::new();
    world.subject.argv = vec!["agent".to_owned()].into();
    world.subject.exe = Some("/home/dev/bin/agent".into());
    world.subject.process.comm = "agent".into();
    world.says(FIRST, "busy");
    assert!(world.look(1_000).is_none(), "another program");
    world.is_bun_program = true;
    assert!(world.look(2_000).is_none(), "it is looked up once for each image");
    world.subject.process.image += 1;
    assert_eq!(world.state(3_000), State::Working);
    let mut world = World { is_bun_program: true, subject: world.subject, ..World::new() };
    world.subject.env = Environment::default();
    world.subject.env.add("HOME", &world.dir.path().to_string_lossy());
    world.subject.started_at = chrono::Utc::now();
    assert!(world.look(4_000).is_none(), "it has written nothing");
    fs::write(world.dir.path().join(".claude/sessions/44.abc.key"), "").unwrap();
    assert!(world.look(5_000).is_some());
    world.subject.argv = ["agent", "mcp", "serve"].map(str::to_owned).to_vec().into();
    assert!(world.look(6_000).is_none());
}

#[test]
fn a_process_that_cannot_be_read_is_named_by_its_session_file() {
    let mut world = World::new();
    (world.subject.exe, world.subject.env) = (None, Environment::default());
    world.says(FIRST, "busy");
    assert_eq!(world.state(1_000), State::Unknown);
    world.session_dirs = vec![world.dir.path().join(".claude/sessions")];
    let observation = world.look(2_000).unwrap();
    assert_eq!(observation.verdict.state, State::Working);
    assert_eq!(observation.session_id.as_deref(), Some(FIRST));
    world.writes("{");
    assert_eq!(world.state(3_000), State::Working, "it is being written");
    let mut old = World { subject: world.subject.clone(), ..World::new() };
    old.session_dirs = vec![old.dir.path().join(".claude/sessions")];
    old.writes(r#"{"pid":44,"startedAt":1795190402000,"status":"busy"}"#);
    assert_eq!(old.state(4_000), State::Working, "it had begun just then");
    let earlier = ["\"procStart\":\"999\",", "", "\"startedAt\":1795190500000,"];
    for start in earlier {
        let mut world = World { subject: world.subject.clone(), ..World::new() };
        world.session_dirs = vec![world.dir.path().join(".claude/sessions")];
        world.writes(&format!("{{\"pid\":44,{start}\"status\":\"busy\"}}"));
        assert_eq!(world.state(4_000), State::Unknown, "it may be of an earlier process {start}");
    }
}

#[test]
fn a_torn_session_file_keeps_the_last_state() {
    let mut world = World::new();
    world.says(FIRST, "busy");
    assert_eq!(world.state(10_000), State::Working);
    for torn in ["", "{\"pid\":44,", "{\"pid\":44}97,\"waitingFor\":\"permission prompt\"}"] {
        world.writes(torn);
        let observation = world.look(11_000).unwrap();
        assert_eq!(observation.verdict.state, State::Working, "{torn}");
        assert_eq!(observation.look_again_at, Some(time(11_030)));
        assert_eq!(observation.session_id.as_deref(), Some(FIRST));
    }
    let stays_torn = world.look(15_000).unwrap();
    assert_eq!(stays_torn.look_again_at, None, "it is damaged: no use to read it again at once");
    world.says(FIRST, "idle");
    assert_eq!(world.state(16_000), State::Idle);
}

#[test]
fn how_a_turn_ended_is_not_known_before_it_is_written_down() {
    let mut world = World::new();
    let says = |world: &World, status: &str, at: i64| {
        let rest =
            format!("\"status\":\"{status}\",\"statusUpdatedAt\":{}", 1_795_190_400_000 + at);
        world.writes(&format!(r#"{{"pid":44,"procStart":"1000","sessionId":"{FIRST}",{rest}}}"#));
    };
    fs::write(world.transcript(FIRST), "{\"type\":\"mode\",\"mode\":\"normal\"}\n").unwrap();
    says(&world, "busy", 2_990);
    assert_eq!(world.state(2_995), State::Working);
    says(&world, "idle", 3_030);
    assert!(world.look(3_035).unwrap().turn_open);
    let refused = r#"{"type":"assistant","timestamp":"2026-11-20T16:00:03.020Z","message":{"role":"assistant","model":"<synthetic>","stop_reason":"stop_sequence","content":[{"type":"text","text":"API Error: 400 refused"}]},"isApiErrorMessage":true}"#;
    fs::write(world.transcript(FIRST), prompt("one") + refused + "\n").unwrap();
    let over = world.look(3_100).unwrap();
    assert!(!over.turn_open && over.details.failure.is_some());
    // What takes longer and leaves nothing in the transcript is over when the status says so.
    says(&world, "busy", 10_000);
    assert_eq!(world.state(10_005), State::Working);
    says(&world, "idle", 11_000);
    assert!(!world.look(11_005).unwrap().turn_open);
}

/// As `agent-permission` at a load of 9: 0.12 s of "idle" until the agent is reported.
#[test]
fn an_agent_that_has_just_written_may_report_next() {
    let mut world = World::new();
    let answer = r#"{"type":"assistant","timestamp":"2026-11-20T16:00:09.000Z","message":{"id":"m","role":"assistant","stop_reason":"end_turn","content":[{"type":"text","text":"Over."}]}}"#;
    fs::write(world.transcript(FIRST), format!("{}{answer}\n", prompt("one"))).unwrap();
    let agents = world.transcript(FIRST).with_extension("").join("subagents");
    fs::create_dir_all(&agents).unwrap();
    fs::write(agents.join("agent-a1.jsonl"), format!("{answer}\n")).unwrap();
    let written = std::time::UNIX_EPOCH + std::time::Duration::from_millis(1_795_190_409_500);
    let file = fs::File::options().append(true).open(agents.join("agent-a1.jsonl")).unwrap();
    file.set_modified(written).unwrap();
    let mut is_open = |free: i64| {
        let says = |world: &World, status: &str, at: i64| {
            world.writes(&format!(
                r#"{{"pid":44,"procStart":"1000","sessionId":"{FIRST}","status":"{status}","statusUpdatedAt":{}}}"#,
                time(at).timestamp_millis()
            ));
        };
        says(&world, "busy", 8_000);
        world.look(free - 10).unwrap();
        says(&world, "idle", free);
        world.look(free + 10).unwrap().turn_open
    };
    assert!(is_open(10_000));
    assert!(!is_open(11_000), "it was reported, or is none that is");
}

/// As `limit-choice`: the record of the limit is written after its choice has opened.
#[test]
fn what_opens_before_a_turn_is_written_down_may_be_more_than_a_menu() {
    let mut world = World::new();
    let says = |world: &World, status: &str, at: i64| {
        world.writes(&format!(
            r#"{{"pid":44,"procStart":"1000","sessionId":"{FIRST}","status":"{status}","statusUpdatedAt":{},"version":"2.1.332"}}"#,
            time(at).timestamp_millis()
        ));
    };
    let dialog = r#"waiting","waitingFor":"dialog open"#;
    let asked = prompt("one");
    fs::write(world.transcript(FIRST), &asked).unwrap();
    says(&world, "busy", 3_190);
    assert_eq!(world.state(3_195), State::Working);
    says(&world, "idle", 3_386);
    assert!(world.look(3_390).unwrap().turn_open);
    says(&world, dialog, 3_446);
    let menu = world.look(3_453).unwrap();
    assert_eq!((&menu.verdict.state, menu.turn_open), (&State::Idle, true));
    assert!(!menu.may_transcript_wait());
    let limit = r#"{"type":"assistant","timestamp":"2026-11-20T16:00:03.335Z","message":{"role":"assistant","model":"<synthetic>","stop_reason":"stop_sequence","content":[{"type":"text","text":"You've hit your 5-hour limit · resets 3:46pm (UTC)"}]},"error":"rate_limit","isApiErrorMessage":true}"#;
    fs::write(world.transcript(FIRST), asked + limit + "\n").unwrap();
    let kind = world.look(3_470).unwrap().verdict.state.reason().map(|it| it.kind);
    assert_eq!(kind, Some(ReasonKind::Dialog));
}

#[test]
fn two_writes_within_one_tick_are_both_seen() {
    let mut world = World::new();
    world.says(FIRST, "busy");
    assert_eq!(world.state(10_000), State::Working);
    let modified = fs::metadata(world.session_file()).unwrap().modified().unwrap();
    world.says(FIRST, "idle");
    fs::File::options()
        .append(true)
        .open(world.session_file())
        .unwrap()
        .set_modified(modified)
        .unwrap();
    assert_eq!(world.state(10_001), State::Idle);
}

#[test]
fn a_session_may_go_on_as_another_one() {
    let mut world = World::new();
    fs::write(world.transcript(FIRST), prompt("one")).unwrap();
    world.says(FIRST, "idle");
    let first = world.look(10_000).unwrap();
    assert_eq!(first.details.last_prompt.as_deref(), Some("one"));
    assert_eq!(first.lineage, Lineage::Own);
    world.says(SECOND, "idle");
    let second = world.look(11_000).unwrap();
    assert_eq!(second.session_id.as_deref(), Some(SECOND));
    assert_eq!(second.details.last_prompt, None, "nothing of the first one is left");
    assert!(second.watch.contains(&world.transcript(SECOND).into()));
    assert_eq!(second.lineage, Lineage::Own);
}

#[test]
fn a_conversation_of_another_process_is_not_its_own_when_it_is_opened() {
    // Far from now, so that the time at which this test makes its files says nothing.
    const LATER: i64 = 100 * 365 * 86_400_000;
    let mut world = World::new();
    world.says(FIRST, "idle");
    world.look(LATER);
    // Begun an hour after the process, by another one; so long that its beginning is not read.
    let long = prompt(&"x".repeat(2_000_000)) + &prompt("last").replace("2026", "2126");
    fs::write(world.transcript(SECOND), prompt("one").replace(":03Z", ":59Z") + &long).unwrap();
    world.says(SECOND, "idle");
    assert_eq!(world.look(LATER + 1000).unwrap().lineage, Lineage::Resumed);
}

#[test]
fn a_branch_is_its_own_although_its_first_records_are_copies() {
    let mut world = World::new();
    let now = chrono::DateTime::from(std::time::SystemTime::now());
    let look = |world: &mut World, at: Timestamp| world.look((at - time(0)).num_milliseconds());
    world.says(FIRST, "idle");
    look(&mut world, now);
    let old = prompt("of last week").replace("2026-11-20", "2020-11-13");
    fs::write(world.transcript(SECOND), &old).unwrap();
    let born = fs::metadata(world.transcript(SECOND)).unwrap().created().is_ok();
    world.says(SECOND, "idle");
    let branch = look(&mut world, now).unwrap();
    assert_eq!(branch.lineage == Lineage::Own, born, "where the file system tells");
    // As 1.0.128 goes on with an old conversation.
    let again = old.replacen('{', &format!(r#"{{"sessionId":"{FIRST}","#), 1);
    let third = "33333333-3333-4333-8333-333333333333";
    fs::write(world.transcript(third), again).unwrap();
    world.says(third, "idle");
    assert_eq!(look(&mut world, now).unwrap().lineage, Lineage::Resumed);
}

#[test]
fn a_session_file_without_a_status_does_not_tell_of_clear() {
    let mut world = World::new();
    // As 2.1.75 writes it.
    let file = format!(r#"{{"pid":44,"sessionId":"{FIRST}","startedAt":1795190400500}}"#);
    world.writes(&file);
    let write = |path: PathBuf, content: String, seconds: u64| {
        fs::write(&path, content).unwrap();
        let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        fs::File::options().append(true).open(path).unwrap().set_modified(at).unwrap();
    };
    write(world.transcript(FIRST), prompt("one"), 1_795_190_403);
    let first = world.look(5000).unwrap();
    assert_eq!(first.session_id.as_deref(), Some(FIRST));
    let folder = world.transcript(FIRST).parent().unwrap().join("");
    assert!(first.watch.iter().any(|it| it.as_os_str() == folder.as_os_str()));
    let clear = prompt("<command-name>/clear</command-name>") + &prompt("two");
    write(world.transcript(SECOND), clear.replace(":03Z", ":10Z"), 1_795_190_410);
    let second = world.look(12_000).unwrap();
    assert_eq!(second.session_id.as_deref(), Some(SECOND));
    assert_eq!(second.details.last_prompt.as_deref(), Some("two"));
    assert_eq!(second.verdict.state, State::Working);
}

#[test]
fn a_transcript_may_move_to_another_directory() {
    let mut world = World::new();
    fs::write(world.transcript(FIRST), prompt("one")).unwrap();
    world.says(FIRST, "busy");
    world.look(10_000);
    let other = world.dir.path().join(".claude/projects/-elsewhere");
    fs::create_dir(&other).unwrap();
    fs::rename(world.transcript(FIRST), other.join(format!("{FIRST}.jsonl"))).unwrap();
    world.look(11_000);
    let moved = world.look(14_000).unwrap();
    assert_eq!(moved.details.transcript, Some(other.join(format!("{FIRST}.jsonl")).into()));
    assert_eq!(moved.details.last_prompt.as_deref(), Some("one"));
}

#[test]
fn a_pid_that_another_program_got_is_no_session() {
    let mut world = World::new();
    world.subject.argv = vec!["sleep".to_owned(), "100".to_owned()].into();
    world.subject.exe = Some("/usr/bin/sleep".into());
    world.subject.process.comm = "sleep".into();
    world.writes(r#"{"pid":44,"procStart":"999","status":"busy"}"#);
    assert!(world.look(10_000).is_none(), "the file is of an earlier process");
    world.writes(r#"{"pid":44,"procStart":"1000","status":"busy"}"#);
    assert!(world.look(10_100).is_none(), "it has become another program");
    world.subject.exe = Some("/opt/claude-code/renamed".into());
    assert_eq!(world.state(10_200), State::Working, "the file is its own, whatever it is called");
}

#[test]
fn a_file_that_another_container_has_written_over_tells_of_no_dialog() {
    let (own, later) = (
        r#"{"pid":44,"procStart":"1000","version":"2.1.332","status":"idle"}"#,
        r#"{"pid":44,"procStart":"1200","version":"2.1.332","status":"waiting"}"#,
    );
    let mut world = World::new();
    world.writes(later);
    assert_eq!(world.state(60_000), State::Unknown, "it may have begun, or stand in a dialog");
    let mut world = World::new();
    world.writes(own);
    assert_eq!(world.state(10_000), State::Idle);
    world.writes(later);
    world.look(10_500);
    assert_eq!(world.state(60_000), State::Idle, "it had begun before");
}

#[test]
fn an_mcp_server_whose_arguments_are_lost_is_no_session() {
    let mut world = World::new();
    let path = "/usr/local/bin/claude";
    world.subject.exe = Some("/usr/bin/node".into());
    world.subject.env.add("_", path);
    world.subject.is_fed = true;
    world.subject.shows_output = Some(false);

    for (arguments, is_session) in [("mcp\0serve\0", false), ("-p\0--verbose\0", true)] {
        world.subject.argv_bytes = format!("node\0{path}\0{arguments}").len();
        world.inspector = Inspector::new(world.subject.process.id);
        assert_eq!(world.look(0).is_some(), is_session, "{arguments:?}");
    }

    // On a terminal it is a prompt of the same length.
    world.subject.argv_bytes = format!("node\0{path}\0mcp\0serve\0").len();
    world.subject.shows_output = Some(true);
    assert!(world.look(0).is_some());
}

#[test]
fn spares_daemons_and_the_dead_are_no_sessions() {
    let mut world = World::new();
    world.writes(r#"{"pid":44,"kind":"bg","spare":true,"status":"idle"}"#);
    assert!(world.look(10_000).is_none());
    world.writes(r#"{"pid":44,"kind":"daemon","status":"idle"}"#);
    assert!(world.look(10_000).is_none());
    world.subject.argv = vec!["claude bg-spare".to_owned(), "--bg-spare".to_owned()].into();
    world.writes(r#"{"pid":44,"kind":"bg","status":"busy"}"#);
    let observation = world.look(10_000).unwrap();
    assert_eq!(observation.details.kind.as_deref(), Some("background"));
    let mut spare = World::new();
    spare.subject.argv = vec!["claude bg-spare".to_owned()].into();
    assert!(spare.look(10_000).is_none());
    let mut prepared = World::new();
    prepared.subject.env.add("CLAUDE_BG_RENDEZVOUS_SOCK", "/tmp/cc-daemon-1000/x.sock");
    assert!(prepared.look(10_000).is_none());
    prepared.writes(r#"{"pid":44,"kind":"bg","status":"busy"}"#);
    assert!(prepared.look(10_000).is_some());
    world.subject.process.state = 'Z';
    assert!(world.look(10_000).is_none());
}

#[test]
fn what_a_killed_session_left_is_not_believed() {
    let mut world = World::new();
    world.writes(r#"{"pid":44,"procStart":"999","sessionId":"x","status":"busy"}"#);
    let observation = world.look(10_000).unwrap();
    assert_ne!(observation.verdict.state, State::Working);
    assert_eq!(observation.session_id, None);
}

#[test]
fn a_stopped_session_keeps_its_state() {
    let mut world = World::new();
    world.says(FIRST, "busy");
    world.subject.process.state = 'T';
    let observation = world.look(10_000).unwrap();
    assert!(observation.suspended);
    assert_eq!(observation.verdict.state, State::Working);
}

#[test]
fn a_transcript_that_is_no_file_costs_only_details() {
    let mut world = World::new();
    let path = world.transcript(FIRST);
    world.says(FIRST, "busy");
    fs::create_dir(&path).unwrap();
    assert_eq!(world.state(10_000), State::Working);
    fs::remove_dir(&path).unwrap();
    std::os::unix::fs::symlink(&path, &path).unwrap();
    assert_eq!(world.state(20_000), State::Working);
    fs::remove_file(&path).unwrap();
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    assert_eq!(world.state(30_000), State::Working);
    fs::remove_file(&path).unwrap();
    fs::write(&path, "\0\0\0 not json \n{}\n").unwrap();
    assert_eq!(world.state(40_000), State::Working);
}

#[test]
fn texts_leave_the_room_clean() {
    let mut world = World::new();
    world.writes(
        r#"{"pid":44,"sessionId":"11111111-1111-4111-8111-111111111111","status":"waiting",
            "waitingFor":"\u001b[31mnew","name":"a\u202eb\nc","nameSource":"user","version":"\u0007v"}"#,
    );
    fs::write(world.transcript(FIRST), prompt(r"\u001b]0;evil\u0007x\u200by")).unwrap();
    let observation = world.look(10_000).unwrap();
    let State::NeedsInput(reason) = &observation.verdict.state else { panic!("{observation:?}") };
    assert_eq!((reason.kind, reason.detail.as_deref()), (ReasonKind::Other, Some("[31mnew")));
    assert_eq!(observation.details.name.as_deref(), Some("ab c"));
    assert!(observation.details.named_by_user);
    assert_eq!(observation.details.version.as_deref(), Some("v"));
    assert_eq!(observation.preview, "]0;evil xy");
}

#[test]
fn of_the_calls_that_ran_only_the_open_ones_are_remembered() {
    let mut world = World::new();
    world.writes(&format!(r#"{{"pid":44,"sessionId":"{FIRST}"}}"#));
    world.children = vec![child_of(&world.subject)];
    world.argv = vec!["/bin/bash".to_owned()];
    let mut lines = prompt("one");
    for call in 0..20 {
        let at = r#""timestamp":"2026-11-20T16:00:04Z""#;
        let tool = format!(r#"{{"type":"tool_use","id":"t{call}","name":"Bash","input":{{}}}}"#);
        lines += &format!(r#"{{"type":"assistant",{at},"message":{{"content":[{tool}]}}}}"#);
        lines += "\n";
        fs::write(world.transcript(FIRST), &lines).unwrap();
        assert_eq!(world.state(6000 + call), State::Working);
        assert_eq!(world.inspector.ran, [format!("t{call}")]);
        let result = format!(r#"{{"type":"tool_result","tool_use_id":"t{call}","content":"x"}}"#);
        lines += &format!(r#"{{"type":"user",{at},"message":{{"content":[{result}]}}}}"#);
        lines += "\n";
    }
}

/// A child that leads a session without a terminal, as the shells of tools and the hooks do.
fn child_of(subject: &Candidate) -> Child {
    let mut process = subject.process.clone();
    (process.ppid, process.id.pid) = (44, 50);
    (process.leader, process.tty) = (50, 0);
    Child { process, born: time(5000) }
}

#[test]
fn a_child_that_begins_or_ends_is_no_call_that_runs() {
    let mut world = World::new();
    world.writes(&format!(r#"{{"pid":44,"sessionId":"{FIRST}"}}"#));
    world.children = vec![child_of(&world.subject)];
    let forked = world.subject.argv.to_vec();
    let tool = r#"{"type":"tool_use","id":"t","name":"Bash","input":{}}"#;
    let at = r#""timestamp":"2026-11-20T16:00:04Z""#;
    let call = format!(r#"{{"type":"assistant",{at},"message":{{"content":[{tool}]}}}}"#);
    fs::write(world.transcript(FIRST), prompt("one") + &call + "\n").unwrap();
    for argv in [forked, Vec::new()] {
        world.argv = argv;
        assert_eq!(world.state(6000), State::Working);
        assert!(world.inspector.ran.is_empty());
    }
    world.argv = vec!["/bin/bash".to_owned()];
    assert_eq!(world.state(6001), State::Working);
    assert_eq!(world.inspector.ran, ["t"]);
}

#[test]
fn where_head_names_no_branch_the_transcript_does() {
    let mut world = World::new();
    let repository = world.dir.path().join("repo");
    fs::create_dir_all(repository.join(".git")).unwrap();
    fs::write(repository.join(".git/HEAD"), "ref: refs/heads/.invalid\n").unwrap();
    world.subject.cwd = Some(repository.as_path().into());
    world.says(FIRST, "idle");
    let said = prompt("one").replacen('{', r#"{"gitBranch":"topic","#, 1);
    fs::write(world.transcript(FIRST), said).unwrap();
    assert_eq!(world.look(10_000).unwrap().git_branch.as_deref(), Some("topic"));
    fs::write(repository.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    assert_eq!(world.look(11_000).unwrap().git_branch.as_deref(), Some("main"));
}

#[test]
fn with_the_clock_set_back_a_state_does_not_begin_at_every_look() {
    let mut world = World::new();
    world.says(FIRST, "waiting");
    let first = world.look(-3_600_000).unwrap();
    assert_eq!(first.verdict.since, time(-3_600_000));
    assert_eq!(world.look(-3_595_000).unwrap().verdict, first.verdict);
}

#[test]
fn of_a_session_that_two_processes_hold_only_a_status_says_what_each_does() {
    let mut world = World::new();
    fs::write(world.transcript(FIRST), prompt("one")).unwrap();
    world.writes(&format!(r#"{{"pid":44,"sessionId":"{FIRST}"}}"#));
    assert_eq!(world.state(10_000), State::Working);
    world.others = Some(OwnershipClaim::Likely);
    assert_eq!(world.state(11_000), State::Unknown);
    world.says(FIRST, "idle");
    assert_eq!(world.state(12_000), State::Idle);
}

#[test]
fn a_session_file_that_was_taken_away_is_no_dialog_of_the_start() {
    let mut world = World::new();
    let write = |path: PathBuf, seconds: u64| {
        fs::write(&path, prompt("one")).unwrap();
        let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        fs::File::options().append(true).open(path).unwrap().set_modified(at).unwrap();
    };
    let trust = |state: State| state.reason().map(|reason| reason.kind) == Some(ReasonKind::Trust);
    world.add_arguments(&["--resume", FIRST]);
    // Another process has just left this one, and it asks whether to open it.
    write(world.transcript(FIRST), 1_795_190_400);
    assert_eq!(world.state(500), State::Unknown);
    assert_eq!(world.state(3000), State::Unknown, "its key comes before any dialog");
    write(world.dir.path().join(".claude/sessions/44.00ff.key"), 1_795_190_300);
    assert_eq!(world.state(3000), State::Unknown, "an earlier process left that");
    write(world.dir.path().join(".claude/sessions/44.00ff.key"), 1_795_190_401);
    assert!(trust(world.state(3000)));
    write(world.transcript(FIRST), 1_795_190_405);
    let observation = world.look(10_000).unwrap();
    assert_eq!(observation.session_id.as_deref(), Some(FIRST));
    assert_eq!(observation.verdict.state, State::Working);
}

/// As `quick-answers` of 2.1.332 at a load of 14.
#[test]
fn a_command_that_was_allowed_is_not_named_when_the_next_one_asks() {
    let mut world = World::new();
    let call = |number: u32| {
        format!(
            r#"{{"type":"assistant","timestamp":"2026-11-20T16:00:09.{number}00Z","message":{{"id":"m","role":"assistant","stop_reason":"tool_use","content":[{{"type":"tool_use","id":"t{number}","name":"Bash","input":{{"command":"print {number}"}}}}]}}}}"#
        )
    };
    let result = r#"{"type":"user","timestamp":"2026-11-20T16:00:13.000Z","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"1"}]}}"#;
    let written = format!("{}{}\n{}\n", prompt("one"), call(1), call(2));
    fs::write(world.transcript(FIRST), &written).unwrap();
    let mut asks = |status: &str, status_at: i64, at: i64| {
        world.writes(&format!(
            r#"{{"pid":44,"procStart":"1000","sessionId":"{FIRST}","version":"2.1.332","status":"{status}","waitingFor":"permission prompt","statusUpdatedAt":{}}}"#,
            time(status_at).timestamp_millis()
        ));
        if at == 14_000 {
            fs::write(world.transcript(FIRST), format!("{written}{result}\n")).unwrap();
        }
        let verdict = world.look(at).unwrap().verdict;
        (verdict.state.reason().and_then(|it| it.detail.clone()), verdict.since)
    };
    let named = |number: u32| Some(format!("Bash: print {number}"));
    assert_eq!(asks("waiting", 10_000, 11_000), (named(1), time(10_000)));
    assert_eq!(asks("busy", 12_000, 12_010).0, None);
    let next = (named(2), time(12_200));
    assert_eq!(asks("waiting", 12_200, 12_210), next);
    assert_eq!(asks("waiting", 12_200, 14_000), next, "the result of the first is written");
    assert_eq!(asks("busy", 15_000, 15_010).0, None);
}

#[test]
fn a_wait_whose_result_is_written_before_the_status_is_no_new_one() {
    let mut world = World::new();
    let call = r#"{"type":"assistant","timestamp":"2026-11-20T16:00:09.900Z","message":{"id":"m","role":"assistant","stop_reason":"tool_use","content":[{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"print 1"}}]}}"#;
    let result = r#"{"type":"user","timestamp":"2026-11-20T16:00:13.000Z","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"1"}]}}"#;
    let written = format!("{}{call}\n", prompt("one"));
    world.writes(&format!(
        r#"{{"pid":44,"procStart":"1000","sessionId":"{FIRST}","version":"2.1.332","status":"waiting","waitingFor":"permission prompt","statusUpdatedAt":{}}}"#,
        time(10_000).timestamp_millis()
    ));
    fs::write(world.transcript(FIRST), &written).unwrap();
    let asked = world.look(11_000).unwrap().verdict;
    assert_eq!(asked.since, time(10_000));
    fs::write(world.transcript(FIRST), format!("{written}{result}\n")).unwrap();
    assert_eq!(world.look(13_010).unwrap().verdict, asked);
}

#[test]
fn no_home_is_no_reason_to_fail() {
    let mut world = World::new();
    world.subject.env = Environment::default();
    let observation = world.look(10_000).unwrap();
    assert_eq!(observation.details.config_dir, None);
    assert!(observation.watch.is_empty());
    assert_eq!(observation.verdict.state, State::Unknown, "it may do anything");
    world.add_arguments(&["-p"]);
    assert_eq!(world.state(10_000), State::Working, "it answers and ends");
}

#[test]
fn a_transcript_that_grows_and_decides_nothing_is_read_again_later_and_not_watched() {
    let mut world = World::new();
    let path = world.transcript(FIRST);
    fs::write(&path, prompt("one")).unwrap();
    world.says(FIRST, "busy");
    let watched = SharedPath::from(path.as_path());
    let check = |world: &mut World, at: i64, polls: bool| {
        let seen = world.look(at).unwrap();
        assert_eq!((seen.polls_transcript, seen.watch.contains(&watched)), (polls, !polls), "{at}");
    };
    check(&mut world, 10_000, false);
    let append = |text: &str| {
        let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
        std::io::Write::write_all(&mut file, prompt(text).as_bytes()).unwrap();
    };
    append("two");
    check(&mut world, 11_000, true);
    check(&mut world, 12_000, false);
    // While it waits, the transcript says for what.
    append("three");
    world.writes(&format!(
        r#"{{"pid":44,"procStart":"1000","sessionId":"{FIRST}","status":"waiting","waitingFor":"permission prompt"}}"#
    ));
    check(&mut world, 13_000, false);
}

#[test]
fn what_is_watched_tells_all_of_a_session_whose_file_names_the_state() {
    let mut world = World::new();
    fs::write(world.transcript(FIRST), prompt("one")).unwrap();
    for status in ["idle", "busy"] {
        world.says(FIRST, status);
        assert!(world.look(10_000).unwrap().is_watched, "{status}");
    }
    // Another process goes on with the same conversation.
    world.others = Some(OwnershipClaim::ByFile);
    assert!(!world.look(11_000).unwrap().is_watched);
    world.others = None;
    fs::remove_file(world.session_file()).unwrap();
    assert!(!world.look(12_000).unwrap().is_watched);
}
