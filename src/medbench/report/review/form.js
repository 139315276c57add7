// One text at a time, who wrote it hidden; the answers become the sheet that `medbench review import` takes.
function gradingForm(root, columns, memory) {
  const part = name => root.querySelector(`[data-part=${name}]`);
  const blank = () => ({ grade: "", key_finding: "", comment: "" });
  let rows = [], at = 0, answers = {}, reviewer = "", unsaved = false;

  // A page that was opened from the disk may have no memory.
  function recall() {
    let kept = {};
    try { kept = JSON.parse(localStorage.getItem(memory) || "{}"); } catch (error) { /* no memory */ }
    answers = kept.answers || {};
    reviewer = kept.reviewer || reviewer;
  }
  function keep() {
    unsaved = true;
    try { localStorage.setItem(memory, JSON.stringify({ answers, reviewer })); } catch (error) { /* no memory */ }
  }

  const answer = () => answers[rows[at].id] = answers[rows[at].id] || blank();
  function mark() {
    const said = answer();
    root.querySelectorAll("[data-grade]").forEach(button => button.setAttribute("aria-pressed", button.dataset.grade === said.grade));
    root.querySelectorAll("[data-key]").forEach(button => button.setAttribute("aria-pressed", button.dataset.key === said.key_finding));
    part("state").textContent = `${rows.filter(row => (answers[row.id] || blank()).grade).length} graded`;
  }
  function show() {
    const row = rows[at], images = made("div", "images", ...row.images.map(picture));
    part("place").textContent = `${at + 1} of ${rows.length}`;
    part("history").replaceChildren(...broken(row.history ? "Clinical history: " + row.history : ""));
    part("images").replaceChildren(...(row.images.length ? [images, looks(images)] : []));
    part("reference").replaceChildren(...broken(row.reference));
    part("text").replaceChildren(...broken(row.text || "(the text is empty)"));
    part("comment").value = answer().comment;
    // A button that is disabled loses the focus, and with it the keys.
    part("back").setAttribute("aria-disabled", at === 0);
    part("next").setAttribute("aria-disabled", at === rows.length - 1);
    mark();
  }
  function go(to) {
    at = Math.max(0, Math.min(rows.length - 1, to));
    show();
    (root.tagName === "DIALOG" ? root : window).scrollTo(0, 0);
  }
  function set(name, value) {
    const said = answer();
    said[name] = said[name] === value ? "" : value;
    keep();
    mark();
  }

  // A spreadsheet takes a cell for a formula by its first character.
  const guarded = cell => (/^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20']/.test(cell) ? "'" + cell : cell);
  const quoted = cell => '"' + guarded(String(cell)).replaceAll('"', '""') + '"';
  function csv() {
    const lines = rows.map(row => ({ ...row, ...(answers[row.id] || blank()), reviewer: reviewer.trim() }));
    return "\ufeff" + [columns, ...lines.map(line => columns.map(name => line[name] ?? ""))].map(cells => cells.map(quoted).join(",") + "\r\n").join("");
  }
  function save() {
    if (!reviewer.trim()) {
      part("reviewer").placeholder = "your name first";
      part("reviewer").focus();
      return;
    }
    const link = made("a");
    link.href = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
    link.download = "review-" + reviewer.trim().toLowerCase().replace(/[^a-z0-9]+/g, "-") + ".csv";
    link.click();
    unsaved = false;
  }

  const acts = {
    1: () => set("grade", "good"), 2: () => set("grade", "partial"), 3: () => set("grade", "poor"),
    y: () => set("key_finding", "yes"), n: () => set("key_finding", "no"), ArrowLeft: () => go(at - 1), ArrowRight: () => go(at + 1),
  };
  root.querySelectorAll("[data-grade]").forEach(button => { button.onclick = () => set("grade", button.dataset.grade); });
  root.querySelectorAll("[data-key]").forEach(button => { button.onclick = () => set("key_finding", button.dataset.key); });
  part("comment").oninput = event => { answer().comment = event.target.value; keep(); };
  part("reviewer").oninput = event => { reviewer = event.target.value; keep(); };
  part("back").onclick = () => go(at - 1);
  part("next").onclick = () => go(at + 1);
  part("save").onclick = save;
  (root.tagName === "DIALOG" ? root : document).addEventListener("keydown", event => {
    if (!rows.length || /^(INPUT|TEXTAREA)$/.test(event.target.tagName) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (acts[event.key]) { event.preventDefault(); acts[event.key](); }
  });
  addEventListener("beforeunload", event => { if (unsaved) event.preventDefault(); });

  return {
    start(texts) {
      rows = texts;
      at = 0;
      recall();
      part("reviewer").value = reviewer;
      show();
    },
  };
}
