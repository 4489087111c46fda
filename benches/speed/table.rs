//! Figures, and the table they are printed in.

use std::time::Duration;

/// Say what the figures were measured on.
pub fn machine() {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name\t: ")).unwrap_or("?");
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!("{model}, {cores} cores, load {}", load.split(' ').next().unwrap_or("?"));
}

/// The head of a table.
pub fn head(title: &str) {
    println!("\n{title}\n");
    println!("| {:58} | {:>14} | {:>10} |", "what", "figure", "goal");
    println!("|{:-<60}|{:->16}|{:->12}|", "", ":", ":");
}

/// One row of it.
pub fn row(what: &str, figure: &str, goal: &str) {
    println!("| {what:58} | {figure:>14} | {goal:>10} |");
}

/// Durations, sorted, so that quantiles can be read off.
pub struct Times(Vec<Duration>);

impl Times {
    pub fn new(mut times: Vec<Duration>) -> Times {
        times.sort_unstable();
        Times(times)
    }

    pub fn quantile(&self, share: f64) -> Duration {
        let last = self.0.len() - 1;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss
        )]
        let index = (last as f64 * share).round() as usize;
        self.0[index]
    }

    pub fn median(&self) -> Duration {
        self.quantile(0.5)
    }
}

/// Microseconds, for people.
pub fn micros(time: Duration) -> String {
    format!("{:.1} µs", time.as_secs_f64() * 1e6)
}

/// How many times as long.
pub fn ratio(this: Duration, that: Duration) -> String {
    format!("{:.2}×", this.as_secs_f64() / that.as_secs_f64())
}
