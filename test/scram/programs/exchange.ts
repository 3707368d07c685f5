import { ScramSha256 } from "mqtt-xs/scram-sha-256";
import { utf8 } from "mqtt-xs";
import Sim from "sim";
import Timer from "timer";

// Has the exchange of RFC 7677 (3) with what the runner gives: whether to defer, and the two messages of the server. Then
// refuses some that are not UTF-8, which are given behind, and lets the runner know how it went.

const isDeferred = Sim.argument(0) === "deferred";
const serverFirst = utf8(Sim.argument(1) ?? "");
const serverFinal = utf8(Sim.argument(2) ?? "");

let longest = 0;

/** By the timer, which also looks at how long a slice takes. */
function defer(callback: () => void): void {
  Timer.set(() => {
    const start = Sim.meter();
    callback();
    longest = Math.max(longest, Sim.meter() - start);
  });
}

const text = (bytes: Uint8Array | undefined): string => String.fromCharCode(...(bytes ?? []));

const scram = new ScramSha256({
  username: "user",
  password: "pencil",
  nonce: () => "rOprNGfwEbeRWgbNEkqO",
  ...(isDeferred && { defer }),
});

function exchange(then: () => void): void {
  trace(text(scram.begin()));
  scram.challenge(serverFirst, (answer) => {
    trace(text(answer));
    scram.finish(serverFinal);
    then();
  });
}

function refuse(data: Uint8Array): void {
  scram.begin();
  try {
    scram.challenge(data, () => {});
    trace("no refusal");
  } catch (error) {
    trace(String(error));
  }
}

/** The challenge, and an extension of bytes that are given in hexadecimal digits. */
function extended(digits: string): Uint8Array {
  const bytes = Uint8Array.from({ length: digits.length / 2 }, (_, at) => parseInt(digits.slice(2 * at, 2 * at + 2), 16));
  return Uint8Array.of(...serverFirst, ...utf8(",x="), ...bytes);
}

const start = Sim.meter();
exchange(() => {
  Sim.report("first", Sim.meter() - start);
  Sim.report("slice", longest);
  Sim.collect();
  const inUse = Sim.slotsInUse();
  const again = Sim.meter();
  exchange(() => Sim.report("again", Sim.meter() - again, inUse));
  for (let at = 3; at < Sim.argumentCount; at++) refuse(extended(Sim.argument(at) ?? ""));
  refuse(utf8("e=invalid-proof"));
  trace(text(new ScramSha256({ username: "\u00c4\uff50", password: "p\u00e4ss", nonce: () => "x" }).begin()));
});
