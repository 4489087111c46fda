//! What events tell: the windows that are kept up to date by events are those that are read anew, on
//! a real i3 and a real sway, whatever happens and in whatever order.

mod rereads;

use crate::support::desk::sway::Sway;
use crate::support::desk::{DEADLINE, Screen, eventually, proc_reader};
use std::fmt::Write;
use vmux::wm::connection::discover::SocketHints;
use vmux::wm::ipc::client::IpcClient;
use vmux::wm::ipc::windows::{SCRATCHPAD, WindowRow};
use vmux::wm::locate::snapshot::WindowTable;
use vmux::wm::windows::WindowTracker;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ConnectionExt, CreateWindowAux, WindowClass};
use x11rb::rust_connection::RustConnection;

/// How many windows there are at first, and how many things happen to them.
const WINDOWS: usize = 7;
const STEPS: usize = 150;

/// Numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

/// A command that i3 and sway know, with a window of these: what a user does. Only those that are
/// `placed` on a workspace begin to float, or cease to.
fn command(dice: &mut Dice, windows: &[u64], placed: &[u64]) -> String {
    let window = windows[dice.below(windows.len())];
    let space = dice.below(7);
    match dice.below(24) {
        0..=5 => format!("[con_id={window}] focus"),
        6..=11 => format!("workspace {space}"),
        12 => format!("focus {}", dice.of(&["left", "right", "up", "down", "mode_toggle"])),
        13 => format!("focus output {}", dice.of(&["left", "right"])),
        14 | 15 => format!("[con_id={window}] fullscreen toggle"),
        16 => format!("[con_id={window}] move container to workspace {space}"),
        17 if placed.contains(&window) => format!("[con_id={window}] floating toggle"),
        18 => format!("[con_id={window}] move scratchpad"),
        19 => "scratchpad show".to_owned(),
        20 => format!("[con_id={window}] mark m{space}"),
        21 => format!("move workspace to output {}", dice.of(&["left", "right"])),
        22 => format!("layout {}", dice.of(&["tabbed", "stacking", "splith"])),
        _ => dice.of(&["split vertical", "split horizontal", "focus parent"]).to_owned(),
    }
}

/// Commands after which the tree is another one, and no event says how.
fn is_silent(command: &str) -> bool {
    ["layout", "split", "focus parent"].iter().any(|it| command.starts_with(it))
}

/// An X client with windows that do nothing.
struct Windows(RustConnection, Vec<u32>);

impl Windows {
    fn open(display: &str, count: usize) -> Windows {
        let (x, screen) = x11rb::connect(Some(display)).unwrap();
        let mut windows = Windows(x, Vec::new());
        (0..count).for_each(|_| windows.add(screen));
        windows
    }

    fn add(&mut self, screen: usize) {
        let Windows(x, ids) = self;
        let (root, id) = (x.setup().roots[screen].root, x.generate_id().unwrap());
        let aux = CreateWindowAux::new().background_pixel(0x0040_4040);
        let (copy, kind) = (x11rb::COPY_DEPTH_FROM_PARENT, WindowClass::INPUT_OUTPUT);
        x.create_window(copy, id, root, 0, 0, 90, 60, 0, kind, 0, &aux).unwrap().check().unwrap();
        x.map_window(id).unwrap().check().unwrap();
        ids.push(id);
    }

    /// Closes the oldest.
    fn close(&mut self) {
        self.0.destroy_window(self.1.remove(0)).unwrap().check().unwrap();
    }
}

/// How many of the changes events told all about, and how many there were.
#[derive(Debug, Default)]
struct Told {
    all: usize,
    of: usize,
}

