/** The messages of a `Queue`, as bytes, in their order: the first in is the first out. Nothing here throws. */
export interface WaitingMessages {
  /** How many there are. */
  readonly count: number;
  /** Adds the first `length` bytes of `message` at the end. Returns false when there is no room. */
  push(message: Uint8Array, length: number): boolean;
  /** Reads the first one to the front of `target`. Returns its length; -1 when there is none. */
  first(target: Uint8Array): number;
  /** Removes the first one. */
  shift(): void;
}
