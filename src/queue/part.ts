import type { PayloadSource } from "../index.js";
import { type ResizableBytes, resizableBytes } from "../session/resizable-bytes.js";

/** A part of a queued message, in a buffer of its own that becomes just as long. Nothing but the constructor allocates. */
export class Part {
  readonly bytes: ResizableBytes;
  readonly #size: number;

  constructor(size: number) {
    this.bytes = resizableBytes(size);
    this.#size = size;
  }

  /** Takes the bytes of `source` from `start` up to `end`. `release` must follow, before anything else can run. */
  take(source: Uint8Array, start: number, end: number): void {
    const bytes = this.bytes;
    bytes.buffer.resize(end - start);
    for (let at = start; at < end; at++) bytes[at - start] = source[at];
  }

  /** Makes the buffer as long as it was. */
  release(): void {
    this.bytes.buffer.resize(this.#size);
  }
}

/** The payload of a queued message, where it lies. */
export class QueuedPayload implements PayloadSource {
  length = 0;
  private start = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** It lies from `start` up to `end`. */
  set(start: number, end: number): this {
    this.start = start;
    this.length = end - start;
    return this;
  }

  /** {@inheritDoc PayloadSource.read} */
  read(target: Uint8Array, start: number, end: number, position: number): number {
    const count = Math.min(end - start, this.length - position);
    for (let at = 0; at < count; at++) target[start + at] = this.bytes[this.start + position + at];
    return count;
  }
}
