import { MqttError } from "../errors.js";
import { DOLLAR, HASH, PLUS, SLASH, viewOf } from "./topic.js";
import { decodeUtf8, encodeUtf8, LENGTH_SIZE, MAXIMUM_STRING, withLength } from "./utf8.js";

/**
 * A topic filter, checked and encoded once, that topics are matched against byte by byte (MQTT 3.1.1, 4.7).
 * Costs its UTF-8 bytes plus 2, and about 8 slots.
 */
export class TopicFilter {
  /** As it stands in a SUBSCRIBE: two bytes of length, then UTF-8. Not to be written to. */
  readonly bytes: Uint8Array;
  private readonly view: DataView;

  /** @throws MqttError `ERR_TOPIC_FILTER` when empty, over 65,535 bytes, or with U+0000 or a misplaced wildcard. */
  constructor(filter: string) {
    const bytes = encodeUtf8(filter);
    if (!bytes || !isTopicFilter(bytes) || bytes.length > MAXIMUM_STRING)
      throw new MqttError(
        "ERR_TOPIC_FILTER",
        `"${filter}": expected 1 to 65535 bytes without U+0000, "+" as a whole level, "#" as the whole last one`,
        "caller",
      );
    this.bytes = withLength(bytes);
    this.view = viewOf(this.bytes);
  }

  /**
   * Whether the topic name in `bytes`, from `start` to `end`, matches. A leading wildcard does not match a topic that
   * begins with `$` (4.7.2); nothing is normalized (4.7.3). Allocates nothing.
   * @param view of the same buffer as `bytes`.
   */
  matches(bytes: Uint8Array, view: DataView, start: number, end: number): boolean {
    const filter = this.bytes;
    const words = this.view;
    const filterEnd = filter.length;
    let at = LENGTH_SIZE;
    if (bytes[start] === DOLLAR && filter[at] !== DOLLAR) return false;
    // Four bytes at once, for as long as they are the same: a topic's are never wildcards.
    const last = at + Math.min(filterEnd - at, end - start) - 4;
    while (at <= last && words.getInt32(at) === view.getInt32(start)) {
      at += 4;
      start += 4;
    }
    while (at < filterEnd) {
      const byte = filter[at++];
      if (byte === bytes[start] && start < end) start++;
      else if (byte === PLUS) while (start < end && bytes[start] !== SLASH) start++;
      else if (byte === HASH) return true;
      else return start === end && byte === SLASH && filter[at] === HASH; // "a/#" matches "a" too (4.7.1.2)
    }
    return start === end;
  }

  /** The filter as it was given. Allocates it. */
  toString(): string {
    return decodeUtf8(this.bytes, LENGTH_SIZE, this.bytes.length);
  }

  /** Whether both are the same filter, byte for byte (3.10.4). */
  equals(other: TopicFilter): boolean {
    return this.bytes.length === other.bytes.length && this.bytes.every((byte, at) => byte === other.bytes[at]);
  }
}

function isTopicFilter(bytes: Uint8Array): boolean {
  const last = bytes.length - 1;
  for (let at = 0; at <= last; at++) {
    const byte = bytes[at];
    const isWildcard = byte === PLUS || byte === HASH;
    if (byte === 0 || (isWildcard && at > 0 && bytes[at - 1] !== SLASH)) return false;
    if (isWildcard && at < last && (byte === HASH || bytes[at + 1] !== SLASH)) return false;
  }
  return last >= 0;
}
