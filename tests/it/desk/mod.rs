//! Worlds with real windows, for the tests of the window manager's room.

use vmux::proc::root::ProcRoot;
use vmux::wm::reader::Reader;

/// Facts from the real `/proc`.
pub fn proc_reader() -> Reader {
    let root = ProcRoot::new("/proc");
    let (process, env, argv) = (root.clone(), root.clone(), root.clone());
    Reader {
        root: root.path().to_owned(),
        process: Box::new(move |pid| process.process(pid)),
        env: Box::new(move |pid| env.env(pid)),
        argv: Box::new(move |pid| argv.argv(pid)),
    }
}
