// Pipelines as people read them: from the data to the model, without hyper-parameters.

import { h } from "./dom.js";

// named is the chain of a pipeline with places where a long name may be broken.
export function named(text) {
  return chain(text).split(/(?<=[a-z])(?=[A-Z])/).map((part, i) => (i ? [h("wbr"), part] : part));
}

// chain turns "SVC(StandardScaler(input), C=1)" into "StandardScaler → SVC". What it cannot read it leaves as it is.
export function chain(text) {
  const read = { text, at: 0 };
  const tree = expression(read);
  return tree && read.at === text.length ? words(tree) : text;
}

function expression(r) {
  const name = /^[A-Za-z_]\w*/.exec(r.text.slice(r.at))?.[0];
  if (!name) return null;
  r.at += name.length;
  const inputs = [];
  if (r.text[r.at] !== "(") return { name, inputs };
  for (r.at++; r.text[r.at] !== ")";) {
    const setting = /^[A-Za-z_]\w*=[^,()]*/.exec(r.text.slice(r.at))?.[0];
    if (setting) {
      r.at += setting.length;
    } else {
      const input = expression(r);
      if (!input) return null;
      inputs.push(input);
    }
    if (r.text.startsWith(", ", r.at)) r.at += 2;
    else if (r.text[r.at] !== ")") return null;
  }
  r.at++;
  return { name, inputs };
}

function words(tree) {
  const inputs = tree.inputs.filter((i) => i.name !== "input");
  if (inputs.length === 0) return tree.name;
  if (inputs.length === 1 && tree.inputs.length === 1) return `${words(inputs[0])} → ${tree.name}`;
  const joined = `(${tree.inputs.map((i) => (i.name === "input" ? "•" : words(i))).join(" + ")})`;
  return tree.name === "union" ? joined : `${joined} → ${tree.name}`;
}
