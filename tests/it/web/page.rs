//! The page in a real browser.

use super::browser::{Browser, DESKTOP, Screen};
use super::server::Server;
use crate::daemon::servers::Pod;
use crate::support::world::{Daemon, FakeProcess, World, ago, until, write_whole};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::process::{Child, Stdio};
use std::time::Instant;

const PHONE: Screen = Screen { width: 390, height: 780, dark: false };

pub fn waits(since: i64) -> Value {
    let since = ago(since).timestamp_millis();
    json!({"status": "waiting", "waitingFor": "permission prompt", "statusUpdatedAt": since})
}

pub fn busy() -> Value {
    json!({"status": "busy", "statusUpdatedAt": ago(0).timestamp_millis()})
}

/// A session with a name, in a directory of its own.
pub fn session(world: &World, pid: u32, name: &str, fields: Value) -> FakeProcess {
    let directory = world.path("w").join(name.split(' ').next().unwrap());
    // A name that no directory can have is for one that is there.
    let directory = match std::fs::create_dir_all(&directory) {
        Ok(()) => directory,
        Err(_) => world.path("w"),
    };
    let process = world.claude(pid).age(300).cwd(directory.clone()).live();
    let mut fields = fields;
    fields["name"] = name.into();
    fields["cwd"] = directory.display().to_string().into();
    world.session_file(&process, fields);
    process
}

/// The transcript of a session in this directory: what was said in it.
pub fn says(world: &World, pid: u32, directory: &str, said: &[(&str, &str)]) {
    let cwd = world.path("w").join(directory).display().to_string();
    let name = cwd.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let dir = world.home().join(".claude/projects").join(name);
    std::fs::create_dir_all(&dir).unwrap();
    let record = |(role, text): &(&str, &str)| {
        let content = json!([{"type": "text", "text": text}]);
        let message = json!({"role": role, "content": content, "stop_reason": "end_turn"});
        let at = ago(300_000).to_rfc3339();
        let record = json!({"type": role, "sessionId": format!("session-of-{pid}"), "cwd": cwd,
            "timestamp": at, "isSidechain": false, "gitBranch": "main", "message": message});
        format!("{record}\n")
    };
    let text: String = said.iter().map(record).collect();
    std::fs::write(dir.join(format!("session-of-{pid}.jsonl")), text).unwrap();
}

/// A hook that waits for the answer to a permission prompt of process 100.
pub fn hook(world: &World, command: &str) -> Child {
    let payload = json!({
        "session_id": "session-of-100", "hook_event_name": "PermissionRequest", "cwd": "/w",
        "tool_name": "Bash", "tool_input": {"command": command},
    });
    let mut hook = world.vmux();
    hook.args(["hook", "--answer"]).env("CLAUDE_PID", "100");
    let mut child = hook.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(payload.to_string().as_bytes()).unwrap();
    child
}

pub fn until_prompt(daemon: &Daemon) {
    until("a prompt", || {
        !daemon.ask("pending", json!({}))["prompts"].as_array().unwrap().is_empty()
    });
}

/// The text of the first row.
const FIRST: &str = "document.querySelector('#sessions li')?.textContent ?? ''";

