//! Quoting for the shell, which a bar runs for clicks and Claude Code for hooks.

use std::path::Path;

/// The path as one word of a shell; `None` if it is not UTF-8.
pub fn word(path: &Path) -> Option<String> {
    let path = path.to_str()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if path.chars().all(plain) {
        return Some(path.to_owned());
    }
    Some(format!("'{}'", path.replace('\'', "'\\''")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_shell_reads_the_path_again() {
        assert_eq!(word(Path::new("/usr/bin/vmux")).as_deref(), Some("/usr/bin/vmux"));
        for path in ["/a b/vmux", "/it's/vmux", "/$HOME/`x`/vmux", "/a\"b\\/vmux;ls"] {
            let script = format!("printf %s {}", word(Path::new(path)).unwrap());
            let said = Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(said.stdout).unwrap(), path);
        }
    }
}
