//! kitty, over its remote control socket, if the user has switched that on.
//!
//! One connection for each call: `ESC P @kitty-cmd {json} ESC \`, answered in the same way
//! (<https://sw.kovidgoyal.net/kitty/rc_protocol/>). `kitty @` itself would take 100 ms to start.

use super::{Tab, TabPlace};
use crate::proc::ProcFiles;
use crate::wm::dial::dial;
use crate::wm::ipc::lenient::{Flag, Number, Text, list};
use crate::wm::locate::titles::{is_claudes, without_glyph};
use serde::Deserialize;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

/// An answer takes some milliseconds.
const ANSWER_WITHIN: Duration = Duration::from_millis(500);

/// What encloses a message.
const BEGIN: &[u8] = b"\x1bP@kitty-cmd";
const END: &[u8] = b"\x1b\\";

/// The oldest kitty that knows these commands; a newer one answers an older client.
const VERSION: [u8; 3] = [0, 14, 2];
/// Longest answer that is read, in bytes.
const MAX_ANSWER: usize = 16 * 1024 * 1024;

/// How the user has a kitty answer, which does not as it comes.
pub const HOW_IT_TELLS: &str = "`allow_remote_control socket-only` and \
    `listen_on unix:${XDG_RUNTIME_DIR}/kitty` in kitty.conf have kitty tell, from its next start; the \
    title probe can tell, too";

/// What tells windows apart of which kitty's answers do not.
pub const WHAT_ELSE_TELLS: &str = "a window of kitty that was started with `--title` takes no other \
    title, by which it could be found; rules of sway know it by `--class` as well";

