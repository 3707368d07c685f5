import Sim from "sim";
import { mqtt_pkt_ctx } from "../../../node_modules/u8-mqtt-packet/esm/codec_bind.js";
import { mqtt_opts_v4 } from "../../../node_modules/u8-mqtt-packet/esm/codec_v4_client.js";
import { payload, TOPIC } from "../../sim/programs/support/client.js";

// Encodes and decodes a message of QoS 0 with the codec of u8-mqtt: only that, without its client, which needs promises and
// timers that the device has not. XS has no TextEncoder and TextDecoder either: here they are the engine's native ones.

const OPERATIONS = 1_000;

Object.assign(globalThis, {
  TextEncoder: class {
    encode(text: string): Uint8Array {
      return new Uint8Array(ArrayBuffer.fromString(text));
    }
  },
  TextDecoder: class {
    decode(bytes: Uint8Array): string {
      return String.fromArrayBuffer(bytes.slice().buffer);
    }
  },
});

const stream = mqtt_pkt_ctx(4, mqtt_opts_v4).mqtt_stream();
const message = { topic: TOPIC, payload: payload(), qos: 0 };
const bytes = stream.encode_pkt("publish", message);

/** Tells the runner units, slots and bytes of chunks of a thousand calls. */
function measure(name: string, operation: () => unknown): void {
  const meter = Sim.meter();
  const slots = Sim.slots();
  const chunkBytes = Sim.chunkBytes();
  for (let count = 0; count < OPERATIONS; count++) operation();
  Sim.report(name, Sim.meter() - meter, Sim.slots() - slots, Sim.chunkBytes() - chunkBytes);
}

measure("nothing", () => undefined);
measure("encode", () => stream.encode_pkt("publish", message));
measure("decode", () => stream.decode(bytes));
