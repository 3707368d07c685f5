import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { statements, type Statement } from "./statements.js";

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Where the list of statements was made; a user's clone does not have it. */
const LIST = path("../../../shared/spec/mqtt-3.1.1-normative.tsv");

const sources = readdirSync(path("."))
  .filter((name) => name.endsWith(".test.ts") && name !== "completeness.test.ts")
  .map((name) => ({ name, text: readFileSync(path(name), "utf8") }));

/** The identifiers that titles begin with: one, or several with commas between, before a colon. */
const tested = new Set(
  sources.flatMap(({ text }) =>
    [...text.matchAll(/\bit\(\s*["'`]((?:MQTT-[\d.]+-\d+(?:, )?)+): /g)].flatMap(([, identifiers]) => identifiers.split(", ")),
  ),
);

const bindsClient = ({ binds }: Statement): boolean => ["client-send", "client-receive", "both"].includes(binds);

describe("completeness", () => {
  it("every statement that binds a client has a test", () => {
    const missing = statements.filter((statement) => bindsClient(statement) && !tested.has(statement.identifier));
    expect(missing).toEqual([]);
  });

  it("no test names a statement that does not exist", () => {
    const known = new Set(statements.map(({ identifier }) => identifier));
    expect(known.size).toBe(statements.length);
    const named = sources.flatMap(({ text }) => [...text.matchAll(/MQTT-\d+\.\d+\.\d+-\d+/g)].map(([identifier]) => identifier));
    expect(named.filter((identifier) => !known.has(identifier))).toEqual([]);
    expect(named.length).toBeGreaterThan(known.size);
  });

  it("no test is skipped, left to do, or alone", () => {
    for (const { name, text } of sources)
      expect(text.match(/\b(?:it|describe)\s*\.\s*(?:skip|todo|only|skipIf|runIf)\b/g), name).toBeNull();
  });

  if (existsSync(LIST))
    it("the list of statements is the one that the project was given", () => {
      const [, ...lines] = readFileSync(LIST, "utf8").trimEnd().split("\n");
      const given = lines.map((line) => {
        const [identifier, binds, section, summary] = line.split("\t");
        return { identifier, binds, section, summary };
      });
      expect(statements).toEqual(given);
    });
});