/// Does what the dice say with seven windows, and compares after each step. `x_windows` are those of
/// one client; without them a window is closed by a command.
async fn play(
    hints: SocketHints,
    display: &str,
    seed: u64,
    mut x_windows: Option<Windows>,
) -> Told {
    let socket = hints.configured.clone().unwrap();
    let mut client = IpcClient::connect(&socket, DEADLINE).await.unwrap();
    let mut kept = tracker(&hints, display).await;
    let mut fresh = tracker(&hints, display).await;
    eventually("all windows", async || {
        kept.read().await.unwrap();
        (kept.table().rows().len() == WINDOWS).then_some(())
    })
    .await;
    let (mut dice, mut done, mut told) = (Dice(seed), format!("seed {seed}\n"), Told::default());
    for step in 0..STEPS {
        let rows = kept.table().rows();
        let windows: Vec<u64> = rows.iter().map(|row| row.con_id).collect();
        let is_placed = |row: &&WindowRow| row.workspace.as_deref() != Some(SCRATCHPAD);
        let placed: Vec<u64> = rows.iter().filter(is_placed).map(|row| row.con_id).collect();
        let closes = windows.len() > 4 && step % 30 == 29;
        if let (true, Some(x_windows)) = (closes, &mut x_windows) {
            x_windows.close();
            writeln!(done, "close").unwrap();
        } else {
            let command = match closes {
                true => format!("[con_id={}] kill", windows[dice.below(windows.len())]),
                false => command(&mut dice, &windows, &placed),
            };
            // What cannot be done now is refused.
            let outcomes = client
                .run(&command)
                .await
                .unwrap_or_else(|error| panic!("{error}: {command}, after\n{done}"));
            writeln!(done, "{command}: {}", outcomes.iter().all(|it| it.success.0)).unwrap();
            if is_silent(&command) {
                kept.read().await.unwrap();
                continue;
            }
        }
        told.of += 1;
        // A window that closes does so after the answer; the dice go by how many there are.
        let count = windows.len() - usize::from(closes);
        let (what, mut difference) =
            (format!("the windows that were read, after\n{done}"), String::new());
        let same = eventually(&what, async || {
            fresh.read().await.unwrap();
            if fresh.table().rows().len() != count {
                return None;
            }
            // sway 1.7 tells nothing when `focus down` leads to a split that floats, not to a window.
            let of_container =
                fresh.table().focused().is_none() && fresh.table().focused_workspace.is_none();
            if !kept.is_current() || of_container {
                return Some(false);
            }
            let now = difference_of(&fresh, &kept);
            if now != difference {
                eprintln!("{now}");
            }
            difference = now;
            difference.is_empty().then_some(true)
        })
        .await;
        told.all += usize::from(same);
        if !same {
            kept.read().await.unwrap();
        }
    }
    told
}

/// What is not as it was read.
fn difference_of(fresh: &WindowTracker, kept: &WindowTracker) -> String {
    let (fresh, kept) = (fresh.table(), kept.table());
    // i3 puts a floating window that is raised behind the others in its tree.
    let sorted = |table: &WindowTable| {
        let mut rows = table.rows().to_vec();
        rows.sort_by_key(|row| row.con_id);
        // No event tells where windows are on the screen; what needs that reads it again.
        rows.iter_mut().for_each(|row| (row.area, row.off_screen) = Default::default());
        rows
    };
    let (now, known) = (sorted(fresh), sorted(kept));
    let mut text = String::new();
    if fresh.focused_workspace != kept.focused_workspace {
        let both = (&fresh.focused_workspace, &kept.focused_workspace);
        writeln!(text, "the empty workspace with the focus: {both:?}").unwrap();
    }
    if now.len() != known.len() {
        writeln!(text, "{now:?}\n{known:?}").unwrap();
    }
    for (now, known) in now.iter().zip(&known).filter(|(now, known)| now != known) {
        writeln!(text, "{now:?}\n{known:?}").unwrap();
    }
    text
}

async fn tracker(hints: &SocketHints, display: &str) -> WindowTracker {
    eventually("the windows", async || {
        let mut tracker = WindowTracker::new(hints.clone(), vec![display.to_owned()]);
        tracker.connect(&proc_reader()).await.ok()?;
        tracker.read().await.ok()?;
        tracker.x_trouble().is_none().then_some(tracker)
    })
    .await
}

#[tokio::test]
async fn on_i3_events_tell_what_reading_tells() {
    let screen = Screen::with("fake-outputs 640x800+0+0,640x800+640+0").await;
    let hints = SocketHints { configured: Some(screen.socket()), ..SocketHints::default() };
    for seed in 0..4 {
        let windows = Windows::open(&screen.display, WINDOWS);
        let told = play(hints.clone(), &screen.display, seed, Some(windows)).await;
        assert!(told.all * 3 > told.of, "{told:?}");
    }
}

#[tokio::test]
async fn on_sway_events_tell_what_reading_tells() {
    for seed in 0..2 {
        let mut sway = Sway::new().await;
        let socket = sway.dir().join("sway.sock");
        let hints = SocketHints { configured: Some(socket), ..SocketHints::default() };
        // One after the other: the dice go by their ids, and not all that they may do is survived by sway.
        for _ in 0..WINDOWS {
            sway.open("1", &["foot", "sleep", "86400"]).await;
        }
        let told = play(hints.clone(), &sway.env["DISPLAY"], seed, None).await;
        assert!(told.all * 3 > told.of, "{told:?}");
    }
}
