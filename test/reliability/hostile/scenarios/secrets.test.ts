import { describe, expect, it } from "vitest";
import { MqttError } from "mqtt-xs";
import { ManualClock } from "../../../support/manual-clock.js";
import { utf8 } from "../../../support/packets.js";
import { mustHoldConnect } from "../play/insides.js";
import { readCorpus } from "../fuzzing/corpus.js";
import { textOf } from "../fuzzing/script-text.js";
import { Application3, type Credentials } from "../play/application3.js";
import { Application5 } from "../play/application5.js";
import type { Script } from "../play/script.js";
import { type Application, PLAIN, Stage } from "../play/stage.js";
import type { Witness3, Witness5 } from "../play/witness.js";
import { Wire } from "../play/wire.js";
import { everythingOf, SECRET, tells } from "./secrets.js";

/** One in so many scripts of the corpus is played. */
const SHARE = 4;
const CREDENTIALS: Credentials = { username: `u${SECRET}`, password: `p${SECRET}`, will: { topic: "w", payload: SECRET } };

/** A wire to a server that is told everything, and tells nobody. */
class DiscreetWire extends Wire {
  protected sent(): void {
    // That is what credentials are for.
  }

  protected ended(): void {
    // Nothing is kept.
  }
}

/** An application that keeps what a log would get. */
class Logged {
  readonly errors: unknown[] = [];
  readonly application: Application;
  readonly stage: Stage;

  constructor(version: "3" | "5", script: Script) {
    const wire = new DiscreetWire(new Uint8Array(4_096));
    const clock = new ManualClock();
    const log = (error: unknown): void => {
      if (error !== undefined) this.errors.push(error);
    };
    const react = (): void => this.stage.react();
    const callbacks = { onDisconnect: log, onError: log };
    const handler = () => (): void => undefined;
    const authenticator = {
      method: "M",
      begin: () => utf8(SECRET),
      challenge: (data: Uint8Array, answer: (data: Uint8Array) => void): void => {
        if (data.length === 7) throw new MqttError("ERR_AUTHENTICATION", "not what the test expects", "server");
        answer(utf8(SECRET));
      },
      finish: () => undefined,
    };
    const witness3: Witness3 = { callbacks, handler };
    const witness5: Witness5 = { callbacks: { ...callbacks, authenticator }, handler };
    this.application =
      version === "3"
        ? new Application3(script.setup, wire, clock, witness3, react, undefined, CREDENTIALS)
        : new Application5(script.setup, wire, clock, witness5, react, CREDENTIALS);
    this.stage = new Stage(script, wire, clock, this.application);
  }
}

describe("What must be nowhere to be read", () => {
  it.each([
    SECRET,
    { deep: { secret: SECRET } },
    { bytes: utf8(`ab${SECRET}c`) },
    new Error(`no: ${SECRET}`),
    btoa(`a${SECRET}b`),
  ])("would be found in %j", (what) => expect(tells(everythingOf(what))).toBe(true));
});

describe.each(["3", "5"] as const)("A client of %s with credentials, whatever its server sends", (version) => {
  const scripts = readCorpus(version).filter((_script, index) => index % SHARE === 0);

  it("has them in no error that it ends a connection with, or reports", () => {
    const telling: string[] = [];
    let errors = 0;
    for (const script of scripts) {
      const logged = new Logged(version, script);
      logged.stage.begin();
      for (const step of script.steps) logged.stage.do(step);
      errors += logged.errors.length;
      if (logged.errors.some((error) => tells(everythingOf(error)))) telling.push(textOf({ version, script }));
    }
    expect(telling).toEqual([]);
    expect(errors).toBeGreaterThan(scripts.length / 2);
  });

  it("has them nowhere that a console shows, after every step", () => {
    const telling: string[] = [];
    for (const script of scripts.filter(({ setup }, index) => index % 3 === 0 || (setup & PLAIN) > 0)) {
      const logged = new Logged(version, script);
      logged.stage.begin();
      const isTelling = script.steps.some((step) => {
        logged.stage.do(step);
        const { client } = logged.application;
        return !mustHoldConnect(client) && tells(everythingOf(client));
      });
      if (isTelling) telling.push(textOf({ version, script }));
    }
    expect(telling).toEqual([]);
  });
});
