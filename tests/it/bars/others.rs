//! polybar, tmux, and waybar under sway.

use super::{click, shots, stage, switch};
use crate::support::desk::{Screen, need};
use crate::support::world::Backoff;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

#[tokio::test]
async fn polybar_shows_the_status_and_its_clicks_switch() {
    need("polybar");
    let (fake, vmux) = stage();
    let mut screen = Screen::new().await;
    for (name, value) in [("VMUX_SOCKET", "s"), ("VMUX_HOME", "vmux")]
        .map(|(name, file)| (name, fake.dir().join(file)))
    {
        screen.env.insert(name.to_owned(), value.display().to_string());
    }
    let config = fake.dir().join("polybar.ini");
    let text = format!(
        "[bar/top]\nwidth = 100%\nheight = 20\nbackground = #1d1f21\nforeground = #c5c8c6\n\
         font-0 = DejaVu Sans:size=9;2\nmodules-right = vmux\nline-size = 2\n\
         [module/vmux]\ntype = custom/script\nexec = {} status --format polybar --follow\ntail = true\n",
        vmux.display()
    );
    std::fs::write(&config, text).unwrap();
    screen.spawn(&["polybar", "-c", &config.display().to_string(), "top"]);
    click(&screen, (1200, 10), 1, &fake, &switch("next"));
    click(&screen, (1200, 10), 5, &fake, &switch("next"));
    click(&screen, (1200, 10), 4, &fake, &switch("previous"));
    shots(&screen, &fake, "polybar").await;
}

#[tokio::test]
async fn yambar_shows_the_status_and_its_clicks_switch() {
    need("yambar");
    let (fake, vmux) = stage();
    let mut screen = Screen::new().await;
    let vmux = vmux.display();
    let config = fake.dir().join("yambar.yml");
    let text = format!(
        "bar:\n  location: top\n  height: 22\n  background: 1d1f21ff\n  font: DejaVu Sans:size=9\n  \
         right:\n    - script:\n        path: {vmux}\n        args:\n          - status\n          \
         - --follow\n          - --format\n          - |\n            state|string|{{state}}\n            \
         text|string|{{text}}\n        content:\n          map:\n            default: {{string: {{text: \"{{text}}\"}}}}\n            \
         conditions:\n              state == waiting:\n                string: {{text: \"{{text}}\", foreground: f0c674ff}}\n            \
         on-click:\n              left: {vmux} switch --next\n              right: {vmux} switch --menu\n              \
         wheel-up: {vmux} switch --previous\n              wheel-down: {vmux} switch --next\n"
    );
    fs::write(&config, text).unwrap();
    screen.spawn(&["yambar", "-c", &config.display().to_string()]);
    click(&screen, (1200, 10), 1, &fake, &switch("next"));
    click(&screen, (1200, 10), 4, &fake, &switch("previous"));
    shots(&screen, &fake, "yambar").await;
}

#[tokio::test]
async fn tmux_shows_it_in_its_status_line() {
    let (fake, vmux) = stage();
    let mut screen = Screen::new().await;
    let config = fake.dir().join("tmux.conf");
    let text = format!(
        "set -g status-right-length 50\nset -g status-interval 1\n\
         set -g status-right '#({} status --format tmux --follow)'\n",
        vmux.display()
    );
    std::fs::write(&config, text).unwrap();
    let socket = fake.dir().join("t").display().to_string();
    let config = config.display().to_string();
    // What a terminal of 90 columns shows is what another tmux says of its pane.
    let inner = format!("env -u TMUX tmux -S {socket} -f {config}");
    let outer = fake.dir().join("outer").display().to_string();
    screen.tmux(&outer, &["new-session", "-d", "-x", "90", "-y", "24", &inner]);
    let mut backoff = Backoff::from(Duration::from_millis(100));
    loop {
        let shown = screen.tmux(&outer, &["capture-pane", "-p"]);
        let line = shown.lines().last().unwrap_or_default();
        if line.contains("api-fix: Bash: git push") && line.starts_with("[0] 0:") {
            break;
        }
        tokio::time::sleep(backoff.next("a status line with windows and a session")).await;
    }
    screen.tmux(&outer, &["kill-server"]);
    if std::env::var_os("VMUX_SHOTS").is_some() {
        let font = ["-fa", "DejaVu Sans Mono", "-fs", "10"];
        let attach = ["-e", "tmux", "-S", &socket, "attach"];
        screen.spawn(&[&["xterm"], &font[..], &attach[..]].concat());
        // tmux shows what a command printed only with its next update, a second later.
        tokio::time::sleep(Duration::from_secs(2)).await;
        shots(&screen, &fake, "tmux").await;
    }
    screen.tmux(&socket, &["kill-server"]);
}

