//! Another build to compare with: VMUX_BASELINE is the path of its `vmux`, with `vmuxd` beside it.

use crate::world::World;
use std::path::PathBuf;
use std::process::Command;

pub struct Baseline;

impl Baseline {
    pub fn is_set() -> bool {
        std::env::var_os("VMUX_BASELINE").is_some()
    }

    /// A copy of its `vmux`, as an installed program is one.
    pub fn vmux(world: &World) -> Option<Command> {
        let copy = world.path("vmux-baseline");
        std::fs::copy(std::env::var_os("VMUX_BASELINE")?, &copy).unwrap();
        Some(world.command(copy))
    }

    /// Its vmuxd, on the fake `/proc`.
    pub fn vmuxd(world: &World) -> Option<Command> {
        let mut command = Baseline::vmuxd_on_real_proc(world)?;
        command.arg("--proc").arg(world.path("proc"));
        Some(command)
    }

    /// The same on the real one.
    pub fn vmuxd_on_real_proc(world: &World) -> Option<Command> {
        let vmux = PathBuf::from(std::env::var_os("VMUX_BASELINE")?);
        Some(world.command(vmux.with_file_name("vmuxd")))
    }
}
