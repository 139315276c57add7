// The data stand behind this script.
addEventListener("DOMContentLoaded", () => {
  const data = name => JSON.parse(one(name).textContent), rows = data("sheet");
  gradingForm(one("grading"), data("columns"), `medbench-review-${rows[0].id}-${rows.length}`).start(rows);
});
