//! What scripts, tools of a session and bars are told of servers: real ones, in a network of their own.

use crate::daemon::servers::{LISTENS, Pod, has};
use crate::support::world::{eventually, until};
use serde_json::Value;
use std::fs;
use std::process::Command;

fn said(command: &mut Command) -> (i32, String) {
    let output = command.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn a_tool_of_a_session_knows_its_own_servers_and_a_shell_those_of_its_directory() {
    let pod = Pod::new();
    pod.file("listens.py", LISTENS);
    fs::create_dir(pod.world.path("w/site")).unwrap();
    fs::create_dir(pod.world.path("elsewhere")).unwrap();
    // In the shell of the tool itself: it starts one, waits for it, and takes its URL.
    let vmux = env!("CARGO_BIN_EXE_vmux");
    pod.tool(&format!(
        "cd site; python3 ../listens.py 8020 & \
         {vmux} servers --here --wait 8020 --timeout 60s --url >url.new && mv url.new url; wait"
    ));
    let url = eventually("the URL", || fs::read_to_string(pod.world.path("w/site/url")).ok());
    assert_eq!(url, "http://127.0.0.1:8020/\n");
    let here = |variables: &[(&str, &str)], directory: &str| {
        let mut command = pod.world.vmux();
        command.args(["servers", "--here", "--url"]).envs(variables.iter().copied());
        said(command.current_dir(pod.world.path(directory)))
    };
    // A session is named by its id and its pid; its directory does not count then.
    let pid = pod.daemon.sessions()[0].pid.to_string();
    assert_eq!(here(&[("CLAUDE_PID", &pid)], "elsewhere"), (0, url.clone()));
    assert_eq!(here(&[("CLAUDE_CODE_SESSION_ID", "another")], "w/site"), (1, String::new()));
    // Without one, the directory, what is below it and what it is below.
    assert_eq!(here(&[], "w/site"), (0, url.clone()));
    assert_eq!(here(&[], "w"), (0, url.clone()));
    assert_eq!(here(&[], "elsewhere"), (1, String::new()));
    // What outlives a session has its environment: the session has ended, and the directory counts.
    assert_eq!(here(&[("CLAUDE_PID", "4000000")], "w/site"), (0, url));
    let mut command = pod.world.vmux();
    command.args(["servers", "--here"]).current_dir(pod.world.path("elsewhere"));
    assert_eq!(said(&mut command), (0, "no server listens here\n".to_owned()));
}

#[test]
fn a_query_may_be_a_path() {
    let pod = Pod::new();
    pod.file("listens.py", LISTENS);
    fs::create_dir(pod.world.path("w/site")).unwrap();
    pod.tool("cd site; python3 ../listens.py 8023 & wait");
    pod.server(8023);
    let has = |query: &str, directory: &str| {
        let mut command = pod.world.vmux();
        command.args(["servers", "--json", query]).env("HOME", pod.world.path("w"));
        said(command.current_dir(pod.world.path(directory))).1.contains(r#""port":8023"#)
    };
    assert!(has(".", "w/site") && has(".", "w") && has("..", "w/site"));
    assert!(has("~/site", "w") && has("./site", "w") && has("site", "w"));
    fs::create_dir(pod.world.path("w/sit")).unwrap();
    assert!(!has(".", "w/sit") && !has("~/sit", "w") && !has("./other", "w"));
}

#[test]
fn a_port_that_something_else_has_is_not_said_to_be_free() {
    let pod = Pod::new();
    // In the network of this test, which is that of its vmux.
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port().to_string();
    let output = pod.world.vmux().args(["servers", &port]).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    let expected = format!("error: what listens on port {port} is no server of a session\n");
    assert!(output.status.code() == Some(1) && error.starts_with(&expected), "{error}");
}

#[test]
fn stop_takes_a_port_or_a_pid_and_tells_json() {
    let pod = Pod::new();
    pod.file("listens.py", LISTENS);
    pod.tool("python3 listens.py 8024 & wait");
    pod.server(8024);
    let stop = |arguments: &[&str]| {
        let output = pod.world.vmux().args(["servers", "stop"]).args(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    let (code, _, error) = stop(&["listens", "--yes"]);
    assert!(code == 2 && error.contains("a port or a pid, as `vmux servers` shows"), "{error}");
    let (code, json, _) = stop(&["8024", "--yes", "--json"]);
    let stopped: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, &stopped["stopped"]["port"]), (0, &8024.into()));
}

#[test]
fn lists_bars_and_templates_show_servers() {
    let pod = Pod::new();
    pod.file("listens.py", LISTENS);
    pod.tool("python3 listens.py 8021 & wait");
    pod.server(8021);
    let vmux = |arguments: &[&str]| said(pod.world.vmux().args(arguments)).1;
    until("the session has it", || vmux(&["list", "--columns", "+servers"]).contains("8021"));
    let table = vmux(&["list", "--columns", "session,servers"]);
    assert!(table.starts_with("SESSION  SERVERS\n") && !table.contains("8021!"), "{table}");
    let pid = pod.daemon.sessions()[0].pid.to_string();
    let shown = vmux(&["show", &pid]);
    assert!(shown.contains("  servers       python listens.py on port 8021\n"), "{shown}");
    assert_eq!(vmux(&["status", "--format", "{servers}"]), "1\n");
    let waybar: Value = serde_json::from_str(&vmux(&["status", "--format", "waybar"])).unwrap();
    assert!(waybar["tooltip"].as_str().unwrap().contains("8021"), "{waybar}");
    // What is wrong is marked: connections wait that it does not take.
    pod.order("exec 9<>/dev/tcp/127.0.0.1/8021");
    pod.until(8021, "what is wrong", |it| has(it, "not_answering"));
    until("the mark", || vmux(&["list", "--columns", "session,servers"]).contains("8021!"));
}

#[test]
fn the_lock_of_next_is_checked_as_any_claim() {
    let pod = Pod::new();
    pod.file("listens.py", LISTENS);
    pod.tool("python3 listens.py 8022 & wait");
    let pid = pod.server(8022)["pid"].clone();
    let lock = |pid: &Value| format!("{{\"pid\": {pid}, \"port\": 8022, \"hostname\": \"x\"}}");
    pod.file(".next/dev/lock", &lock(&4_000_000.into()));
    let server = pod.until(8022, "the fault", |it| has(it, "wrong_file"));
    let says =
        format!(".next/dev/lock names pid 4000000, which is gone; port 8022 is held by {pid}");
    assert_eq!(server["problems"][0]["says"], says);
    pod.file(".next/dev/lock", &lock(&pid));
    pod.until(8022, "no fault", |it| !has(it, "wrong_file"));
}
