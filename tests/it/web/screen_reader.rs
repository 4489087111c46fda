//! The page for who does not see it, and for who has no mouse: the names and roles of what is on it, as
//! Chromium tells them to a screen reader, and what keys alone do.

use super::browser::{Browser, Thing};
use super::page::{busy, hook, says, session, until_prompt, waits};
use super::server::Server;
use crate::support::world::{World, ago, until, write_whole};
use serde_json::{Value, json};
use std::io::Read;

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";

/// What has the focus: an id, a class, or the text of a link.
const FOCUS: &str = "document.activeElement.id || document.activeElement.className || \
                     document.activeElement.querySelector('.title')?.textContent || \
                     document.activeElement.tagName";

/// The first thing with this role and this name.
fn find(browser: &Browser, role: &str, name: &str) -> Thing {
    let things = browser.things();
    let found = things.iter().find(|it| it.role == role && it.name == name).cloned();
    found.unwrap_or_else(|| {
        let told =
            things.iter().map(|it| format!("{}{} {:?}\n", " ".repeat(it.depth), it.role, it.name));
        panic!("no {role} {name:?} in\n{}", told.collect::<String>())
    })
}

/// All texts below the things with this role, in one.
fn within(browser: &Browser, role: &str) -> String {
    let mut depth = usize::MAX;
    let mut texts = Vec::new();
    for it in browser.things() {
        if it.depth <= depth {
            depth = if it.role == role { it.depth } else { usize::MAX };
        } else if it.role == "StaticText" {
            texts.push(it.name);
        }
    }
    texts.join(" ")
}

fn until_focus(browser: &Browser, wanted: &str) {
    until(&format!("the focus on {wanted}"), || browser.eval(FOCUS) == wanted);
}

#[test]
fn all_has_a_name_and_a_role_and_what_changes_is_told() {
    let world = World::new();
    says(&world, 100, "api", &[("user", "Publish 1.4.0"), ("assistant", "I will publish now.")]);
    let mut since = busy();
    since["statusUpdatedAt"] = ago(190_000).timestamp_millis().into();
    let api = session(&world, 100, "api", since);
    let _docs = session(&world, 101, "docs", busy());
    let daemon = world.open();
    daemon.sessions();
    std::fs::create_dir_all(world.home().join(".vmux")).unwrap();
    let config = world.home().join(".vmux/config.toml");
    write_whole(&config, "[web]\nallow = [\"answer\", \"label\", \"ack\", \"switch\", \"send\"]\n");
    let server = Server::start(&world, 0);
    let browser = Browser::start(&world);
    browser.open(&server.base());
    browser.until("!document.querySelector('#sign-in').hidden");
    for (role, name) in [("textbox", "Token"), ("button", "Sign in"), ("alert", "")] {
        find(&browser, role, name);
    }
    browser.open("about:blank");
    browser.open(&server.link());
    browser.until("document.querySelectorAll('#sessions li').length === 2");
    // Where one may go to.
    for (role, name) in [
        ("banner", ""),
        ("main", ""),
        ("contentinfo", ""),
        ("heading", "vmux"),
        ("region", "Sessions"),
        ("list", "Sessions"),
    ] {
        find(&browser, role, name);
    }
    // A row says who, what, for how long and where; the clock is heard in words. A row is there before
    // what the transcript tells of it.
    let until_row = |begin: &str, end: &str| {
        until(&format!("the row {begin:?} … {end:?}"), || {
            let things = browser.things();
            let mut links = things.iter().filter(|it| it.role == "link");
            links.any(|it| it.name.starts_with(begin) && it.name.ends_with(end))
        });
    };
    until_row("api, works for ", " minutes. I will publish now. api · main");
    until_row("docs, works for ", ". docs");
    let status = find(&browser, "status", "");
    assert_eq!((status.is("live"), status.is("atomic")), (json!("polite"), json!(true)));
    assert_eq!(within(&browser, "status"), "live");
    // What begins to wait is told at once, in the middle of whatever is read.
    let alert = find(&browser, "alert", "");
    assert_eq!(alert.is("live"), "assertive");
    assert_eq!(within(&browser, "alert"), "");
    let mut fields = waits(0);
    fields["name"] = "api".into();
    fields["cwd"] = world.path("w/api").display().to_string().into();
    world.session_file(&api, fields);
    until("the alert", || within(&browser, "alert") == "api needs permission");
    // One session: its name, its prompt with buttons, what it shows.
    let mut waiting = hook(&world, "cargo publish");
    until_prompt(&daemon);
    browser.press("n");
    browser.until("document.querySelector('.allow')?.disabled === false");
    browser.until("document.querySelector('.peek').textContent.includes('I will publish now.')");
    let here = "link";
    let current = browser.things().into_iter().find(|it| it.role == here).unwrap();
    assert!(
        current.name.starts_with("api, needs permission for less than a minute"),
        "{current:?}"
    );
    let region = find(&browser, "region", "api");
    assert_eq!(region.is("focused"), true);
    find(&browser, "heading", "api");
    let article = browser.things().into_iter().find(|it| it.role == "article").unwrap();
    assert!(article.name.starts_with("Bash in "), "{article:?}");
    find(&browser, "group", "Your answer");
    for button in ["Allow", "Deny", "Go there", "Label", "Why this state?"] {
        assert_eq!(find(&browser, "button", button).is("disabled"), Value::Null, "{button}");
    }
    find(&browser, "textbox", "What to tell it if you deny");
    let shows = find(&browser, "region", "What the session shows");
    assert_eq!(shows.is("focusable"), true);
    assert!(within(&browser, "definition").contains("session-of-100"));
    // Nothing that can be used or heard is without a name, and what tells of changes is there before them.
    let things = browser.things();
    let used =
        ["button", "link", "textbox", "region", "article", "group", "list", "radio", "checkbox"];
    let nameless: Vec<_> =
        things.iter().filter(|it| used.contains(&it.role.as_str()) && it.name.is_empty()).collect();
    assert!(nameless.is_empty(), "{nameless:?}");
    let polite = things.iter().filter(|it| it.role == "status").count();
    assert_eq!(polite, 3, "the connection, what was done, what came of an answer");
    // Its end is told, too.
    drop(daemon);
    until("the end of vmuxd", || within(&browser, "status").contains("vmuxd is not running"));
    let _ = waiting.kill();
    waiting.wait().unwrap();
}

