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
    assert_eq!(here(&[], "w"), (0, url));
    assert_eq!(here(&[], "elsewhere"), (1, String::new()));
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
