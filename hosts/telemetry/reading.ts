import type { PayloadSource } from "mqtt-xs";
import { Payload } from "mqtt-xs/payload";
import type { ReadingFormat } from "./reading-format.js";
import type { Extra, Sensors } from "./sensors.js";

/** Larger numbers come from no sensor; their digits would not fit. */
const LIMIT = 1e9;

const SPACE = 0x20;
const QUOTE = 0x22;
const CLOSING_BRACE = 0x7d;

/**
 * One reading as JSON, in a buffer of its own, and what is known of its delivery. Padding is made up while it is sent,
 * so a reading of a megabyte takes no more memory than one of a hundred bytes.
 */
export class Reading implements PayloadSource {
  sequence = 0;
  /** What `publish` returned; 0 when nobody waits for an acknowledgement. */
  identifier = 0;
  /** When it was published, by the clock. */
  publishedAt = 0;

  readonly #format: ReadingFormat;
  readonly #paddedSize: number;
  readonly #json: Payload;

  /** @param paddedSize how many bytes the payload is to have, if that is more than the JSON needs; 0: no padding. */
  constructor(format: ReadingFormat, paddedSize: number) {
    this.#format = format;
    this.#paddedSize = paddedSize;
    this.#json = new Payload(format.size);
  }

  /** How many bytes the payload has. */
  get length(): number {
    return this.#paddedSize > 0 ? Math.max(this.#paddedSize, this.#json.length + 2) : this.#json.length;
  }

  /** Composes the JSON anew. Allocates nothing. */
  compose(sequence: number, sensors: Sensors): void {
    const format = this.#format;
    this.sequence = sequence;
    this.#json.clear().bytes(format.sequence).number(sequence);
    this.#add(format.temperature, sensors.temperature, 2);
    this.#add(format.humidity, sensors.humidity, 1);
    this.#add(format.battery, sensors.battery, 3);
    if (sensors.extras) this.#addExtras(sensors.extras);
    this.#json.bytes(this.#paddedSize > 0 ? format.padding : format.end);
  }

  #addExtras(extras: readonly Extra[]): void {
    const names = this.#format.extras;
    for (let index = 0; index < names.length; index++) this.#add(names[index], extras[index].value, extras[index].decimals);
  }

  #add(name: Uint8Array, value: number, decimals?: number): void {
    this.#json.bytes(name);
    if (Math.abs(value) < LIMIT) this.#json.number(value, decimals);
    else this.#json.bytes(this.#format.none);
  }

  /** {@inheritDoc PayloadSource.read} */
  read(target: Uint8Array, start: number, end: number, position: number): number {
    const copied = position < this.#json.length ? this.#json.read(target, start, end, position) : 0;
    const count = Math.min(end - start, this.length - position);
    if (copied < count) this.#pad(target, start, copied, count, position);
    return count;
  }

  /** Spaces, and the closing `"}` where the piece reaches that far. */
  #pad(target: Uint8Array, start: number, from: number, count: number, position: number): void {
    target.fill(SPACE, start + from, start + count);
    const quote = this.length - 2 - position;
    if (quote >= 0 && quote < count) target[start + quote] = QUOTE;
    if (quote + 1 < count) target[start + quote + 1] = CLOSING_BRACE;
  }
}