#[derive(Deserialize, Default)]
#[serde(default)]
struct KittyReply {
    ok: Flag,
    data: Text,
    error: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct OsWindow {
    id: Number,
    platform_window_id: Number,
    #[serde(deserialize_with = "list")]
    tabs: Vec<KittyTab>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct KittyTab {
    is_active: Flag,
    /// The same, as 0.26 calls it.
    is_active_tab: Flag,
    #[serde(deserialize_with = "list")]
    windows: Vec<KittyWindow>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct KittyWindow {
    id: Number,
    pid: Number,
    is_active: Flag,
    /// The same, as 0.26 calls it.
    is_active_window: Flag,
    title: Text,
}

impl OsWindow {
    /// What kitty calls it: the title of the window in front, in the tab in front.
    fn title(&self) -> Option<String> {
        let tab = only_or(&self.tabs, |tab| tab.is_active.0 || tab.is_active_tab.0)?;
        tab.in_front()?.title.0.clone()
    }
}

impl KittyTab {
    /// The window that has the keys when the tab is in front: also an overlay over another one.
    fn in_front(&self) -> Option<&KittyWindow> {
        only_or(&self.windows, |window| window.is_active.0 || window.is_active_window.0)
    }
}

/// The only one, else the first that fits.
fn only_or<T>(all: &[T], fits: impl Fn(&T) -> bool) -> Option<&T> {
    match all {
        [only] => Some(only),
        all => all.iter().find(|it| fits(it)),
    }
}

/// Where kitty shows its child.
pub async fn ask(proc: &ProcFiles, child: u32) -> Option<TabPlace> {
    let env = proc.env(child);
    let address = env.get("KITTY_LISTEN_ON")?;
    let kitty = proc.process(child)?.ppid;
    let data = call(kitty, address, "ls", serde_json::json!({})).await.ok()?;
    find(&data, child, kitty, address)
}

/// Brings a window of the kitty process into view. kitty leaves an overlay in front of it (0.26), which
/// is an error, too.
pub async fn select(kitty: u32, address: &str, id: u64) -> Result<(), String> {
    let which = serde_json::json!({ "match": format!("id:{id}") });
    call(kitty, address, "focus-window", which).await?;
    let data = call(kitty, address, "ls", serde_json::json!({})).await?;
    match is_behind(&data, id) {
        true => Err("kitty shows another program in front of it".to_owned()),
        false => Ok(()),
    }
}

/// Whether the answer `data` of a kitty to `ls` says that another window of the same tab has the keys.
pub fn is_behind(data: &str, id: u64) -> bool {
    let windows: Vec<OsWindow> = serde_json::from_str(data).unwrap_or_default();
    let is_it = |window: &KittyWindow| window.id.0 == Some(id);
    let mut tabs = windows.iter().flat_map(|window| &window.tabs);
    let tab = tabs.find(|tab| tab.windows.iter().any(is_it));
    tab.and_then(KittyTab::in_front).is_some_and(|front| !is_it(front))
}

/// Gives a window of the kitty process this title until `is_seen` is done, and then the one that it had:
/// that of its program as it is by then, or the one that the user gave it (`launch --title`).
pub async fn show_title(
    kitty: u32,
    address: &str,
    id: u64,
    title: &str,
    is_seen: impl Future<Output = ()>,
) -> Result<(), String> {
    let before = title_of_window(kitty, address, id).await;
    let given = set_title(kitty, address, id, Some(title)).await;
    if given.is_ok() {
        is_seen.await;
    }
    // It may have done what it has not answered.
    let taken_back = set_title(kitty, address, id, None).await;
    given.and(taken_back)?;
    let now = title_of_window(kitty, address, id).await;
    match before.filter(|before| is_users(before, now.as_deref())) {
        Some(before) => set_title(kitty, address, id, Some(&before)).await,
        None => Ok(()),
    }
}

/// Whether the user gave a window the title that it had `before`, if it has another one as soon as none
/// is given to it. kitty (0.26) does not tell. Claude Code changes its title all the time; that another
/// program changes its own in these milliseconds is unlikely.
fn is_users(before: &str, now: Option<&str>) -> bool {
    !before.is_empty() && now.is_some_and(|now| now != before) && !is_claudes(before)
}

/// Gives a window a title that its program does not change, or that of its program.
async fn set_title(kitty: u32, address: &str, id: u64, title: Option<&str>) -> Result<(), String> {
    let mut which = serde_json::json!({ "match": format!("id:{id}") });
    if let Some(title) = title {
        which["title"] = title.into();
    }
    call(kitty, address, "set-window-title", which).await.map(drop)
}

async fn title_of_window(kitty: u32, address: &str, id: u64) -> Option<String> {
    let data = call(kitty, address, "ls", serde_json::json!({})).await.ok()?;
    let windows: Vec<OsWindow> = serde_json::from_str(&data).ok()?;
    let mut inner = windows.iter().flat_map(|it| &it.tabs).flat_map(|it| &it.windows);
    inner.find(|it| it.id.0 == Some(id))?.title.0.clone()
}

/// The text of a window of the kitty process with what has scrolled away.
pub async fn text(kitty: u32, address: &str, id: u64) -> Result<String, String> {
    let which = serde_json::json!({ "match": format!("id:{id}"), "extent": "all" });
    call(kitty, address, "get-text", which).await
}

/// Where the answer `data` of a kitty to `ls` says that it shows its child.
pub fn find(data: &str, child: u32, kitty: u32, address: &str) -> Option<TabPlace> {
    let windows: Vec<OsWindow> = serde_json::from_str(data).ok()?;
    for window in &windows {
        for tab in &window.tabs {
            let is_child = |it: &&KittyWindow| it.pid.0 == Some(u64::from(child));
            if let Some(inner) = tab.windows.iter().find(is_child) {
                return Some(TabPlace {
                    xid: window.platform_window_id.0.and_then(|id| u32::try_from(id).ok()),
                    is_certain: true,
                    title: title_of_its_own(window, &windows),
                    windows: Some(windows.len()),
                    tab: Some(Tab::Kitty {
                        process: kitty,
                        address: address.to_owned(),
                        id: inner.id.0?,
                        os_window: window.id.0,
                    }),
                });
            }
        }
    }
    None
}

/// The title of a window, if kitty gives no other one the same. A window that was told its title
/// (`kitty --title`) has another one than kitty says, and is not the one that has this.
fn title_of_its_own(window: &OsWindow, all: &[OsWindow]) -> Option<String> {
    let title = window.title()?;
    let is_same = |it: &OsWindow| {
        it.title().is_some_and(|other| without_glyph(&other) == without_glyph(&title))
    };
    (all.iter().filter(|it| is_same(it)).count() == 1).then_some(title)
}

async fn call(
    kitty: u32,
    address: &str,
    command: &str,
    payload: serde_json::Value,
) -> Result<String, String> {
    let request = serde_json::json!({
        "cmd": command, "version": VERSION, "no_response": false, "payload": payload,
    });
    let answer = timeout(ANSWER_WITHIN, exchange(kitty, address, request.to_string()))
        .await
        .map_err(|_| format!("kitty did not answer within {} ms", ANSWER_WITHIN.as_millis()))?
        .map_err(|error| format!("kitty: {error}"))?;
    parse(&answer)
}

/// What a kitty answers, from the bytes of a message: its data, or an error in one line.
pub fn parse(message: &[u8]) -> Result<String, String> {
    let inner = message.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END));
    let json = inner.ok_or("kitty: an answer cut short")?;
    let answer: KittyReply =
        serde_json::from_slice(json).map_err(|error| format!("kitty: {error}"))?;
    match answer.ok.0 {
        true => Ok(answer.data.0.unwrap_or_default()),
        false => {
            let said = answer.error.0.unwrap_or_default();
            Err(format!("kitty says: {}", crate::session::sanitize::clean(&said, 200)))
        }
    }
}

async fn exchange(kitty: u32, address: &str, request: String) -> std::io::Result<Vec<u8>> {
    let mut stream = match address.strip_prefix("unix:") {
        // A name in the abstract namespace begins with NUL for the kernel, and is written with @.
        Some(name) => {
            let name = match name.strip_prefix('@') {
                Some(name) => format!("\0{name}"),
                None => name.to_owned(),
            };
            dial(Path::new(&name)).await?
        }
        None => return Err(std::io::Error::other(format!("cannot connect to {address}"))),
    };
    // The address is from an environment, which a kitty started from kitty inherits and anyone may
    // set: only the process that owns the terminal is spoken to.
    if stream.peer_cred()?.pid().and_then(|pid| u32::try_from(pid).ok()) != Some(kitty) {
        return Err(std::io::Error::other(format!("another process than {kitty} listens there")));
    }
    stream.write_all(&[BEGIN, request.as_bytes(), END].concat()).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(END) && answer.len() < MAX_ANSWER {
        if stream.read_buf(&mut answer).await? == 0 {
            break;
        }
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_window_of_a_child() {
        let data = r#"[{"id":1,"platform_window_id":77,"tabs":[
            {"is_active":false,"windows":[{"id":3,"pid":42,"is_active":true}]},
            {"is_active":true,"windows":[{"id":5,"pid":44,"is_active":false,"title":"x"},
                {"id":4,"pid":43,"is_active":true,"title":"t"}]}]}]"#;
        let fact = find(data, 42, 9, "unix:/k").unwrap();
        assert_eq!((fact.xid, fact.title.as_deref()), (Some(77), Some("t")));
        assert_eq!(fact.windows, Some(1));
        assert_eq!(
            fact.tab,
            Some(Tab::Kitty { process: 9, address: "unix:/k".into(), id: 3, os_window: Some(1) })
        );
        assert_eq!(find(data, 45, 9, "unix:/k"), None);
    }

    #[test]
    fn a_title_that_two_windows_have_tells_neither() {
        let data = |other: &str| {
            let of = |pid: u32, title: &str| {
                format!(
                    r#"{{"id":{pid},"tabs":[{{"windows":[{{"id":{pid},"pid":{pid},"title":"{title}"}}]}}]}}"#
                )
            };
            format!("[{},{}]", of(42, "⠂ Claude Code"), of(43, other))
        };
        let title = |data: String| find(&data, 42, 9, "unix:/k").unwrap().title;
        assert_eq!(title(data("✳ Fix it")).as_deref(), Some("⠂ Claude Code"));
        assert_eq!(title(data("✳ Claude Code")), None);
    }

    #[test]
    fn a_title_that_is_another_one_without_being_given_is_the_users() {
        assert!(is_users("work", Some("✳ Fix it")) && is_users("work", Some("~")));
        assert!(!is_users("~", Some("~")) && !is_users("~", None) && !is_users("", Some("~")));
        assert!(!is_users("⠂ Fix it", Some("✳ Fix it")), "it turned");
        assert!(!is_users("main: ✳ Fix it", Some("main: vim")));
    }

    #[test]
    fn an_overlay_has_the_keys() {
        // kitty 0.26 calls it by another name than later ones.
        for name in ["is_active", "is_active_window"] {
            let data = format!(
                r#"[{{"tabs":[{{"windows":[{{"id":1}},{{"id":2,"{name}":false}},
                {{"id":3,"{name}":true}}]}},{{"windows":[{{"id":4}}]}}]}}]"#
            );
            assert!(is_behind(&data, 1) && is_behind(&data, 2), "{name}");
            assert!(!is_behind(&data, 3) && !is_behind(&data, 4) && !is_behind(&data, 5));
        }
        let silent = r#"[{"tabs":[{"windows":[{"id":1},{"id":2}]}]}]"#;
        assert!(!is_behind(silent, 1) && !is_behind("{", 1));
    }
}
