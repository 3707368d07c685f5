import { expect } from "vitest";
import type MQTTClient from "../../../src/ecma419.js";
import type { ReadableOptions } from "../../../src/ecma419.js";

/** A message, as it was published. */
export interface Whole {
  readonly topic: string;
  readonly QoS: number;
  readonly retain: boolean;
  readonly payload: Uint8Array;
}

/** An application that reads in portions, some in the callback, some later, and checks what it is told. */
export class PortionReader {
  readonly messages: Whole[] = [];
  readonly #portions: readonly number[];
  #next = 0;
  /** Bytes that were told and not read, and those of the message that were not told. */
  #readable = 0;
  #untold = 0;
  #head: Omit<Whole, "payload"> | undefined;
  #payload: number[] = [];

  /** @param portions bytes to read at a time, over and over; with 0 it waits until it is called again. */
  constructor(portions: readonly number[]) {
    this.#portions = portions;
  }

  /** The callback. */
  told(client: MQTTClient, count: number, { more, topic, QoS, retain, byteLength }: ReadableOptions): void {
    expect(this.#readable).toBe(0);
    if (this.#head === undefined) {
      this.#head = { topic: topic ?? "none", QoS: QoS ?? -1, retain: retain ?? false };
      this.#untold = byteLength ?? -1;
    } else expect([topic, QoS, retain, byteLength]).toEqual([undefined, undefined, undefined, undefined]);
    this.#readable = count;
    this.#untold -= count;
    expect(more).toBe(this.#untold > 0);
    this.#end();
    this.read(client);
  }

  /** Reads until it has nothing to read, or wants to wait, where it may. */
  read(client: MQTTClient, mayWait = true): void {
    while (this.#readable > 0) {
      const portion = this.#portions[this.#next++ % this.#portions.length];
      if (portion > 0) this.#take(new Uint8Array(client.read(portion) ?? []), portion);
      else if (mayWait) return;
    }
  }

  #take(bytes: Uint8Array, portion: number): void {
    expect(bytes.length).toBe(Math.min(portion, this.#readable));
    this.#payload.push(...bytes);
    this.#readable -= bytes.length;
    this.#end();
  }

  #end(): void {
    if (this.#readable > 0 || this.#untold > 0 || this.#head === undefined) return;
    this.messages.push({ ...this.#head, payload: Uint8Array.from(this.#payload) });
    this.#head = undefined;
    this.#payload = [];
  }
}
