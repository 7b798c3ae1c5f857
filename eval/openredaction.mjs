// Reads a JSON array of texts on stdin, prints for each the ranges that openredaction finds.
import { OpenRedaction } from "openredaction";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const redactor = new OpenRedaction();
const ranges = [];
for (const text of JSON.parse(Buffer.concat(chunks).toString())) {
  const { detections } = await redactor.detect(text);
  ranges.push(detections.map(({ position }) => position));
}
console.log(JSON.stringify(ranges));
