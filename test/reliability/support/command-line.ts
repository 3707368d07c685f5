import { parseArgs, type ParseArgsConfig } from "node:util";
import { Failure } from "../../../hosts/start/failure.js";
import { grouped } from "../../../hosts/start/format.js";

const ALTERNATIVES = new Intl.ListFormat("en-GB", { type: "disjunction" });

type OptionsConfig = NonNullable<ParseArgsConfig["options"]>;
type Values<Options extends OptionsConfig> = ReturnType<typeof parseArgs<{ args: string[]; options: Options }>>["values"];

/** What stands on a command line that takes options only. @throws Failure that says in one line what is wrong. */
export function readOptions<const Options extends OptionsConfig>(args: readonly string[], options: Options): Values<Options> {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Failure(message.split(/\n|\. /, 1).join(""));
  }
}

/** The number that an option was given. @throws Failure for anything but a whole number in this range. */
export function wholeNumber(option: string, text: string, minimum: number, maximum: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= minimum && value <= maximum) return value;
  throw new Failure(`${option}: expected a whole number from ${grouped(minimum)} to ${grouped(maximum)}, got "${text}"`);
}

/** What the word that an option was given stands for. @throws Failure for any other word. */
export function choice<Value>(option: string, word: string, choices: Readonly<Record<string, Value>>): Value {
  if (Object.hasOwn(choices, word)) return choices[word];
  throw new Failure(`${option}: expected ${ALTERNATIVES.format(Object.keys(choices))}, got "${word}"`);
}
