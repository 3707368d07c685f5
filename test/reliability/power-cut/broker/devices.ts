import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { bundle, type Bundle, run } from "../../../../hosts/sim/runner.js";
import type { Host } from "../options.js";
import type { Protocol } from "../simulation/packets.js";
import { type Report, REPORTS } from "./firmware.js";

/** One life of a device. */
export interface LifeOptions {
  readonly port: number;
  readonly protocol: Protocol;
  /** The number of the message that is published first; 0 for none. */
  readonly first: number;
  /** Steps until the power goes. Default: never. */
  readonly steps?: number;
  /** Ends it in any case. */
  readonly signal: AbortSignal;
  readonly onReport: (name: Report, number: number) => void;
}

/** A device whose flash outlives its processes. */
export interface BrokerDevice {
  /** Resolves when the process has ended, and all its reports have come. @throws Error when it ended by itself. */
  live(options: LifeOptions): Promise<void>;
  /** Deletes its files. */
  remove(): Promise<void>;
}

/**
 * Makes a device with blank flash.
 * @param planted the name of a fault that its store is to have, on Node only.
 */
export async function makeDevice(host: Host, planted = ""): Promise<BrokerDevice> {
  const folder = await mkdtemp(join(tmpdir(), "mqtt-xs-power-cut-"));
  if (host === "node") return new NodeDevice(folder, planted);
  return new XsDevice(folder, await bundle(XS_FIRMWARE));
}

const NODE_FIRMWARE = fileURLToPath(new URL("node-firmware.ts", import.meta.url));
const XS_FIRMWARE = fileURLToPath(new URL("../../../sim/programs/power-cut-device.ts", import.meta.url));
/** Small, so that the journal wraps around soon. */
const XS_STORAGE = { sectors: 3, sectorSize: 512 } as const;

abstract class FolderDevice {
  constructor(protected readonly folder: string) {}

  protected get store(): string {
    return join(this.folder, "store");
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

class NodeDevice extends FolderDevice implements BrokerDevice {
  constructor(
    folder: string,
    private readonly planted: string,
  ) {
    super(folder);
  }

  async live({ port, protocol, first, steps = Infinity, signal, onReport }: LifeOptions): Promise<void> {
    const args = ["--import", "tsx", NODE_FIRMWARE, port, protocol, first, this.store, steps, this.planted].map(String);
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
    const kill = (): void => void child.kill("SIGKILL");
    let errors = "";
    child.stderr.on("data", (piece: Buffer) => (errors += piece.toString()));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [name, number] = line.split(" ");
      const report = REPORTS.find((each) => each === name);
      if (report) onReport(report, Number(number));
    });
    process.once("exit", kill);
    signal.addEventListener("abort", kill);
    if (signal.aborted) kill();
    const [, by] = (await once(child, "close")) as [number | null, string | null];
    signal.removeEventListener("abort", kill);
    process.off("exit", kill);
    if (by !== "SIGKILL") throw new Error(`the device has ended: ${errors}`);
  }
}

class XsDevice extends FolderDevice implements BrokerDevice {
  constructor(
    folder: string,
    private readonly program: Bundle,
  ) {
    super(folder);
  }

  async live({ port, protocol, first, steps, signal, onReport }: LifeOptions): Promise<void> {
    const { reason, errors, trace } = await run(this.program, {
      arguments: [port, protocol, first].map(String),
      storage: { ...XS_STORAGE, path: this.store },
      ...(steps !== undefined && { cutAfter: steps }),
      signal,
      onReport: (name, [number]) => {
        const report = REPORTS.find((each) => each === name);
        if (report) onReport(report, number);
      },
    });
    if (reason !== "power cut" && reason !== "interrupted") throw new Error(`the device has ended (${reason}): ${errors}${trace.join()}`);
  }

  override async remove(): Promise<void> {
    await this.program.remove();
    await super.remove();
  }
}
