import { beforeAll, describe, expect, it } from "vitest";
import { isOver, limited } from "./ceilings.js";
import { type Figures, measureFigures } from "./figures.js";
import type { Units } from "./units.js";
import type { UnitsByKind } from "./v5/figures.js";
import { readSection, section } from "./readme.js";

const kinds = ({ plain, alias, properties, both }: UnitsByKind): Units[] => [plain, alias, properties, both];

let figures: Figures;
beforeAll(async () => (figures = await measureFigures()), 300_000);

describe("what is measured on XS", () => {
  it("keeps below its ceilings", () => {
    expect(limited(figures).filter(isOver)).toEqual([]);
    expect(limited(figures)).toHaveLength(12);
  });

  it("is the same for each of a thousand operations", () => {
    const { publish, receive } = figures.units;
    const v5 = figures.v5.units;
    const all: Units[] = [publish, receive, ...kinds(v5.publish), ...kinds(v5.receive)];
    expect(all.map(({ least }) => least)).toEqual(all.map(({ most }) => most));
  });

  it("is what README.md says (npm run size -- --update-readme)", async () => {
    expect(await readSection()).toBe(section(figures));
  });
});
