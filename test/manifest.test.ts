import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), "utf8"));

const manifest = read("manifest.json") as { modules: Record<string, string>; preload: string[] };
const { exports } = read("package.json") as { exports: Record<string, { default: string }> };

describe("manifest.json", () => {
  it.each(Object.entries(manifest.modules))("has %s where package.json has it", (name, path) => {
    expect(`${path}.js`).toBe(exports[name.replace("mqtt-xs", ".")].default);
  });

  it("preloads all its modules", () => {
    expect(manifest.preload).toEqual(Object.keys(manifest.modules));
  });
});
