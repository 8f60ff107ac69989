// What happens to an experiment, as it happens.
import { address, call } from "./api.js";

const silence = 30_000; // after which a hidden page stops watching: a browser has few connections

// watch follows an experiment until signal ends. changed is called after every event with all that is known. The browser itself comes
// again after a broken connection, with the number of the last event; where it gives up (an answer that is no stream), this does.
export function watch(id, signal, changed) {
  const known = { state: "", error: "", cancelled: false, finish: false, gone: false, connected: false, last: 0, scores: [], front: [], metric: "", progress: null };
  let source = null;
  let timer = 0;

  const ended = () => known.gone || known.state === "done" || known.state === "failed";
  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
    known.connected = false;
  };

  const take = {
    state: (d) => Object.assign(known, { state: d.state, error: d.error ?? "", cancelled: d.cancelled ?? false }),
    score: (d) => { known.metric = d.metric; known.scores.push(d); },
    front: (d) => { known.metric = d.metric; known.front = d.points; },
    finish: () => { known.finish = true; },
    progress: (d) => { known.metric = d.metric; known.progress = d; },
  };

  const open = () => {
    close();
    source = new EventSource(`${address(id, "events")}?after=${known.last}`);
    source.onopen = () => { known.connected = true; changed(known); };
    source.onerror = () => lost();
    for (const [type, read] of Object.entries(take)) {
      source.addEventListener(type, (e) => {
        const n = Number(e.lastEventId);
        if (type !== "progress") {
          if (n <= known.last) return; // sent twice
          known.last = n;
        }
        read(JSON.parse(e.data));
        if (ended()) close();
        changed(known);
      });
    }
  };

  const lost = async () => {
    known.connected = false;
    const gaveUp = source?.readyState === EventSource.CLOSED;
    changed(known);
    if (!gaveUp || ended()) return;
    try {
      const now = await call(`experiments/${id}`, { signal });
      Object.assign(known, { state: now.state, error: now.error ?? "", cancelled: now.cancelled ?? false });
    } catch (e) {
      if (e.status === 404) known.gone = true;
    }
    if (signal.aborted) return;
    changed(known);
    if (!ended()) timer = setTimeout(open, 3000);
  };

  const seen = () => {
    if (ended()) return;
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(close, silence);
    else if (!source) open();
  };

  document.addEventListener("visibilitychange", seen, { signal });
  signal.addEventListener("abort", close);
  open();
  return known;
}
