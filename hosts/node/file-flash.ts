import { closeSync, existsSync, fdatasyncSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import type { Flash } from "../../src/store/flash.js";
import { MqttError, wholeNumber, wrong } from "../../src/index.js";

/** What `Journal` begins its sectors with. */
const BEGINNING = "MQXS";

export interface FileFlashOptions {
  /** Where the file is, or is to be. */
  path: string;
  /** Sectors of 4,096 bytes, 2 or more; only while there is no file. Default 16. */
  sectors?: number;
}

/**
 * A file in the place of flash, for gateways: all its space is taken when it is made, so that a full disk is known then and
 * not later. What has been written is on the disk when the call returns (`fdatasync`). For one process at a time.
 */
export class FileFlash implements Flash {
  readonly sectorSize = 4_096;
  readonly sectors: number;
  readonly #file: number;
  readonly #blank = new Uint8Array(this.sectorSize).fill(0xff);

  /** @throws MqttError `ERR_ARGUMENT`, or `ERR_STORE` when the file cannot be made or opened, or is none of this kind. */
  constructor(options: FileFlashOptions) {
    const { path } = options;
    if (typeof path !== "string" || path === "") throw wrong("path", "the name of a file");
    const sectors = wholeNumber(options, "sectors", 16, 2, 65_536);
    try {
      if (!existsSync(path)) this.#make(path, sectors);
      this.#file = openSync(path, "r+");
    } catch (cause) {
      throw new MqttError("ERR_STORE", `${path} cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`, "resources");
    }
    this.sectors = fstatSync(this.#file).size / this.sectorSize;
    if (Number.isInteger(this.sectors) && this.sectors >= 2 && this.#isStore()) return;
    this.close();
    throw new MqttError("ERR_STORE", `${path} is not a store, and is left alone: give the path of another file`, "resources");
  }

  /** Under another name until it is whole, so that what is cut off half-way is not taken for one. */
  #make(path: string, sectors: number): void {
    const unfinished = `${path}.new`;
    const file = openSync(unfinished, "w", 0o600);
    try {
      for (let sector = 0; sector < sectors; sector++) writeAll(file, this.#blank, this.sectorSize, sector * this.sectorSize);
      fdatasyncSync(file);
    } catch (cause) {
      rmSync(unfinished, { force: true });
      throw cause;
    } finally {
      closeSync(file);
    }
    renameSync(unfinished, path);
  }

  /** Whether each sector begins as one of a journal can, at least in part; other files are not to be written over. */
  #isStore(): boolean {
    const start = new Uint8Array(BEGINNING.length);
    for (let sector = 0; sector < this.sectors; sector++) {
      this.read(sector * this.sectorSize, start, start.length);
      if (!start.every((byte, at) => byte === 0xff || byte === 0 || byte === BEGINNING.charCodeAt(at))) return false;
    }
    return true;
  }

  read(position: number, target: Uint8Array, length: number): void {
    if (readSync(this.#file, target, 0, length, position) < length) throw new Error("the file has become shorter");
  }

  write(position: number, source: Uint8Array, length: number): void {
    writeAll(this.#file, source, length, position);
    fdatasyncSync(this.#file);
  }

  erase(sector: number): void {
    this.write(sector * this.sectorSize, this.#blank, this.sectorSize);
  }

  /** Closes the file. The store is of no use afterwards. */
  close(): void {
    closeSync(this.#file);
  }
}

function writeAll(file: number, source: Uint8Array, length: number, position: number): void {
  for (let at = 0; at < length; ) at += writeSync(file, source, at, length - at, position + at);
}
