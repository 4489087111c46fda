//! How a state was decided: every claim, which one decided, and why the others did not.

use super::paint::{Tone, mark};
use super::phrases;
use super::table::Frame;
use super::width::{cut, pad};
use crate::protocol::response::Why;
use crate::session::Timestamp;
use crate::session::info::SessionInfo;
use crate::session::sanitize::clean;
use crate::session::state::Confidence;
use crate::session::state::evidence::{Claim, Outcome, Source};

/// The lines of `vmux why`.
pub fn why_lines(session: &SessionInfo, why: &Why, now: Timestamp, frame: Frame) -> Vec<String> {
    let (sign, tone) = mark(session);
    let title = frame.paint.paint(Tone::Bold, &phrases::title(session));
    let state = frame.paint.paint(tone, &phrases::state(session));
    let clock = phrases::clock(phrases::since(session), now);
    let sure = match session.confidence {
        Confidence::Certain => "certain",
        Confidence::Probable => "probable",
        Confidence::Low => "a guess",
    };
    let sign = frame.paint.paint(tone, sign);
    let mut lines =
        vec![format!("{sign} {title} (pid {})  {state} for {clock}, {sure}", session.pid)];
    lines.push(String::new());
    for claim in &why.claims {
        lines.extend(claim_lines(claim, now, frame));
    }
    if why.claims.is_empty() {
        lines.push("  no source says anything about it".to_owned());
    }
    lines.push(String::new());
    let id = session.session_id.as_deref().unwrap_or("none");
    let path = |it: &std::path::PathBuf| phrases::directory(&it.to_string_lossy(), frame.home);
    let transcript = why.transcript.as_ref().map_or_else(|| "none".to_owned(), path);
    lines.extend(origin("session id", id, &why.id_from, frame));
    lines.extend(origin("transcript", &transcript, &why.transcript_from, frame));
    if let Some(place) = &session.place {
        let workspace = place.workspace.as_deref().unwrap_or("none");
        lines.extend(origin("workspace", workspace, &place.how, frame));
    }
    frame.paint.in_glyphs(lines)
}

fn claim_lines(claim: &Claim, now: Timestamp, frame: Frame) -> Vec<String> {
    let (sign, tone) = match claim.outcome {
        Outcome::Won => ("→", Tone::Good),
        Outcome::Agreed => ("+", Tone::Plain),
        Outcome::SetAside => ("-", Tone::Dim),
    };
    let source = match claim.source {
        Source::SessionFile => "session file",
        Source::Transcript => "transcript",
        Source::Subagents => "subagents",
        Source::Process => "process",
        Source::DebugLog => "debug log",
        Source::Settings => "settings",
        Source::Title => "title",
        Source::Screen => "screen",
        Source::Hook => "hook",
        Source::Team => "team",
        Source::Other => "other",
    };
    let mut verdict = claim.state.map_or("cannot tell", |it| it.word()).replace('_', " ");
    if let Some(reason) = claim.reason {
        verdict.push_str(&format!(" ({})", reason.word()));
    }
    if let Some(at) = claim.at {
        verdict.push_str(&format!(" for {}", phrases::clock(at, now)));
    }
    let says = clean(&claim.says, 400);
    let head = format!("{sign} {}  {}  {says}", pad(source, 12), pad(&verdict, 24));
    let mut lines = vec![fit(&head, 2, frame, tone)];
    // Without a state, the line above says it already.
    if claim.state.is_some() && !claim.because.is_empty() {
        lines.push(fit(&clean(&claim.because, 400), 18, frame, Tone::Dim));
    }
    lines
}

fn origin(what: &str, value: &str, from: &str, frame: Frame) -> Vec<String> {
    let mut lines =
        vec![fit(&format!("{} {}", pad(what, 12), clean(value, 400)), 2, frame, Tone::Plain)];
    if !from.is_empty() {
        lines.push(fit(&clean(from, 400), 15, frame, Tone::Dim));
    }
    lines
}

fn fit(text: &str, indent: usize, frame: Frame, tone: Tone) -> String {
    let room = frame.width.map_or(usize::MAX, |width| width.saturating_sub(indent));
    format!("{}{}", " ".repeat(indent), frame.paint.paint(tone, &cut(text, room)))
}

#[cfg(test)]
mod tests {
    use super::super::paint::Paint;
    use super::*;
    use crate::config::column::Column;
    use crate::session::info::sample;
    use crate::session::state::{ReasonKind, StateName};

    #[test]
    fn every_claim_and_what_became_of_it() {
        let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let claim = |source, state, outcome, says: &str, because: &str| Claim {
            source,
            state,
            reason: None,
            at: Some(now - chrono::TimeDelta::minutes(4)),
            confidence: Confidence::Certain,
            says: says.into(),
            outcome,
            because: because.into(),
        };
        let mut won = claim(
            Source::SessionFile,
            Some(StateName::NeedsInput),
            Outcome::Won,
            "status is \"waiting\"",
            "it is of this process",
        );
        won.reason = Some(ReasonKind::Permission);
        let why = Why {
            claims: vec![
                won,
                claim(
                    Source::Transcript,
                    Some(StateName::Working),
                    Outcome::SetAside,
                    "a tool runs",
                    "older",
                ),
                claim(Source::Title, None, Outcome::SetAside, "it shows no sign", "it cannot tell"),
            ],
            id_from: "session file".to_owned(),
            transcript_from: "named after the session id".to_owned(),
            transcript: Some("/home/u/.claude/projects/x/1.jsonl".into()),
        };
        let session = sample(4711, StateName::NeedsInput, 4);
        let frame = Frame {
            width: Some(90),
            home: Some("/home/u"),
            paint: Paint::NONE,
            columns: Column::DEFAULT,
        };
        insta::assert_snapshot!(why_lines(&session, &why, now, frame).join("\n"), @r#"
    ● vmux (pid 4711)  needs input for 4m, certain

      → session file  needs input (permission) for 4m  status is "waiting"
                      it is of this process
      - transcript    working for 4m            a tool runs
                      older
      - title         cannot tell for 4m        it shows no sign

      session id   00001267-0000-4000-8000-000000000000
                   session file
      transcript   ~/.claude/projects/x/1.jsonl
                   named after the session id
"#);
    }
}
