// One session: all that is known of it, what it asks, what it shows, its servers, why it is in its state.

import { act, now, read, state } from "./connection.js";
import { element, links } from "./list.js";
import { focusAround, showPrompts } from "./prompt.js";
import { clock, doingOf, faultOf, keyOf, lineOf, pathOf, placeOf, rankOf, sinceOf, titleOf } from "./words.js";

const PEEK_LINES = 40;
const PEEK_PAUSE = 1500;

const pane = document.getElementById("detail");
let open = null;
let parts = null;
let filled = null;
let allowed = null;
let peeking = 0;

const FACTS = [
  ["directory", (it) => (it.host ? it.cwd : pathOf(it.cwd, state.home))],
  ["branch", (it) => it.git_branch], ["host", (it) => it.host],
  ["workspace", (it) => it.workspace], ["last prompt", (it) => it.last_prompt],
  ["model", (it) => it.model], ["mode", (it) => it.permission_mode],
  ["context", (it) => it.context_tokens && `${it.context_tokens} tokens`],
  ["shells", (it) => it.background_shells], ["subagents", (it) => it.subagents],
  ["Claude Code", (it) => it.version], ["pid", (it) => String(it.pid)],
  ["session id", (it) => it.session_id],
];

// Shows `session` in the pane, or nothing for null.
export function showDetail(session) {
  if (!session) return close();
  const key = keyOf(session);
  if (open !== key) {
    open = key;
    filled = null;
    build();
    fill(session);
    peek();
  }
  fill(session);
}

export function isOpen() {
  return open !== null;
}

function close() {
  const hadFocus = open && pane.contains(document.activeElement);
  open = null;
  clearTimeout(peeking);
  pane.hidden = true;
  pane.replaceChildren();
  document.body.classList.remove("has-detail");
  if (hadFocus) links()[0]?.focus();
}

function build() {
  parts = {
    title: element("h2"), doing: element("p", "doing"), line: element("p", "line"),
    told: element("p", "told"), actions: element("div", "actions"), prompts: element("div"),
    send: sendForm(),
    servers: element("ul", "servers"), facts: element("dl", "facts"),
    screen: element("pre", "peek"), from: element("p", "note"), why: element("div", "why"),
  };
  const back = element("a", "back", "All sessions");
  back.href = "#";
  parts.title.id = "detail-title";
  parts.told.setAttribute("role", "status");
  parts.servers.setAttribute("role", "list");
  parts.servers.setAttribute("aria-label", "Its servers");
  parts.screen.tabIndex = 0;
  parts.screen.setAttribute("role", "region");
  parts.screen.setAttribute("aria-label", "What the session shows");
  parts.why.setAttribute("aria-live", "polite");
  const why = element("button", "", "Why this state?");
  why.type = "button";
  why.addEventListener("click", showWhy);
  pane.replaceChildren(
    back, parts.title, parts.doing, parts.line, parts.prompts, parts.actions, parts.told,
    parts.send, parts.servers, parts.from, parts.screen, parts.facts, why, parts.why,
  );
  pane.hidden = false;
  document.body.classList.add("has-detail");
}

function fill(session) {
  // A change of another session is nothing to this one.
  if (filled === session && allowed === state.allow) return;
  filled = session;
  allowed = state.allow;
  pane.className = rankOf(session);
  parts.title.textContent = titleOf(session);
  parts.line.textContent = lineOf(session) ?? "";
  showClock(session);
  showPrompts(parts.prompts, session);
  showActions(session);
  parts.send.hidden = !state.allow.includes("send") || session.state === "needs_input";
  showServers(session);
  const facts = FACTS.map(([name, read]) => [name, read(session)]).filter(([, it]) => it);
  parts.facts.replaceChildren(
    ...facts.flatMap(([name, text]) => [element("dt", "", name), element("dd", "", String(text))]),
  );
}

// How long it has been in its state.
export function showClock(session) {
  if (!session || open !== keyOf(session)) return;
  const text = `${doingOf(session)}, ${clock(now() - sinceOf(session))} · ${placeOf(session)}`;
  if (parts.doing.textContent !== text) parts.doing.textContent = text;
}

