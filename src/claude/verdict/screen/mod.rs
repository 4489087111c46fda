//! What the terminal shows, where the files do not tell: versions that write no status, dialogs of the
//! start, forms of MCP servers that older versions do not write down. Pure.
//!
//! A look at a screen is true at its time. What the transcript says later is newer, and the screen is
//! read again.

pub(super) mod reading;

use super::calls::asking::{self, Asked};
use super::calls::candidates::Scope;
use super::calls::choice::{only_shown, shows};
use super::{Evidence, Opinion, TranscriptEvidence, needs};
use crate::claude::process::screen::seen::SeenScreen;
use crate::claude::process::screen::shown::Shown;
use crate::session::state::evidence::Source;
use crate::session::state::{Confidence, Reason, ReasonKind, State};
use chrono::TimeDelta;
use reading::{MAX_AGE, OWN_DIALOG, is_older, may_be_untold, may_tell};

/// What was there before a session stays on the screen until it draws: 0.5 s, and longer where it is slow.
/// Where its processor time is not known, this much is waited for.
const DRAWN_WITHIN: TimeDelta = TimeDelta::seconds(3);

/// A spinner that has not moved for this long does not turn: one that 1.0.128 and 2.1.75 have left when they
/// drew over themselves, after they had stood still.
const STILL_FOR: TimeDelta = TimeDelta::seconds(3);

/// What the dialog is that a session file speaks of, if the screen was read since it opened.
pub(super) fn dialog(e: &Evidence<'_>) -> Option<ReasonKind> {
    match seen_since(e)?.look.shown? {
        Shown::Asks(kind) => Some(kind),
        _ => None,
    }
}

/// The host for which a command in the sandbox asks, if the screen was read since the session file says
/// that it does.
pub(super) fn network_request<'a>(e: &Evidence<'a>) -> Option<&'a str> {
    seen_since(e)?.network_request()
}

/// The screen, if it was read since the status in the session file changed.
fn seen_since<'a>(e: &Evidence<'a>) -> Option<&'a SeenScreen> {
    let changed = e.session_file()?.status_at?;
    e.screen.filter(|seen| seen.at >= changed)
}

/// The opinion of the screen. `others` are those of the start and of the transcript.
pub(super) fn opinion(e: &Evidence<'_>, others: [Option<&Opinion>; 2]) -> Option<Opinion> {
    let seen = e.screen.filter(|_| may_tell(e))?;
    let shown = seen.look.shown.filter(|_| e.now - seen.at < MAX_AGE)?;
    if may_be_of_before(e) {
        return None;
    }
    let is_form_or_own = shown == Shown::Asks(ReasonKind::Elicitation) || Some(shown) == OWN_DIALOG;
    let is_untold = (is_form_or_own || seen.network_request().is_some()) && may_be_untold(e);
    if e.has_status() && !is_untold {
        return None;
    }
    if is_older(e, seen) {
        if !seen.is_readable {
            return None;
        }
        let says = "the transcript is newer than what was read of the screen".to_owned();
        return Some(opine(State::Unknown, seen, says));
    }
    let like = |state: &State| {
        let is_like = |other: &&Opinion| match (&other.state, state) {
            (State::NeedsInput(one), State::NeedsInput(two)) => one.kind == two.kind,
            (one, two) => one == two,
        };
        others.into_iter().flatten().find(is_like)
    };
    let begins_as = |opinion: Opinion| {
        let since = like(&opinion.state).and_then(|other| other.since);
        Opinion { since: since.or(opinion.since), ..opinion }
    };
    let is_still = seen.at - seen.still_since >= STILL_FOR;
    let is_over = matches!(e.main, TranscriptEvidence::Turn(turn, _) if turn.is_over());
    Some(match shown {
        Shown::Work if is_still && is_over => return None,
        Shown::Work => {
            begins_as(opine(State::Working, seen, "the screen shows that it works".to_owned()))
        }
        Shown::Prompt => {
            begins_as(opine(State::Idle, seen, "the screen shows a prompt".to_owned()))
        }
        Shown::Menu if is_of_start(e, seen) => asks(e, ReasonKind::Dialog, seen, like),
        Shown::Menu => return None,
        Shown::Asks(kind) => as_shown(e, seen, asks(e, kind, seen, like)),
        Shown::HeldBack => {
            let mut kinds = others.iter().flatten().filter_map(|it| it.state.reason());
            let kind = kinds.next().map_or(ReasonKind::Permission, |reason| reason.kind);
            asks(e, kind, seen, like)
        }
    })
}

