import { beforeAll, describe, expect, it } from "vitest";
import { limited } from "./ceilings.js";
import { type Figures, measureFigures } from "./figures.js";
import { readSection, section } from "./readme.js";

let figures: Figures;
beforeAll(async () => (figures = await measureFigures()), 60_000);

describe("what is measured on XS", () => {
  it.each([
    "bytecode of client and device transport",
    "heap beyond the buffers, connected",
    "publish QoS 0",
    "receive, check and route QoS 0",
    "take a PUBACK",
  ])("keeps below its ceiling: %s", (name) => {
    const figure = limited(figures).find((it) => it.name === name);
    expect(figure?.value).toBeLessThanOrEqual(figure?.ceiling ?? NaN);
  });

  it("has all its ceilings checked above", () => {
    expect(limited(figures)).toHaveLength(5);
  });

  it("is the same for each of a thousand operations", () => {
    const { publish, receive } = figures.units;
    expect([publish.least, receive.least]).toEqual([publish.most, receive.most]);
  });

  it("is what README.md says (npm run size -- --update-readme)", async () => {
    expect(await readSection()).toBe(section(figures));
  });
});
