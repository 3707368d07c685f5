import storage, { type Flash as Partition } from "embedded:storage/flash";
import { MqttError } from "mqtt-xs";
import type { Flash } from "mqtt-xs/store";
import { checkText } from "./check.js";

export interface FlashPartitionOptions {
  /** The partition's name in the app's partition table, such as `"mqtt"`. What else it may hold is overwritten. */
  path: string;
}

/**
 * A partition of the device's flash, through ECMA-419's `embedded:storage/flash`: for a `Journal`. Its type must be `data`,
 * and it must not be encrypted: that would write 16 bytes at a time. The constructor takes what the platform does; reading,
 * writing and erasing allocate nothing. On ESP32 erasing a sector of 4,096 bytes stops everything else for about 50 ms.
 */
export class FlashPartition implements Flash {
  readonly sectorSize: number;
  readonly sectors: number;
  private readonly partition: Partition;

  /** @throws MqttError `ERR_ARGUMENT`, or `ERR_STORE` when there is no such partition. */
  constructor({ path }: FlashPartitionOptions) {
    this.partition = open(checkText("path", path));
    const { blockLength, blocks } = this.partition.status();
    this.sectorSize = blockLength;
    this.sectors = blocks;
  }

  read(position: number, target: Uint8Array, length: number): void {
    const buffer = target.buffer as ArrayBuffer;
    buffer.resize(length); // a view of that length would allocate
    try {
      this.partition.read(target, position);
    } finally {
      buffer.resize(buffer.maxByteLength);
    }
  }

  write(position: number, source: Uint8Array, length: number): void {
    const buffer = source.buffer as ArrayBuffer;
    buffer.resize(length);
    try {
      this.partition.write(source, position);
    } finally {
      buffer.resize(buffer.maxByteLength);
    }
  }

  erase(sector: number): void {
    this.partition.eraseBlock(sector, sector + 1);
  }

  /** Gives the partition back. The store is of no use afterwards. */
  close(): void {
    this.partition.close();
  }
}

function open(path: string): Partition {
  try {
    return storage.open({ path, mode: "r+" });
  } catch (cause) {
    const remedy = "the app's partition table (PARTITIONS_FILE) must have one of that name, of type data";
    throw new MqttError("ERR_STORE", `the flash partition "${path}" cannot be opened (${String(cause)}): ${remedy}`, "resources");
  }
}
