/**
 * Numbered records that outlive a loss of power, in the order in which they were put: `Journal`, or your own over another
 * medium. What has been put or erased stays so from when the call returns; a record that was put only in part, or has been
 * damaged since, is not there. Nothing here throws, and nothing should allocate.
 */
export interface SessionStore {
  /** How many records there are. */
  readonly count: number;
  /** The key of the record at `index`, 0 to `count - 1`: the one that was put first comes first. */
  keyAt(index: number): number;
  /**
   * Reads a record.
   * @param target a length-tracking view of a resizable `ArrayBuffer`; bytes of it behind the record are void.
   * @returns its length, at most that of `target`; -1 when there is no such record, or it is longer.
   */
  read(key: number, target: Uint8Array): number;
  /**
   * Keeps the first `length` bytes of `source` (a view as above) as the last record, in the place of any with the same key:
   * should the power go meanwhile, either the old or the new one is there.
   * @param key 0 to 4,294,967,295.
   * @returns false when that could not be done; then all is as it was.
   */
  put(key: number, source: Uint8Array, length: number): boolean;
  /** Removes a record, if it is there. Returns false when that could not be done. */
  erase(key: number): boolean;
  /** Whether a record of so many bytes could be put. */
  hasRoom(length: number): boolean;
}
