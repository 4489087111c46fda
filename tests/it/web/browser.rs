//! Debian's Chromium, driven over WebDriver (<https://www.w3.org/TR/webdriver2/>) through chromedriver.

use crate::support::world::{DEADLINE, World, readable};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

/// A browser with one window. Dropping it ends it.
pub struct Browser {
    driver: Child,
    session: String,
    agent: ureq::Agent,
}

/// How the page is shown.
#[derive(Clone, Copy)]
pub struct Screen {
    pub width: u32,
    pub height: u32,
    pub dark: bool,
}

/// A thing on the page, as assistive technology is told of it.
#[derive(Debug, Clone)]
pub struct Thing {
    /// `button`, `link`, `status` …
    pub role: String,
    pub name: String,
    /// `live`, `disabled`, `focused` …
    properties: Vec<Value>,
    /// How many things it is in.
    pub depth: usize,
}

impl Thing {
    /// The value of a property.
    pub fn is(&self, property: &str) -> Value {
        let found = self.properties.iter().find(|it| it["name"] == property);
        found.map_or(Value::Null, |it| it["value"]["value"].clone())
    }
}

pub const DESKTOP: Screen = Screen { width: 1200, height: 800, dark: false };

impl Browser {
    /// Starts it, with a profile in the world.
    pub fn start(world: &World) -> Browser {
        let mut command = world.command("chromedriver");
        command.arg("--port=0");
        let mut driver = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver: the Debian package chromium-driver");
        let mut reader = BufReader::new(driver.stdout.take().unwrap());
        let port = loop {
            assert!(
                !reader.buffer().is_empty() || readable(reader.get_ref()),
                "chromedriver hangs"
            );
            let mut line = String::new();
            assert!(reader.read_line(&mut line).unwrap() > 0, "chromedriver has ended");
            if let Some(port) =
                line.trim().strip_suffix('.').and_then(|it| it.split("on port ").nth(1))
            {
                break port.to_owned();
            }
        };
        let config = ureq::Agent::config_builder();
        let agent = config.http_status_as_error(false).timeout_global(Some(2 * DEADLINE)).build();
        let mut browser = Browser {
            driver,
            session: format!("http://127.0.0.1:{port}/session"),
            agent: agent.into(),
        };
        let profile = world.path("chromium");
        let arguments = [
            "--headless=new",
            // Chromium's own sandbox refuses root, and needs namespaces.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            // Nothing but this machine.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
            &format!("--user-data-dir={}", profile.display()),
        ];
        let told = browser.post(
            "",
            json!({"capabilities": {"alwaysMatch": {
                "browserName": "chrome",
                "goog:chromeOptions": {"binary": "/usr/bin/chromium", "args": arguments},
                "goog:loggingPrefs": {"browser": "ALL"},
                "timeouts": {"script": DEADLINE.as_millis() as u64},
            }}}),
        );
        browser.session = format!("{}/{}", browser.session, told["sessionId"].as_str().unwrap());
        browser.show(DESKTOP);
        browser
    }

    fn post(&self, path: &str, body: Value) -> Value {
        let url = format!("{}{path}", self.session);
        let mut answer = self.agent.post(&url).send(body.to_string()).unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        let told: Value = serde_json::from_str(&text).unwrap();
        assert!(told["value"]["error"].is_null(), "{path}: {}", told["value"]);
        told["value"].clone()
    }

    pub fn open(&self, url: &str) {
        self.post("/url", json!({"url": url}));
    }

    /// A size, and light or dark, as the page is told of them.
    pub fn show(&self, screen: Screen) {
        let Screen { width, height, dark } = screen;
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.devtools("Emulation.setDeviceMetricsOverride", size);
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.devtools("Emulation.setEmulatedMedia", json!({"features": features}));
    }

    fn devtools(&self, command: &str, params: Value) -> Value {
        self.post("/goog/cdp/execute", json!({"cmd": command, "params": params}))
    }

    /// The value of an expression in the page.
    pub fn eval(&self, expression: &str) -> Value {
        let script = format!("return ({expression});");
        self.post("/execute/sync", json!({"script": script, "args": []}))
    }

    /// Waits until an expression is true, looking whenever the page changes.
    pub fn until(&self, expression: &str) {
        let script = format!(
            "const done = arguments[0];
             const look = () => {{
               if (!({expression})) return false;
               watch.disconnect();
               done(true);
               return true;
             }};
             const watch = new MutationObserver(look);
             watch.observe(document, {{subtree: true, childList: true, attributes: true, characterData: true}});
             look();"
        );
        let body = json!({"script": script, "args": []});
        assert_eq!(self.post("/execute/async", body), true, "{expression}");
    }

    /// Clicks on what the selector finds first, as a user would.
    pub fn click(&self, selector: &str) {
        let found = self.post("/element", json!({"using": "css selector", "value": selector}));
        let id = found.as_object().unwrap().values().next().unwrap().as_str().unwrap();
        self.post(&format!("/element/{id}/click"), json!({}));
    }

    /// Presses keys, one after the other.
    pub fn press(&self, keys: &str) {
        let pressed = keys.chars().flat_map(|key| {
            ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key.to_string()}))
        });
        let actions = json!([{"type": "key", "id": "k", "actions": pressed.collect::<Vec<_>>()}]);
        self.post("/actions", json!({"actions": actions}));
    }

    /// All that assistive technology is told of, from the top: the accessibility tree of Chromium
    /// (<https://chromedevtools.github.io/devtools-protocol/tot/Accessibility/>).
    pub fn things(&self) -> Vec<Thing> {
        let told = self.devtools("Accessibility.getFullAXTree", json!({}));
        let nodes = told["nodes"].as_array().unwrap();
        let mut things = Vec::new();
        let mut next = vec![(&nodes[0], 0)];
        while let Some((node, depth)) = next.pop() {
            let text = |it: &str| node[it]["value"].as_str().unwrap_or_default().to_owned();
            let is_told = node["ignored"] == false;
            if is_told {
                things.push(Thing {
                    role: text("role"),
                    name: text("name"),
                    properties: node["properties"].as_array().cloned().unwrap_or_default(),
                    depth,
                });
            }
            let children = node["childIds"].as_array().into_iter().flatten().rev();
            let of_id = |id: &Value| nodes.iter().find(|it| it["nodeId"] == *id);
            next.extend(children.filter_map(of_id).map(|it| (it, depth + usize::from(is_told))));
        }
        things
    }

    /// What the browser complained of so far, such as of code that the page may not run.
    pub fn complaints(&self) -> Vec<String> {
        let told = self.post("/se/log", json!({"type": "browser"}));
        let entries = told.as_array().unwrap().iter();
        entries.map(|it| it["message"].as_str().unwrap().to_owned()).collect()
    }

    /// A picture of the page, for a person to look at: kept where `VMUX_SHOTS` says.
    pub fn shot(&self, name: &str) {
        let Some(dir) = std::env::var_os("VMUX_SHOTS") else { return };
        let told = self.devtools("Page.captureScreenshot", json!({}));
        let file = Path::new(&dir).join(format!("{name}.png.base64"));
        std::fs::write(&file, told["data"].as_str().unwrap()).unwrap();
        let picture = Path::new(&dir).join(format!("{name}.png"));
        let decoded = std::process::Command::new("base64").arg("-d").arg(&file).output().unwrap();
        std::fs::write(picture, decoded.stdout).unwrap();
        std::fs::remove_file(file).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
