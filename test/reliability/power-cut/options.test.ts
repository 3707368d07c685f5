import { describe, expect, it } from "vitest";
import { replayCommand } from "./finding.js";
import { parseOptions } from "./options.js";

describe("The command line of npm run powercut", () => {
  it("tries every step on both hosts with both versions, unless told otherwise", () => {
    expect(parseOptions([])).toMatchObject({ does: "explore", hosts: ["node", "xs"], protocols: [4, 5], stride: 1, scenario: "usual" });
    expect(parseOptions(["--double"])).toMatchObject({ does: "explore", double: true, stride: 29 });
    expect(parseOptions(["--broker", "--host", "xs"])).toMatchObject({ does: "broker", hosts: ["xs"], kills: 300 });
    expect(parseOptions(["--wear"])).toMatchObject({ does: "wear" });
    expect(parseOptions(["--help"])).toBe("help");
  });

  it("understands the commands that it prints", () => {
    const finding = { host: "xs", protocol: 5, scenario: "tight", cuts: [300, 20], ending: 2 } as const;
    const args = replayCommand(finding).split(" -- ")[1].split(" ");
    expect(parseOptions(args)).toMatchObject({ does: "replay", hosts: ["xs"], protocols: [5], scenario: "tight", cuts: [300, 20], ending: 2, trace: true });
  });

  it.each([
    [["--host", "esp32"], '--host: expected node, xs or both, got "esp32"'],
    [["--protocol", "3"], '--protocol: expected 4, 5 or both, got "3"'],
    [["--stride", "0"], '--stride: expected a whole number from 1 to 1,000,000,000, got "0"'],
    [["--step", "1,x"], '--step: expected a whole number from 0 to 1,000,000,000, got "x"'],
    [["--ending", "3"], '--ending: expected a whole number from 0 to 2, got "3"'],
    [["--wear", "--broker"], "--step, --wear and --broker exclude each other"],
    [["--trace"], "--trace goes with --step"],
    [["--nonsense"], "Unknown option '--nonsense'"],
  ])("refuses %j in one line", (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
