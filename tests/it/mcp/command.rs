//! `vmux mcp install`, `remove` and `status`, with a claude that writes down what it is asked.

use crate::support::fake::{Fake, program, said};
use serde_json::{Value, json};

#[test]
fn claude_registers_the_server_and_replaces_an_old_one() {
    let fake = Fake::agreeable(json!([]));
    let asked = fake.dir().join("asked");
    // As 2.1.332 answers: a name that is taken is an error.
    let script = format!(
        r#"printf '%s\n' "$@" . >>{asked}
case "$2 $(cat {taken} 2>/dev/null)" in
"add-json yes") echo "MCP server vmux already exists in user config" >&2; exit 1 ;;
"add-json "*) echo yes >{taken}; printf 'Added \033[1mstdio MCP server\n' ;;
"remove yes") echo no >{taken}; echo "Removed MCP server vmux" ;;
"get yes") echo "vmux:"; echo "  Status: Connected" ;;
*) echo 'No MCP server named "vmux"' >&2; exit 1 ;;
esac"#,
        asked = asked.display(),
        taken = fake.dir().join("taken").display(),
    );
    // Without claude, the command is told.
    let (_, err, code) = said(&fake.run(&["mcp", "install"]));
    assert_eq!(code, 4);
    assert!(err.contains("claude mcp add-json -s user vmux '{"), "{err}");
    let (out, _, code) = said(&fake.run(&["mcp", "install", "--print", "--scope", "project"]));
    assert!(out.starts_with("claude mcp add-json -s project vmux '{") && code == 0, "{out}");
    program(fake.dir(), "claude", &script);
    let (_, err, code) = said(&fake.run(&["mcp", "status"]));
    assert!(err.contains("not registered") && err.contains("vmux mcp install"), "{err}");
    assert_eq!(code, 1);
    let (out, err, code) = said(&fake.run(&["mcp", "install"]));
    assert_eq!((err.as_str(), code), ("", 0));
    assert!(out.starts_with("Added [1mstdio MCP server\n"), "{out:?}");
    let (_, err, code) = said(&fake.run(&["mcp", "install"]));
    assert_eq!((err.as_str(), code), ("", 0));
    let (out, _, code) = said(&fake.run(&["mcp", "status"]));
    assert_eq!((out.as_str(), code), ("vmux:\nStatus: Connected\n", 0));
    assert_eq!(said(&fake.run(&["mcp", "remove"])).2, 0);
    let (_, err, code) = said(&fake.run(&["mcp", "remove"]));
    assert!(code == 1 && err.contains("--scope removes it there"), "{err}");
    let asked = std::fs::read_to_string(asked).unwrap();
    let calls: Vec<Vec<&str>> = asked.split(".\n").map(|it| it.lines().collect()).collect();
    assert_eq!(calls[1][..5], ["mcp", "add-json", "-s", "user", "vmux"]);
    let server: Value = serde_json::from_str(calls[1][5]).unwrap();
    let program = env!("CARGO_BIN_EXE_vmux");
    assert_eq!(server, json!({"type": "stdio", "command": program, "args": ["mcp"]}));
    let verbs: Vec<&str> = calls.iter().filter_map(|it| it.get(1).copied()).collect();
    let expected = ["get", "add-json", "add-json", "remove", "add-json", "get", "remove", "remove"];
    assert_eq!(verbs, expected);
}