#[test]
fn a_wait_is_shown_and_answered() {
    let world = World::new();
    let done = "The tests pass, and the changelog is written.\n\nI will publish now.";
    says(&world, 100, "api", &[("user", "Publish 1.4.0"), ("assistant", done)]);
    let api = session(&world, 100, "api", busy());
    let since = |seconds: i64| ago(seconds * 1000).timestamp_millis();
    let asks =
        json!({"status": "waiting", "waitingFor": "input needed", "statusUpdatedAt": since(260)});
    let works = json!({"status": "busy", "statusUpdatedAt": since(2500)});
    let rests = json!({"status": "idle", "statusUpdatedAt": since(900)});
    let others = [
        session(&world, 101, "docs", asks),
        session(&world, 102, "parser rewrite", works),
        session(&world, 103, "release notes", rests),
    ];
    let daemon = world.open();
    daemon.sessions();
    std::fs::create_dir_all(world.home().join(".vmux")).unwrap();
    let config = world.home().join(".vmux/config.toml");
    write_whole(&config, "[web]\nallow = [\"answer\", \"label\", \"ack\", \"switch\"]\n");
    let server = Server::start(&world, 0);
    let browser = Browser::start(&world);
    browser.open(&server.link());
    browser.until("document.querySelectorAll('#sessions li').length === 4");
    browser.until("document.querySelector('#connection').textContent === 'live'");
    assert_eq!(browser.eval("location.hash"), "", "the token stays in the address");
    browser.until("document.title === '(1) vmux'");
    // From the file to the page.
    let edge = Instant::now();
    let mut fields = waits(0);
    fields["name"] = "api".into();
    fields["cwd"] = world.path("w/api").display().to_string().into();
    world.session_file(&api, fields);
    let second = "#sessions li:nth-child(2)";
    browser.until(&format!(
        "document.querySelector('{second}')?.textContent.includes('needs permission')"
    ));
    eprintln!("from the file to the page: {:?}", edge.elapsed());
    browser.until("document.title === '(2) vmux'");
    let icon = browser.eval("document.querySelector('#icon').getAttribute('href')");
    assert_eq!(icon, "page/waiting.svg");
    browser.until("document.querySelector('#announcement').textContent === 'api needs permission'");
    // It is opened with the keyboard, and answered.
    let mut waiting = hook(&world, "cargo publish\nrm -rf target");
    until_prompt(&daemon);
    browser.press("nn");
    let asked =
        "document.querySelector('.prompt pre')?.textContent === 'cargo publish\\nrm -rf target'";
    browser.until(asked);
    assert_eq!(browser.eval("document.activeElement.id"), "detail");
    browser.until("document.querySelector('.allow')?.disabled === false");
    browser.until("document.querySelector('.peek').textContent.includes('I will publish now.')");
    for (name, screen) in [
        ("web-desktop-light", DESKTOP),
        ("web-desktop-dark", Screen { dark: true, ..DESKTOP }),
        ("web-phone-light", PHONE),
        ("web-phone-dark", Screen { dark: true, ..PHONE }),
        ("web-narrow", Screen { width: 320, ..PHONE }),
    ] {
        browser.show(screen);
        browser.shot(name);
        let wide = browser.eval("document.documentElement.scrollWidth > innerWidth");
        assert_eq!(wide, false, "{name} has to be scrolled sideways");
    }
    browser.press("\u{e00c}");
    browser.until("document.querySelector('#detail').hidden");
    browser.shot("web-phone-list");
    browser.show(DESKTOP);
    browser.press("nn");
    browser.until("document.querySelector('.allow')?.disabled === false");
    browser.click(".allow");
    let mut said = String::new();
    waiting.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(waiting.wait().unwrap().success());
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["hookSpecificOutput"]["decision"]["behavior"], "allow");
    browser.until("document.querySelector('.prompt') === null");
    // The log is written by another thread.
    let log = world.home().join(".vmux/answers.log");
    until("the log", || {
        std::fs::read_to_string(&log).is_ok_and(|it| it.contains("\"door\":\"web\""))
    });
    drop(others);
    // Such as of code that the page may not run; what was asked for in vain is told as well.
    let is_of_the_page = |it: &String| !it.contains("Failed to load resource");
    let complaints: Vec<String> = browser.complaints().into_iter().filter(is_of_the_page).collect();
    assert_eq!(complaints, [] as [&str; 0]);
}

