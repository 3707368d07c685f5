import { MqttError, viewOf, wholeNumber, wrong } from "../index.js";
import { resizableBytes } from "../session/resizable-bytes.js";
import { crcOfBytes } from "./crc32.js";
import type { Flash } from "./flash.js";
import {
  CHECK_AT,
  CHECKSUM_AT,
  headerChecksum,
  isInForce,
  KEY_AT,
  LENGTH_AT,
  ORDINAL_AT,
  RECORD_HEADER,
  recordSize,
} from "./record.js";
import { SECTOR_HEADER, Sectors } from "./sectors.js";
import type { SessionStore } from "./session-store.js";

/** Bytes that are read at a time. */
const CHUNK = 128;
const WORD = 4;
const MAXIMUM = 0xffff;
const BLANK = -1;

export interface JournalOptions {
  /**
   * The most records, 1 to 65,535. Costs 14 bytes each. A stored session takes one for each message under way in either
   * direction (`inflight`, `receiveMaximum`), and one more. Default 96.
   */
  records?: number;
  /**
   * What was found damaged or could not be kept (`ERR_STORE`), one call for each. Called by the constructor, too: what the
   * loss of power has torn is told then, once.
   */
  onError?: (error: MqttError) => void;
}

/**
 * A log of records over all sectors of a flash memory, one after the other and over again, so that they all wear alike.
 *
 * A record is written behind the last one and erased where it is, by clearing its first word. When there is one free sector
 * left, what is still in force in the oldest one moves there, and the oldest becomes the free one; until that is done it
 * stays as it was. Nothing but the constructor allocates, unless the flash does. Costs 14 bytes for each record, 4 for each
 * sector, and about 250 bytes besides.
 *
 * Any number of bytes torn or damaged loses no more than the records they are in. What can be stored is what one sector less
 * than there are can hold; less than half of that is better, since moving records wears.
 */
export class Journal implements SessionStore {
  /** {@inheritDoc SessionStore.count} */
  count = 0;
  // The records in force, in the order of their ordinals; one place more, for a record beside the one that it replaces.
  private readonly keys: Uint32Array;
  private readonly positions: Uint32Array;
  private readonly ordinals: Uint32Array;
  private readonly lengths: Uint16Array;
  private readonly sectors: Sectors;
  /** The sector written to, and where its next record goes. */
  private head = 0;
  private end = 0;
  private lastOrdinal = 0;
  private readonly header = resizableBytes(RECORD_HEADER);
  private readonly view = viewOf(this.header);
  private readonly chunk = resizableBytes(CHUNK);
  private readonly chunkView = viewOf(this.chunk);
  /** Where the bytes of the chunk are from; -1 when it holds something else. */
  private chunkPosition = -1;
  private readonly zeros = resizableBytes(WORD);
  private readonly onError: ((error: MqttError) => void) | undefined;

  /**
   * Finds what is stored. What does not begin as a journal does is overwritten.
   * @throws MqttError `ERR_ARGUMENT`, or `ERR_STORE` when the flash fails.
   */
  constructor(
    private readonly flash: Flash,
    options: JournalOptions = {},
  ) {
    checkFlash(flash);
    const records = wholeNumber(options, "records", 96, 1, MAXIMUM);
    this.onError = options.onError;
    this.keys = new Uint32Array(records + 1);
    this.positions = new Uint32Array(records + 1);
    this.ordinals = new Uint32Array(records + 1);
    this.lengths = new Uint16Array(records + 1);
    try {
      this.sectors = new Sectors(flash);
      this.load();
    } catch (cause) {
      throw new MqttError("ERR_STORE", `the store cannot be read: ${String(cause)}`, "resources");
    }
  }

  // ---- records ---------------------------------------------------------------------------------------------------

  /** {@inheritDoc SessionStore.keyAt} */
  keyAt(index: number): number {
    return this.keys[index];
  }

  /** {@inheritDoc SessionStore.hasRoom} */
  hasRoom(length: number): boolean {
    return this.count < this.keys.length - 1 && this.fits(recordSize(length));
  }

  /** {@inheritDoc SessionStore.read} */
  read(key: number, target: Uint8Array): number {
    const index = this.find(key);
    const length = index < 0 ? -1 : this.lengths[index];
    if (length < 0 || length > target.length) return -1;
    try {
      if (length > 0) this.flash.read(this.positions[index] + RECORD_HEADER, target, length);
      return length;
    } catch (cause) {
      this.failed(cause);
      return -1;
    }
  }

  /** {@inheritDoc SessionStore.put} */
  put(key: number, source: Uint8Array, length: number): boolean {
    const replaced = this.find(key);
    const size = recordSize(length);
    if ((replaced < 0 && this.count === this.keys.length - 1) || !this.fits(size)) return false;
    try {
      if (this.end + size > this.endOf(this.head)) this.advance(size);
      const position = this.end;
      this.end += size; // also when it fails half-way: what is not blank any more cannot be written to
      this.write(position, key, ++this.lastOrdinal, source, length);
      this.insert(position, key, this.lastOrdinal, length);
    } catch (cause) {
      return this.failed(cause);
    }
    if (replaced >= 0) this.clear(replaced);
    return true;
  }

