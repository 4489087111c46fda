//! Links `vmux`, `vmuxd`, `vmux-picker`, `vmux-mcp` and `vmux-web` statically where the compiler has the
//! archives of the C library: loading the shared ones takes a quarter of the time of `vmux list`, and a
//! static program runs whatever the C library of the machine is. Without the archives they are linked as
//! usual.
//!
//! `vmux` is also linked for a fixed address: one that can be loaded anywhere writes 19 pages of its own
//! pointers before it begins, which takes another twentieth. It lives for a millisecond, and what it
//! reads is an answer of the user's own vmuxd. The others stay where an attacker cannot guess.
//!
//! These are arguments of the linker for these programs. `-C target-feature=+crt-static` in RUSTFLAGS
//! would do the same, but it reaches the build scripts and the procedural macros too, and
//! `cargo install` takes no flags from here. `vmux-push` stays dynamic: it looks up hosts, for which
//! glibc loads shared libraries (nss(5)).

use std::error::Error;
use std::path::Path;
use std::process::Command;

const PROGRAMS: [&str; 5] = ["vmux", "vmuxd", "vmux-picker", "vmux-mcp", "vmux-web"];

/// What must be there: the C library, the unwinder, and the start code of static programs, of those that
/// can be loaded at any address and of the others.
const ARCHIVES: [&str; 7] =
    ["libc.a", "libm.a", "libgcc.a", "libgcc_eh.a", "rcrt1.o", "crt1.o", "crtbeginT.o"];

/// Rust asks for shared libraries by name. A linker script of that name, which is found first, sends
/// the linker to the archives. Some need each other, so each names all of its group.
const SCRIPTS: [(&str, &str); 7] = [
    ("libc.so", "-l:libc.a -l:libgcc_eh.a -l:libgcc.a"),
    ("libgcc_s.so", "-l:libgcc_eh.a -l:libgcc.a -l:libc.a"),
    ("libm.so", "-l:libm.a"),
    ("libpthread.so", "-l:libpthread.a"),
    ("librt.so", "-l:librt.a"),
    ("libdl.so", "-l:libdl.a"),
    ("libutil.so", "-l:libutil.a"),
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let var = |name: &str| std::env::var(name).unwrap_or_default();
    let gnu = var("CARGO_CFG_TARGET_OS") == "linux" && var("CARGO_CFG_TARGET_ENV") == "gnu";
    let already = var("CARGO_CFG_TARGET_FEATURE").split(',').any(|it| it == "crt-static");
    if !gnu || already || var("TARGET") != var("HOST") || !ARCHIVES.into_iter().all(is_there) {
        return Ok(());
    }
    let directory = Path::new(&var("OUT_DIR")).join("static");
    std::fs::create_dir_all(&directory)?;
    for (name, archives) in SCRIPTS {
        std::fs::write(directory.join(name), format!("GROUP({archives})\n"))?;
    }
    for program in PROGRAMS {
        let kind: &[&str] = match program {
            "vmux" => &["-static", "-no-pie"],
            _ => &["-static-pie"],
        };
        // glibc leaves out what nothing uses by weak symbols, which nothing resolves at run time.
        for argument in kind.iter().chain(&["-Wl,-z,nodynamic-undefined-weak"]) {
            println!("cargo::rustc-link-arg-bin={program}={argument}");
        }
        println!("cargo::rustc-link-arg-bin={program}=-L{}", directory.display());
    }
    Ok(())
}

/// Whether the compiler that links finds this file: if so, it prints more than its name.
fn is_there(file: &str) -> bool {
    let linker = std::env::var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
    let answer = Command::new(linker).arg(format!("-print-file-name={file}")).output();
    answer.is_ok_and(|it| it.status.success() && it.stdout.contains(&b'/'))
}
