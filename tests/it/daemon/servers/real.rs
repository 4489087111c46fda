//! Servers that Debian has, all of them at the same time: what vmux says of each, beside what ss(8)
//! says of the kernel's sockets. `lab/servers` has a hundred, and takes an hour.

use super::{Pod, has};
use crate::support::world::{eventually, until};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::time::{Duration, SystemTime};

/// What becomes of a server when its source changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// Another process takes connections.
    Reloads,
    /// It goes on with what it read.
    Stale,
    /// It goes on, and nothing is said: it serves files as they are, or it is not known.
    Nothing,
}

struct Server {
    port: u16,
    /// What it runs, and its text.
    source: (&'static str, &'static str),
    /// The port is `$PORT`.
    command: &'static str,
    name: &'static str,
    host: &'static str,
    /// How many processes hold its socket, or one of them.
    holders: usize,
    change: Change,
}

const ASGI: &str = "async def app(scope, receive, send):\n    assert scope[\"type\"] == \"http\"\n";
const WSGI: &str = "def app(environ, start):\n    start(\"200 OK\", [])\n    return [b\"\"]\n";
const FLASK: &str = "from flask import Flask\napp = Flask(__name__)\n";
const NODE: &str = "require(\"http\").createServer((q, a) => a.end()).listen(process.env.PORT)\n";
const CLUSTER: &str = "const c = require(\"cluster\")\n\
    if (c.isPrimary) { c.fork(); c.fork() }\n\
    else require(\"http\").createServer((q, a) => a.end()).listen(process.env.PORT)\n";
const PAIR: &str = "import os, socket, time\n\
    os.fork()\n\
    s = socket.socket()\n\
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)\n\
    s.bind((\"127.0.0.1\", int(os.environ[\"PORT\"])))\n\
    s.listen(8)\n\
    time.sleep(100000)\n";
const NGINX: &str = "events {} http { server { listen 8113; } access_log off; \
    client_body_temp_path b; proxy_temp_path r; fastcgi_temp_path f; uwsgi_temp_path u; \
    scgi_temp_path s; }\n";

const SERVERS: &[Server] = &[
    Server {
        port: 8101,
        source: ("a.py", ""),
        command: "python3 -m http.server $PORT",
        name: "http.server",
        host: "127.0.0.1",
        holders: 1,
        change: Change::Nothing,
    },
    Server {
        port: 8102,
        source: ("a.py", ""),
        command: "python3 -m http.server --bind ::1 $PORT",
        name: "http.server",
        host: "[::1]",
        holders: 1,
        change: Change::Nothing,
    },
    Server {
        port: 8103,
        source: ("app.py", ASGI),
        command: "python3 /usr/bin/uvicorn app:app --port $PORT",
        name: "uvicorn app:app",
        host: "127.0.0.1",
        holders: 1,
        change: Change::Stale,
    },
    Server {
        port: 8104,
        source: ("app.py", ASGI),
        command: "python3 /usr/bin/uvicorn app:app --port $PORT --reload",
        name: "uvicorn app:app",
        host: "127.0.0.1",
        holders: 2,
        change: Change::Reloads,
    },
    Server {
        port: 8105,
        source: ("wsgi.py", WSGI),
        command: "python3 /usr/bin/gunicorn -w 2 -b 127.0.0.1:$PORT wsgi:app",
        name: "gunicorn wsgi:app",
        host: "127.0.0.1",
        holders: 3,
        change: Change::Stale,
    },
    Server {
        port: 8106,
        source: ("wsgi.py", WSGI),
        command: "python3 /usr/bin/gunicorn -w 2 -b 127.0.0.1:$PORT --reuse-port --reload wsgi:app",
        name: "gunicorn wsgi:app",
        host: "127.0.0.1",
        holders: 3,
        change: Change::Reloads,
    },
    Server {
        port: 8107,
        source: ("app.py", FLASK),
        command: "python3 /usr/bin/flask run --port $PORT",
        name: "flask run",
        host: "127.0.0.1",
        holders: 1,
        change: Change::Stale,
    },
    Server {
        port: 8108,
        source: ("app.py", FLASK),
        command: "python3 /usr/bin/flask --debug run --port $PORT",
        name: "flask run",
        host: "127.0.0.1",
        holders: 2,
        change: Change::Reloads,
    },
    Server {
        port: 8109,
        source: ("s.js", NODE),
        command: "node s.js",
        name: "node s.js",
        host: "localhost",
        holders: 1,
        change: Change::Stale,
    },
    Server {
        port: 8110,
        source: ("s.js", NODE),
        command: "node --watch s.js",
        name: "node s.js",
        host: "localhost",
        holders: 1,
        change: Change::Reloads,
    },
    Server {
        port: 8111,
        source: ("c.js", CLUSTER),
        command: "node c.js",
        name: "node c.js",
        host: "localhost",
        holders: 1,
        change: Change::Stale,
    },
    // It looks like one that has started itself once more to reload.
    Server {
        port: 8112,
        source: ("pair.py", PAIR),
        command: "python3 pair.py",
        name: "python pair.py",
        host: "127.0.0.1",
        holders: 2,
        change: Change::Nothing,
    },
    // Its worker may not become another user where there is none.
    Server {
        port: 8113,
        source: ("n.conf", NGINX),
        command: "unshare --user --map-user=1000 --map-group=1000 \
            nginx -p . -e err -c n.conf -g \"daemon off; worker_processes 2; pid p;\"",
        name: "nginx",
        host: "127.0.0.1",
        holders: 3,
        change: Change::Nothing,
    },
];

