//! `vmux`: see [`vmux::cli`].
//!
//! With glibc it has a `main` of C. Rust's own reads `/proc/self/maps` before it begins, to tell a
//! stack overflow from other faults, and that takes a tenth of the time of `vmux list`. What else
//! it does is in [`vmux::cli::terminal::stdio`].

#![cfg_attr(target_env = "gnu", no_main)]

/// The entry point of the C runtime.
// Not a name that anything else may have, hence unsafe.
#[cfg(target_env = "gnu")]
#[expect(unsafe_code)]
#[unsafe(no_mangle)]
pub extern "C" fn main() -> std::ffi::c_int {
    vmux::cli::terminal::stdio::prepare();
    vmux::cli::main().into()
}

#[cfg(not(target_env = "gnu"))]
fn main() -> std::process::ExitCode {
    vmux::cli::main().into()
}
