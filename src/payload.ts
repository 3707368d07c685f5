import { MqttError } from "./errors.js";
import type { PayloadSource } from "./session/payload-source.js";

const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;
const MAXIMUM_DECIMALS = 6;

/**
 * A fixed buffer to compose payloads of varying length in, such as JSON, without allocating: prepared pieces of text
 * and numbers one after the other. What does not fit throws. Costs `size` bytes and about 12 slots.
 */
export class Payload implements PayloadSource {
  readonly #buffer: ArrayBuffer;
  readonly #bytes: Uint8Array;
  #length = 0;

  /** @param size the most bytes a payload can have, 1 or more. */
  constructor(size: number) {
    if (!(size > 0)) throw new MqttError("ERR_ARGUMENT", `size: expected 1 or more bytes, got ${size}`, "caller");
    this.#buffer = new ArrayBuffer(size, { maxByteLength: size });
    this.#bytes = new Uint8Array(this.#buffer);
  }

  /** How many bytes have been composed. */
  get length(): number {
    return this.#length;
  }

  /** Begins a new payload. Not while a message made of this one is still being sent in pieces. */
  clear(): this {
    this.#length = 0;
    return this;
  }

  /** Adds bytes, such as text prepared by `utf8`. */
  bytes(bytes: Uint8Array): this {
    this.reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** Adds `value` in decimal digits, rounded half away from zero to `decimals` (0 to 6) places; below 2^53 scaled. */
  number(value: number, decimals = 0): this {
    let scaled = Math.round(Math.abs(value) * 10 ** decimals);
    if (!(Number.isInteger(decimals) && decimals >= 0 && decimals <= MAXIMUM_DECIMALS && scaled <= Number.MAX_SAFE_INTEGER))
      throw new MqttError("ERR_ARGUMENT", `number: expected up to 2^53 scaled and 0 to 6 decimals, got ${value}, ${decimals}`, "caller");
    const negative = value < 0 && scaled > 0;
    let size = 1;
    for (let rest = scaled; rest >= 10; rest = Math.floor(rest / 10)) size++;
    if (size <= decimals) size = decimals + 1;
    this.reserve(size + (decimals > 0 ? 1 : 0) + (negative ? 1 : 0));
    if (negative) this.#bytes[this.#length++] = MINUS;
    const end = this.#length + size + (decimals > 0 ? 1 : 0);
    for (let at = end - 1; at >= this.#length; at--) {
      if (decimals > 0 && at === end - 1 - decimals) this.#bytes[at] = POINT;
      else {
        this.#bytes[at] = ZERO + (scaled % 10);
        scaled = Math.floor(scaled / 10);
      }
    }
    this.#length = end;
    return this;
  }

  /** {@inheritDoc PayloadSource.read} */
  read(target: Uint8Array, start: number, end: number, position: number): number {
    const count = Math.max(0, Math.min(end - start, this.#length - position));
    if (position === 0 && count === this.#length) {
      // One native copy, of a buffer made just as long as the payload; growing it back clears what lies behind.
      const size = this.#bytes.length;
      this.#buffer.resize(count);
      target.set(this.#bytes, start);
      this.#buffer.resize(size);
      return count;
    }
    for (let index = 0; index < count; index++) target[start + index] = this.#bytes[position + index];
    return count;
  }

  private reserve(size: number): void {
    const room = this.#bytes.length - this.#length;
    if (size > room) throw new MqttError("ERR_ARGUMENT", `payload: ${size} more bytes do not fit, ${room} are left`, "caller");
  }
}
