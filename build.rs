//! Links `libgcc_s` into the programs where the compiler has it as an archive: finding and loading
//! the shared one takes a tenth of the time of `vmux list`. Without the archive all works as well.

use std::error::Error;
use std::path::Path;
use std::process::Command;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let var = |name: &str| std::env::var(name).unwrap_or_default();
    let gnu = var("CARGO_CFG_TARGET_OS") == "linux" && var("CARGO_CFG_TARGET_ENV") == "gnu";
    if !gnu || var("TARGET") != var("HOST") || !has_archive() {
        return Ok(());
    }
    // Rust asks for the shared library by name. A linker script of that name, which is found
    // first, sends the linker to the archives.
    let directory = var("OUT_DIR");
    std::fs::write(Path::new(&directory).join("libgcc_s.so"), "INPUT(-lgcc_eh -lgcc)\n")?;
    println!("cargo::rustc-link-search=native={directory}");
    Ok(())
}

/// Whether the compiler that links finds the archive: if so, it prints more than its name.
fn has_archive() -> bool {
    let linker = std::env::var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
    let answer = Command::new(linker).arg("-print-file-name=libgcc_eh.a").output();
    answer.is_ok_and(|it| it.status.success() && it.stdout.contains(&b'/'))
}
