"use strict";
// Texts of models reach the page as text nodes only: nothing here parses markup.
const one = id => document.getElementById(id);
// A line of a megabyte without a blank takes minutes to lay out: what is never so long in a text is cut into blocks.
const broken = text => text.split(/(\S{1000})/).filter(Boolean).map(part => {
  if (part.length < 1000 || /\s/.test(part)) return part;
  const run = document.createElement("span");
  run.className = "run";
  run.textContent = part;
  return run;
});
const made = (name, look, ...parts) => {
  const node = document.createElement(name);
  if (look) node.className = look;
  node.append(...parts.flatMap(part => (typeof part === "string" ? broken(part) : [part])));
  return node;
};
