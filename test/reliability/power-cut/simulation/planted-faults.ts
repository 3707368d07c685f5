import type { SessionStore } from "mqtt-xs/store";

/** First byte of a PUBREL. */
const PUBREL = 0x62;
/** The packet identifier in the key of a message under way; above it is which message of the queue it was. */
const IDENTIFIER = 0xffff;
/** Where keys of received QoS 2 identifiers begin and end. */
const RECEIVED = 0x4000_0000;
const RECEIVED_END = 0x8000_0000;

/** A store that passes everything on; one method of it is wrong on purpose in each class below. */
class Passing implements SessionStore {
  constructor(protected readonly store: SessionStore) {}

  get count(): number {
    return this.store.count;
  }

  keyAt(index: number): number {
    return this.store.keyAt(index);
  }

  read(key: number, target: Uint8Array): number {
    return this.store.read(key, target);
  }

  put(key: number, source: Uint8Array, length: number): boolean {
    return this.store.put(key, source, length);
  }

  erase(key: number): boolean {
    return this.store.erase(key);
  }

  hasRoom(length: number): boolean {
    return this.store.hasRoom(length);
  }
}

/** Erases nothing of what is acknowledged, but for what was received, until the place is needed. */
class WithoutErasing extends Passing {
  private readonly kept: number[] = [];

  override erase(key: number): boolean {
    if (key >= RECEIVED) return super.erase(key);
    this.kept.push(key);
    if (this.kept.length > 2) super.erase(this.kept.shift() ?? 0);
    return true;
  }
}

/** Writes what it is given only when it is given something else: what has left by then may be lost. */
class WritingLate extends Passing {
  private late: (() => boolean) | undefined;

  override put(key: number, source: Uint8Array, length: number): boolean {
    this.writeLate();
    const copy = new Uint8Array(new ArrayBuffer(source.length, { maxByteLength: source.length }));
    copy.set(source);
    this.late = () => super.put(key, copy, length);
    return true;
  }

  override erase(key: number): boolean {
    this.writeLate();
    return super.erase(key);
  }

  private writeLate(): void {
    this.late?.();
    this.late = undefined;
  }
}

/** Does not keep which messages the broker has, so that they are published again. */
class WithoutReleases extends Passing {
  override put(key: number, source: Uint8Array, length: number): boolean {
    return (length === 4 && source[0] === PUBREL) || super.put(key, source, length);
  }
}

/** Does not keep which QoS 2 messages were received. */
class WithoutReceived extends Passing {
  override put(key: number, source: Uint8Array, length: number): boolean {
    return (key >= RECEIVED && key < RECEIVED_END) || super.put(key, source, length);
  }
}

/** Does not keep which message of the queue one under way was, so that the queue has it still. */
class WithoutOrigins extends Passing {
  override keyAt(index: number): number {
    return withoutOrigin(super.keyAt(index));
  }

  override put(key: number, source: Uint8Array, length: number): boolean {
    return super.put(withoutOrigin(key), source, length);
  }

  override erase(key: number): boolean {
    return super.erase(withoutOrigin(key));
  }
}

/** Keeps everything under way, but gives it back in the opposite order. */
class Reversing extends Passing {
  override keyAt(index: number): number {
    return super.keyAt(this.count - 1 - index);
  }
}

/** Faults that the simulation has to find, by what they do. */
export const PLANTED_FAULTS: Readonly<Record<string, (store: SessionStore) => SessionStore>> = Object.freeze({
  "erases nothing": (store) => new WithoutErasing(store),
  "writes late": (store) => new WritingLate(store),
  "keeps no releases": (store) => new WithoutReleases(store),
  "keeps no received identifiers": (store) => new WithoutReceived(store),
  "keeps no origins": (store) => new WithoutOrigins(store),
  "reverses the order": (store) => new Reversing(store),
});

function withoutOrigin(key: number): number {
  return key < RECEIVED ? key & IDENTIFIER : key;
}
