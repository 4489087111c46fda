//! (room)
#![allow(missing_docs)]
pub mod candidate {
    pub fn may_be_claude(c: &[u8]) -> bool {
        c.starts_with(b"claude") || c == b"node"
    }
    pub fn is_session(argv: &[String], _e: Option<&std::path::Path>, comm: &str) -> bool {
        comm == "claude" && argv.get(1).is_none_or(|a| a != "mcp")
    }
}
pub mod inspector {
    use crate::session::Timestamp;
    use crate::session::evidence::*;
    use crate::session::hook::HookReport;
    use crate::session::process::*;
    use crate::session::sighting::*;
    use crate::session::state::*;
    pub struct Surroundings<'a> {
        pub peers: &'a [Candidate],
        pub claimed: &'a dyn Fn(&str) -> Option<ProcessId>,
        pub children: &'a dyn Fn() -> Vec<Child>,
        pub title: Option<(&'a str, Timestamp)>,
        pub hook: Option<&'a HookReport>,
    }
    pub struct Inspector {
        p: ProcessId,
    }
    impl Inspector {
        pub fn new(p: ProcessId) -> Self {
            Inspector { p }
        }
        pub fn look(
            &mut self,
            s: &Candidate,
            _a: &Surroundings,
            now: Timestamp,
        ) -> Option<Sighting> {
            let dir = s.env.get("CLAUDE_CONFIG_DIR").cloned().unwrap_or_else(|| {
                format!("{}/.claude", s.env.get("HOME").cloned().unwrap_or_default())
            });
            let path = format!("{dir}/sessions/{}.json", self.p.pid);
            let v: serde_json::Value = std::fs::read(&path)
                .ok()
                .and_then(|b| serde_json::from_slice(&b).ok())
                .unwrap_or_default();
            let at = v["statusUpdatedAt"]
                .as_i64()
                .and_then(Timestamp::from_timestamp_millis)
                .unwrap_or(now);
            let state = match v["status"].as_str() {
                Some("busy") => State::Working,
                Some("idle") => State::Idle,
                Some("waiting") => {
                    State::NeedsInput(Reason { kind: ReasonKind::Permission, detail: None })
                }
                _ => State::Unknown,
            };
            Some(Sighting {
                process: self.p,
                session_id: v["sessionId"].as_str().map(str::to_owned),
                id_from: "session file".into(),
                lineage: Lineage::Own,
                transcript_from: "".into(),
                cwd: s.cwd.clone().unwrap_or_default(),
                git_branch: None,
                verdict: Verdict { state, since: at, confidence: Confidence::Certain },
                claims: vec![Claim {
                    source: Source::SessionFile,
                    state: None,
                    reason: None,
                    at: None,
                    confidence: Confidence::Certain,
                    says: "x".into(),
                    outcome: Outcome::Won,
                    because: "".into(),
                }],
                suspended: false,
                preview: "".into(),
                details: crate::session::info::Details {
                    config_dir: Some(dir.into()),
                    ..Default::default()
                },
                look_again_at: None,
                watch: vec![path.into()],
            })
        }
    }
}
