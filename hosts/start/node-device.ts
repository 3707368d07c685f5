import { startTelemetry } from "../node/telemetry-main.js";
import type { TelemetryObserver } from "../telemetry-v5.js";
import type { Device, DeviceOptions } from "./device.js";
import type { DeviceEvent } from "./events.js";

/** Runs the firmware on Node.js, in this process. */
export function bootNodeDevice(options: DeviceOptions, tell: (event: DeviceEvent) => void): Device {
  const { protocol, broker, names, ...rest } = options;
  let finish = (): void => undefined;
  const ended = new Promise<void>((resolve) => finish = resolve);
  const firmware = startTelemetry(protocol, { ...broker, ...names, ...rest, observer: observe(tell, finish) });
  return {
    ended,
    stop: () => firmware.stop(),
    kill: finish,
  };
}

function observe(tell: (event: DeviceEvent) => void, finished: () => void): TelemetryObserver {
  return {
    onConnect: (sessionPresent) => {
      tell({ type: "connected", sessionPresent });
    },
    onDisconnect: (error) => {
      const { code = "", reasonCode = 0, message = "" } = error ?? {};
      tell({ type: "disconnected", code, reasonCode, message });
    },
    onReading: (sequence, temperature, humidity, battery) => {
      tell({ type: "reading", sequence, temperature, humidity, battery });
    },
    onPublished: (sequence) => {
      tell({ type: "published", sequence });
    },
    onDelivered: (sequence, roundTrip) => {
      tell({ type: "delivered", sequence, roundTrip, counters: undefined });
    },
    onRefused: (sequence, reasonCode) => {
      tell({ type: "refused", sequence, reasonCode });
    },
    onInterval: (milliseconds) => {
      tell({ type: "interval", milliseconds });
    },
    onFinished: () => {
      tell({ type: "finished" });
      finished();
    },
  };
}