#[test]
fn it_comes_back_by_itself() {
    let world = World::new();
    let api = session(&world, 100, "api", busy());
    let daemon = world.open();
    daemon.sessions();
    let server = Server::start(&world, 0);
    let port = server.port;
    let browser = Browser::start(&world);
    browser.open(&format!("{}&session=100:{}", server.link(), api.start));
    // The link of a message to the phone opens the session.
    browser.until("document.querySelector('#detail h2')?.textContent === 'api'");
    drop(daemon);
    browser.until("document.body.dataset.connection === 'away'");
    browser.until("document.title === 'vmux: vmuxd is not running'");
    let daemon = world.open();
    browser.until("document.body.dataset.connection === 'live'");
    assert_eq!(server.stop(), 0);
    browser.until("document.body.dataset.connection === 'lost'");
    browser
        .until("document.querySelector('#connection').textContent.startsWith('connection lost')");
    // Without it something happens.
    world.session_file(&api, waits(0));
    daemon.listen().until(|it| it[0].waiting_since.is_some());
    let server = Server::start(&world, port);
    browser.until("document.body.dataset.connection === 'live'");
    browser.until("document.title === '(1) vmux'");
    drop(server);
}

#[test]
fn what_a_session_says_is_text_and_a_stranger_sees_nothing() {
    let world = World::new();
    let hostile =
        "<img src=x onerror=\"document.title='bad'\"><script>document.title='bad'</script>";
    let _process = session(&world, 100, hostile, waits(0));
    let daemon = world.open();
    daemon.sessions();
    let label = "</span><b id=bad>bold</b>&amp;\" onclick=\"x";
    daemon.ask("label", json!({"session_id": "session-of-100", "label": label}));
    let waiting = hook(&world, "</pre><script>document.title='bad'</script>");
    until_prompt(&daemon);
    let server = Server::start(&world, 0);
    let browser = Browser::start(&world);
    browser.open(&format!("{}/#token={}", server.base(), "0".repeat(40)));
    browser.until("!document.querySelector('#sign-in').hidden");
    browser.until("document.querySelector('#sign-in-error').textContent.includes('not the token')");
    assert_eq!(browser.eval("document.querySelectorAll('#sessions li').length"), 0);
    assert_eq!(browser.eval("document.querySelector('#main').hidden"), true);
    assert_eq!(browser.eval("document.cookie"), "");
    browser.shot("web-signed-out");
    browser.open("about:blank");
    browser.open(&server.link());
    browser.until(&format!("({FIRST}).includes('<b id=bad>')"));
    browser.press("n");
    browser
        .until("document.querySelector('.prompt pre')?.textContent.startsWith('</pre><script>')");
    assert_eq!(browser.eval("document.querySelector('.answers')"), Value::Null, "it may only read");
    browser.until("document.querySelector('.facts')?.textContent.includes('session-of-100')");
    let bad = "document.querySelectorAll('#bad, #main script, #main img, #main [onclick]').length";
    assert_eq!((browser.eval(bad), browser.eval("document.title")), (json!(0), json!("(1) vmux")));
    // Even a page that wanted to could not.
    let inline = browser.eval(
        "(() => { try { document.body.innerHTML = '<i>x</i>'; return 'taken'; } \
          catch (error) { return error.name; } })()",
    );
    assert_eq!(inline, "TypeError");
    drop(daemon);
    drop(waiting.wait_with_output());
}

#[test]
fn its_servers_are_links() {
    let pod = Pod::new();
    pod.tool("exec python3 -m http.server --bind 127.0.0.1 8000");
    let listens = pod.server(8000);
    let (pid, start) = (&listens["session"]["pid"], &listens["session"]["start"]);
    let server = Server::start(&pod.world, 0);
    let browser = Browser::start(&pod.world);
    browser.open(&format!("{}&session={pid}:{start}", server.link()));
    browser.until("document.querySelector('.servers a')?.href === 'http://127.0.0.1:8000/'");
    let link = "(it => [it.textContent, it.target, it.rel])(document.querySelector('.servers a'))";
    let told = json!(["http.server on port 8000", "_blank", "noopener noreferrer"]);
    assert_eq!(browser.eval(link), told);
    // One that ends is shown no longer.
    pod.order(&format!("kill {}", listens["pid"]));
    browser.until("document.querySelector('.servers a') === null");
}