/// A wait whose call may be that of another process which writes to the same transcript: it is named only
/// if the dialog shows its words. A command stands in its dialog as it is: if it does not, another call
/// asks.
fn as_shown(e: &Evidence<'_>, seen: &SeenScreen, opinion: Opinion) -> Opinion {
    let State::NeedsInput(Reason { kind, detail: Some(detail) }) = &opinion.state else {
        return opinion;
    };
    let is_shown = shows(seen, detail);
    let is_other = detail.starts_with("Bash: ") && is_shown == Some(false);
    if !is_other && (!e.may_be_shared || is_shown == Some(true)) {
        return opinion;
    }
    let kind = *kind;
    let (state, calls) = match only_shown(e, seen, |call| asking::reason(call) == kind) {
        Some(one) => (needs(kind, Some(one.description.clone())), vec![one.id.clone()]),
        None => (needs(kind, None), Vec::new()),
    };
    Opinion { state, calls, ..opinion }
}

/// Whether the screen may still show what a shell, or an earlier session, has left there. A version that
/// writes a key does so before it draws; one that has work to do and never draws prints its answers.
fn may_be_of_before(e: &Evidence<'_>) -> bool {
    let is_new = matches!(e.main, TranscriptEvidence::Nothing);
    match e.activity {
        Some(it) if is_new => {
            let is_left = it.shows_before && !it.may_have_drawn();
            !it.has_started || is_left || e.key_written == Some(false)
        }
        Some(it) => it.shows_before && !it.has_drawn,
        None => is_new && e.now - e.started_at < DRAWN_WITHIN,
    }
}

/// Whether a menu is one that the session has opened at its start.
fn is_of_start(e: &Evidence<'_>, seen: &SeenScreen) -> bool {
    matches!(e.main, TranscriptEvidence::Nothing) && !seen.has_begun
}

fn asks<'a>(
    e: &Evidence<'_>,
    kind: ReasonKind,
    seen: &SeenScreen,
    like: impl Fn(&State) -> Option<&'a Opinion>,
) -> Opinion {
    let says = format!("the screen shows a dialog ({})", kind.word());
    if let Some(host) = seen.network_request() {
        return opine(Asked::of_network(Some(host)).state(), seen, says);
    }
    let opinion = opine(needs(kind, None), seen, says);
    if let Some(other) = like(&opinion.state) {
        let (state, calls) = (other.state.clone(), other.calls.clone());
        return Opinion { state, calls, since: other.since.or(opinion.since), ..opinion };
    }
    // A dialog may come later, too: what was spent.
    let is_new = matches!(e.main, TranscriptEvidence::Nothing);
    if kind == ReasonKind::Trust || (kind == ReasonKind::Dialog && is_new) {
        return Opinion { since: Some(e.started_at), ..opinion };
    }
    let questions = kind == ReasonKind::Question;
    let scope = Scope { opened_at: Some(seen.since), tool: None, questions };
    let fits = |asked: &Asked| asked.kind == kind || kind == ReasonKind::Elicitation;
    match asking::asked(e, scope).filter(fits) {
        Some(Asked { detail, calls, since, .. }) => {
            let state = needs(kind, detail);
            Opinion { state, calls, since: since.or(opinion.since), ..opinion }
        }
        None => opinion,
    }
}

