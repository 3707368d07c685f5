import { utf8, type PayloadSource } from "mqtt-xs";
import { Payload } from "mqtt-xs/payload";
import type { Sensors } from "./sensors.js";

/** What a reading without padding has at most, all numbers at their longest. */
const MAXIMUM_JSON = 112;

const SPACE = 0x20;
const QUOTE = 0x22;
const CLOSING_BRACE = 0x7d;

/** The pieces of JSON between the numbers, encoded once and shared by all readings. */
export class ReadingFormat {
  readonly sequence = utf8('{"sequence":');
  readonly temperature = utf8(',"temperature":');
  readonly humidity = utf8(',"humidity":');
  readonly battery = utf8(',"battery":');
  readonly padding = utf8(',"padding":"');
  readonly end = utf8("}");
}

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
  readonly #json = new Payload(MAXIMUM_JSON);

  /** @param paddedSize how many bytes the payload is to have, if that is more than the JSON needs; 0: no padding. */
  constructor(format: ReadingFormat, paddedSize: number) {
    this.#format = format;
    this.#paddedSize = paddedSize;
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
    this.#json.bytes(format.temperature).number(sensors.temperature, 2);
    this.#json.bytes(format.humidity).number(sensors.humidity, 1);
    this.#json.bytes(format.battery).number(sensors.battery, 3);
    this.#json.bytes(this.#paddedSize > 0 ? format.padding : format.end);
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
