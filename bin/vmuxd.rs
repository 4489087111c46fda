//! `vmuxd`: the daemon. Flags → log → [`vmux::daemon::run`] → exit code.

use clap::Parser;
use std::io::Write;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use vmux::daemon::lifecycle::heap;
use vmux::daemon::lifecycle::instance::InstanceError;
use vmux::daemon::lifecycle::log_writer::NonBlockingWriter;
use vmux::daemon::lifecycle::options::Options;
use vmux::daemon::{StartError, run};
use vmux::protocol::socket::Paths;
use vmux::wm::connection::discover::SocketHints;
use vmux::wm::manager;

/// Watch the Claude Code sessions of this machine
///
/// vmuxd finds every session, decides what it does, and serves that over a Unix socket to `vmux`,
/// which starts it when none runs.
#[derive(Parser)]
#[command(version, after_long_help = EXIT_STATUS)]
struct Flags {
    /// Seconds between two scans of /proc
    ///
    /// Between scans, changes are noticed as they happen; the scan finds new processes and heals
    /// whatever was missed. Without this it is as the configuration says, or 5.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    interval: Option<Duration>,

    /// Scan this directory instead of /proc
    #[arg(long, value_name = "DIR", default_value = "/proc")]
    proc: PathBuf,
}

const EXIT_STATUS: &str = "\
Environment:
  VMUX_SOCKET        the socket, instead of $XDG_RUNTIME_DIR/vmux/vmuxd.sock
  VMUX_HOME          labels, pid file and configuration, instead of ~/.vmux
  CLAUDE_CONFIG_DIR  Claude Code's directory, instead of ~/.claude
  RUST_LOG           what is logged to stderr: error, warn, info (the default), debug

Exit status:
  0  ended by SIGTERM, SIGINT or a client
  1  ended at once by a second signal
  2  wrong usage
  3  vmuxd is already running
  4  could not start";

const ALREADY_RUNNING_HINT: &str = "`vmux stop` ends it; each machine and container needs a VMUX_HOME of \
                                    its own, a further vmuxd a VMUX_SOCKET, too";

fn main() -> ExitCode {
    heap::share_one_heap();
    let flags = Flags::parse();
    let log = match NonBlockingWriter::start(std::io::stderr()) {
        Ok(writer) => env_logger::Target::Pipe(Box::new(writer)),
        Err(_) => env_logger::Target::Stderr,
    };
    let mut builder =
        env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info"));
    builder.target(log);
    if is_journal(std::io::stderr()) {
        builder.format_timestamp(None);
    } else {
        builder.format(|out, record| {
            let time = chrono::Local::now().format("%Y-%m-%d %H:%M:%S");
            writeln!(out, "[{time} {:<5} {}] {}", record.level(), record.target(), record.args())
        });
    }
    builder.init();
    let paths = match Paths::from_environment() {
        Ok(paths) => paths,
        Err(error) => return complain(&error, Some(error.hint()), 4),
    };
    let absolute =
        |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let home = || std::env::home_dir().filter(|it| it.is_absolute());
    let claude_home =
        absolute("CLAUDE_CONFIG_DIR").or_else(|| home().map(|home| home.join(".claude")));
    let desktop = manager::WmConfig {
        hints: SocketHints::from_env(None),
        displays: std::env::var("DISPLAY").into_iter().collect(),
        title_probe: false,
    };
    let proc_root = flags.proc;
    let options = Options { paths, proc_root, interval: flags.interval, claude_home, desktop };
    match run(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error @ StartError::Instance(InstanceError::AlreadyRunning { .. })) => {
            complain(&error, Some(ALREADY_RUNNING_HINT), 3)
        }
        Err(error) => complain(&error, None, 4),
    }
}

/// Whether `stream` goes to systemd's journal, which adds the time itself: JOURNAL_STREAM has its device
/// and inode (systemd.exec(5)).
fn is_journal(stream: impl AsFd) -> bool {
    let named = std::env::var("JOURNAL_STREAM").unwrap_or_default();
    rustix::fs::fstat(stream).is_ok_and(|it| named == format!("{}:{}", it.st_dev, it.st_ino))
}

fn complain(error: &dyn std::error::Error, hint: Option<&str>, code: u8) -> ExitCode {
    eprintln!("vmuxd: {error}");
    if let Some(hint) = hint {
        eprintln!("hint: {hint}");
    }
    ExitCode::from(code)
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    if !(0.1..=3600.0).contains(&seconds) {
        return Err("between 0.1 and 3600 seconds".to_owned());
    }
    Ok(Duration::from_secs_f64(seconds))
}
