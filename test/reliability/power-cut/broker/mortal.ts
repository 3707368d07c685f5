import type { Transport, TransportListener } from "mqtt-xs";
import type { Flash } from "mqtt-xs/store";
import { resizableBytes } from "../../../../src/session/resizable-bytes.js";
import { ENDINGS, Power } from "../simulation/power.js";
import { withoutBlanks } from "../simulation/powered-flash.js";

/** Steps in which a sector is erased. */
const ERASE_STEPS = 8;

/** The life of this process, which ends at a step: by SIGKILL, with nothing that could be done before. */
export class Life {
  private readonly power: Power;

  /** @param steps how many happen before. */
  constructor(steps: number) {
    this.power = new Power([steps], ENDINGS[0]);
  }

  /** Takes steps; `action` gets how many of them happen. When these are not all, the process ends behind it. */
  live(kind: "store bytes" | "erasing" | "socket writes", count: number, action: (happening: number) => void): void {
    const happening = this.power.take(kind, count);
    if (happening > 0 || count === 0) action(happening);
    if (happening === count) return;
    process.kill(process.pid, "SIGKILL");
    for (;;); // until it is there
  }
}

/** A flash each byte written of which is a step, and each eighth of a sector erased. */
export class MortalFlash implements Flash {
  readonly sectorSize: number;
  readonly sectors: number;
  private readonly blank: Uint8Array;

  constructor(
    private readonly flash: Flash,
    private readonly life: Life,
  ) {
    this.sectorSize = flash.sectorSize;
    this.sectors = flash.sectors;
    this.blank = resizableBytes(flash.sectorSize / ERASE_STEPS).fill(0xff);
  }

  read(position: number, target: Uint8Array, length: number): void {
    this.flash.read(position, target, length);
  }

  write(position: number, source: Uint8Array, length: number): void {
    const steps = withoutBlanks(source, length);
    this.life.live("store bytes", steps, (written) => this.flash.write(position, source, written));
  }

  erase(sector: number): void {
    const { length } = this.blank;
    this.life.live("erasing", ERASE_STEPS, (erased) => {
      for (let at = 0; at < erased; at++) this.flash.write(sector * this.sectorSize + at * length, this.blank, length);
    });
  }
}

/** A transport each write of which is a step. */
export class MortalTransport implements Transport {
  readonly writeLimit: number;

  constructor(
    private readonly transport: Transport,
    private readonly life: Life,
  ) {
    this.writeLimit = transport.writeLimit;
  }

  open(listener: TransportListener): void {
    this.transport.open(listener);
  }

  read(target: Uint8Array, start: number, end: number): number {
    return this.transport.read(target, start, end);
  }

  write(source: Uint8Array, length: number): boolean {
    let isTaken = false;
    this.life.live("socket writes", 1, () => {
      isTaken = this.transport.write(source, length);
    });
    return isTaken;
  }

  close(): void {
    this.transport.close();
  }
}
