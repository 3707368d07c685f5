import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const ROOT = new URL("../../../", import.meta.url);
const { config } = ts.readConfigFile(fileURLToPath(new URL("tsconfig.json", ROOT)), (path) => readFileSync(path, "utf8")) as {
  config: { compilerOptions: { paths: Partial<Record<string, readonly string[]>> } };
};

/** Every module that this one is built with, itself included; what is imported for its types alone is not. */
function modulesOf(path: string, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  const source = ts.createSourceFile(path, readFileSync(new URL(path, ROOT), "utf8"), ts.ScriptTarget.Latest);
  for (const specifier of source.statements.flatMap((statement) => importedBy(statement, source))) {
    const module = resolve(specifier, path);
    if (module !== undefined) modulesOf(module, found);
  }
  return found;
}

function importedBy(statement: ts.Statement, source: ts.SourceFile): string[] {
  const specifier = ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement) ? statement.moduleSpecifier : undefined;
  const isOfTypes = /^(import|export) type\b/.test(statement.getText(source));
  return specifier && ts.isStringLiteral(specifier) && !isOfTypes ? [specifier.text] : [];
}

/** The file behind a specifier; undefined for a platform's module. */
function resolve(specifier: string, from: string): string | undefined {
  const mapped = config.compilerOptions.paths[specifier]?.[0];
  if (mapped !== undefined) return mapped.replace(/^\.\//, "");
  if (!specifier.startsWith(".")) return undefined;
  return new URL(specifier.replace(/\.js$/, ".ts"), new URL(from, ROOT)).href.slice(ROOT.href.length);
}

const of5 = (path: string): string[] => [...modulesOf(path)].filter((it) => it.includes("v5"));

describe("A device that stays with MQTT 3.1.1", () => {
  it.each([
    "src/index.ts",
    "src/payload.ts",
    "src/websocket.ts",
    "hosts/device/index.ts",
    "hosts/device/tls.ts",
    "hosts/device/ecma419.ts",
    "hosts/device/network.ts",
    "hosts/node/index.ts",
    "hosts/node/websocket.ts",
    "hosts/telemetry.ts",
    "test/size/programs/bytecode.ts",
  ])("has no module of 5.0: %s", (path) => {
    expect(of5(path)).toEqual([]);
  });

  it("would be told of one", () => {
    expect(of5("src/v5.ts")).toContain("src/v5/codec.ts");
    expect(of5("hosts/telemetry-v5.ts")).toContain("src/v5/codec.ts");
    expect([...modulesOf("hosts/telemetry.ts")]).toContain("src/codec/v3.ts");
  });
});
