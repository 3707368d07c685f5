// Runs on XS, too: nothing of Node's.
import type { Client as Client3 } from "mqtt-xs";
import type { Client as Client5 } from "mqtt-xs/v5";
import type { ManualClock } from "../../../support/manual-clock.js";
import type { Answers } from "./answers.js";
import {
  BYTES,
  CLOSE,
  CONNECT,
  DROP,
  PUBLISH,
  REACT,
  RESUME,
  ROOM,
  type Script,
  type Step,
  SUBSCRIBE,
  TIME,
  UNSUBSCRIBE,
} from "./script.js";
import type { Wire } from "./wire.js";

/** What an application does to its client, in either version; `argument` says how: 0 to 255. */
export interface Application {
  readonly client: Client3 | Client5;
  readonly answers: Answers;
  publish(argument: number): void;
  subscribe(argument: number): void;
  unsubscribe(argument: number): void;
  resume(argument: number): void;
  /** Has the server greet a new connection, and the client do, with the first one, whatever can be awaited an answer for. */
  prepare(deliver: (bytes: Uint8Array) => void, isFirst: boolean): void;
}

/** Bits of a script's setup. */
export const PREPARED = 1; // connected at once, again and again, and waiting for answers of all kinds
export const CLEAN = 2;
export const ONCE = 4; // no reconnecting
export const ROOMY = 8; // for packets several times as large
export const PLAIN = 16; // without what makes errors more likely: no authenticator, no limits announced
export const KEEPALIVE = 32;

/** A time long enough for something else to happen, for each of some reasons. */
const TIMES = [1, 150, 1_000, 2_000, 9_000, 30_000, 60_000, 600_000];
const UNLIMITED = 0xff;

/** A client, and how everything in a script is done to it. */
export class Stage {
  /** How the server's bytes are cut; whole by default. */
  splits: (bytes: Uint8Array) => readonly number[] | undefined = () => undefined;
  readonly #script: Script;
  readonly #wire: Wire;
  readonly #clock: ManualClock;
  readonly #application: Application;
  #reaction: number | undefined;
  #hasGreeted = false;

  constructor(script: Script, wire: Wire, clock: ManualClock, application: Application) {
    this.#script = script;
    this.#wire = wire;
    this.#clock = clock;
    this.#application = application;
  }

  /** Before the first step. */
  begin(): void {
    this.#application.client.connect();
    this.#accept();
  }

  do({ kind, argument, bytes }: Step): void {
    const { client } = this.#application;
    if (kind === BYTES) this.#send(bytes);
    else if (kind === PUBLISH) attempt(() => this.#application.publish(argument));
    else if (kind === SUBSCRIBE) attempt(() => this.#application.subscribe(argument));
    else if (kind === UNSUBSCRIBE) attempt(() => this.#application.unsubscribe(argument));
    else if (kind === CLOSE) client.close();
    else if (kind === CONNECT) attempt(() => client.connect());
    else if (kind === ROOM) this.#room(argument);
    else if (kind === TIME) this.#clock.advance(TIMES[argument & 7]);
    else if (kind === DROP) this.#drop();
    else if (kind === REACT) this.#reaction = argument;
    else if (kind === RESUME) attempt(() => this.#application.resume(argument));
  }

  /** What the application does in a callback, if it was told to do something in the next one. */
  readonly react = (): void => {
    const reaction = this.#reaction;
    if (reaction === undefined) return;
    this.#reaction = undefined;
    const argument = reaction >> 3;
    const kinds = [CLOSE, CLOSE, PUBLISH, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, RESUME, CONNECT];
    this.do({ kind: kinds[reaction & 7], argument, bytes: new Uint8Array(0) });
    if ((reaction & 7) === 1) attempt(() => this.#application.client.connect());
  };

  /** Over the connection there is; where there is none but one is to follow, over that. */
  #send(bytes: Uint8Array): void {
    const wire = this.#wire;
    if (!wire.isOpen && !wire.isOpening) this.#clock.advance(this.#clock.untilNext ?? 0);
    this.#accept();
    if (wire.isOpen) wire.deliver(bytes, this.splits(bytes));
  }

  #accept(): void {
    const wire = this.#wire;
    if (!wire.isOpening) return;
    wire.accept();
    if (!(this.#script.setup & PREPARED)) return;
    const isFirst = !this.#hasGreeted;
    this.#hasGreeted = true;
    this.#application.prepare((bytes) => {
      if (wire.isOpen) wire.deliver(bytes, this.splits(bytes));
    }, isFirst);
  }

  #room(argument: number): void {
    this.#wire.room = 0;
    this.#wire.makeRoom(argument === UNLIMITED ? Infinity : argument);
  }

  #drop(): void {
    if (this.#wire.isOpen) this.#wire.drop();
    else if (this.#wire.isOpening) this.#wire.refuse();
  }
}

/** Does what an application may do at the wrong moment, or where the server has said that it does not take it. */
function attempt(act: () => void): void {
  try {
    act();
  } catch (error) {
    if ((error as { fault?: unknown } | undefined)?.fault !== "caller") throw error;
  }
}
