const rows = [...one("rows").rows], signs = JSON.parse(one("signs").textContent);
const filters = [...document.querySelectorAll("[data-filter]")];
const texts = new Map();
let shown = rows, at = -1, current = null;

const caseOf = id => { const island = one("c-" + id); return island && JSON.parse(island.textContent); };
const words = text => text ? text.split(" ") : [];

function textOf(id) {
  if (!texts.has(id)) {
    const data = caseOf(id);
    const said = data ? data.outputs.flatMap(out => [out.text.map(piece => piece[0]).join(""), ...out.around, out.whole, ...out.verdicts]) : [];
    texts.set(id, (data ? [data.title, data.history, data.reference, data.diagnosis, ...said] : []).join("\n").toLowerCase());
  }
  return texts.get(id);
}

function fits(row, name, value) {
  if (name === "result" || name === "flag") return words(row.dataset[name]).includes(value);
  if (name !== "show") return row.dataset[name] === value;
  const right = words(row.dataset.right), wrong = words(row.dataset.wrong);
  if (value === "raters" || value === "unsettled") return value in row.dataset;
  if (value === "systems") return right.length > 0 && wrong.length > 0;
  return right.length === 1 && right[0] === value.slice(5) && right.length + wrong.length === row.cells.length - 1;
}

function filter() {
  const wanted = filters.filter(select => select.value).map(select => [select.dataset.filter, select.value]);
  const search = one("search").value.trim().toLowerCase();
  shown = rows.filter(row => {
    const kept = wanted.every(([name, value]) => fits(row, name, value)) && (!search || textOf(row.dataset.id).includes(search));
    if (row.hidden === kept) row.hidden = !kept;
    return kept;
  });
  at = shown.indexOf(current);
  one("count").value = shown.length === rows.length ? `${rows.length} cases` : `${shown.length} of ${rows.length} cases`;
}

function pieces(list) {
  return list.flatMap(([text, outcome]) => {
    if (!outcome) return broken(text);
    const mark = made("mark", "mark m-" + outcome, signs[outcome] + " ", text);
    mark.title = outcome;
    return mark;
  });
}

function fold(title, text) { return made("details", "", made("summary", "", title), made("div", "text", text)); }

function output(out) {
  const card = made("section", "", made("h4", "", out.run), made("p", "muted", [out.facts, out.calls].filter(Boolean).join(" · ")));
  card.append(...out.verdicts.map(verdict => made("p", "", verdict)));
  if (out.key) card.append(made("p", "", `Key finding ${out.hit ? "named" : "missed"}: ${out.key}`));
  const text = made("div", "text", made("span", "muted", out.around[0]), ...pieces(out.text), made("span", "muted", out.around[1]));
  text.tabIndex = 0;
  card.append(text);
  const found = made("ul", "", ...out.marks.map(([outcome, said]) => made("li", "", made("span", "mark m-" + outcome, `${signs[outcome]} ${outcome}`), " " + said)));
  if (out.marks.length) card.append(made("h4", "", "Findings against the reference"), found);
  if (out.matches.length) card.append(fold("Findings by the judge", out.matches.map(match => match.filter(Boolean).join(" · ")).join("\n")));
  if (out.whole) card.append(fold("The answer as it came", out.whole));
  const several = out.requests.length > 1;
  card.append(...out.requests.flatMap(([stage, text, answer]) => [
    fold("The request as it was sent" + (several ? `: ${stage}` : ""), text),
    ...(answer ? [fold(`The answer of ${stage}`, answer)] : []),
  ]));
  return card;
}

function reference(data) {
  const text = made("div", "text"), buttons = made("div", "controls");
  const show = out => {
    text.replaceChildren(...(out ? pieces(out.reference) : broken(data.reference)));
    buttons.querySelectorAll("button").forEach(button => button.setAttribute("aria-pressed", button.out === out));
  };
  const marked = data.outputs.filter(out => out.marks.length);
  buttons.append(made("span", "muted", "Findings marked for"), ...[null, ...marked].map(out => {
    const button = made("button", "", out ? out.run : "none");
    Object.assign(button, { type: "button", out, onclick: () => show(out) });
    return button;
  }));
  show(null);
  const notes = data.notes.length ? [made("p", "muted", "Note: " + data.notes.join(", "))] : [];
  const diagnosis = data.diagnosis ? [made("h4", "", "Diagnosis"), made("p", "", data.diagnosis)] : [];
  return made("div", "reference", made("h4", "", "History"), made("p", "text", data.history), made("h4", "", "Reference"), buttons, text, ...notes, ...diagnosis);
}

function open(row, focus) {
  const data = row && caseOf(row.dataset.id);
  if (!data) return;
  if (current) { current.classList.remove("open"); current.removeAttribute("aria-current"); }
  current = row;
  row.setAttribute("aria-current", "true");
  at = shown.indexOf(row);
  row.classList.add("open");
  const title = made("h3", "", data.title), images = made("div", "images", ...data.images.map(picture));
  title.id = "case-title";
  one("case").replaceChildren(title, images, looks(images), reference(data), made("div", "outputs", ...data.outputs.map(output)));
  row.scrollIntoView({ block: "nearest" });
  if (location.hash !== "#case=" + row.dataset.id) history.replaceState(null, "", "#case=" + row.dataset.id);
  if (focus) { one("case").focus({ preventScroll: true }); one("case").scrollIntoView({ block: "start" }); }
}

function fromAddress() {
  const id = decodeURIComponent(location.hash).replace(/^#case=/, "");
  const row = location.hash.startsWith("#case=") && rows.find(candidate => candidate.dataset.id === id);
  if (row) open(row, true);
}

function step(by) {
  if (!shown.length) return;
  at = Math.max(0, Math.min(shown.length - 1, at < 0 ? 0 : at + by));
  open(shown[at], false);
}

one("rows").onclick = event => {
  const row = event.target.closest("tr");
  if (row) { event.preventDefault(); open(row, true); }
};
one("filters").oninput = filter;
one("filters").onreset = () => setTimeout(filter);
one("filters").onsubmit = event => event.preventDefault();
one("help-button").onclick = () => one("help").showModal();
addEventListener("hashchange", fromAddress);
addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const act = { j: () => step(1), k: () => step(-1), f: () => { one("search").focus(); one("search").scrollIntoView({ block: "center" }); }, "?": () => one("help").showModal() }[event.key];
  const enter = event.key === "Enter" && !/^(A|BUTTON|SUMMARY)$/.test(event.target.tagName) && current;
  if (act || enter) { event.preventDefault(); if (act) act(); else open(current, true); }
});
// The data of the cases stands behind this script.
addEventListener("DOMContentLoaded", fromAddress);
