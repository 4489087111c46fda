//! polybar and tmux.

use super::{click, shots, stage, switch};
use crate::desk::{Screen, need};

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
async fn tmux_shows_it_in_its_status_line() {
    let (fake, vmux) = stage();
    let mut screen = Screen::new().await;
    let config = fake.dir().join("tmux.conf");
    let text = format!(
        "set -g status-right-length 120\nset -g status-interval 1\n\
         set -g status-right '#({} status --format tmux --follow)'\n",
        vmux.display()
    );
    std::fs::write(&config, text).unwrap();
    let socket = fake.dir().join("t").display().to_string();
    let config = config.display().to_string();
    screen.spawn(&[
        "xterm",
        "-fa",
        "DejaVu Sans Mono",
        "-fs",
        "10",
        "-e",
        "tmux",
        "-S",
        &socket,
        "-f",
        &config,
    ]);
    fake.wait_for_subscribers(1);
    shots(&screen, &fake, "tmux").await;
    screen.tmux(&socket, &["kill-server"]);
}
