import { describe, expect, it } from "vitest";
import { cutLine, inColour, plainly } from "../../hosts/start/paint.js";

describe("painting", () => {
  it("puts escape codes around the text, and none where none are wanted", () => {
    expect(inColour("good", "fine")).toBe("\x1b[32mfine\x1b[39m");
    expect(inColour("bad", "")).toBe("");
    expect(plainly("good", "fine")).toBe("fine");
  });
});

describe("cutting a line", () => {
  it("counts characters, not bytes or escape codes", () => {
    expect(cutLine("▁▂▃▄", 2)).toBe("▁▂");
    expect(cutLine(`${inColour("dim", "abc")}def`, 4)).toBe(`${inColour("dim", "abc")}d`);
  });

  it("keeps the codes that end a colour", () => expect(cutLine(inColour("bad", "abc"), 1)).toBe(inColour("bad", "a")));
});
