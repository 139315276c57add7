"use strict";
// Texts of models reach the page as text nodes only: nothing here parses markup.
const one = id => document.getElementById(id);
const made = (name, look, ...parts) => {
  const node = document.createElement(name);
  if (look) node.className = look;
  node.append(...parts);
  return node;
};
