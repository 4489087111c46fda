//! `[web]`: where `vmux web` listens, and what a browser may do. Pure.

use super::allow;
use crate::config::section::Section;
use core::net::SocketAddr;

/// Something that a browser may do beyond reading. Nothing of it is allowed unless the configuration says
/// so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WebRight {
    /// Bring the user to a session, at the screen of this machine.
    Switch,
    /// Give a session a label.
    Label,
    /// Mark a finished session as seen.
    Ack,
    /// Answer what a session asks.
    Answer,
    /// Type a text into a free prompt. `"web"` in `[send]` means the same.
    Send,
}

impl WebRight {
    /// All of them, by the word in the configuration.
    pub const NAMES: &[(&str, WebRight)] = &[
        ("switch", WebRight::Switch),
        ("label", WebRight::Label),
        ("ack", WebRight::Ack),
        ("answer", WebRight::Answer),
        ("send", WebRight::Send),
    ];

    /// The word in the configuration.
    pub fn word(self) -> &'static str {
        WebRight::NAMES.iter().find(|(_, it)| *it == self).map_or("", |(word, _)| word)
    }
}

/// `[web]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebConfig {
    /// Where it listens, unless the command line says so.
    pub listen: Option<SocketAddr>,
    /// How browsers reach it, where that is not the address on which it listens: the base of links.
    pub url: Option<String>,
    /// What is allowed beyond reading.
    pub allow: Vec<WebRight>,
}

/// Reads `[web]`. `url` reads a URL.
pub(in crate::config) fn web(
    section: Section,
    url: fn(&toml::de::DeValue) -> Option<String>,
) -> WebConfig {
    let address = "an address and a port: \"127.0.0.1:8689\"";
    let web = WebConfig {
        listen: section.get("listen", address, |it| it.as_str()?.parse().ok()),
        url: section.get("url", "the URL of the page, https://… or http://…", url),
        allow: allow(&section, WebRight::NAMES),
    };
    section.finish();
    web
}

#[cfg(test)]
mod tests {
    use super::{WebConfig, WebRight};
    use crate::config::Config;

    fn web(text: &str) -> Result<WebConfig, String> {
        let text = format!("[web]\n{text}\n");
        Config::parse(&text, None)
            .map(|(config, _)| config.web)
            .map_err(|error| error.faults[0].to_string())
    }

    #[test]
    fn nothing_is_allowed_that_is_not_named() {
        assert_eq!(web(""), Ok(WebConfig::default()));
        let two = web("allow = [\"answer\", \"switch\"]").unwrap();
        assert_eq!(two.allow, [WebRight::Answer, WebRight::Switch]);
        for wrong in ["[\"everything\"]", "\"answer\"", "true", "[1]"] {
            let fault = web(&format!("allow = {wrong}")).unwrap_err();
            assert!(
                fault.starts_with("line 2: web.allow: must be an array of \"switch\""),
                "{fault}"
            );
        }
    }

    #[test]
    fn it_listens_on_an_address_with_a_port() {
        assert!(web("listen = \"[::1]:80\"\nurl = \"https://desk.example/\"").is_ok());
        for wrong in ["\"127.0.0.1\"", "8689", "\"localhost:8689\"", "\":8689\""] {
            let fault = web(&format!("listen = {wrong}")).unwrap_err();
            assert!(
                fault.starts_with("line 2: web.listen: must be an address and a port"),
                "{fault}"
            );
        }
        let fault = web("url = \"ftp://x\"").unwrap_err();
        assert!(fault.starts_with("line 2: web.url: must be the URL of the page"), "{fault}");
    }
}
