import { expect, it } from "vitest";
import { Failure } from "../../../hosts/start/failure.js";
import { parseOptions } from "./options.js";

it("has defaults for everything", () => {
  expect(parseOptions([])).toMatchObject({
    devices: 10_000,
    outage: 60,
    acceptRate: 500,
    backlog: 1_000,
    refusalCost: 0.1,
    seed: 1,
    output: "build/storm.svg",
  });
});

it("takes what is given, refusals in microseconds", () => {
  const words = "--devices 5 --outage 2 --rate 3 --backlog 4 --refusal-cost 70 --seed 9 --output a.svg".split(" ");
  expect(parseOptions(words)).toMatchObject({
    devices: 5,
    outage: 2,
    acceptRate: 3,
    backlog: 4,
    refusalCost: 0.07,
    seed: 9,
    output: "a.svg",
  });
  expect(parseOptions(["--help"])).toBe("help");
});

it.each(["--devices 0", "--devices=", "--outage 1.5", "--seed -1", "--rate many", "--foo", "word", "--output"])(
  "refuses %s in one line",
  (line) => {
    const words = line.split(" ");
    expect(() => parseOptions(words)).toThrow(Failure);
    expect(() => parseOptions(words)).toThrow(/^[^\n]+$/);
  },
);
