//! What a server is called, from the arguments of the processes that run it. Pure.
//!
//! Only the program and a word or two of what it runs are told: an option may hold a secret.

pub(super) mod interpreters;
pub mod programs;

use crate::session::sanitize::clean;
use interpreters::{Started, interpreter, started};
use programs::{NOT_HTTP, SUBCOMMANDS, TOOLS, WRAPPERS, is_in};

/// The longest name, in characters.
const MAX_NAME: usize = 60;

/// How much a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// That something is run.
    Wrapper,
    /// A program or a script.
    Program,
    /// A tool that is known.
    Tool,
}

/// The name of a server whose processes have these arguments, from the topmost down: that of the first
/// one that says most. If they only say that something is run, `above` are those of the processes that
/// run it beside others, from the topmost down.
pub fn name(argvs: &[Vec<String>], above: &[Vec<String>]) -> String {
    let best = match best(argvs) {
        Some((Rank::Wrapper, name)) => {
            let other = best(above).filter(|(rank, _)| *rank > Rank::Wrapper);
            Some(other.map_or(name, |(_, name)| name))
        }
        found => found.map(|(_, name)| name),
    };
    let name = best.map(|name| clean(&name, MAX_NAME)).unwrap_or_default();
    if name.is_empty() { "unknown".to_owned() } else { name }
}

/// The interpreter or virtual machine that runs the sources of a server whose processes have these
/// arguments.
pub fn runtime(argvs: &[Vec<String>]) -> Option<&'static str> {
    // The last one: what runs below others is the program itself.
    argvs.iter().rev().find_map(|argv| interpreter(base(argv.first()?).trim_start_matches('-')))
}

fn best(argvs: &[Vec<String>]) -> Option<(Rank, String)> {
    let mut best: Option<(Rank, String)> = None;
    for argv in argvs {
        let Some((rank, name)) = describe(argv) else { continue };
        if best.as_ref().is_none_or(|(known, _)| rank > *known) {
            best = Some((rank, name));
        }
    }
    best
}

/// Whether a server of this name speaks HTTP, as far as the name tells.
pub fn speaks_http(name: &str) -> bool {
    !is_in(NOT_HTTP, name.split(' ').next().unwrap_or_default())
}

/// Whether this port only serves another one: an inspector of Node, hot reloading of Vite, the admin
/// interface of Caddy.
pub fn is_auxiliary(port: u16, name: &str, argvs: &[Vec<String>]) -> bool {
    let tool = name.split(' ').next().unwrap_or_default();
    let has_inspector = || argvs.iter().flatten().any(|it| it.starts_with("--inspect"));
    match port {
        9229..=9299 => has_inspector() || argvs.iter().any(|argv| is_npm(argv)),
        24678..=24778 => tool != "unknown" && argvs.iter().flatten().any(|it| is_of_node(it)),
        2019 => tool == "caddy",
        _ => false,
    }
}

fn is_npm(argv: &[String]) -> bool {
    argv.first().is_some_and(|it| matches!(base(it.split(' ').next().unwrap_or(it)), "npm" | "npx"))
        || argv
            .get(1)
            .is_some_and(|it| matches!(base(it), "npm" | "npx" | "npm-cli.js" | "npx-cli.js"))
}

fn is_of_node(word: &str) -> bool {
    matches!(base(word), "node" | "bun" | "deno" | "vite" | "tsx")
}

fn describe(argv: &[String]) -> Option<(Rank, String)> {
    let (first, rest) = argv.split_first()?;
    if rest.is_empty() && first.contains(' ') {
        return Some(describe_title(first));
    }
    let program = base(first).trim_start_matches('-');
    let Some(interpreter) = interpreter(program) else {
        return Some(describe_program(program, rest));
    };
    let runtime = match interpreter {
        "beam.smp" => "elixir",
        name => name,
    };
    match started(interpreter, rest)? {
        (Started::Module(module), rest) => Some(describe_program(module, rest)),
        (Started::File(path), rest) => Some(describe_script(runtime, path, rest)),
        (Started::Class("org.codehaus.plexus.classworlds.launcher.Launcher"), rest) => {
            Some(describe_program("mvn", rest))
        }
        (Started::Class(class), _) => {
            let name = class.rsplit(['.', '/']).next().unwrap_or(class);
            Some((Rank::Program, format!("java {name}")))
        }
        (Started::Code, _) => Some((Rank::Wrapper, runtime.to_owned())),
    }
}

