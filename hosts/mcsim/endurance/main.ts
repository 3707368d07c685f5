import Instrumentation from "instrumentation";
import config from "mc/config";
import { DeviceClock, TcpTransport } from "mqtt-xs/device";
import { telemetry } from "mqtt-xs/telemetry";

/** Messages of a connection before its steady state is measured. */
const WARM_UP = 100;
/** What mcsim on Linux takes at once. */
const WRITE_LIMIT = 1_500;

const SLOTS = Instrumentation.map("XS Slot Heap Used");
const CHUNKS = Instrumentation.map("XS Chunk Heap Used");

/** The SDK's own counters at one moment: bytes of slots, and bytes of chunks. Taking them allocates nothing. */
class Counters {
  slots = 0;
  chunks = 0;

  take(): void {
    this.slots = Instrumentation.get(SLOTS) ?? NaN;
    this.chunks = Instrumentation.get(CHUNKS) ?? NaN;
  }
}

const count = Number(config.count);
const before = new Counters();
const now = new Counters();
let delivered = 0;
/** Delivered on this connection. */
let since = 0;

/** What the messages between `before` and `now` have left in the heap; a collection in between would make it less. */
function tell(what: string): void {
  const messages = since - WARM_UP;
  if (messages > 0)
    trace(`${what}: ${messages} messages, ${now.slots - before.slots} bytes of slots, ${now.chunks - before.chunks} bytes of chunks\n`);
}

trace(`${count} messages of QoS 1 to ${String(config.address)}:${Number(config.port)}\n`);
telemetry({
  clientId: "mqtt-xs-endurance",
  base: "endurance",
  transport: new TcpTransport({ address: String(config.address), port: Number(config.port), writeLimit: WRITE_LIMIT }),
  clock: new DeviceClock(),
  qos: 1,
  interval: 1,
  count,
  reconnectMaximum: 2_000,
  observer: {
    onConnect(sessionPresent: boolean): void {
      trace(`connected, ${sessionPresent ? "the session goes on" : "a new session"}\n`);
      since = 0;
    },
    onDisconnect(error): void {
      tell("until the connection was lost");
      trace(`${error?.message ?? "closed"}\n`);
    },
    onDelivered(): void {
      delivered++;
      since++;
      if (since === WARM_UP) before.take();
      now.take();
      if (delivered === count) tell("at the end");
    },
    onFinished(): void {
      trace(`${delivered} of ${count} acknowledged\n`);
    },
  },
});