/// What listens on a port: addresses as ss(8) writes them, and pids.
type Sockets = (BTreeSet<String>, BTreeSet<u64>);

/// What the kernel says of this port: `LISTEN 0 5 127.0.0.1:8000 0.0.0.0:* users:(("x",pid=7,fd=3))`.
fn told_by_ss(text: &str, port: u16) -> Sockets {
    let mut told = Sockets::default();
    for line in text.lines() {
        let address = line.split_whitespace().nth(3).unwrap();
        let Some(address) = address.strip_suffix(&format!(":{port}")) else { continue };
        told.0.insert(address.to_owned());
        let pids = line.split("pid=").skip(1).map(|it| it.split(',').next().unwrap());
        told.1.extend(pids.map(|it| it.parse::<u64>().unwrap()));
    }
    told
}

/// What vmux says of it, in the same words.
fn told_by_vmux(server: &Value) -> Sockets {
    let addresses = server["addresses"].as_array().unwrap().iter().map(|it| it.as_str().unwrap());
    let mut addresses: BTreeSet<String> = addresses
        .map(|it| if it.contains(':') { format!("[{it}]") } else { it.to_owned() })
        .collect();
    // A socket that takes both.
    if addresses.contains("[::]") && addresses.contains("0.0.0.0") {
        addresses = ["*".to_owned()].into();
    }
    (addresses, holders(server))
}

fn holders(server: &Value) -> BTreeSet<u64> {
    server["holders"].as_array().unwrap().iter().map(|it| it.as_u64().unwrap()).collect()
}

fn folder(it: &Server) -> String {
    format!("p/{}", it.port)
}

/// Writes to the source of a server, at a time that is later than its start.
fn change(pod: &Pod, it: &Server, later: Duration) {
    let path = pod.world.path("w").join(folder(it)).join(it.source.0);
    let file = File::options().append(true).open(path).unwrap();
    file.set_modified(SystemTime::now() + later).unwrap();
}

#[test]
fn what_is_said_of_real_servers_is_what_the_kernel_says() {
    let pod = Pod::new();
    for it in SERVERS {
        pod.file(&format!("{}/{}", folder(it), it.source.0), it.source.1);
    }
    pod.output("cd p && git init -q && git add .");
    for it in SERVERS {
        let (folder, port) = (folder(it), it.port);
        pod.tool(&format!("cd {folder}; export PORT={port}; {} & echo $! >pid; wait", it.command));
    }
    let find = |all: &[Value], port| all.iter().find(|it| it["port"] == port).cloned();
    let mut last = Vec::new();
    // While they begin, the two may not look at the same moment.
    let before = eventually("all of them, as the kernel has them", || {
        let (all, ss) = (pod.servers(), pod.output("ss -ltnpH"));
        let differs = |it: &&Server| {
            let told = find(&all, it.port).map(|it| told_by_vmux(&it)).unwrap_or_default();
            told != told_by_ss(&ss, it.port) || told.1.len() != it.holders
        };
        let differing: Vec<u16> = SERVERS.iter().filter(differs).map(|it| it.port).collect();
        if differing != last {
            eprintln!("not yet: {differing:?}\n{ss}{all:#?}");
        }
        last = differing;
        last.is_empty().then_some(all)
    });
    assert_eq!(before.len(), SERVERS.len(), "{before:#?}");
    let session = pod.daemon.sessions()[0].pid;
    for it in SERVERS {
        let server = find(&before, it.port).unwrap();
        assert_eq!(server["name"], it.name);
        assert_eq!(server["url"], format!("http://{}:{}/", it.host, it.port));
        assert_eq!(
            (&server["by"], &server["session"]["pid"]),
            (&"process".into(), &session.into())
        );
        // The one that the tool started is the one to end.
        let cwd = pod.world.path("w").join(folder(it));
        let pid = fs::read_to_string(cwd.join("pid")).unwrap();
        assert_eq!(server["pid"].to_string(), pid.trim(), "{server}");
        assert_eq!(server["cwd"], cwd.display().to_string());
        assert_eq!(server.get("problems"), None, "{server}");
        assert_eq!(pod.vmux(&["--status", &it.port.to_string()]).1, "active\n");
    }
    let changed_at = std::time::Instant::now();
    for it in SERVERS {
        change(&pod, it, Duration::from_secs(3));
    }
    for it in SERVERS {
        let old = find(&before, it.port).unwrap();
        let port = it.port.to_string();
        if it.change == Change::Reloads {
            // A change that comes before a reloader looks for the first time is not seen by it.
            pod.until(it.port, "another process that takes connections", |new| {
                change(&pod, it, Duration::from_secs(3) + changed_at.elapsed());
                !holders(new).is_subset(&holders(&old))
            });
            until("a server that answers", || pod.vmux(&["--status", &port]).1 == "active\n");
            continue;
        }
        let is_stale = it.change == Change::Stale;
        let new = pod.until(it.port, "what is said", |new| has(new, "stale") == is_stale);
        assert_eq!(new["started_at"], old["started_at"]);
        assert_eq!(holders(&new), holders(&old));
        let said = if is_stale { (7, "stale\n") } else { (0, "active\n") };
        let (code, word, _) = pod.vmux(&["--status", &port]);
        assert_eq!((code, word.as_str()), said, "{new}");
    }
    for it in SERVERS {
        let (code, _, error) = pod.vmux(&["stop", &it.port.to_string(), "--yes"]);
        // On a busy machine one may take its time.
        assert!(code == 0 || error.contains("still running"), "{error}");
    }
    until("that nothing listens", || pod.output("ss -ltnH").is_empty());
    assert_eq!(pod.daemon.sessions().len(), 1);
}
