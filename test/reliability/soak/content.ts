import type { PayloadSource } from "mqtt-xs";

/** Every so many bytes, one tells where it is. */
const BLOCK = 64;

/** Byte `position` of the payload of message `number`: its four bytes, then its lowest one, but for one in each block. */
export function contentByte(number: number, position: number): number {
  if (position < 4) return (number >>> (8 * position)) & 0xff;
  return (position % BLOCK === 0 ? number ^ (position / BLOCK) : number) & 0xff;
}

/** Puts the bytes from `position` on of a message's payload into `target`, from `start` up to `end`. Allocates nothing. */
export function writeContent(number: number, target: Uint8Array, start: number, end: number, position: number): void {
  const origin = start - position;
  target.fill(number & 0xff, start, end);
  for (let at = position; at < 4 && origin + at < end; at++) target[origin + at] = contentByte(number, at);
  const block = Math.max(1, Math.ceil(position / BLOCK)) * BLOCK;
  for (let at = block; origin + at < end; at += BLOCK) target[origin + at] = contentByte(number, at);
}

/** The message's number, of a payload that begins at `start`. */
export function contentNumber(bytes: Uint8Array, start: number): number {
  return (bytes[start] | (bytes[start + 1] << 8) | (bytes[start + 2] << 16) | (bytes[start + 3] << 24)) >>> 0;
}

/** The payload of one message at a time, made as it is read. */
export class Content implements PayloadSource {
  number = 0;
  length = 0;
  /** Of the message on its way, for its owner; 0 while there is none. */
  identifier = 0;

  /** Is the payload of another message from now on. */
  become(number: number, length: number): this {
    this.number = number;
    this.length = length;
    return this;
  }

  /** {@inheritDoc PayloadSource.read} */
  read(target: Uint8Array, start: number, end: number, position: number): number {
    const count = Math.min(end - start, this.length - position);
    writeContent(this.number, target, start, start + count, position);
    return count;
  }
}
