//! The text for Prometheus: what is known of the sessions, the hosts and vmuxd.
//!
//! | file | job |
//! |---|---|
//! | [`mod@waits`] | how often sessions waited, and how long until they were answered |
//! | [`process`] | what vmuxd costs, from `/proc` |

pub mod process;
pub mod waits;

use crate::feed::View;
use chrono::{DateTime, Utc};
use process::Usage;
use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::registry::{Registry, Unit};
use std::fmt;
use vmux::protocol::response::DaemonInfo;
use vmux::session::query::order::waits;
use vmux::session::state::StateName;
use vmux::session::state::host::HostState;

/// The name under which sessions of this machine are counted.
const HERE: &str = "";

/// Names and values.
type Labels = Vec<(&'static str, String)>;

/// The metrics of the sessions and hosts, into `registry`. While vmuxd is away nothing is known of them,
/// and there are only those that count from the beginning.
pub fn of_sessions(view: &View, now: DateTime<Utc>, registry: &mut Registry) {
    let help = "Waits of sessions that have begun";
    registry.register("vmux_waits", help, view.waits.begun.clone());
    let help = "From the beginning of a wait to its answer, of the waits that were answered";
    let answered = view.waits.answered.clone();
    registry.register_with_unit("vmux_time_to_answer", help, Unit::Seconds, answered);
    let Some(sessions) = view.sessions else { return };
    let counted = Family::<Labels, Gauge>::default();
    for state in ["working", "needs_input", "idle", "unknown"] {
        drop(counted.get_or_create(&labels(state, HERE)));
    }
    for session in sessions {
        let host = session.host.map_or(HERE, |it| it.as_str());
        counted.get_or_create(&labels(word(session.state), host)).inc();
    }
    registry.register("vmux_sessions", "Sessions by state and host", counted);
    let waiting = sessions.iter().filter(|it| waits(it)).filter_map(|it| it.waiting_since).min();
    let longest = waiting.map_or(0.0, |since| (now - since).as_seconds_f64().max(0.0));
    let help = "How long the session has waited that has waited longest";
    registry.register_with_unit("vmux_longest_wait", help, Unit::Seconds, ConstGauge::new(longest));
    let unseen = sessions.iter().filter(|it| it.unseen).count();
    registry.register("vmux_unseen", "Sessions that have finished unseen", gauge(unseen));
    let servers = sessions.iter().map(|it| it.servers.len()).sum();
    registry.register("vmux_servers", "Servers that listen for sessions", gauge(servers));
    let troubled = sessions.iter().flat_map(|it| &it.servers).filter(|it| !it.problems.is_empty());
    let help = "Servers that are stale, do not answer, or have another problem";
    registry.register("vmux_servers_with_problems", help, gauge(troubled.count()));
    let up = Family::<Labels, Gauge>::default();
    for host in view.hosts.iter().filter(|it| it.state != HostState::Disabled) {
        let is_up = i64::from(host.state == HostState::Up);
        up.get_or_create(&vec![("host", host.name.to_string())]).set(is_up);
    }
    registry.register("vmux_host_up", "Whether another host is reached", up);
}

/// The metrics of vmuxd, into `registry`.
pub fn of_daemon(daemon: Option<&DaemonInfo>, usage: Option<Usage>, registry: &mut Registry) {
    let up = gauge(usize::from(daemon.is_some()));
    registry.register("vmux_daemon_up", "Whether vmuxd answers", up);
    let Some(daemon) = daemon else { return };
    let help = "What is wrong with vmuxd";
    registry.register("vmux_daemon_problems", help, gauge(daemon.problems.len()));
    let Some(usage) = usage else { return };
    let help = "CPU time of vmuxd";
    let cpu = ConstCounter::new(usage.cpu.as_secs_f64());
    registry.register_with_unit("vmux_daemon_cpu", help, Unit::Seconds, cpu);
    let memory = ConstGauge::new(i64::try_from(usage.resident).unwrap_or(i64::MAX));
    let help = "Memory that vmuxd has in use";
    registry.register_with_unit("vmux_daemon_resident_memory", help, Unit::Bytes, memory);
}

/// The text, in the format 0.0.4.
pub fn text(registry: &Registry) -> Result<String, fmt::Error> {
    let mut text = String::new();
    prometheus_text::encode(&mut text, registry)?;
    Ok(text)
}

fn labels(state: &str, host: &str) -> Labels {
    vec![("state", state.to_owned()), ("host", host.to_owned())]
}

fn gauge(number: usize) -> ConstGauge<i64> {
    ConstGauge::new(i64::try_from(number).unwrap_or(i64::MAX))
}

/// The word of the protocol.
fn word(state: StateName) -> &'static str {
    match state {
        StateName::Working => "working",
        StateName::NeedsInput => "needs_input",
        StateName::Idle => "idle",
        _ => "unknown",
    }
}