#[test]
fn keys_alone_will_do() {
    let world = World::new();
    let _processes = [
        session(&world, 100, "api", waits(2000)),
        session(&world, 101, "docs", busy()),
        session(&world, 102, "web", busy()),
    ];
    let daemon = world.open();
    daemon.sessions();
    let config = world.home().join(".vmux/config.toml");
    write_whole(&config, "[web]\nallow = [\"answer\"]\n");
    let mut waiting = hook(&world, "cargo publish");
    until_prompt(&daemon);
    let server = Server::start(&world, 0);
    let browser = Browser::start(&world);
    // Signed in by typing.
    browser.open(&server.base());
    browser.until("!document.querySelector('#sign-in').hidden");
    browser.press(TAB);
    until_focus(&browser, "token");
    browser.press(&format!("{}{ENTER}", server.token));
    browser.until("document.querySelectorAll('#sessions li').length === 3");
    // Through the list, and no further than its ends.
    browser.press("j");
    until_focus(&browser, "api");
    browser.press("jj");
    until_focus(&browser, "web");
    browser.press("jk");
    until_focus(&browser, "docs");
    browser.press("\u{e013}");
    until_focus(&browser, "api");
    // Into a session, and back to its row.
    browser.press(ENTER);
    until_focus(&browser, "detail");
    browser.until("document.querySelector('.allow')?.disabled === false");
    browser.press(ESCAPE);
    until_focus(&browser, "api");
    browser.press("j");
    browser.press(ENTER);
    browser.until("document.querySelector('#detail h2')?.textContent === 'docs'");
    // From there to the one that waits: its prompt is behind a few tabs, the first button is Allow.
    browser.press("n");
    browser.until("document.querySelector('.allow')?.disabled === false");
    until_focus(&browser, "detail");
    while browser.eval(FOCUS) != "allow" {
        browser.press(TAB);
        assert_ne!(browser.eval(FOCUS), "BODY", "there is no button");
    }
    let outline = "getComputedStyle(document.activeElement).outlineStyle";
    assert_eq!(browser.eval(outline), "solid", "the focus is not to be seen");
    browser.press(" ");
    let mut said = String::new();
    waiting.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("\"allow\""), "{said}");
    assert!(waiting.wait().unwrap().success());
    // The button has gone; the keyboard goes on where it was.
    browser.until("document.querySelector('.prompt') === null");
    assert_eq!(browser.eval(FOCUS), "detail");
    // So it does where a row goes that has the focus.
    browser.press(ESCAPE);
    until_focus(&browser, "api");
    browser.press("j");
    until_focus(&browser, "docs");
    std::fs::remove_dir_all(world.path("proc/101")).unwrap();
    daemon.sessions();
    browser.until("document.querySelectorAll('#sessions li').length === 2");
    until_focus(&browser, "web");
    // And where a session goes that is open.
    browser.press(ENTER);
    until_focus(&browser, "detail");
    std::fs::remove_dir_all(world.path("proc/102")).unwrap();
    daemon.sessions();
    browser.until("document.querySelector('#detail').hidden");
    until_focus(&browser, "api");
}
