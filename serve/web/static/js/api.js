// The service's interface.
import { t } from "./text.js";

const base = new URL("api/v1/", location.origin + location.pathname).href; // without the name and password that an address may hold

// Problem is an answer that is no success; status 0 is no answer.
export class Problem extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

// call asks the service. A body that is no Blob is sent as JSON.
export async function call(path, { method = "GET", body, headers = {}, signal } = {}) {
  let answer;
  try {
    answer = await fetch(base + path, {
      method, signal, headers: body === undefined ? headers : { "Content-Type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (e) {
    if (e.name === "AbortError") throw e;
    throw new Problem(0, t("error.unreachable"));
  }
  if (answer.status === 204) return null;
  const text = await answer.text();
  let read = null;
  try {
    read = JSON.parse(text);
  } catch {
    // what stands between may answer in another form
  }
  if (!answer.ok) throw new Problem(answer.status, read?.error ?? t("error.status", { status: String(answer.status) }));
  return read;
}

// upload sends a file and tells how far it is, from 0 to 1.
export function upload(file, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch tells nothing of what is sent
    request.open("POST", `${base}tables?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (e) => { if (e.lengthComputable) progress(e.loaded / e.total); };
    request.onerror = () => reject(new Problem(0, t("error.unreachable")));
    request.onload = () => {
      let read = null;
      try {
        read = JSON.parse(request.responseText);
      } catch {
        // see above
      }
      if (request.status === 201 && read) resolve(read);
      else reject(new Problem(request.status, read?.error ?? t("error.status", { status: String(request.status) })));
    };
    request.send(file);
  });
}

// address is where a file of an experiment is.
export function address(id, what) {
  return `${base}experiments/${encodeURIComponent(id)}/${what}`;
}

// key makes a name by which the service recognises a submission that is sent again.
export function key() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

let known = null;

// info is what the service can do; it does not change while it runs.
export async function info(signal) {
  known ??= await call("info", { signal });
  return known;
}
