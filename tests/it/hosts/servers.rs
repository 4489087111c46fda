//! The servers of sessions on another host.

use super::{Near, until_state};
use crate::daemon::servers::Pod;
use crate::support::world::until;
use serde_json::{Value, json};
use std::process::Output;

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn said(output: Output) -> (i32, String, String) {
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_servers_of_another_host_are_listed_reached_and_ended() {
    let far = Pod::new();
    far.tool("python3 -m http.server --bind 127.0.0.1 8000");
    let there = far.server(8000);
    let near = Near::new("[hosts.gpu]\nssh = \"me@gpu\"\n");
    near.reaches("me@gpu", &far.world, "");
    let daemon = near.open();
    until_state(&daemon, "gpu", "up");

    // Asked by name it is looked at afresh.
    let reply = daemon.ask("servers", json!({ "host": "gpu" }));
    let server = &reply["servers"][0];
    assert_eq!(server["host"], "gpu", "{reply}");
    assert_eq!(server["pid"], there["pid"]);
    assert_eq!(server["session"]["host"], "gpu");
    assert_eq!(server["session"]["pid"], there["session"]["pid"]);
    assert_eq!(server["tunnel"], "ssh -S none -N -L 8000:127.0.0.1:8000 me@gpu");
    assert_eq!(reply["sessions"][0]["host"], "gpu", "{reply}");

    // A scan for the servers of this machine leaves those of others alone.
    let all =
        || daemon.ask("servers", json!({}))["servers"].as_array().cloned().unwrap_or_default();
    let of_gpu = |it: &Value| it["host"] == "gpu";
    until("the session of the other host to have its server", || all().iter().any(of_gpu));
    assert_eq!(all().iter().filter(|it| of_gpu(it)).count(), 1);

    let (code, table, _) = said(near.vmux(&["servers"]));
    assert_eq!(code, 0);
    assert!(
        table.contains("gpu:") && table.contains("from here: ssh -S none -N -L 8000:"),
        "{table}"
    );
    // A script means this machine, unless it names the other. Those here cannot be seen: the /proc of
    // this vmuxd is made up.
    let (code, _, error) = said(near.vmux(&["servers", "--status", "8000"]));
    assert_eq!(code, 4, "{error}");
    assert!(error.contains("cannot be seen"), "{error}");
    assert_eq!(said(near.vmux(&["servers", "--host", "gpu", "--status", "8000"])).1, "active\n");
    let (code, url, hint) = said(near.vmux(&["servers", "--host", "gpu", "--url", "8000"]));
    assert_eq!((code, &*url), (0, "http://127.0.0.1:8000/\n"));
    assert!(hint.contains("ssh -S none -N -L"), "{hint}");
    let (code, port, _) = said(near.vmux(&["servers", "--host", "gpu", "--free", "8000-8001"]));
    assert_eq!((code, &*port), (0, "8001\n"));

    let (code, _, error) = said(near.vmux(&["servers", "--host", "box"]));
    assert_eq!(code, 1, "{error}");
    assert!(error.contains("no host is called \"box\""), "{error}");
    let stop = ["servers", "--host", "gpu", "stop", "--yes", "8000"];
    let (code, ended, error) = said(near.vmux(&stop));
    assert_eq!(code, 0, "{error}");
    assert!(ended.starts_with("ended: 8000  http.server  gpu:"), "{ended}");
    let (code, _, error) = said(near.vmux(&stop));
    assert_eq!(code, 1, "{error}");
    until("the server to be gone here too", || !all().iter().any(of_gpu));
}
