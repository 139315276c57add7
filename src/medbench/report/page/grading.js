// A sheet as `medbench review sheet` makes it: cases by chance, every system's text of each, in a random order.
function textToGrade([id, caseId, number, , which]) {
  const data = caseOf(caseId), out = data.outputs[number];
  const scored = out.text.map(piece => piece[0]).join("");
  const texts = [scored, out.whole || out.around[0] + scored + out.around[1]];
  return { id, history: data.history, reference: data.reference, text: texts[which] ?? which, images: data.images };
}

addEventListener("DOMContentLoaded", () => {
  const dialog = one("grading"), size = one("sample");
  if (!dialog) return;
  const all = JSON.parse(one("to-grade").textContent);
  const form = gradingForm(dialog, JSON.parse(one("columns").textContent), `medbench-review-${all[0][0]}-${all.length}`);
  const start = () => {
    const number = Math.max(1, Math.min(all.length, Number(size.value) || 1));
    form.start(all.slice(0, number).sort((one, other) => one[3] - other[3]).map(textToGrade));
  };
  size.onchange = start;
  one("grade-button").onclick = () => { start(); dialog.showModal(); };
  one("grading-close").onclick = () => dialog.close();
});
