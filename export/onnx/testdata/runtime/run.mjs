// Runs every model named in the job file on its rows and writes the first output of each as JSON.
// Job: [{model, rows, cols, x}], x in base64 as little-endian doubles.
import { readFileSync, writeFileSync } from "node:fs";
import * as ort from "onnxruntime-web";

ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";
const out = [];
for (const job of JSON.parse(readFileSync(process.argv[2]))) {
  try {
    const session = await ort.InferenceSession.create(new Uint8Array(readFileSync(job.model)));
    const bytes = Buffer.from(job.x, "base64");
    const x = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    const result = await session.run({ x: new ort.Tensor("float64", x, [job.rows, job.cols]) });
    const p = result.prediction ?? result.probabilities;
    out.push({ values: Array.from(p.data), dims: p.dims, label: result.label ? Array.from(result.label.data, Number) : null });
    await session.release();
  } catch (e) {
    out.push({ error: String(e) });
  }
}
writeFileSync(process.argv[3], JSON.stringify(out));
