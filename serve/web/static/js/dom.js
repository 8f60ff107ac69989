// Elements are made here and nowhere else, from tags, properties and texts: nothing that a table or a service says is ever read as
// markup.

const svgNames = new Set(["svg", "g", "path", "line", "circle", "rect", "text", "title", "use"]);
const space = "http://www.w3.org/2000/svg";

// h makes an element. Properties that begin with "on" are listeners, true and false are present and absent attributes, null leaves
// a property out; children are elements, texts, lists of these, or nothing.
export function h(tag, props, ...children) {
  const e = svgNames.has(tag) ? document.createElementNS(space, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) e.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "selected") e[name] = value;
    else e.setAttribute(name, value === true ? "" : String(value));
  }
  return put(e, ...children);
}

// put appends children to e.
export function put(e, ...children) {
  for (const c of children.flat(Infinity)) {
    if (c === null || c === undefined || c === false) continue;
    e.append(c instanceof Node ? c : document.createTextNode(String(c)));
  }
  return e;
}

// fill replaces what is in e.
export function fill(e, ...children) {
  e.replaceChildren();
  return put(e, ...children);
}

// write sets a text only if it changed, so that screen readers and selections are left alone.
export function write(e, text) {
  if (e.textContent !== text) e.textContent = text;
}

// say tells screen readers.
export function say(text) {
  write(document.getElementById("say"), text);
}

let last = 0;

// fresh is an id that nothing else on the page has.
export function fresh(prefix) {
  return `${prefix}-${++last}`;
}

// ask shows a question in a dialog and resolves to whether it was confirmed.
export function ask(question, confirm, refuse, look = "danger") {
  return new Promise((resolve) => {
    const id = fresh("question");
    const dialog = h("dialog", { "aria-labelledby": id, onclose: () => { dialog.remove(); resolve(dialog.returnValue === "yes"); } },
      h("p", { id }, question),
      h("form", { method: "dialog", class: "buttons" },
        h("button", { value: "no", class: "button" }, refuse),
        h("button", { value: "yes", class: `button ${look}` }, confirm)));
    document.body.append(dialog);
    dialog.showModal();
  });
}
