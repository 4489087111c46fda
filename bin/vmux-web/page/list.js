// The list: a row for each session, those that wait on top. Rows are kept, so that what has the focus
// keeps it. Every text goes into the page as text.

import { hosts, now, sessions, state } from "./connection.js";
import { clock, compare, doingOf, keyOf, lineOf, nameOf, placeOf, rankOf, sinceOf, titleOf } from "./words.js";

const rows = new Map();
const list = document.getElementById("sessions");

// An element with a class and a text.
export function element(name, kind, text) {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  if (text !== undefined) made.textContent = text;
  return made;
}

function makeRow(key) {
  const item = element("li");
  const link = element("a");
  const parts = {};
  link.href = `#session=${encodeURIComponent(key)}`;
  for (const part of ["title", "doing", "clock", "line", "place"]) {
    parts[part] = element("span", part);
    link.append(parts[part]);
  }
  item.append(link);
  return { item, link, parts };
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function fill(row, session, chosen) {
  row.item.className = rankOf(session);
  row.item.dataset.key = keyOf(session);
  write(row.parts.title, titleOf(session));
  write(row.parts.doing, doingOf(session));
  write(row.parts.line, lineOf(session) ?? "");
  write(row.parts.place, placeOf(session));
  if (chosen) row.link.setAttribute("aria-current", "true");
  else row.link.removeAttribute("aria-current");
}

// Shows the sessions; `chosen` is the key of the one that is open.
export function showList(chosen) {
  const sorted = [...sessions.values()].sort(compare);
  let orphaned = -1;
  for (const [key, row] of rows) {
    if (!sessions.has(key)) {
      if (document.activeElement === row.link) orphaned = [...list.children].indexOf(row.item);
      row.item.remove();
      rows.delete(key);
    }
  }
  sorted.forEach((session, index) => {
    const key = keyOf(session);
    if (!rows.has(key)) rows.set(key, makeRow(key));
    const row = rows.get(key);
    fill(row, session, key === chosen);
    if (list.children[index] !== row.item) {
      const focused = document.activeElement === row.link;
      list.insertBefore(row.item, list.children[index] ?? null);
      if (focused) row.link.focus({ preventScroll: true });
    }
  });
  // The focus of a row that has gone is the next one's, not that of the whole page.
  if (orphaned >= 0) links()[Math.min(orphaned, sorted.length - 1)]?.focus({ preventScroll: true });
  document.getElementById("empty").hidden = sorted.length > 0 || state.is !== "live";
  showHosts();
  showClocks();
}

function showHosts() {
  const down = [...hosts.values()].filter((it) => it.fault || it.state === "down");
  const items = down.map((host) => {
    const says = host.fault?.says ?? "it is out of reach";
    return element("li", "down", `${host.name}: ${says}`);
  });
  document.getElementById("hosts").replaceChildren(...items);
}

// How long each session has been in its state.
export function showClocks() {
  for (const [key, row] of rows) {
    const session = sessions.get(key);
    if (!session) continue;
    const age = now() - sinceOf(session);
    write(row.parts.clock, clock(age));
    const name = nameOf(session, age);
    if (row.link.getAttribute("aria-label") !== name) row.link.setAttribute("aria-label", name);
  }
}

// Gives the focus to the row of a session, if there is one.
export function focusRow(key) {
  rows.get(key)?.link.focus();
}

// The links of the rows, from the top.
export function links() {
  return [...list.querySelectorAll("a")];
}