function showActions(session) {
  const query = keyOf(session);
  const wanted = [];
  if (state.allow.includes("switch")) wanted.push(["Go there", "switch", () => ({ query })]);
  if (state.allow.includes("ack") && session.unseen) {
    wanted.push(["Mark as seen", "ack", () => ({ query })]);
  }
  if (state.allow.includes("label") && session.session_id) {
    wanted.push(["Label", "label", () => {
      const label = prompt("Its label; an empty one takes it away", session.label ?? "");
      return label === null ? null : { session_id: session.session_id, host: session.host, label };
    }]);
  }
  const words = wanted.map(([word]) => word).join();
  if (parts.actions.dataset.words === words) return;
  parts.actions.dataset.words = words;
  const hadFocus = parts.actions.contains(document.activeElement);
  const told = parts.told;
  parts.actions.replaceChildren(...wanted.map(([word, what, body]) => {
    const button = element("button", "", word);
    button.type = "button";
    button.addEventListener("click", async () => {
      const sent = body();
      if (!sent) return;
      told.textContent = "";
      try {
        told.textContent = (await act(what, sent)).note ?? "done";
      } catch (error) {
        told.textContent = faultOf(error);
      }
    });
    return button;
  }));
  if (hadFocus) focusAround(parts.actions);
}

// A text for the prompt of the session. It stays until it is known to be sent.
function sendForm() {
  const form = element("form", "send");
  const text = element("textarea");
  const button = element("button", "", "Send");
  text.rows = 2;
  text.placeholder = "write to it";
  text.setAttribute("aria-label", "A text for its prompt");
  form.append(text, button);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!text.value.trim()) return;
    // The pane may show another session by then.
    const told = parts.told;
    const wasPressed = document.activeElement === button;
    button.disabled = true;
    told.textContent = "sending";
    const queue = filled.state === "working";
    try {
      await act("send", { query: open, text: text.value, queue });
      text.value = "";
      told.textContent = "sent";
    } catch (error) {
      told.textContent = faultOf(error);
    }
    button.disabled = false;
    if (wasPressed && document.activeElement === document.body) button.focus();
  });
  return form;
}

// Where this browser reaches a server: under the name of this page, if the server listens there too.
function linkOf(server, session) {
  if (!server.url || session.host) return null;
  let url;
  try {
    url = new URL(server.url);
  } catch {
    return null;
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  const here = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname)
    || location.hostname.endsWith(".localhost");
  if (here) return url.href;
  const everywhere = server.addresses.some((it) => it === "0.0.0.0" || it === "::");
  if (!everywhere) return null;
  url.hostname = location.hostname;
  return url.href;
}

function showServers(session) {
  const items = (session.servers ?? []).map((server) => {
    const item = element("li");
    const text = `${server.name} on port ${server.port}`;
    const href = linkOf(server, session);
    const name = element(href ? "a" : "span", "", text);
    if (href) {
      name.href = href;
      name.target = "_blank";
      name.rel = "noopener noreferrer";
    }
    item.append(name);
    for (const problem of server.problems ?? []) item.append(element("p", "problem", problem.says));
    return item;
  });
  parts.servers.replaceChildren(...items);
}

// What the session shows, again and again while somebody looks.
async function peek() {
  clearTimeout(peeking);
  const key = open;
  if (document.visibilityState === "visible" && state.is === "live") {
    // The session tells of its first prompt only.
    if (filled) showPrompts(parts.prompts, filled);
    try {
      const path = `api/peek/${encodeURIComponent(key)}?lines=${PEEK_LINES}`;
      const { peek: told, note } = await read(path);
      if (open !== key) return;
      const atEnd = parts.screen.scrollHeight - parts.screen.scrollTop - parts.screen.clientHeight < 20;
      const text = told.lines.join("\n");
      // A screen has lines of its own length; what was said has none.
      parts.screen.classList.toggle("said", told.from === "transcript");
      if (parts.screen.textContent !== text) parts.screen.textContent = text;
      if (atEnd) parts.screen.scrollTop = parts.screen.scrollHeight;
      parts.from.textContent = note ? `${told.from}: ${note}` : told.from;
    } catch (error) {
      if (open !== key) return;
      parts.from.textContent = faultOf(error);
    }
  }
  if (open === key) peeking = setTimeout(peek, PEEK_PAUSE);
}

async function showWhy() {
  const key = open;
  try {
    const { why } = await read(`api/why/${encodeURIComponent(key)}`);
    if (open !== key) return;
    const claims = why.claims.map((claim) => {
      const text = `${claim.source}: ${claim.says}${claim.because ? `; ${claim.because}` : ""}`;
      return element("li", claim.outcome, text);
    });
    const list = element("ol");
    list.append(...claims);
    parts.why.replaceChildren(list, element("p", "note", `session id: ${why.id_from}`));
  } catch (error) {
    parts.why.replaceChildren(element("p", "note", faultOf(error)));
  }
}
