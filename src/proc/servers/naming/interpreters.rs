//! What an interpreter or a virtual machine runs, from its arguments. Pure.

/// Interpreters, by the beginning of their name, and their options that have a value.
const INTERPRETERS: &[(&str, &[&str])] = &[
    ("python", &["-X", "-W"]),
    ("pypy", &["-X", "-W"]),
    ("node", &["-r", "--require", "--import", "--loader", "--experimental-loader", "--conditions"]),
    ("bun", &[]),
    ("deno", &["--port", "--host", "--config", "-c", "--import-map"]),
    ("tsx", &[]),
    ("ts-node", &[]),
    ("ts-node-dev", &[]),
    ("ruby", &["-r", "-I"]),
    ("perl", &["-I"]),
    (
        "java",
        &["-cp", "-classpath", "--class-path", "-p", "--module-path", "--add-modules", "--source"],
    ),
    ("beam.smp", &[]),
];

/// What is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Started<'a> {
    /// `-m uvicorn`
    Module(&'a str),
    /// `server.js`, `app.jar`
    File(&'a str),
    /// `com.example.App`
    Class(&'a str),
    /// `-c`, `-e`: the code that forks workers, or that was typed
    Code,
}

/// The interpreter that a program is, whatever its version: `python3.11` is a version of `python`.
pub(super) fn interpreter(program: &str) -> Option<&'static str> {
    let is_version_of = |name: &str| {
        let rest = program.strip_prefix(name);
        rest.is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'))
    };
    INTERPRETERS.iter().map(|(name, _)| *name).find(|name| is_version_of(name))
}

/// What `interpreter` runs with these arguments, and the arguments after it.
pub(super) fn started<'a>(
    interpreter: &str,
    args: &'a [String],
) -> Option<(Started<'a>, &'a [String])> {
    if interpreter == "beam.smp" {
        // Erlang's virtual machine has the arguments of `mix` and `elixir` behind its own.
        let at = args.iter().position(|it| it == "-extra")? + 1;
        return Some((Started::File(args.get(at)?), args.get(at + 1..)?));
    }
    let is_java = interpreter == "java";
    let valued = INTERPRETERS.iter().find(|(name, _)| *name == interpreter).map(|it| it.1)?;
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        let rest = |from: usize| args.get(from..).unwrap_or_default();
        match arg.as_str() {
            "-m" => return Some((Started::Module(args.get(at + 1)?), rest(at + 2))),
            "-jar" if is_java => return Some((Started::File(args.get(at + 1)?), rest(at + 2))),
            // Ruby's own programs: `ruby -run -e httpd`.
            "-run" if interpreter == "ruby" => {
                let name = args.iter().skip_while(|it| *it != "-e").nth(1)?;
                return Some((Started::Module(name), &[]));
            }
            option if valued.contains(&option) => at += 2,
            "-c" | "-e" | "--eval" | "-p" => return Some((Started::Code, rest(at + 2))),
            "run" | "serve" | "watch" | "--watch" | "--hot" => at += 1,
            option if option.starts_with('-') => at += 1,
            class if is_java && !class.ends_with(".java") => {
                return Some((Started::Class(class), rest(at + 1)));
            }
            file => return Some((Started::File(file), rest(at + 1))),
        }
    }
    None
}
