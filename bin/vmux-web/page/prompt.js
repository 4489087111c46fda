// What a session asks, whole, and the answer to it, where the configuration allows one. An answer names
// the prompt that was shown; buttons that have just appeared do nothing for a moment, so that a click on
// what was there before does not answer something else.

import { act, read, state } from "./connection.js";
import { element } from "./list.js";
import { faultOf, keyOf, pathOf } from "./words.js";

const SETTLE = 600;

let shown = "";
let asked = 0;

// Shows the prompts of a session in `box`.
export async function showPrompts(box, session) {
  const turn = ++asked;
  let prompts = [];
  if (session.state === "needs_input") {
    try {
      const key = keyOf(session);
      prompts = (await read("api/pending")).prompts.filter((it) => keyOf(it) === key);
    } catch {
      // That nothing can be asked is shown by the connection.
    }
  }
  const ids = prompts.map((it) => it.id).join();
  if (turn !== asked || (ids === shown && box.childElementCount === prompts.length)) return;
  shown = ids;
  const hadFocus = box.contains(document.activeElement);
  box.replaceChildren(...prompts.map(promptOf));
  if (hadFocus) focusAround(box);
}

// A button that goes or can no longer be pressed leaves the focus to the pane that it is in, so that the
// keyboard does not begin at the top of the page again.
export function focusAround(part) {
  part.closest("section").focus({ preventScroll: true });
}

function promptOf(prompt) {
  const article = element("article", "prompt");
  article.dataset.prompt = prompt.id;
  const title = element("h3", "", `${prompt.tool} in ${pathOf(prompt.cwd, state.home)}`);
  title.id = `prompt-${prompt.id}`;
  article.setAttribute("aria-labelledby", title.id);
  article.append(title);
  const questions = prompt.kind === "question" ? prompt.input?.questions : null;
  if (!Array.isArray(questions)) article.append(inputOf(prompt.input));
  if (prompt.cut) article.append(element("p", "note", "It is too long to be shown whole."));
  for (const rule of prompt.always ?? []) {
    article.append(element("p", "note", `always allows: ${rule}`));
  }
  if (state.allow.includes("answer")) {
    article.append(formOf(prompt, Array.isArray(questions) ? questions : null));
  } else if (Array.isArray(questions)) {
    article.append(inputOf(prompt.input));
  }
  return article;
}

function textOf(value) {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

function inputOf(input) {
  const members = input && typeof input === "object" && !Array.isArray(input) ? input : { input };
  const list = element("dl", "input");
  for (const [name, value] of Object.entries(members)) {
    const text = element("dd");
    text.append(element("pre", "", textOf(value)));
    list.append(element("dt", "", name), text);
  }
  return list;
}

function formOf(prompt, questions) {
  const form = element("form", "answers");
  form.setAttribute("role", "group");
  form.setAttribute("aria-label", "Your answer");
  const told = element("p", "told");
  told.setAttribute("role", "status");
  const send = async (answer) => {
    const pressed = form.contains(document.activeElement) ? document.activeElement : null;
    if (pressed) focusAround(form);
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    told.textContent = "sending";
    try {
      await act("answer", { prompt: prompt.id, answer });
      told.textContent = "answered";
    } catch (error) {
      told.textContent = faultOf(error);
      for (const button of form.querySelectorAll("button")) button.disabled = false;
      pressed?.focus({ preventScroll: true });
    }
  };
  const button = (name, text, answer) => {
    const made = element("button", name, text);
    made.type = "button";
    made.disabled = true;
    made.addEventListener("click", () => send(answer()));
    form.append(made);
  };
  if (questions) {
    const fields = questions.map((question, index) => fieldOf(question, index, form));
    button("allow", "Reply", () => ({ reply: fields.map((it) => it()) }));
  } else {
    button("allow", "Allow", () => ({ allow: {} }));
    if (prompt.kind === "plan") {
      button("always", "Allow, accept edits", () => ({ allow: { accept_edits: true } }));
    } else if (prompt.always?.length) {
      button("always", "Always allow", () => "always");
    }
  }
  const message = element("input", "message");
  message.placeholder = "what to tell it (optional)";
  message.setAttribute("aria-label", "What to tell it if you deny");
  button("deny", "Deny", () => ({ deny: message.value ? { message: message.value } : {} }));
  form.append(message, told);
  form.addEventListener("submit", (event) => event.preventDefault());
  setTimeout(() => {
    for (const it of form.querySelectorAll("button")) it.disabled = false;
  }, SETTLE);
  return form;
}

// A question with its options and room for other words; returns what reads the reply.
function fieldOf(question, index, form) {
  const set = element("fieldset");
  set.append(element("legend", "", textOf(question.question ?? "")));
  const boxes = (question.options ?? []).map((option, at) => {
    const label = element("label", "option");
    const box = element("input");
    box.type = question.multiSelect ? "checkbox" : "radio";
    box.name = `question-${index}`;
    const about = option.description ? `: ${textOf(option.description)}` : "";
    label.append(box, element("span", "", `${textOf(option.label ?? "")}${about}`));
    set.append(label);
    return [box, String(at + 1)];
  });
  const words = element("input", "message");
  words.placeholder = "or your own words";
  words.setAttribute("aria-label", "Your own words");
  set.append(words);
  form.append(set);
  return () => words.value || boxes.filter(([box]) => box.checked).map(([, number]) => number).join(",");
}
