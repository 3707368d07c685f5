import Sim from "sim";
import { ManualClock } from "../../../support/manual-clock.js";
import { Application3 } from "../play/application3.js";
import { Application5 } from "../play/application5.js";
import { decodeScript, type Script } from "../play/script.js";
import { Stage } from "../play/stage.js";
import type { Witness3, Witness5 } from "../play/witness.js";
import { MeteredWire } from "./metered-wire.js";

// Plays scripts on the engine of the device, each again and again to one client. Arguments: the version, then the scripts in
// hexadecimal digits. Reports, of each, the most units beyond those that each byte may take; the most slots of stack; and by
// how many bytes of heap, garbage not counted, the client still grew after all laps: 0 where it ever ceased to.

const MOST_LAPS = 32;
/** Bytes of a slot. */
const SLOT = 32;

/** It reads what it gets, and keeps nothing. */
class Reader {
  sum = 0;

  readonly read = (message: { readonly bytes: Uint8Array; readonly start: number; readonly end: number }): void => {
    for (let at = message.start; at < message.end; at++) this.sum += message.bytes[at];
  };

  readonly authenticator = {
    method: "M",
    begin: (): Uint8Array => Uint8Array.of(1),
    challenge: (data: Uint8Array, answer: (data: Uint8Array) => void): void => answer(data),
    finish: (): void => undefined,
  };
}

function play(version: string, script: Script): void {
  const reader = new Reader();
  const wire = new MeteredWire(incoming);
  const clock = new ManualClock(2 ** 32 - 5_000);
  const react = (): void => stage.react();
  const handler = (): Reader["read"] => reader.read;
  const witness3: Witness3 = { callbacks: { onMessage: reader.read }, handler };
  const witness5: Witness5 = { callbacks: { onMessage: reader.read, authenticator: reader.authenticator }, handler };
  const application =
    version === "3"
      ? new Application3(script.setup, wire, clock, witness3, react)
      : new Application5(script.setup, wire, clock, witness5, react);
  const stage = new Stage(script, wire, clock, application);
  stage.begin();
  const laps = (count: number): number => {
    let most = 0;
    for (let lap = 0; lap < count; lap++) {
      stage.splits = lap % 2 === 0 ? whole : singly;
      for (const step of script.steps) stage.do(step);
      Sim.collect();
      most = Math.max(most, Sim.slotsInUse() * SLOT + Sim.chunkBytesInUse());
    }
    return most;
  };
  let growth = 0;
  let most = laps(4);
  for (let count = 4; count <= MOST_LAPS; count *= 2) {
    const now = laps(count);
    growth = Math.max(0, now - most);
    most = Math.max(now, most);
    if (growth === 0) break;
  }
  Sim.report("played", wire.mostUnits, wire.mostStack / SLOT, growth, wire.broken === undefined ? 0 : 1);
}

function whole(): undefined {
  return undefined;
}

function singly(bytes: Uint8Array): number[] {
  return Array.from({ length: Math.max(0, bytes.length - 1) }, (_, index) => index + 1);
}

function bytesOf(digits: string): Uint8Array {
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) => parseInt(digits.slice(2 * at, 2 * at + 2), 16));
}

const incoming = new Uint8Array(4_096);
const version = Sim.argument(0) ?? "";
for (let index = 1; index < Sim.argumentCount; index++) play(version, decodeScript(bytesOf(Sim.argument(index) ?? "")));
