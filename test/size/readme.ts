import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Figures } from "./figures.js";
import { markdownTable } from "./table.js";
import { ceilingRows, memoryRows } from "./tables.js";

const README = fileURLToPath(new URL("../../README.md", import.meta.url));
const BEGIN = "<!-- size:begin -->";
const END = "<!-- size:end -->";

/** What README says about memory, between its two markers. */
export async function readSection(): Promise<string> {
  const [, inside] = split(await readFile(README, "utf8"));
  return inside;
}

/** Writes what README says about memory. */
export async function writeSection(figures: Figures): Promise<void> {
  const [before, , after] = split(await readFile(README, "utf8"));
  await writeFile(README, before + section(figures) + after);
}

/** What README has to say about memory. */
export function section(figures: Figures): string {
  const ceilings = ceilingRows(figures).map((row) => row.slice(0, 5));
  return `${BEGIN}
<!-- Written by "npm run size -- --update-readme". -->

All of this is measured on XS by \`npm run size\`, and tested. A slot has 16 bytes on ESP32, where headers of chunks are half
as long as counted here, so that the bytes are a little less in truth.

${markdownTable(memoryRows(figures))}

Connected with default limits, ${figures.costs.connection.slots} slots are all there is beyond the buffers. Subscriptions
take nothing until they are made. A message is published and received, with a topic of 27 bytes and a payload of 32, for
so many of XS's metering units (bytecodes, about):

${markdownTable(ceilings)}

Where there is a goal, it has not been reached: that would take another kind of code, a few large functions instead of
many small ones. What is tested is that it gets no worse. MQTT 5.0 is a module of its own, so that a device which stays with
3.1.1 has not a byte of it. Each property of a message that comes in takes some 400 units to check, each one that goes out
next to nothing: \`Properties\` are encoded once. \`npm run size\` prints these, too.

${END}`;
}

/** The text before, with, and after the section. */
function split(text: string): [before: string, inside: string, after: string] {
  const start = text.indexOf(BEGIN);
  const end = text.indexOf(END) + END.length;
  if (start < 0 || end < start) throw new Error(`README.md has no ${BEGIN} … ${END}`);
  return [text.slice(0, start), text.slice(start, end), text.slice(end)];
}
