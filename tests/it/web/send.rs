//! A message from the page to a session in a real tmux.

use super::browser::Browser;
use super::server::Server;
use crate::daemon::keys::Terminal;
use crate::support::world::{until, write_whole};
use serde_json::json;

const TEXT: &str = ".send textarea";
const TOLD: &str = "document.querySelector('#detail .told')?.textContent ?? ''";

#[test]
fn a_text_goes_from_the_page_into_a_pane_of_tmux() {
    let terminal = Terminal::new("[send]\nallow = [\"user\"]\n", (80, 24));
    terminal.draw(json!({"prompt": ""}), "idle");
    let server = Server::start(&terminal.world, 0);
    let body = json!({"query": terminal.pid.to_string(), "text": "go on"});
    let refused = server.post("/api/send", &body);
    let told = refused.json();
    assert_eq!((refused.status, &told["code"]), (403, &json!("not_allowed")), "{refused:?}");
    assert!(told["hint"].as_str().is_some_and(|it| it.contains("[web]")), "{refused:?}");
    write_whole(terminal.world.home().join(".vmux/config.toml"), "[web]\nallow = [\"send\"]\n");
    // vmuxd has read it once it refuses for another reason.
    terminal.show(&json!({"prompt": "half typed"}));
    until("the right", || server.post("/api/send", &body).json()["code"] == "not_sent");
    let sessions = server.get("/api/sessions").json();
    let mut sessions = sessions["sessions"].as_array().unwrap().iter();
    let session = sessions.find(|it| it["pid"] == terminal.pid).unwrap();
    let browser = Browser::start(&terminal.world);
    let start = session["start"].as_u64().unwrap();
    browser.open(&format!("{}&session={}:{start}", server.link(), terminal.pid));
    browser.until("document.querySelector('#detail .send')?.hidden === false");
    let text = "go on; it's $HOME \\;";
    browser.click(TEXT);
    browser.press(text);
    // What stands in the box of the session is not overwritten, and the page keeps the text.
    browser.click(".send button");
    browser.until(&format!("({TOLD}).includes('holds words')"));
    assert_eq!(browser.eval(&format!("document.querySelector('{TEXT}').value")), text);
    assert_eq!(terminal.submitted(), [] as [&str; 0]);
    terminal.show(&json!({"prompt": ""}));
    browser.until("document.querySelector('.send button').disabled === false");
    browser.click(".send button");
    browser.until(&format!("({TOLD}) === 'sent'"));
    assert_eq!(terminal.submitted(), [text]);
    assert_eq!(browser.eval(&format!("document.querySelector('{TEXT}').value")), "");
    let log = terminal.log(1);
    assert_eq!((&log[0]["door"], &log[0]["sent"]), (&json!("web"), &json!(text)));
}
