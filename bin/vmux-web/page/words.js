// What a session is called and what it does, in words. No function here touches the page.

const REASONS = {
  permission: "needs permission", question: "asks a question", plan: "has a plan",
  elicitation: "asks for input", trust: "asks for trust", dialog: "shows a dialog",
};

// What went wrong, and what to do about it.
export function faultOf(error) {
  return error.hint ? `${error.message} (${error.hint})` : error.message;
}

// Most urgent first, as `vmux list` has them.
const RANKS = ["waits", "failed", "unseen", "working", "idle", "snoozed", "unknown"];

const RANK_WORDS = {
  waits: "wait", failed: "failed", unseen: "finished", working: "work", idle: "idle",
  snoozed: "set aside", unknown: "unknown",
};

export function keyOf(it) {
  return `${it.host ? it.host + ":" : ""}${it.pid}:${it.start ?? 0}`;
}

export function titleOf(session) {
  const directory = (session.cwd ?? "").replace(/\/+$/, "").split("/").pop();
  return session.label || session.name || directory || `pid ${session.pid}`;
}

// A directory, with ~ for the home of the user whose sessions these are.
export function pathOf(path, home) {
  const inside = home && home !== "/" && (path === home || path?.startsWith(`${home}/`));
  return inside ? `~${path.slice(home.length)}` : path;
}

export function rankOf(session) {
  if (session.snoozed) return "snoozed";
  if (session.state === "needs_input") return "waits";
  if (session.state === "idle" && session.unseen) return session.failure ? "failed" : "unseen";
  return RANKS.includes(session.state) ? session.state : "unknown";
}

// What it does, in a few words.
export function doingOf(session) {
  switch (rankOf(session)) {
    case "waits": return REASONS[session.reason] ?? "needs input";
    case "failed": return session.failure.what;
    case "unseen": return "has finished";
    case "snoozed": return "is set aside";
    case "working": return session.stalled_since ? "gives no sign of life" : "works";
    case "idle": return "is idle";
    default: return session.stale_since ? "is out of reach" : "is unknown";
  }
}

// The line below its title: what it asks, does or said last.
export function lineOf(session) {
  if (session.state === "needs_input") return session.detail || session.preview;
  if (session.failure && session.state === "idle") return session.failure.text || session.failure.what;
  return session.task || session.preview;
}

export function placeOf(session) {
  const directory = (session.cwd ?? "").replace(/\/+$/, "").split("/").pop();
  const workspace = session.workspace ? `workspace ${session.workspace}` : null;
  return [session.host, directory, session.git_branch, workspace].filter(Boolean).join(" · ");
}

export function sinceOf(session) {
  return Date.parse(session.waiting_since ?? session.since);
}

export function compare(a, b) {
  const rank = RANKS.indexOf(rankOf(a)) - RANKS.indexOf(rankOf(b));
  return rank || sinceOf(a) - sinceOf(b) || keyOf(a).localeCompare(keyOf(b));
}

// 8s, 4m, 1h 07m, 3d
export function clock(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (seconds < 60) return `${seconds}s`;
  if (minutes < 60) return `${minutes}m`;
  if (hours < 24) return `${hours}h ${String(minutes % 60).padStart(2, "0")}m`;
  return `${Math.floor(hours / 24)}d`;
}

// The same to be heard: in words, and so that it does not change while it is read.
function spoken(milliseconds) {
  const minutes = Math.max(0, Math.floor(milliseconds / 60000));
  const count = (number, unit) => `${number} ${unit}${number === 1 ? "" : "s"}`;
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return count(minutes, "minute");
  if (minutes < 24 * 60) return `${count(Math.floor(minutes / 60), "hour")} ${count(minutes % 60, "minute")}`;
  return count(Math.floor(minutes / (24 * 60)), "day");
}

// What a screen reader says of a session: what its row shows, with pauses.
export function nameOf(session, milliseconds) {
  const parts = [
    `${titleOf(session)}, ${doingOf(session)} for ${spoken(milliseconds)}`, lineOf(session), placeOf(session),
  ];
  return parts.filter(Boolean).map((it) => it.replace(/\.$/, "")).join(". ");
}

// "2 wait · 1 finished · 3 work"
export function summary(sessions) {
  const counts = RANKS.map((rank) => [rank, sessions.filter((it) => rankOf(it) === rank).length]);
  return counts.filter(([, count]) => count).map(([rank, count]) => `${count} ${RANK_WORDS[rank]}`)
    .join(" · ");
}
