import type { MqttError } from "mqtt-xs";
import Sim from "sim";
import type { TelemetryObserver } from "../telemetry-v5.js";

/**
 * Tells the runner what the firmware does: in numbers, which allocates nothing, and of failures, which are no steady state,
 * in words. The names are made once, since code in flash would copy them to the heap each time.
 */
export class TelemetryReports implements TelemetryObserver {
  readonly #connected = "connected";
  readonly #reading = "reading";
  readonly #published = "published";
  readonly #delivered = "delivered";
  readonly #refused = "refused";
  readonly #interval = "interval";
  readonly #finished = "finished";

  onConnect(sessionPresent: boolean): void {
    Sim.report(this.#connected, Number(sessionPresent));
  }

  onDisconnect(error: MqttError | undefined): void {
    trace(`disconnected ${error?.code ?? ""} ${error?.reasonCode ?? 0} ${error?.message ?? ""}`);
  }

  onReading(sequence: number, temperature: number, humidity: number, battery: number): void {
    Sim.report(this.#reading, sequence, temperature, humidity, battery);
  }

  onPublished(sequence: number): void {
    Sim.report(this.#published, sequence);
  }

  onDelivered(sequence: number, roundTrip: number): void {
    Sim.report(
      this.#delivered,
      sequence,
      roundTrip,
      Sim.slots(),
      Sim.chunkBytes(),
      Sim.slotsInUse(),
      Sim.chunkBytesInUse(),
      Sim.collections(),
    );
  }

  onRefused(sequence: number, reasonCode: number): void {
    Sim.report(this.#refused, sequence, reasonCode);
  }

  onInterval(milliseconds: number): void {
    Sim.report(this.#interval, milliseconds);
  }

  onFinished(): void {
    Sim.report(this.#finished);
  }
}
