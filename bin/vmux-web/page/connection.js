// The connection to vmux web: signing in, one event stream, requests. It knows the sessions and tells of
// every change; it does not touch the page.

import { keyOf } from "./words.js";

const STORED = "vmux-key";

export const sessions = new Map();
export const hosts = new Map();
export const state = { is: "connecting", allow: [], clockAhead: 0, home: null };

const listeners = [];
let stream = null;
let last = null;
let alive = 0;
let beat = 15;
let again = 0;

// Calls `listener` after every change, with the keys of the sessions that changed (null: all of them).
export function onChange(listener) {
  listeners.push(listener);
}

function changed(keys) {
  for (const listener of listeners) listener(keys);
}

function become(word) {
  if (state.is === word) return;
  state.is = word;
  changed([]);
}

// The time by the clock of the machine: that of a phone may differ.
export function now() {
  return Date.now() + state.clockAhead;
}

// Shows the token; then the browser has a cookie, and the page its key.
export async function signIn(token) {
  const answer = await fetch("sign-in", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(told.error), { hint: told.hint });
  localStorage.setItem(STORED, told.key);
  connect();
}

async function request(path, options = {}) {
  const headers = { ...options.headers, "x-vmux-key": localStorage.getItem(STORED) ?? "" };
  const answer = await fetch(path, { ...options, headers });
  const told = await answer.json().catch(() => ({ error: `HTTP ${answer.status}` }));
  if (!answer.ok) throw Object.assign(new Error(told.error), { hint: told.hint, status: answer.status });
  return told;
}

export function read(path) {
  return request(path);
}

export function act(what, body) {
  return request(`api/${what}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

// Opens the event stream; one that is open is closed first.
export function connect() {
  clearTimeout(again);
  stream?.close();
  const query = new URLSearchParams({ key: localStorage.getItem(STORED) ?? "" });
  if (last) query.set("after", last);
  const opened = new EventSource(`api/events?${query}`);
  stream = opened;
  alive = Date.now();
  opened.onmessage = (message) => {
    alive = Date.now();
    if (message.lastEventId) last = message.lastEventId;
    apply(JSON.parse(message.data));
  };
  opened.onerror = () => {
    become("lost");
    // A refusal ends it for good; a broken connection is made again by the browser.
    if (opened.readyState === EventSource.CLOSED && stream === opened) refused();
  };
}

// Not signed in, or nobody there? The stream does not say.
async function refused() {
  try {
    await read("api/sessions");
  } catch (error) {
    if (error.status === 401) return become("signed-out");
  }
  clearTimeout(again);
  again = setTimeout(connect, 1000);
}

function apply(event) {
  switch (event.event) {
    case "hello":
      state.allow = event.allow;
      state.home = event.home;
      beat = event.beat;
      state.clockAhead = Date.parse(event.now) - Date.now();
      // If nothing was missed, this is all that comes.
      state.is = event.live ? "live" : "away";
      changed([]);
      break;
    case "beat":
      state.clockAhead = Date.parse(event.now) - Date.now();
      break;
    case "state":
      sessions.clear();
      hosts.clear();
      for (const session of event.sessions) sessions.set(keyOf(session), session);
      for (const host of event.hosts ?? []) hosts.set(host.name, host);
      state.is = "live";
      changed(null);
      break;
    case "session":
      sessions.set(keyOf(event.session), event.session);
      changed([keyOf(event.session)]);
      break;
    case "gone":
      sessions.delete(keyOf(event));
      changed([keyOf(event)]);
      break;
    case "host":
      if (event.host.state === "removed") hosts.delete(event.host.name);
      else hosts.set(event.host.name, event.host);
      changed([]);
      break;
    case "away":
      become("away");
      break;
  }
}

// A connection may be dead without a word: after a sleep, in a tunnel.
function check() {
  if (state.is === "signed-out" || Date.now() - alive < 2 * beat * 1000) return;
  become("lost");
  connect();
}

setInterval(check, 1000);
addEventListener("online", connect);
addEventListener("offline", () => become("lost"));
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && state.is === "lost") connect();
});
