import { readFileSync } from "node:fs";
import { decodeScript, encodeScript, type Script } from "../play/script.js";
import { VERSION_NAMES, type VersionName } from "../play/version-name.js";

/** A script, and whom to play it to. */
export interface Play {
  readonly version: VersionName;
  readonly script: Script;
}

/** As one line: the version, and the script in base64. */
export function textOf({ version, script }: Play): string {
  return `${version} ${Buffer.from(encodeScript(script)).toString("base64")}`;
}

/** What a line says; hexadecimal digits will do, too. @throws Error where it says nothing. */
export function playOf(line: string): Play {
  const [name, text = ""] = line.trim().split(/\s+/);
  const version = VERSION_NAMES.find((each) => each === name);
  if (version === undefined)
    throw new Error(`expected a version (${VERSION_NAMES.join(", ")}) and a script, not "${line.slice(0, 40)}"`);
  const encoding = /^([0-9a-f]{2})+$/i.test(text) ? "hex" : "base64";
  return { version, script: decodeScript(Buffer.from(text, encoding)) };
}

/** The scripts of a file, one a line; those that begin with `#` are for people. */
export function readPlays(path: string | URL): Play[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => line !== "" && !line.startsWith("#")).map(playOf);
}
