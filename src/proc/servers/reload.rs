//! Whether a server takes a change of its sources in by itself, and whether the process is gone that
//! took its connections. Pure; by its arguments and its processes.

use super::naming::programs::{RELOADING, WATCHERS, WITH_WORKERS, WITHOUT_SOURCES, is_in};
use std::collections::BTreeSet;

/// Options with which a server reloads; `watch` is a command of `tsx`.
const OPTIONS: &[&str] =
    &["--reload", "--debug", "--watch", "watch", "--hot", "--dev", "-w:reload", "--use-reloader"];

/// Options with which a server that reloads does not (Django, Flask).
const OPTIONS_AGAINST: &[&str] = &["--noreload", "--no-reload"];

/// What a server does when its sources change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reloading {
    /// It takes the change in, or there is nothing that could become stale.
    ByItself,
    /// It goes on with what it read at its start, as far as its arguments tell.
    Never,
}

/// What a server of this name does, whose processes have these arguments. `watches_sources`: one of them
/// watches its directory.
pub fn reloading(name: &str, argvs: &[Vec<String>], watches_sources: bool) -> Reloading {
    let tool = name.split(' ').next().unwrap_or_default();
    let is_dev = name.split(' ').nth(1).is_some_and(|it| matches!(it, "dev" | "develop" | "watch"));
    let is_known = is_in(WITHOUT_SOURCES, tool) || is_in(RELOADING, tool) || is_dev;
    let words = || argvs.iter().flatten().flat_map(|it| it.split(' '));
    if !watches_sources && words().any(|it| OPTIONS_AGAINST.contains(&it)) {
        return Reloading::Never;
    }
    let has_option = || words().any(|it| OPTIONS.contains(&it.split('=').next().unwrap_or(it)));
    let is_watched = || {
        let program = |it: &str| it.rsplit('/').next().unwrap_or(it).replace(".js", "");
        words().any(|it| is_in(WATCHERS, program(it).as_str()))
    };
    let is_run_twice = || !is_in(WITH_WORKERS, tool) && is_run_twice(argvs);
    match watches_sources || is_known || has_option() || is_watched() || is_run_twice() {
        true => Reloading::ByItself,
        false => Reloading::Never,
    }
}

/// A program that has started itself once more: the first one watches the second, as Flask does. Workers
/// of a master that has forked them look the same.
fn is_run_twice(argvs: &[Vec<String>]) -> bool {
    // Python's name is a path the second time (`sys.executable`).
    let program = |argv: &[String]| argv[0].rsplit('/').next().unwrap_or_default().to_owned();
    let is_program = |it: &&Vec<String>| it.len() > 1 && !lacks_worker(it);
    let own = || argvs.iter().filter(is_program).map(|it| (program(it), &it[1..]));
    own().collect::<BTreeSet<_>>().len() < own().count()
}

/// Whether the only process that holds a socket is one that leaves connections to others: a reloader or
/// a master without a worker.
pub fn lacks_worker(argv: &[String]) -> bool {
    let words: Vec<&str> = argv.iter().flat_map(|it| it.split(' ')).collect();
    let runs = |tool: &str| {
        let name = |it: &&str| it.rsplit('/').next().unwrap_or(it).trim_end_matches(':') == tool;
        words.iter().any(name)
    };
    let has = |options: &[&str]| {
        words.iter().any(|it| options.contains(&it.split('=').next().unwrap_or(it)))
    };
    if runs("gunicorn") {
        return true;
    }
    if runs("fastapi") {
        return words.contains(&"dev") || has(&["--reload", "--workers"]);
    }
    if runs("uvicorn") || runs("hypercorn") {
        return has(&["--reload", "--workers", "-w"]);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::naming::name;
    use super::*;

    fn argvs(lines: &[&str]) -> Vec<Vec<String>> {
        lines.iter().map(|line| line.split(' ').map(str::to_owned).collect()).collect()
    }

    #[track_caller]
    fn check(lines: &[&str], watches: bool, expected: Reloading) {
        let argvs = argvs(lines);
        assert_eq!(reloading(&name(&argvs, &[]), &argvs, watches), expected, "{lines:?}");
    }

    #[test]
    fn reloaders_are_known_by_arguments_or_by_what_they_watch() {
        use Reloading::{ByItself, Never};
        check(&["python /v/bin/uvicorn app:app"], false, Never);
        check(&["python /v/bin/uvicorn app:app --workers 2"], false, Never);
        check(&["python /v/bin/uvicorn app:app --reload"], false, ByItself);
        check(&["python /v/bin/uvicorn app:app"], true, ByItself);
        check(&["python manage.py runserver"], false, ByItself);
        check(&["python manage.py runserver --noreload"], false, Never);
        check(&["python /v/bin/gunicorn app:app", "python /v/bin/gunicorn app:app"], false, Never);
        check(&["python manage.py runserver"], false, ByItself);
        check(&["python /v/bin/flask run"], false, Never);
        check(&["python /v/bin/flask run --debug"], false, ByItself);
        check(&["python app.py", "python app.py"], false, ByItself);
        // Python is named by its path the second time.
        check(&["python app.py", "/v/bin/python app.py"], false, ByItself);
        // Workers that a master has forked.
        let granian = "/v/bin/python /v/bin/granian --interface asgi app:app";
        check(&[granian, granian], false, Never);
        check(&["python app.py"], false, Never);
        check(&["node server.js"], false, Never);
        check(&["node --watch server.js", "node server.js"], false, ByItself);
        check(&["node /p/node_modules/.bin/tsx watch s.ts", "node s.ts"], false, ByItself);
        check(&["node /u/bin/nodemon.js server.js", "node server.js"], false, ByItself);
        check(&["node /p/node_modules/.bin/next start"], false, Never);
        check(&["node /p/node_modules/.bin/next dev"], false, ByItself);
        check(&["python -m http.server"], false, ByItself);
        check(&["php -S localhost:8000"], false, ByItself);
    }

    #[test]
    fn a_master_alone_answers_nobody() {
        let lacks = |line: &str| lacks_worker(&argvs(&[line])[0]);
        assert!(lacks("/v/bin/python /v/bin/uvicorn app:app --reload"));
        assert!(lacks("/v/bin/python /v/bin/uvicorn app:app --workers 2"));
        assert!(lacks("/v/bin/python /v/bin/fastapi dev main.py"));
        assert!(lacks("/v/bin/python /v/bin/gunicorn app:app"));
        assert!(lacks_worker(&["gunicorn: master [app:app]".to_owned()]));
        assert!(!lacks("/v/bin/python /v/bin/uvicorn app:app"));
        assert!(!lacks("/v/bin/python /v/bin/flask run --debug"));
        assert!(!lacks("node server.js"));
    }
}
