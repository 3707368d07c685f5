// Runs on XS, too: nothing of Node's.

/** What may happen to a client: by its server, its application, or time. */
export const BYTES = 0; // from the server, in one piece
export const PUBLISH = 1;
export const SUBSCRIBE = 2;
export const UNSUBSCRIBE = 3;
export const CLOSE = 4;
export const CONNECT = 5;
export const ROOM = 6; // for what the client sends, from now on
export const TIME = 7;
export const DROP = 8; // the connection breaks, or is refused
export const REACT = 9; // to the next callback, from inside of it
export const RESUME = 10; // or, in 5.0, prove who one is once more
export const KINDS = 11;

/** In the argument of a `PUBLISH`: its payload is not all there at once. */
export const HALTING = 0x10;

/** One thing that happens. */
export interface Step {
  readonly kind: number;
  /** How, for all kinds but `BYTES`: 0 to 255. */
  readonly argument: number;
  /** Of `BYTES` only. */
  readonly bytes: Uint8Array;
}

/** All that happens to a client. */
export interface Script {
  /** How the client is made and what it has been through before: see `Stage`. 0 to 255. */
  readonly setup: number;
  readonly steps: readonly Step[];
}

const NONE = new Uint8Array(0);

/** Something that the server sends. */
export function sends(bytes: Uint8Array): Step {
  return { kind: BYTES, argument: 0, bytes };
}

/** Anything else that happens. */
export function happens(kind: number, argument: number): Step {
  return { kind, argument, bytes: NONE };
}

/** As bytes: the setup, then each step as its kind, its argument or two bytes of length, and what the server sends. */
export function encodeScript({ setup, steps }: Script): Uint8Array {
  const all = [setup];
  for (const { kind, argument, bytes } of steps) {
    all.push(kind);
    if (kind === BYTES) all.push(bytes.length >> 8, bytes.length & 0xff, ...bytes);
    else all.push(argument);
  }
  return Uint8Array.from(all);
}

/** The script that these bytes are; every byte string is one. */
export function decodeScript(bytes: Uint8Array): Script {
  const steps: Step[] = [];
  for (let at = 1; at + 1 < bytes.length;) {
    const kind = bytes[at] % KINDS;
    if (kind !== BYTES) {
      steps.push(happens(kind, bytes[at + 1]));
      at += 2;
      continue;
    }
    const start = at + 3;
    at = start + ((bytes[at + 1] << 8) | bytes[at + 2]);
    steps.push(sends(bytes.slice(start, at)));
  }
  return { setup: bytes.at(0) ?? 0, steps };
}
