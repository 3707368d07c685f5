import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Version } from "./both/versions.js";
import type { Statement } from "./statement.js";

/** Where the lists of statements were made; a user's clone does not have them. */
const LISTS = new URL("../../../shared/spec/", import.meta.url);

/** The tests of what both versions require alike: see `both/versions.ts`. */
const BOTH = new URL("both/", import.meta.url);

/** The file of tests that calls `describeCompleteness`, which proves no statement itself. */
const CALLER = "completeness.test.ts";

interface Source {
  readonly name: string;
  readonly text: string;
}

const bindsClient = ({ binds }: Statement): boolean => ["client-send", "client-receive", "both"].includes(binds);

/**
 * Checks that the tests in a directory prove every one of `statements` that binds a client, and name none besides.
 *
 * @param directory of the tests; others below it do not count, but those in `both`.
 * @param version whose tests those in `both` are taken for.
 * @param list the name of the file that `statements` were made from.
 */
export function describeCompleteness(directory: URL, version: Version, statements: readonly Statement[], list: string): void {
  const sources = [...sourcesIn(fileURLToPath(directory)), ...sourcesIn(fileURLToPath(BOTH)).map((it) => ofVersion(it, version))];
  const tested = testedIn(sources);

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
      expect(named.length).toBeGreaterThanOrEqual(statements.filter(bindsClient).length);
    });

    it("no test is skipped, left to do, or alone", () => {
      for (const { name, text } of sources)
        expect(text.match(/\b(?:it|describe)\s*\.\s*(?:skip|todo|only|skipIf|runIf)\b/g), name).toBeNull();
    });

    if (existsSync(new URL(list, LISTS)))
      it("the list of statements is the one that the project was given", () => {
        expect(statements).toEqual(statementsIn(readFileSync(new URL(list, LISTS), "utf8")));
      });
  });
}

function sourcesIn(directory: string): readonly Source[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".test.ts") && name !== CALLER)
    .map((name) => ({ name, text: readFileSync(`${directory}/${name}`, "utf8") }));
}

/** A file of `both` as if it were this version's alone: titles that are `named` for both become those for this one. */
function ofVersion({ name, text }: Source, { either }: Version): Source {
  const own = text.replace(/\[\s*"([^"]*)",\s*"([^"]*)",?\s*\]/g, (_, in3: string, in5: string) => `"${either(in3, in5)}"`);
  return { name, text: own.replace(/\bnamed\(\s*"([^"]*)",\s*["`]/g, '"$1: ') };
}

/** The identifiers that titles begin with: one, or several with commas between, before a colon. */
function testedIn(sources: readonly Source[]): ReadonlySet<string> {
  return new Set(
    sources.flatMap(({ text }) =>
      [...text.matchAll(/\bit\(\s*["'`]((?:MQTT-[\d.]+-\d+(?:, )?)+): /g)].flatMap(([, identifiers]) => identifiers.split(", ")),
    ),
  );
}

function statementsIn(table: string): unknown[] {
  const [, ...lines] = table.trimEnd().split("\n");
  return lines.map((line) => {
    const [identifier, binds, section, summary] = line.split("\t");
    return { identifier, binds, section, summary };
  });
}