#[tokio::test]
async fn waybar_shows_the_status_and_its_clicks_switch() {
    need("waybar");
    need("sway");
    let (fake, vmux) = stage();
    let mut screen = Screen::new().await;
    let dir = fake.dir();
    let file = |name: &str, text: &str| {
        fs::write(dir.join(name), text).unwrap();
        dir.join(name).display().to_string()
    };
    let vmux = vmux.display();
    let config = file(
        "waybar.json",
        &format!(
            "{{\"height\": 24, \"modules-right\": [\"custom/vmux\"], \"custom/vmux\": {{\
             \"exec\": \"{vmux} status --format waybar --follow\", \"return-type\": \"json\",\
             \"on-click\": \"{vmux} switch --next\", \"on-click-middle\": \"{vmux} switch --back\",\
             \"on-scroll-up\": \"{vmux} switch --previous\", \"on-scroll-down\": \"{vmux} switch --next\"}}}}"
        ),
    );
    let style = file(
        "waybar.css",
        "* { font-family: \"DejaVu Sans\"; font-size: 12px; min-height: 0; }\n\
         window { background: #1d1f21; color: #c5c8c6; }\n#custom-vmux { padding: 0 8px; }\n\
         #custom-vmux.waiting { background: #a54242; color: #ffffff; }\n",
    );
    let sway = file(
        "sway.conf",
        &format!("output * bg #333333 solid_color\nexec waybar -c {config} -s {style}\n"),
    );
    // sway refuses root, so that as root it and all in it belong to somebody else.
    let root = rustix::process::geteuid().is_root();
    let run = dir.join("run");
    fs::create_dir(&run).unwrap();
    open(dir, 0o755);
    open(&dir.join("s"), 0o777);
    if root {
        // Where the tests were built may be closed to that user.
        crate::support::program::copy(env!("CARGO_BIN_EXE_vmux"), dir.join("vmux.bin"));
        let script = fs::read_to_string(dir.join("bin/vmux")).unwrap();
        let own = dir.join("vmux.bin").display().to_string();
        fs::write(dir.join("bin/vmux"), script.replace(env!("CARGO_BIN_EXE_vmux"), &own)).unwrap();
        let nobody = Some(65534);
        std::os::unix::fs::chown(&run, nobody, nobody).unwrap();
    }
    open(&run, 0o700);
    let drop_root = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    let argv: Vec<&str> = if root { &drop_root[..] } else { &[] }
        .iter()
        .copied()
        .chain(["sway", "-c", &sway])
        .collect();
    let run = run.display().to_string();
    screen.spawn_with(
        &argv,
        &[
            ("XDG_RUNTIME_DIR", &run),
            ("HOME", &run),
            ("WLR_BACKENDS", "x11"),
            ("WLR_RENDERER", "pixman"),
            ("GDK_BACKEND", "wayland"),
        ],
    );
    click(&screen, (1200, 34), 1, &fake, &switch("next"));
    click(&screen, (1200, 34), 2, &fake, &switch("back"));
    shots(&screen, &fake, "waybar").await;
}

fn open(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}
