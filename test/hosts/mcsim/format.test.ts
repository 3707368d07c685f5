import { describe, expect, it } from "vitest";
import { count, duration, kilobytes, oneLine } from "../../../hosts/mcsim/app/format.js";

describe("numbers on the screen", () => {
  it.each([
    [0, "0"],
    [99_999, "99999"],
    [100_000, "100k"],
    [999_999, "999k"],
    [1_000_000, "1.0M"],
    [12_345_678, "12.3M"],
  ])("counts %d as %s", (value, expected) => {
    expect(count(value)).toBe(expected);
  });

  it.each([
    [640, "0.6k"],
    [99_900, "99.9k"],
    [129_400, "129k"],
  ])("have %d bytes as %s", (bytes, expected) => {
    expect(kilobytes(bytes)).toBe(expected);
  });

  it.each([
    [0, "0 ms"],
    [999, "999 ms"],
    [1_240, "1.2 s"],
    [61_000, "61 s"],
  ])("have %d milliseconds as %s", (milliseconds, expected) => {
    expect(duration(milliseconds)).toBe(expected);
  });
});

describe("text on the screen", () => {
  it("stands on one line", () => {
    expect(oneLine(" window\n\topen ", 20)).toBe("window open");
  });

  it("ends in dots where it is too long", () => {
    expect(oneLine("0123456789", 10)).toBe("0123456789");
    expect(oneLine("0123456789A", 10)).toBe("0123456...");
  });
});