  /** {@inheritDoc SessionStore.erase} */
  erase(key: number): boolean {
    const index = this.find(key);
    return index < 0 || this.clear(index);
  }

  private find(key: number): number {
    let index = this.count - 1;
    while (index >= 0 && this.keys[index] !== key) index--;
    return index;
  }

  /** Puts a record in the index where its ordinal belongs: at the end, but for when the journal is loaded. */
  private insert(position: number, key: number, ordinal: number, length: number): void {
    let index = this.count++;
    for (; index > 0 && this.ordinals[index - 1] > ordinal; index--) this.set(index, index - 1);
    this.positions[index] = position;
    this.keys[index] = key;
    this.ordinals[index] = ordinal;
    this.lengths[index] = length;
  }

  private set(index: number, from: number): void {
    this.positions[index] = this.positions[from];
    this.keys[index] = this.keys[from];
    this.ordinals[index] = this.ordinals[from];
    this.lengths[index] = this.lengths[from];
  }

  /** Ends a record in the index, and in flash. Returns false when that failed. */
  private clear(index: number): boolean {
    const position = this.positions[index];
    for (this.count--; index < this.count; index++) this.set(index, index + 1);
    try {
      this.flash.write(position, this.zeros, WORD);
      return true;
    } catch (cause) {
      return this.failed(cause);
    }
  }

  private failed(cause: unknown): false {
    this.onError?.(new MqttError("ERR_STORE", `the store failed: ${String(cause)}`, "resources"));
    return false;
  }

  // ---- sectors ---------------------------------------------------------------------------------------------------

  private sectorOf(position: number): number {
    return Math.floor(position / this.flash.sectorSize);
  }

  private endOf(sector: number): number {
    return (sector + 1) * this.flash.sectorSize;
  }

  /** Whether a record of this size can be put: behind the last one, or after making room for it. */
  private fits(size: number): boolean {
    const room = this.flash.sectorSize - SECTOR_HEADER - size;
    if (this.end + size <= this.endOf(this.head)) return true;
    if (room < 0) return false;
    for (let sector = 0; sector < this.flash.sectors; sector++)
      if (this.sectors.sequences[sector] > 0 && this.bytesInForce(sector) <= room) return true;
    const free = this.sectors.freeAfter(this.head);
    return this.sectors.freeAfter(free) !== free;
  }

  private bytesInForce(sector: number): number {
    let bytes = 0;
    for (let index = 0; index < this.count; index++)
      if (this.sectorOf(this.positions[index]) === sector) bytes += recordSize(this.lengths[index]);
    return bytes;
  }

  /** Goes on to free sectors until there is room for a record of this size, which `fits` has found to be possible. */
  private advance(size: number): void {
    const sectors = this.sectors;
    do {
      const next = sectors.freeAfter(this.head);
      const sequence = sectors.sequences[this.head] + 1;
      sectors.take(next, sequence);
      this.head = next;
      this.end = next * this.flash.sectorSize + SECTOR_HEADER;
      if (sectors.freeAfter(next) < 0) this.empty(sectors.nextAfter(0));
    } while (this.end + size > this.endOf(this.head));
  }

  /** Moves what is in force in the oldest sector to the one just begun. Until the oldest is released, nothing has changed. */
  private empty(oldest: number): void {
    for (let index = 0; index < this.count; index++) {
      const from = this.positions[index];
      if (this.sectorOf(from) !== oldest) continue;
      this.move(from, this.end, index);
      this.positions[index] = this.end;
      this.end += recordSize(this.lengths[index]);
    }
    this.sectors.release(oldest);
  }

  private move(from: number, to: number, index: number): void {
    const length = this.lengths[index];
    this.writeHeader(to, this.keys[index], this.ordinals[index], length, this.dataChecksum(from, to, index));
    for (let at = 0; at < length; at += CHUNK) {
      const size = Math.min(CHUNK, length - at);
      this.readChunk(from + RECORD_HEADER + at, size);
      this.flash.write(to + RECORD_HEADER + at, this.chunk, size);
    }
  }

  private dataChecksum(from: number, to: number, index: number): number {
    const length = this.lengths[index];
    return this.checksumOf(from, length, this.headerChecksum(to, length, this.keys[index], this.ordinals[index]));
  }

  // ---- bytes -----------------------------------------------------------------------------------------------------

  private headerChecksum(position: number, length: number, key: number, ordinal: number): number {
    return headerChecksum(this.sectors.sequences[this.sectorOf(position)], position, length, key, ordinal);
  }

  private write(position: number, key: number, ordinal: number, source: Uint8Array, length: number): void {
    const checksum = this.headerChecksum(position, length, key, ordinal);
    this.writeHeader(position, key, ordinal, length, crcOfBytes(checksum, source, length));
    if (length > 0) this.flash.write(position + RECORD_HEADER, source, length);
  }

