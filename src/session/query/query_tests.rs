//! Queries against a house full of sessions, each named by its pid.

use super::super::info::sample;
use super::super::state::StateName;
use super::*;

/// 11 is labelled, 12 to 14 share a directory, 15 has a name, 16 a workspace and a unicode path.
fn samples() -> Vec<SessionInfo> {
    let at = |pid, state, minutes, cwd: &str, branch: &str| {
        let mut session = sample(pid, state, minutes);
        session.cwd = cwd.into();
        session.git_branch = (!branch.is_empty()).then(|| branch.into());
        session
    };
    use StateName::{Idle, NeedsInput, Working};
    let mut house = vec![
        at(11, Working, 1, "/home/u/src/shop", "main"),
        at(12, Idle, 50, "/home/u/src/api", "fix/login"),
        at(13, NeedsInput, 9, "/home/u/src/api", "feature-x"),
        at(14, NeedsInput, 4, "/home/u/src/api", "main"),
        at(15, Working, 2, "/home/u/work/data-pipeline", ""),
        at(16, Idle, 5, "/home/u/Straße Ünï", "main"),
    ];
    house[0].label = Some("API fix".into());
    house[0].session_id = Some("deadbeef-1111-4000-8000-000000000000".into());
    house[4].details.name = Some("Nightly import".into());
    house[5].workspace = Some("3: web".into());
    house
}

fn pids(found: Found) -> (char, Vec<u32>) {
    let house = samples();
    let pid = |index: usize| house[index].pid;
    match found {
        Found::One(index) => ('=', vec![pid(index)]),
        Found::Several(found) => ('+', found.into_iter().map(pid).collect()),
        Found::None { closest, .. } => ('?', closest.into_iter().map(pid).collect()),
    }
}

#[track_caller]
fn check(query: &str, kind: char, expected: &[u32]) {
    assert_eq!(pids(find(query, &samples())), (kind, expected.to_vec()), "{query}");
}

#[test]
fn a_label_a_session_id_and_a_pid_name_one_session() {
    check("api fix", '=', &[11]);
    check("  API   FIX ", '=', &[11]);
    check("deadbeef-1111-4000-8000-000000000000", '=', &[11]);
    check("deadb", '=', &[11]);
    check("15", '=', &[15]);
    check("15:0", '=', &[15]);
}

#[test]
fn three_letters_do_not_mean_a_session_id_nor_the_wrong_start_a_process() {
    assert!(matches!(find("dea", &samples()), Found::None { .. }));
    assert!(matches!(find("15:1", &samples()), Found::None { .. }));
}

#[test]
fn exact_beats_prefix_beats_word_beats_substring_beats_fuzzy() {
    check("api", '+', &[13, 14, 12]);
    check("nightly", '=', &[15]);
    check("import", '=', &[15]);
    check("web", '=', &[16]);
    check("fix", '=', &[12]);
}

#[test]
fn several_come_in_the_order_of_who_waits_longest() {
    check("main", '+', &[14, 11, 16]);
    check("/home/u/src/api/", '+', &[13, 14, 12]);
    check("src/api", '+', &[13, 14, 12]);
}

#[test]
fn going_there_takes_the_first() {
    assert_eq!(pids(find_first("api", &samples())), ('=', vec![13]));
    assert_eq!(pids(find_first("main", &samples())), ('=', vec![14]));
}

#[test]
fn words_may_be_spread_over_fields() {
    check("api main", '=', &[14]);
    check("feature api", '=', &[13]);
    check("api nonsense", '?', &[]);
}

#[test]
fn letters_in_order_are_a_match_of_last_resort() {
    check("dtpipe", '=', &[15]);
    check("ftrx", '=', &[13]);
}

#[test]
fn a_typing_error_is_no_match_but_offers_the_closest() {
    check("pipelime", '?', &[15]);
    check("zzzz", '?', &[]);
    check("", '?', &[]);
    check("   ", '?', &[]);
}

#[test]
fn case_of_other_alphabets_does_not_matter() {
    check("STRASSE", '?', &[16]);
    check("straße", '=', &[16]);
    check("ÜNÏ", '=', &[16]);
}

#[test]
fn strange_queries_do_no_harm() {
    for query in ["/", "//", "\0", "[", "\\", "'", "!", "^a$", &"x".repeat(100_000), "\u{202e}"] {
        let _ = find(query, &samples());
        let _ = find::<SessionInfo>(query, &[]);
    }
}

#[test]
fn a_host_before_a_colon_means_its_sessions_only() {
    let laptop = HostName::new("laptop").unwrap();
    let mut sessions = vec![
        sample(1, StateName::Idle, 1),
        sample(2, StateName::Idle, 2),
        sample(3, StateName::Idle, 3),
    ];
    sessions[0].label = Some("api".into());
    sessions[1].label = Some("api".into());
    sessions[1].host = Some(laptop);
    sessions[2].label = Some("fix: api".into());
    assert_eq!(find("api", &sessions), Found::Several(vec![1, 0]));
    assert_eq!(find("laptop:api", &sessions), Found::One(1));
    assert_eq!(find("laptop:", &sessions), Found::One(1));
    assert_eq!(find("laptop:2:0", &sessions), Found::One(1));
    // A label may hold a colon.
    assert_eq!(find("fix: api", &sessions), Found::One(2));
    // A process is no host.
    assert_eq!(find("1:0", &sessions), Found::One(0));
    let Found::None { unknown_host, .. } = find("desk:api", &sessions) else { panic!() };
    assert_eq!(
        no_match("desk:api", unknown_host),
        "no session matches \"desk:api\", and no session of a host \"desk\" is known"
    );
    let Found::None { unknown_host, .. } = find("laptop:web", &sessions) else { panic!() };
    assert_eq!(unknown_host, None);
}
