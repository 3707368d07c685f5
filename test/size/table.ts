import { grouped } from "../../hosts/start/format.js";

/** A table's rows, the first of them its head. */
export type Rows = readonly (readonly (string | number)[])[];

/** Columns in line, for a terminal: the first to the left, all others to the right. */
export function plainTable(rows: Rows): string {
  const cells = rows.map((row) => row.map(textOf));
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const lines = cells.map((row) => row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))));
  const rule = widths.map((width) => "─".repeat(width));
  return [lines[0], rule, ...lines.slice(1)].map((line) => line.join("  ").trimEnd()).join("\n");
}

/** The same in Markdown. */
export function markdownTable([head, ...rows]: Rows): string {
  const align = head.map((_, column) => (column === 0 ? "---" : "---:"));
  return [head, align, ...rows].map((row) => `| ${row.map(textOf).join(" | ")} |`).join("\n");
}

function textOf(cell: string | number): string {
  return typeof cell === "number" ? grouped(cell) : cell;
}