/// A file that an interpreter runs: a tool, or a program of the user's.
fn describe_script(runtime: &str, path: &str, args: &[String]) -> (Rank, String) {
    let name = tool_of(path);
    // These run a script themselves, in a process of their own.
    if let Some(runner) = interpreter(name).filter(|_| name != base(path) || is_package(path)) {
        return match started(runner, args) {
            Some((Started::File(script), _)) => (Rank::Tool, format!("{runner} {}", base(script))),
            _ => (Rank::Wrapper, runner.to_owned()),
        };
    }
    if matches!(runtime, "bun" | "deno") && !path.contains(['.', '/']) {
        // A script of the project: `bun run dev`, `deno task dev`.
        return (Rank::Wrapper, format!("{runtime} {path}"));
    }
    let known = describe_program(name, args);
    let is_program = is_package(path) || path.contains("/bin/");
    match known.0 {
        Rank::Program if name.contains('.') || !is_program => {
            (Rank::Program, format!("{runtime} {}", base(path)))
        }
        _ => known,
    }
}

fn is_package(path: &str) -> bool {
    path.contains("node_modules/")
}

/// A process that has replaced its arguments by a title: `next-server (v16.4.6)`,
/// `nginx: master process nginx`, `gunicorn: master [app:app]`.
fn describe_title(title: &str) -> (Rank, String) {
    let words: Vec<String> = title.split_whitespace().map(str::to_owned).collect();
    let first = words.first().map(String::as_str).unwrap_or_default();
    let program = base(first.trim_end_matches(':'));
    let app = title.split_once('[').and_then(|(_, rest)| rest.split(']').next());
    match app.filter(|app| program == "gunicorn" && is_application(app)) {
        Some(app) => (Rank::Tool, format!("{program} {app}")),
        None => describe_program(program, words.get(1..).unwrap_or_default()),
    }
}

fn describe_program(program: &str, args: &[String]) -> (Rank, String) {
    let name = program.strip_suffix(".exe").unwrap_or(program);
    if is_in(WRAPPERS, name) {
        let plain = args.iter().take(2).take_while(|it| is_word(it)).map(String::as_str);
        let words: Vec<&str> = std::iter::once(name).chain(plain).collect();
        return (Rank::Wrapper, words.join(" "));
    }
    if name == "go" {
        // `go run .` names nothing; the program that it has built does, and is not called `main`.
        let file = args.iter().map(|it| base(it)).find(|it| it.ends_with(".go") && is_word(it));
        return match file {
            Some(file) => (Rank::Program, format!("go run {file}")),
            None => (Rank::Wrapper, "go run".to_owned()),
        };
    }
    if name == "busybox" {
        let applet = args.first().filter(|it| is_word(it)).map(String::as_str);
        return (Rank::Tool, [name, applet.unwrap_or_default()].join(" ").trim_end().to_owned());
    }
    if name == "php" {
        let is_server = args.iter().any(|it| it == "-S");
        let script = args.iter().map(|it| base(it)).find(|it| *it == "artisan");
        return match (is_server, script) {
            (true, _) => (Rank::Tool, "php -S".to_owned()),
            (_, Some(script)) => describe_program(script, args.get(1..).unwrap_or_default()),
            _ => (Rank::Program, "php".to_owned()),
        };
    }
    let rank = match name {
        "" => Rank::Wrapper,
        name if is_in(TOOLS, name) => Rank::Tool,
        _ => Rank::Program,
    };
    let mut words = vec![name];
    words.extend(args.iter().map(String::as_str).find(|it| is_in(SUBCOMMANDS, it)));
    let application = args.iter().map(String::as_str).find(|it| is_application(it));
    let file = args.iter().map(|it| base(it)).find(|it| it.ends_with(".py") && is_word(it));
    if rank == Rank::Tool {
        words.extend(application.or(file));
    }
    (rank, words.join(" "))
}

