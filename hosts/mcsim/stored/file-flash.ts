import * as storage from "embedded:storage/files";
import type { Flash } from "mqtt-xs/store";

/** The module's default export, which the SDK's typings leave out: the home folder. */
const files = (storage as unknown as { default: storage.Directory }).default;

const SECTOR = 4_096;
const SECTORS = 16;
const ERASED = 0xff;

/** A file in the place of flash, by its name in the home folder; made erased when there is none. It outlives the simulator. */
export class FileFlash implements Flash {
  readonly sectorSize = SECTOR;
  readonly sectors = SECTORS;
  private readonly file: storage.File;
  private readonly blank = new Uint8Array(SECTOR).fill(ERASED);

  constructor(path: string) {
    this.file = files.openFile({ path, mode: hasFile(path) ? "r+" : "w+" });
    if (this.file.status().size === 0) for (let sector = 0; sector < SECTORS; sector++) this.erase(sector);
  }

  read(position: number, target: Uint8Array, length: number): void {
    const buffer = target.buffer as ArrayBuffer;
    buffer.resize(length);
    try {
      this.file.read(target, position);
    } finally {
      buffer.resize(buffer.maxByteLength);
    }
  }

  write(position: number, source: Uint8Array, length: number): void {
    const buffer = source.buffer as ArrayBuffer;
    buffer.resize(length);
    try {
      this.file.write(source, position);
    } finally {
      buffer.resize(buffer.maxByteLength);
    }
  }

  erase(sector: number): void {
    this.file.write(this.blank, sector * SECTOR);
  }
}

function hasFile(path: string): boolean {
  try {
    return files.status(path).isFile();
  } catch {
    return false;
  }
}
