import { fileURLToPath } from "node:url";
import { bundleWhole } from "../../hosts/sim/runner.js";
import { program } from "../sim/support/program.js";
import { sending } from "../sim/support/sender.js";
import { runSession, type SessionOptions } from "../sim/support/session.js";
import { unitsToPublish, unitsToReceive } from "../size/units.js";

const OPERATIONS = 1_000;
const U8_MQTT = fileURLToPath(new URL("./programs/u8-mqtt.ts", import.meta.url));
const MESSAGES = { qos: 0, topic: "greenhouse/1/temperature/in", payload: "a".repeat(32), count: 1_100 } as const;

/** What one operation takes on XS. */
export interface OnDevice {
  readonly units: number;
  readonly slots: number;
  readonly chunkBytes: number;
}

/** Publishing and receiving a message of QoS 0. */
export interface Codecs {
  readonly publish: OnDevice;
  readonly receive: OnDevice;
}

/** Our client: all of it, from `publish` to the socket, and from the socket to the handler. */
export async function ours(): Promise<Codecs> {
  return {
    publish: { units: (await unitsToPublish()).mean, ...(await allocations("publish", { arguments: ["0"] })) },
    receive: { units: (await unitsToReceive()).mean, ...(await allocations("receive", sending(MESSAGES))) },
  };
}

/**
 * The codec of u8-mqtt: a packet made into bytes, bytes into a packet; no socket, no check of the topic, no routing. It
 * cannot be preloaded into flash, because it sets what it inherits, and so runs in RAM.
 */
export async function u8Mqtt(): Promise<Codecs> {
  const bundle = await bundleWhole(U8_MQTT);
  try {
    const { reports, errors } = await runSession(bundle, { heap: 1_048_576 });
    const [nothing = NaN] = reports.get("nothing") ?? [];
    const each = (name: string): OnDevice => {
      const [units = NaN, slots = NaN, chunkBytes = NaN] = reports.get(name) ?? [];
      return { units: (units - nothing) / OPERATIONS, slots: slots / OPERATIONS, chunkBytes: chunkBytes / OPERATIONS };
    };
    if (errors) throw new Error(errors);
    return { publish: each("encode"), receive: each("decode") };
  } finally {
    await bundle.remove();
  }
}

async function allocations(name: string, options: SessionOptions): Promise<Omit<OnDevice, "units">> {
  const { reports } = await runSession(program(name), options);
  const [slots = NaN, chunkBytes = NaN] = reports.get("steady") ?? [];
  return { slots: slots / OPERATIONS, chunkBytes: chunkBytes / OPERATIONS };
}