/// The tool whose script this is: the package in `node_modules` that it is of, else its name.
fn tool_of(path: &str) -> &str {
    let name = base(path);
    let stem = name.split('.').next().filter(|_| name.ends_with("js")).unwrap_or(name);
    let Some((_, inside)) = path.rsplit_once("node_modules/") else {
        let is_program = path.contains("/bin/");
        return if is_program { stem.trim_end_matches("-cli") } else { name };
    };
    if inside.starts_with(".bin/") {
        return stem;
    }
    let mut parts = inside.split('/');
    match parts.next() {
        Some("npm") => stem.trim_end_matches("-cli"),
        // `@storybook/cli`, `@angular/cli`: what it is of says more.
        Some(scope) if scope.starts_with('@') => match parts.next() {
            Some("cli" | "core") | None => scope.trim_start_matches('@'),
            Some(package) => package,
        },
        Some(package) if !package.is_empty() => package,
        _ => name,
    }
}

/// `app:app`, `pkg.main:create_app()`: a module and what is in it.
fn is_application(word: &str) -> bool {
    let is_name = |text: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '(' | ')');
        text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(plain)
    };
    word.split_once(':').is_some_and(|(module, object)| is_name(module) && is_name(object))
        && !word.starts_with("localhost:")
}

fn is_word(text: &str) -> bool {
    !text.starts_with('-')
        && text.len() <= 40
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'))
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lines: &[&str], expected: &str) {
        let argv = |line: &&str| match line.strip_prefix('=') {
            Some(title) => vec![title.to_owned()],
            None => line.split(' ').map(str::to_owned).collect::<Vec<_>>(),
        };
        let argvs: Vec<Vec<String>> = lines.iter().map(argv).collect();
        assert_eq!(name(&argvs, &[]), expected, "{lines:?}");
    }

    #[test]
    fn servers_of_python() {
        check(&["/v/bin/python3 /v/bin/uvicorn app:app --port 8000"], "uvicorn app:app");
        check(
            &[
                "/v/bin/python3 /v/bin/uvicorn app:app --reload",
                "/v/bin/python3 -c from_multiprocessing.spawn_import_spawn_main",
            ],
            "uvicorn app:app",
        );
        check(&["python3 -m uvicorn --factory pkg.main:create_app"], "uvicorn pkg.main:create_app");
        check(&["/v/bin/python /v/bin/fastapi dev main.py"], "fastapi dev main.py");
        check(&["/v/bin/python /v/bin/gunicorn -w2 -b 127.0.0.1:8000 app:app"], "gunicorn app:app");
        check(&["=gunicorn: master [app:app]"], "gunicorn app:app");
        check(&["/v/bin/python /v/bin/flask --app app run --debug"], "flask run");
        check(&["python manage.py runserver 8000"], "manage.py runserver");
        check(&["/v/bin/python /v/bin/streamlit run app.py"], "streamlit run app.py");
        check(&["python3 -X dev -m http.server 8000"], "http.server");
        check(&["python3 -u /src/app.py --token=secret"], "python app.py");
        check(
            &["uv run uvicorn app:app", "/v/bin/python3 /v/bin/uvicorn app:app"],
            "uvicorn app:app",
        );
    }

    #[test]
    fn servers_of_node() {
        check(&["=npm exec vite", "sh -c vite", "node /p/node_modules/.bin/vite"], "vite");
        check(
            &[
                "=npm run dev",
                "sh -c next_dev",
                "node /p/node_modules/.bin/next dev",
                "=next-server (v16.4.6)",
            ],
            "next dev",
        );
        check(&["=next-server (v16.4.6)"], "next-server");
        check(&["node /p/node_modules/next/dist/bin/next dev"], "next dev");
        check(&["=npm run start", "sh -c webpack_serve", "webpack"], "webpack");
        check(&["node --watch server.js"], "node server.js");
        check(
            &["node /u/nodemon/bin/nodemon.js server.js", "/usr/bin/node server.js"],
            "node server.js",
        );
        check(&["node /p/node_modules/@storybook/cli/bin/index.js dev"], "storybook dev");
        check(&["node /p/node_modules/@11ty/eleventy/cmd.cjs --serve"], "eleventy");
        check(&["node /p/node_modules/.bin/tsx watch s.ts"], "tsx s.ts");
        check(&["node /p/node_modules/.bin/ts-node-dev --respawn s.ts"], "ts-node-dev s.ts");
        check(&["bun --hot s.ts"], "bun s.ts");
        check(&["bun run dev", "/u/bin/bun --watch s.ts"], "bun s.ts");
        check(&["deno serve --port 3000 s.ts"], "deno s.ts");
        check(&["deno run -A --watch s.ts"], "deno s.ts");
        // A word of an argument is not a part of a word that is known.
        check(&["node /p/node_modules/.bin/serve -l 3000 e"], "serve");
        check(&["node /p/node_modules/.bin/serve -l 3000 dist"], "serve");
        check(&["node -e require('http')"], "node");
        check(&["=npm run dev"], "npm run dev");
    }

    #[test]
    fn other_servers() {
        check(&["=nginx: master process nginx -p /tmp/x", "=nginx: worker process"], "nginx");
        check(&["=puma 5.6.5 (tcp://0.0.0.0:9292) [app]"], "puma");
        check(&["/usr/lib/postgresql/15/bin/postgres -D /d"], "postgres");
        check(&["/usr/lib/postgresql/15/bin/postgres -D d"], "postgres");
        check(&["redis-server 127.0.0.1:6379"], "redis-server");
        check(&["java -Xmx64m -jar target/app.jar --token=x"], "java app.jar");
        check(&["java -cp a:b com.example.DemoApplication"], "java DemoApplication");
        check(&["java Main.java"], "java Main.java");
        check(
            &[
                "java -classpath m org.codehaus.plexus.classworlds.launcher.Launcher spring-boot:run",
                "java -cp a com.example.App",
            ],
            "java App",
        );
        check(&["go run .", "/tmp/go-build1/b001/exe/api"], "api");
        check(&["go run ./cmd/main.go", "/tmp/go-build1/b001/exe/main"], "go run main.go");
        check(&["/e/bin/beam.smp -- -root /e -extra /usr/bin/mix phx.server"], "mix phx.server");
        check(&["/e/bin/beam.smp -- -root /e -noshell -extra s.exs"], "elixir s.exs");
        check(&["/e/bin/beam.smp -- -root /e"], "unknown");
        check(&["busybox httpd -f -p 8080"], "busybox httpd");
        check(&["ruby -run -e httpd . -p 8080"], "httpd");
        check(&["php -S localhost:8000"], "php -S");
        check(&["php artisan serve"], "artisan serve");
        check(&["caddy run --config Caddyfile"], "caddy run");
        check(&["/s/target/debug/server --port 8080"], "server");
        check(&["cargo-watch -x run", "/s/target/debug/api"], "api");
        check(&[], "unknown");
        check(&["=", "=\u{1b}[2J x"], "[2J");
    }

    #[test]
    fn what_runs_beside_others_is_named_by_what_runs_it() {
        let argv = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let worker = [argv("python3 -B -c from_multiprocessing")];
        let above = [argv("/v/bin/python3 /v/bin/adev runserver app.py")];
        assert_eq!(name(&worker, &above), "adev runserver app.py");
        assert_eq!(name(&worker, &[argv("bash dev.sh")]), "python");
        // It says enough itself.
        assert_eq!(name(&[argv("python3 api.py")], &above), "python api.py");
    }

    #[test]
    fn the_runtime_is_that_of_the_program() {
        let argv = |line: &&str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let of = |lines: &[&str]| runtime(&lines.iter().map(argv).collect::<Vec<_>>());
        assert_eq!(
            of(&["node /n/.bin/concurrently x", "/v/bin/python3.11 /v/bin/x"]),
            Some("python")
        );
        assert_eq!(of(&["sh -c x", "/s/target/debug/api"]), None);
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn ports_that_serve_others() {
        let argv = |line: &str| vec![line.split(' ').map(str::to_owned).collect::<Vec<_>>()];
        assert!(is_auxiliary(9229, "node x.js", &argv("node --inspect x.js")));
        assert!(is_auxiliary(9229, "npm run dev", &argv("node /usr/bin/npm run dev")));
        assert!(!is_auxiliary(9229, "server", &argv("server")));
        assert!(is_auxiliary(24678, "node server.js", &argv("node server.js")));
        assert!(is_auxiliary(2019, "caddy run", &argv("caddy run")));
        assert!(!is_auxiliary(2019, "vite", &argv("node vite")));
        assert!(!is_auxiliary(3000, "vite", &argv("node --inspect vite")));
    }
}