fn opine(state: State, seen: &SeenScreen, says: String) -> Opinion {
    Opinion::new(Source::Screen, state, Some(seen.since), Confidence::Certain, says)
}

#[cfg(test)]
mod tests {
    use super::reading::due;
    use super::*;
    use crate::claude::process::screen::Screen;
    use crate::claude::process::screen::seen::Look;
    use crate::claude::session_file::parse;
    use crate::claude::testing::time;
    use crate::claude::transcript::turn::Turn;
    use crate::claude::verdict::evidence::{Activity, SessionFileEvidence};
    use crate::claude::verdict::ladder_tests::{ended, evidence, open, says};
    use crate::claude::verdict::{Decision, Verdict, decide};

    /// A screen that has shown the same from `since` to `at`.
    pub(super) fn screen(shown: Shown, since: i64, at: i64) -> SeenScreen {
        let look = |at: i64| {
            Some(Look { shown: Some(shown), print: at.cast_unsigned(), ..Look::default() })
        };
        let first = SeenScreen::after(None, look(since), time(since));
        SeenScreen::after(Some(&first), look(at), time(at))
    }

    fn permission(since: i64, at: i64) -> SeenScreen {
        screen(Shown::Asks(ReasonKind::Permission), since, at)
    }

    /// As on 2.1.75 while the user types: the screen says only that something is due.
    #[test]
    fn a_dialog_that_is_held_back_is_what_the_transcript_says() {
        let held = screen(Shown::HeldBack, 50_300, 59_900);
        let check = |calls: &[(&str, i64)]| {
            let turn = open(calls);
            let main = TranscriptEvidence::Turn(&turn, time(50_000));
            says(&Evidence { main, screen: Some(&held), ..evidence() })
        };
        assert_eq!(check(&[("AskUserQuestion", 50_000)]), "needs_input:question");
        assert_eq!(check(&[("ExitPlanMode", 50_000)]), "needs_input:plan");
        assert_eq!(check(&[("mcp__a__b", 50_000)]), "needs_input:permission");
        assert_eq!(check(&[]), "needs_input:permission", "its call is not written yet");
    }

    #[test]
    fn a_call_that_runs_is_told_from_one_that_asks() {
        let turn = open(&[("mcp__a__b", 50_000)]);
        let main = TranscriptEvidence::Turn(&turn, time(50_000));
        let check = |screen: Option<SeenScreen>| {
            let e = Evidence { main, screen: screen.as_ref(), ..evidence() };
            let Decision { verdict, calls, .. } = decide(&e);
            (verdict.state.name().word(), verdict.since, calls.len())
        };
        assert_eq!(check(None).0, "unknown");
        assert_eq!(check(Some(screen(Shown::Work, 50_100, 59_900))).0, "working");
        let asks = check(Some(permission(50_300, 59_900)));
        assert_eq!(asks, ("needs_input", time(50_300), 1));
        assert_eq!(check(Some(permission(40_000, 49_000))).0, "unknown", "the call is newer");
        assert_eq!(check(Some(permission(50_300, 51_000))).0, "unknown", "that was long ago");
        let unread = |before: SeenScreen| SeenScreen::after(Some(&before), None, time(59_950));
        assert_eq!(check(Some(unread(permission(50_300, 59_000)))).0, "needs_input");
        assert_eq!(check(Some(unread(permission(40_000, 49_000)))).0, "unknown");
    }

