// The page: what is shown when, the title and the icon, what a screen reader hears, the keys.

import { connect, onChange, sessions, signIn, state } from "./connection.js";
import { isOpen, showClock, showDetail } from "./detail.js";
import { focusRow, links, showClocks, showList } from "./list.js";
import { doingOf, faultOf, keyOf, rankOf, summary, titleOf } from "./words.js";

const CONNECTION = {
  connecting: "connecting", live: "live", lost: "connection lost, trying again",
  away: "vmuxd is not running", "signed-out": "not signed in",
};

const node = (id) => document.getElementById(id);
let waiting = new Set();

// `#session=KEY` names the session that is open.
function chosen(hash = location.hash) {
  const found = /^#session=(.+)$/.exec(hash);
  try {
    return found ? decodeURIComponent(found[1]) : null;
  } catch {
    return null;
  }
}

function show() {
  const key = chosen();
  const isIn = state.is !== "signed-out";
  node("sign-in").hidden = isIn;
  node("main").hidden = !isIn;
  document.body.dataset.connection = state.is;
  if (node("connection").textContent !== CONNECTION[state.is]) {
    node("connection").textContent = CONNECTION[state.is];
  }
  showList(key);
  showDetail(isIn ? sessions.get(key) : null);
  const all = [...sessions.values()];
  const count = all.filter((it) => rankOf(it) === "waits").length;
  const isLive = state.is === "live";
  node("summary").textContent = isIn ? summary(all) : "";
  document.title = isLive ? (count ? `(${count}) vmux` : "vmux") : `vmux: ${CONNECTION[state.is]}`;
  const icon = isLive ? (count ? "page/waiting.svg" : "page/quiet.svg") : "page/away.svg";
  if (node("icon").getAttribute("href") !== icon) node("icon").setAttribute("href", icon);
  announce(all);
}

// Says what has begun to wait.
function announce(all) {
  const now = all.filter((it) => rankOf(it) === "waits");
  const fresh = now.filter((it) => !waiting.has(`${keyOf(it)} ${it.waiting_since}`));
  waiting = new Set(now.map((it) => `${keyOf(it)} ${it.waiting_since}`));
  if (fresh.length) {
    node("announcement").textContent = fresh.map((it) => `${titleOf(it)} ${doingOf(it)}`).join(", ");
  }
}

// One change comes seldom alone: they are shown together, at the next frame.
let isDue = false;
function due() {
  if (isDue) return;
  isDue = true;
  // A page that is hidden has no frames, but a title and an icon.
  const later = document.visibilityState === "visible" ? requestAnimationFrame : queueMicrotask;
  later(() => {
    isDue = false;
    show();
  });
}

function move(step) {
  const all = links();
  const focused = all.indexOf(document.activeElement);
  const at = focused < 0 ? all.findIndex((it) => it.ariaCurrent) : focused;
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
  all[Math.min(Math.max(next, 0), all.length - 1)]?.focus();
}

function openNextWaiting() {
  const all = [...node("sessions").querySelectorAll("li.waits")];
  const at = all.findIndex((it) => it.dataset.key === chosen());
  const next = all[(at + 1) % all.length];
  if (next) location.hash = `#session=${encodeURIComponent(next.dataset.key)}`;
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.matches("input, textarea")) return;
  switch (event.key) {
    case "j": case "ArrowDown":
      if (event.target.closest(".peek")) return;
      move(1);
      break;
    case "k": case "ArrowUp":
      if (event.target.closest(".peek")) return;
      move(-1);
      break;
    case "n":
      openNextWaiting();
      break;
    case "Escape":
      if (!isOpen()) return;
      location.hash = "";
      break;
    default:
      return;
  }
  event.preventDefault();
});

addEventListener("hashchange", (event) => {
  if (takeToken()) return;
  // What is shown may have changed before this event: a frame shows what the address says.
  const before = chosen(new URL(event.oldURL).hash);
  show();
  if (isOpen()) node("detail").focus({ preventScroll: true });
  else focusRow(before);
});

node("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  await enter(node("token").value.trim());
});

async function enter(token) {
  node("sign-in-error").textContent = "";
  try {
    await signIn(token);
    node("token").value = "";
  } catch (error) {
    state.is = "signed-out";
    show();
    node("sign-in-error").textContent = faultOf(error);
  }
}

// The link of `vmux web --open` has the token behind `#`, which no server is sent. It does not stay in
// the address, where a glance would read it.
function takeToken() {
  const found = /^#token=([^&]+)(?:&(session=.+))?$/.exec(location.hash);
  if (!found) return false;
  history.replaceState(null, "", found[2] ? `#${found[2]}` : location.pathname);
  enter(found[1]);
  return true;
}

onChange(due);
setInterval(() => {
  showClocks();
  showClock(sessions.get(chosen()));
}, 1000);
show();
if (!takeToken()) connect();
