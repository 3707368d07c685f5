import { viewOf } from "../wire/topic.js";

/** The topics that the server has given an alias in this connection, in fixed memory (3.3.2.3.4). */
export class TopicAliasTable {
  /** All of them, each in a part of its own. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly #size: number;
  readonly #lengths: Uint16Array;

  /** @param count how many aliases there are. @param size bytes of the longest topic. */
  constructor(count: number, size: number) {
    this.bytes = new Uint8Array(count * size);
    this.view = viewOf(this.bytes);
    this.#size = size;
    this.#lengths = new Uint16Array(count);
  }

  /** Whether there is this alias, which is 1 or more. */
  has(alias: number): boolean {
    return alias <= this.#lengths.length;
  }

  /** Where the topic begins and ends. There is none when both are the same. */
  startOf(alias: number): number {
    return (alias - 1) * this.#size;
  }

  endOf(alias: number): number {
    return this.startOf(alias) + this.#lengths[alias - 1];
  }

  /** Gives the alias to the topic from `start` to `end`. Allocates nothing. @returns false when it is too long. */
  set(alias: number, bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    if (length > this.#size) return false;
    let at = this.startOf(alias);
    this.#lengths[alias - 1] = length;
    while (start < end) this.bytes[at++] = bytes[start++]; // no native copy from amid a buffer goes without a `subarray`
    return true;
  }

  /** Another connection begins: all are forgotten. */
  clear(): void {
    this.#lengths.fill(0);
  }
}