    /// As `dialog-spent` on 2.1.220 and 2.1.119, whose files say `idle`.
    #[test]
    fn a_dialog_at_the_end_of_a_turn_is_known_by_the_screen() {
        let turn = ended();
        let check = |version: &str, freed: i64, screen: Option<&SeenScreen>| {
            let at = time(freed).timestamp_millis();
            let json = format!(
                r#"{{"status":"idle","statusUpdatedAt":{at},"version":"{version}","startedAt":1795190400500}}"#
            );
            let file = parse::parse(json.as_bytes()).unwrap();
            let e = Evidence {
                file: SessionFileEvidence::Says(&file),
                main: TranscriptEvidence::Turn(&turn, time(50_000)),
                screen,
                ..evidence()
            };
            let Decision { verdict, screen_due, .. } = decide(&e);
            let reason = verdict.state.reason().map(|reason| reason.kind);
            (reason, verdict.since, screen_due.is_some())
        };
        let dialog = screen(Shown::Asks(ReasonKind::Dialog), 58_100, 59_900);
        let told = (Some(ReasonKind::Dialog), time(58_100), true);
        for version in ["2.1.119", "2.1.220"] {
            assert_eq!(check(version, 58_000, Some(&dialog)), told);
            assert_eq!(check(version, 50_000, Some(&dialog)).0, told.0, "it stays open");
            assert_eq!(check(version, 50_000, None), (None, time(50_000), false));
            assert!(check(version, 58_000, None).2, "it may open now");
        }
        let prompt = screen(Shown::Prompt, 58_100, 59_900);
        assert_eq!(check("2.1.220", 58_000, Some(&prompt)).0, None);
        assert_eq!(check("2.1.332", 58_000, Some(&dialog)), (None, time(58_000), false));
    }

    #[test]
    fn the_call_of_another_process_on_the_transcript_is_not_named() {
        let turn = open(&[("Bash", 50_000)]);
        let screen = permission(50_300, 59_900);
        let named = |may_be_shared| {
            let main = TranscriptEvidence::Turn(&turn, time(50_000));
            let e = Evidence { main, screen: Some(&screen), may_be_shared, ..evidence() };
            let Decision { verdict, calls, .. } = decide(&e);
            (verdict.state.reason().unwrap().detail.is_some(), calls.len())
        };
        assert_eq!((named(false), named(true)), ((true, 1), (false, 0)));
    }

    #[test]
    fn a_command_that_the_dialog_does_not_show_is_not_named() {
        let rule = "─".repeat(40);
        let dialog = format!(
            "{rule}\n Bash command\n\n   make --always everything\n   Run it\n\n \
             Do you want to proceed?\n ❯ 1. Yes\n   2. No\n\n Esc to cancel\n"
        );
        let look = || Some(Look::at(&Screen::parse(&dialog)));
        let seen = SeenScreen::after(None, look(), time(59_900));
        let named = |commands: &[&str]| {
            let calls: Vec<(&str, i64)> =
                commands.iter().zip(50_000..).map(|it| ("Bash", it.1)).collect();
            let mut turn = open(&calls);
            for (call, command) in turn.open.iter_mut().zip(commands) {
                call.description = format!("Bash: {command}");
            }
            let main = TranscriptEvidence::Turn(&turn, time(50_000));
            let decision = decide(&Evidence { main, screen: Some(&seen), ..evidence() });
            decision.verdict.state.reason().unwrap().detail.clone()
        };
        let shown = Some("Bash: make --always everything".to_owned());
        assert_eq!(named(&["make --always everything"]), shown);
        assert_eq!(named(&["until-file the-other-one"]), None, "another process has called it");
        assert_eq!(named(&["until-file the-other-one", "make --always everything"]), shown);
        assert_eq!(named(&["ls"]), Some("Bash: ls".to_owned()), "it may stand anywhere");
    }

    #[test]
    fn what_the_transcript_knows_of_the_same_state_is_kept() {
        let turn = ended();
        let main = TranscriptEvidence::Turn(&turn, time(50_000));
        let since = |screen: Option<&SeenScreen>| {
            decide(&Evidence { main, screen, ..evidence() }).verdict.since
        };
        assert_eq!(since(Some(&screen(Shown::Prompt, 52_000, 59_000))), since(None));
        let works = since(Some(&screen(Shown::Work, 52_000, 59_000)));
        assert_eq!(works, time(52_000), "it began after the turn");
    }