  private writeHeader(position: number, key: number, ordinal: number, length: number, checksum: number): void {
    const view = this.view;
    view.setInt32(0, BLANK);
    view.setUint16(LENGTH_AT, length);
    view.setUint16(CHECK_AT, this.headerChecksum(position, length, key, ordinal));
    view.setUint32(KEY_AT, key);
    view.setUint32(ORDINAL_AT, ordinal);
    view.setInt32(CHECKSUM_AT, checksum);
    this.flash.write(position, this.header, RECORD_HEADER);
  }

  private readChunk(position: number, size: number): void {
    this.flash.read(position, this.chunk, size);
    this.chunkPosition = -1;
  }

  /** Goes on with a checksum over the data of the record at `position`. */
  private checksumOf(position: number, length: number, checksum: number): number {
    for (let at = 0; at < length; at += CHUNK) {
      const size = Math.min(CHUNK, length - at);
      this.readChunk(position + RECORD_HEADER + at, size);
      checksum = crcOfBytes(checksum, this.chunk, size);
    }
    return checksum;
  }

  // ---- loading ---------------------------------------------------------------------------------------------------

  private load(): void {
    const sectors = this.sectors;
    if (sectors.hasOtherFormat) this.dropped("records of another format");
    // Without a free one, the power went while the newest was filled from the oldest, which has it all.
    if (sectors.freeAfter(0) < 0) sectors.release(sectors.newest);
    const newest = sectors.newest;
    if (newest < 0) sectors.take(0, 1);
    this.head = Math.max(newest, 0);
    this.end = this.head * this.flash.sectorSize + SECTOR_HEADER;
    for (let sector = sectors.nextAfter(0); sector >= 0; sector = sectors.nextAfter(sectors.sequences[sector]))
      this.loadSector(sector);
  }

  /** Finds the records of a sector. What is neither a record nor blank is told, and cleared so that it is told only once. */
  private loadSector(sector: number): void {
    const limit = this.endOf(sector);
    let position = sector * this.flash.sectorSize + SECTOR_HEADER;
    let isDamaged = false;
    let used = position;
    this.chunkPosition = -1; // it ended with another sector
    while (position < limit) {
      const size = this.recordAt(position, limit);
      if (size > 0) {
        this.loadRecord(position);
        position += size;
        used = position;
        isDamaged = false;
      } else {
        const word = this.wordAt(position, limit);
        if (word !== BLANK && word !== 0) {
          if (!isDamaged) this.dropped("something that was torn or damaged");
          isDamaged = true;
          this.flash.write(position, this.zeros, WORD);
          this.chunkPosition = -1;
        }
        position += WORD;
        if (word !== BLANK) used = position;
      }
    }
    if (sector === this.head) this.end = used;
  }

  private wordAt(position: number, limit: number): number {
    let offset = position - this.chunkPosition;
    if (this.chunkPosition < 0 || offset < 0 || offset + WORD > CHUNK) {
      this.readChunk(position, Math.min(CHUNK, limit - position));
      this.chunkPosition = position;
      offset = 0;
    }
    return this.chunkView.getInt32(offset);
  }

  /** Reads the header of the record at `position`. Returns the bytes that the record takes, 0 when there is none. */
  private recordAt(position: number, limit: number): number {
    if (position + RECORD_HEADER > limit) return 0;
    const second = this.wordAt(position + WORD, limit);
    const length = second >>> 16;
    const size = recordSize(length);
    if (second === BLANK || position + size > limit) return 0;
    this.flash.read(position, this.header, RECORD_HEADER);
    const checksum = this.headerChecksum(position, length, this.view.getUint32(KEY_AT), this.view.getUint32(ORDINAL_AT));
    return (checksum & MAXIMUM) === (second & MAXIMUM) ? size : 0;
  }

  /** Takes the record into the index whose header has just been read, if it is in force. */
  private loadRecord(position: number): void {
    const view = this.view;
    const length = view.getUint16(LENGTH_AT);
    const key = view.getUint32(KEY_AT);
    const ordinal = view.getUint32(ORDINAL_AT);
    const expected = view.getInt32(CHECKSUM_AT);
    this.lastOrdinal = Math.max(this.lastOrdinal, ordinal);
    if (!isInForce(view.getInt32(0))) return;
    const checksum = this.checksumOf(position, length, this.headerChecksum(position, length, key, ordinal));
    const index = this.count;
    const isWhole = checksum === expected && index < this.keys.length - 1;
    if (!isWhole) this.dropped(checksum === expected ? "a record more than `records`" : "a record that was torn or damaged");
    const other = this.find(key);
    const isNewer = isWhole && (other < 0 || this.ordinals[other] < ordinal);
    if (!isNewer) {
      this.flash.write(position, this.zeros, WORD);
      return;
    }
    if (other >= 0) this.clear(other);
    this.insert(position, key, ordinal, length);
  }

  private dropped(what: string): void {
    this.onError?.(new MqttError("ERR_STORE", `the store held ${what}: dropped`, "resources"));
  }
}

function checkFlash({ sectorSize, sectors }: Flash): void {
  if (!(sectors >= 2 && sectorSize >= 256 && sectorSize % WORD === 0))
    throw wrong("flash", "2 or more sectors of 256 bytes or more, by fours");
}
