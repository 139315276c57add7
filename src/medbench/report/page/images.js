// An image of a case stands in the page as base64, and is decoded when it is shown.
function picture([sha256, label], number) {
  const island = one("i-" + sha256), figure = made("figure");
  if (!island) {
    figure.append(made("figcaption", "", `Image ${number + 1} is not in this page · ${label}`));
    return figure;
  }
  const image = new Image(), button = made("button", "", image);
  image.alt = [`Image ${number + 1}`, label].filter(Boolean).join(", ");
  image.src = `data:${island.dataset.kind};base64,${island.textContent}`;
  button.type = "button";
  button.setAttribute("aria-label", `Image ${number + 1}: larger or smaller`);
  button.onclick = () => figure.classList.toggle("large");
  figure.append(button, made("figcaption", "", [number + 1, label].filter(Boolean).join(" · ")));
  return figure;
}

function range(label, low, high, apply) {
  const input = made("input"), shown = made("output", "muted", " 100 %");
  Object.assign(input, { type: "range", min: low, max: high, step: 5, value: 100, oninput: () => { shown.value = ` ${input.value} %`; apply(Number(input.value)); } });
  const control = made("label", "", label, shown, input);
  control.back = () => { input.value = 100; input.oninput(); };
  return control;
}

// Brightness and contrast change the display, never the grey values; the zoom is the same for all images, so that they stay comparable.
function looks(images) {
  let brightness = 100, contrast = 100;
  const each = act => images.querySelectorAll("img").forEach(act);
  const look = () => each(image => { image.style.filter = `brightness(${brightness}%) contrast(${contrast}%)`; });
  const controls = [
    range("Zoom", 50, 600, value => { images.classList.toggle("zoomed", value > 100); each(image => { image.style.height = value === 100 ? "" : `${2.2 * value}px`; }); }),
    range("Brightness", 50, 250, value => { brightness = value; look(); }),
    range("Contrast", 50, 250, value => { contrast = value; look(); }),
  ];
  const back = made("button", "", "As it was");
  Object.assign(back, { type: "button", onclick: () => controls.forEach(control => control.back()) });
  return made("div", "controls", ...controls, back);
}