    #[test]
    fn a_spinner_that_stands_still_after_the_turn_is_left_over() {
        let (over, runs) = (ended(), open(&[("mcp__a__b", 50_000)]));
        let still =
            |at: i64| SeenScreen { still_since: time(55_000), ..screen(Shown::Work, 52_000, at) };
        let state = |turn: &Turn, screen: &SeenScreen| {
            let main = TranscriptEvidence::Turn(turn, time(50_000));
            says(&Evidence { main, screen: Some(screen), ..evidence() })
        };
        assert_eq!(state(&over, &still(57_000)), "working");
        assert_eq!(state(&over, &still(58_500)), "idle");
        assert_eq!(state(&runs, &still(58_500)), "working");
    }

    #[test]
    fn a_menu_before_the_first_prompt_is_of_the_session() {
        fn e(screen: &SeenScreen) -> Evidence<'_> {
            Evidence { screen: Some(screen), writes_file: Some(true), ..evidence() }
        }
        let menu = screen(Shown::Menu, 500, 59_900);
        assert_eq!(says(&e(&menu)), "needs_input:dialog");
        assert_eq!(decide(&e(&menu)).verdict.since, time(0));
        let begun = SeenScreen { has_begun: true, ..menu.clone() };
        assert_ne!(says(&e(&begun)), "needs_input:dialog", "the user has opened it");
        let young = || Evidence { started_at: time(58_000), ..e(&menu) };
        assert_ne!(says(&young()), "needs_input:dialog", "a shell may have written it");
        let started = Activity { has_started: true, ..Activity::default() };
        let with = |activity, key_written| {
            says(&Evidence { activity: Some(activity), key_written, ..young() })
        };
        assert_eq!(with(started, None), "needs_input:dialog");
        assert_eq!(with(started, Some(true)), "needs_input:dialog");
        for left in [
            with(started, Some(false)),
            with(Activity { shows_before: true, ..started }, None),
            says(&Evidence { activity: Some(Activity::default()), ..e(&menu) }),
        ] {
            assert_eq!(left, "unknown", "an earlier session may have left it");
        }
        let trust = screen(Shown::Asks(ReasonKind::Trust), 500, 59_900);
        assert_eq!(says(&e(&trust)), "needs_input:trust");
        let headless = Evidence { interactive: false, ..e(&trust) };
        assert_eq!((due(&headless, &State::Idle), says(&headless).as_str()), (None, "idle"));
    }

    #[test]
    fn what_was_there_before_a_session_that_never_drew_is_not_its_dialog() {
        let turn = open(&[("Bash", 50_000)]);
        let main = TranscriptEvidence::Turn(&turn, time(50_000));
        let screen = permission(50_300, 59_900);
        let with = |shows_before, has_drawn| {
            let has_started = true;
            let activity = Activity { has_started, shows_before, has_drawn, ..Activity::default() };
            let ran = ["0".to_owned()];
            decide(&Evidence {
                main,
                screen: Some(&screen),
                activity: Some(activity),
                ran: &ran,
                ..evidence()
            })
            .claims
            .iter()
            .any(|claim| claim.source == Source::Screen)
        };
        assert!(!with(true, false), "an earlier session has left it");
        assert!(with(true, true), "it asks the same again");
        assert!(with(false, false) && with(false, true));
    }

    #[test]
    fn a_status_leaves_only_the_forms_of_servers_open() {
        let file = |version: &str| {
            let json = format!(
                r#"{{"status":"busy","statusUpdatedAt":1795190450000,"version":"{version}"}}"#
            );
            parse::parse(json.as_bytes()).unwrap()
        };
        let (old, new) = (file("2.1.119"), file("2.1.220"));
        let turn = open(&[("mcp__a__b", 50_000)]);
        let form = screen(Shown::Asks(ReasonKind::Elicitation), 51_000, 59_900);
        let asks = permission(51_000, 59_900);
        let check = |file, screen| {
            let e = Evidence {
                file: SessionFileEvidence::Says(file),
                main: TranscriptEvidence::Turn(&turn, time(50_000)),
                screen,
                ..evidence()
            };
            (says(&e), due(&e, &State::Working).is_some())
        };
        assert_eq!(check(&old, Some(&form)), ("needs_input:elicitation".to_owned(), true));
        assert_eq!(check(&old, Some(&asks)), ("working".to_owned(), true));
        assert_eq!(check(&new, Some(&form)), ("working".to_owned(), false));
        let turn = open(&[("Bash", 50_000)]);
        let check = |file, screen| {
            let e = Evidence {
                file: SessionFileEvidence::Says(file),
                main: TranscriptEvidence::Turn(&turn, time(50_000)),
                screen: Some(screen),
                ..evidence()
            };
            (detailed(&e), due(&e, &State::Working).is_some())
        };
        let (open_now, open_before) = (network(51_000, 59_900), network(49_000, 49_000));
        let asked = "needs_input: Network request: pages.example";
        assert_eq!(check(&old, &open_now), (asked.to_owned(), true));
        assert_eq!(check(&old, &asks), ("working".to_owned(), true));
        assert_eq!(check(&new, &open_now), ("working".to_owned(), false));
        let (idle, over) = (r#"{"status":"idle","version":"2.1.119"}"#, ended());
        let idle = parse::parse(idle.as_bytes()).unwrap();
        let behind = |background| {
            let e = Evidence {
                file: SessionFileEvidence::Says(&idle),
                main: TranscriptEvidence::Turn(&over, time(5000)),
                screen: Some(&open_now),
                background,
                ..evidence()
            };
            detailed(&e)
        };
        assert_eq!((behind(1).as_str(), behind(0).as_str()), (asked, "idle"));
        let json = r#"{"status":"waiting","waitingFor":"sandbox request","statusUpdatedAt":1795190450000,"version":"2.1.220"}"#;
        let waits = parse::parse(json.as_bytes()).unwrap();
        assert_eq!(check(&waits, &open_now), (asked.to_owned(), true));
        let before = "needs_input: Network request".to_owned();
        assert_eq!(check(&waits, &open_before), (before, true));
    }

    /// A screen on which a command in the sandbox asks for the network.
    fn network(since: i64, at: i64) -> SeenScreen {
        let text = include_str!("../../../../testdata/claude/shown/2.1.119/permission-network.txt");
        let look = |at| Look { print: at, ..Look::at(&Screen::parse(text)) };
        let first = SeenScreen::after(None, Some(look(0)), time(since));
        SeenScreen::after(Some(&first), Some(look(1)), time(at))
    }

    fn detailed(e: &Evidence<'_>) -> String {
        let state = decide(e).verdict.state;
        let detail = state.reason().and_then(|reason| reason.detail.clone());
        let detail = detail.map(|it| format!(": {it}")).unwrap_or_default();
        format!("{}{detail}", state.name().word())
    }

    #[test]
    fn a_session_file_that_is_being_written_leaves_nothing_to_an_older_screen() {
        let turn = open(&[("AskUserQuestion", 50_000)]);
        let held = Verdict {
            state: needs(ReasonKind::Question, None),
            since: time(50_000),
            confidence: Confidence::Certain,
        };
        let screen = permission(50_300, 50_300);
        let e = |held| Evidence {
            file: SessionFileEvidence::Torn,
            main: TranscriptEvidence::Turn(&turn, time(50_000)),
            screen: Some(&screen),
            now: time(52_000),
            held,
            ..evidence()
        };
        assert_eq!(says(&e(Some(&held))), "needs_input:question");
        assert_eq!(says(&e(None)), "needs_input:permission", "it has never told a state");
    }

    #[test]
    fn a_question_that_is_not_written_yet_is_known_by_the_screen() {
        let json = r#"{"status":"waiting","waitingFor":"input needed","statusUpdatedAt":1795190450000,"version":"2.1.332"}"#;
        let file = parse::parse(json.as_bytes()).unwrap();
        let turn = open(&[]);
        let check = |screen: Option<&SeenScreen>| {
            let e = Evidence {
                file: SessionFileEvidence::Says(&file),
                main: TranscriptEvidence::Turn(&turn, time(49_000)),
                screen,
                ..evidence()
            };
            (says(&e), due(&e, &State::Working).is_some())
        };
        let asks = |kind, at| screen(Shown::Asks(kind), at, at);
        let (question, form) = (ReasonKind::Question, ReasonKind::Elicitation);
        let told = |kind: &str| (format!("needs_input:{kind}"), true);
        assert_eq!(check(Some(&asks(question, 50_100))), told("question"));
        assert_eq!(check(Some(&asks(form, 50_100))), told("elicitation"));
        assert_eq!(check(Some(&asks(form, 49_000))), told("question"), "before it");
        assert_eq!(check(None), told("question"), "more often than a form");
    }

    #[test]
    fn of_a_question_and_a_form_the_screen_tells_which_is_shown() {
        let json = r#"{"status":"waiting","waitingFor":"input needed","statusUpdatedAt":1795190450000,"version":"2.1.332"}"#;
        let file = parse::parse(json.as_bytes()).unwrap();
        let check = |calls: &[(&str, i64)], screen: Option<&SeenScreen>| {
            let turn = open(calls);
            says(&Evidence {
                file: SessionFileEvidence::Says(&file),
                main: TranscriptEvidence::Turn(&turn, time(49_500)),
                screen,
                ..evidence()
            })
        };
        let form_first = [("mcp__a__b", 49_000), ("AskUserQuestion", 49_500)];
        let question_first = [("AskUserQuestion", 49_000), ("mcp__a__b", 49_500)];
        let shows = |kind| screen(Shown::Asks(kind), 50_200, 50_200);
        let (form, question) = (shows(ReasonKind::Elicitation), shows(ReasonKind::Question));
        for calls in [form_first, question_first] {
            assert_eq!(check(&calls, Some(&form)), "needs_input:elicitation");
            assert_eq!(check(&calls, Some(&question)), "needs_input:question");
        }
        assert_eq!(check(&form_first, None), "needs_input:other");
        assert_eq!(check(&question_first, None), "needs_input:question");
        let plan = shows(ReasonKind::Plan);
        assert_eq!(check(&form_first, Some(&plan)), "needs_input:other", "the file says otherwise");
    }

    #[test]
    fn of_two_processes_on_one_session_each_shows_what_it_asks() {
        let file = |waits_for: &str| {
            let json = format!(
                r#"{{"status":"waiting","waitingFor":"{waits_for}","statusUpdatedAt":1795190450000,"version":"2.1.332"}}"#
            );
            parse::parse(json.as_bytes()).unwrap()
        };
        let turn = open(&[("AskUserQuestion", 49_000), ("ExitPlanMode", 49_500)]);
        let check = |waits_for: &str, screen: Option<(ReasonKind, i64)>| {
            let file = file(waits_for);
            let screen = screen.map(|(kind, at)| super::tests::screen(Shown::Asks(kind), at, at));
            let e = Evidence {
                file: SessionFileEvidence::Says(&file),
                main: TranscriptEvidence::Turn(&turn, time(49_500)),
                screen: screen.as_ref(),
                shared: true,
                ..evidence()
            };
            let (decision, says) = (decide(&e), says(&e));
            assert!(decision.calls.is_empty(), "it may be the other one's");
            assert!(decision.screen_due.is_some());
            says
        };
        assert_eq!(check("input needed", None), "needs_input:question");
        let elicitation = Some((ReasonKind::Elicitation, 50_200));
        assert_eq!(check("input needed", elicitation), "needs_input:elicitation");
        assert_eq!(check("permission prompt", None), "needs_input:permission");
        let plan = |at| Some((ReasonKind::Plan, at));
        assert_eq!(check("permission prompt", plan(50_200)), "needs_input:plan");
        assert_eq!(check("permission prompt", plan(49_900)), "needs_input:permission", "before it");
    }
}
