//! What a server is called, from the arguments of the processes that run it. Pure.
//!
//! Only the program and a word or two of what it runs are told: an option may hold a secret.

use super::programs::{NOT_HTTP, SUBCOMMANDS, TOOLS, WRAPPERS, is_in};
use crate::session::sanitize::clean;

/// The longest name, in characters.
const MAX_NAME: usize = 60;

/// Interpreters, by the beginning of their name, and their options that have a value.
const INTERPRETERS: &[(&str, &[&str])] = &[
    ("python", &["-X", "-W"]),
    ("pypy", &["-X", "-W"]),
    ("node", &["-r", "--require", "--import", "--loader", "--experimental-loader", "--conditions"]),
    ("bun", &[]),
    ("deno", &[]),
    ("tsx", &[]),
    ("ts-node", &[]),
    ("ruby", &["-r", "-I"]),
    ("perl", &["-I"]),
];

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
/// one that says most.
pub fn name(argvs: &[Vec<String>]) -> String {
    let mut best: Option<(Rank, String)> = None;
    for argv in argvs {
        let Some((rank, name)) = describe(argv) else { continue };
        if best.as_ref().is_none_or(|(known, _)| rank > *known) {
            best = Some((rank, name));
        }
    }
    let name = best.map(|(_, name)| clean(&name, MAX_NAME)).unwrap_or_default();
    if name.is_empty() { "unknown".to_owned() } else { name }
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
    let interpreter = INTERPRETERS.iter().find(|(name, _)| is_version_of(program, name));
    let Some((interpreter, valued)) = interpreter else {
        return Some(describe_program(program, rest));
    };
    match script(rest, valued)? {
        (Started::Module(module), rest) => Some(describe_program(module, rest)),
        (Started::File(path), rest) => {
            let name = tool_of(path);
            let known = describe_program(name, rest);
            match known.0 {
                Rank::Program if name.contains('.') || !path.contains("/bin/") => {
                    let runtime = interpreter.trim_end_matches(char::is_numeric);
                    Some((Rank::Program, format!("{runtime} {}", base(path))))
                }
                _ => Some(known),
            }
        }
        // The code that forks workers, or that was typed.
        (Started::Code, _) => Some((Rank::Wrapper, (*interpreter).to_owned())),
    }
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
    words.extend(args.iter().map(String::as_str).find(|it| SUBCOMMANDS.contains(it)));
    let application = args.iter().map(String::as_str).find(|it| is_application(it));
    let file = args.iter().map(|it| base(it)).find(|it| it.ends_with(".py") && is_word(it));
    if rank == Rank::Tool {
        words.extend(application.or(file));
    }
    (rank, words.join(" "))
}

enum Started<'a> {
    /// `-m uvicorn`
    Module(&'a str),
    /// `server.js`
    File(&'a str),
    /// `-c`, `-e`
    Code,
}

/// What an interpreter runs, and the arguments after it.
fn script<'a>(args: &'a [String], valued: &[&str]) -> Option<(Started<'a>, &'a [String])> {
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        let rest = |from: usize| args.get(from..).unwrap_or_default();
        match arg.as_str() {
            "-m" => return Some((Started::Module(args.get(at + 1)?), rest(at + 2))),
            "-c" | "-e" | "--eval" | "-p" => return Some((Started::Code, rest(at + 2))),
            "run" | "--watch" | "--hot" => at += 1,
            option if valued.contains(&option) => at += 2,
            option if option.starts_with('-') => at += 1,
            file => return Some((Started::File(file), rest(at + 1))),
        }
    }
    None
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
        Some(package) if package.starts_with('@') => parts.next().unwrap_or(package),
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

/// `python3.11` is a version of `python`.
fn is_version_of(program: &str, name: &str) -> bool {
    let rest = program.strip_prefix(name);
    rest.is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'))
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
        assert_eq!(name(&argvs), expected, "{lines:?}");
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
        check(&["node /p/node_modules/@storybook/cli/bin/index.js dev"], "cli dev");
        check(&["node /p/node_modules/.bin/serve -l 3000 dist"], "serve");
        check(&["node -e require('http')"], "node");
        check(&["=npm run dev"], "npm run dev");
    }

    #[test]
    fn other_servers() {
        check(&["=nginx: master process nginx -p /tmp/x", "=nginx: worker process"], "nginx");
        check(&["=puma 5.6.5 (tcp://0.0.0.0:9292) [app]"], "puma");
        check(&["/usr/lib/postgresql/15/bin/postgres -D /d"], "postgres");
        check(&["redis-server 127.0.0.1:6379"], "redis-server");
        check(&["php -S localhost:8000"], "php -S");
        check(&["php artisan serve"], "artisan serve");
        check(&["caddy run --config Caddyfile"], "caddy run");
        check(&["/s/target/debug/server --port 8080"], "server");
        check(&["cargo-watch -x run", "/s/target/debug/api"], "api");
        check(&[], "unknown");
        check(&["=", "=\u{1b}[2J x"], "[2J");
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
