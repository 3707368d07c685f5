import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

/** A line of the table, with bytes from the beginning of flash. */
interface Partition {
  readonly name: string;
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

const read = (path: string): string => readFileSync(new URL(`../../../hosts/esp32/${path}`, import.meta.url), "utf8");

const partitions: Partition[] = read("partitions.csv")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => line.split(",").map((field) => field.trim()))
  .map(([name, type, , offset, size]) => ({ name, type, start: Number(offset), end: Number(offset) + Number(size) }));

const named = (name: string): Partition | undefined => partitions.find((each) => each.name === name);

describe("the partition table for ESP32", () => {
  it("is the one that the manifest names", () => {
    expect(read("manifest_app.json")).toContain('"PARTITIONS_FILE": "./partitions.csv"');
  });

  it("fits 4 MB, in whole sectors, without gaps or overlaps behind its own place", () => {
    expect(partitions[0].start).toBe(0x9000);
    for (const [index, { start, end }] of partitions.entries()) {
      expect(start).toBe(index === 0 ? 0x9000 : partitions[index - 1].end);
      expect([start % 4_096, end % 4_096]).toEqual([0, 0]);
    }
    expect(partitions.at(-1)?.end).toBe(4 * 1_024 * 1_024);
  });

  it("has the app and what is the SDK's own where the SDK has them", () => {
    expect(["nvs", "phy_init", "factory"].map((name) => named(name)?.start)).toEqual([0x9000, 0xf000, 0x10000]);
  });

  it("has the one that the session is stored in", () => {
    const [, path = ""] = /path: "(\w+)"/.exec(read("app/store.ts")) ?? [];
    const { type, start = 0, end = 0 } = named(path) ?? {};
    expect(type).toBe("data");
    expect((end - start) / 4_096).toBe(16);
  });
});
