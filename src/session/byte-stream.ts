/** The part of a `Transport` that moves bytes. Nothing here allocates, calls back or throws. */
export interface ByteStream {
  /**
   * Takes received bytes into `target`, from index `start` up to `end`.
   * @param target a length-tracking view of a resizable `ArrayBuffer`, from its first byte. A transport may resize the
   *   buffer on the way, so that bytes from `start` on are void but for those that it says it has taken.
   * @returns how many bytes were taken; less than there was room for only when no more are waiting.
   */
  read(target: Uint8Array, start: number, end: number): number;

  /**
   * Sends the first `length` bytes of `source`, all of them or none. They are taken before `write` returns.
   * @param source a length-tracking view of a resizable `ArrayBuffer`, from its first byte. A transport may shrink the
   *   buffer to `length` while it sends (which needs no `subarray`) and then grows it back; bytes past `length` are void.
   * @returns false when there is no room at present.
   */
  write(source: Uint8Array, length: number): boolean;
}
