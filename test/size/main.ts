import { parseArgs } from "node:util";
import { isOver, limited } from "./ceilings.js";
import { type Figures, measureFigures } from "./figures.js";
import { writeSection } from "./readme.js";
import { plainTable } from "./table.js";
import { ceilingRows, detailRows, memoryRows } from "./tables.js";

/** Measures on XS, prints, and fails when a figure is over its ceiling. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { json: { type: "boolean" }, "update-readme": { type: "boolean" } } });
  const figures = await measureFigures();
  process.stdout.write(values.json ? `${JSON.stringify(figures, undefined, 2)}\n` : text(figures));
  if (values["update-readme"]) await writeSection(figures);
  if (limited(figures).some(isOver)) process.exitCode = 1;
}

function text(figures: Figures): string {
  const tables = [ceilingRows(figures), detailRows(figures), memoryRows(figures)];
  return `${tables.map(plainTable).join("\n\n")}\n`;
}

await main();
