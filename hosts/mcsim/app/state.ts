import type { Message, MqttError } from "mqtt-xs";
import type { TelemetryObserver } from "mqtt-xs/telemetry";
import { describeFailure } from "./failure.js";
import { oneLine } from "./format.js";
import { History } from "./history.js";
import type { Lamp } from "./lamp.js";

const READINGS = 60;
const LONGEST_COMMAND = 64;

export type Connection = "connecting" | "connected" | "offline";

/** Everything the screen shows. Observing allocates nothing, but for what is rare: failures and commands. */
export class State implements TelemetryObserver {
  /** Grows with every change. */
  revision = 0;
  connection: Connection = "connecting";
  /** Why the last connection ended, or did not come to be. */
  failure = "";
  /** How many readings there have been, and the last of them. */
  readings = 0;
  temperature = 0;
  humidity = 0;
  battery = 0;
  readonly temperatures = new History(READINGS);
  sent = 0;
  acknowledged = 0;
  /** Milliseconds. */
  roundTrip = 0;
  /** The last command, empty before the first one. */
  command = "";
  readonly lamp: Lamp;

  constructor(lamp: Lamp) {
    this.lamp = lamp;
  }

  onConnect(): void {
    this.connection = "connected";
    this.revision++;
  }

  onDisconnect(error: MqttError | undefined): void {
    this.connection = "offline";
    this.failure = error ? describeFailure(error.code) : "";
    this.revision++;
  }

  onReading(_sequence: number, temperature: number, humidity: number, battery: number): void {
    this.temperature = temperature;
    this.humidity = humidity;
    this.battery = battery;
    this.temperatures.add(temperature);
    this.readings++;
    this.revision++;
  }

  onPublished(): void {
    this.sent++;
    this.revision++;
  }

  onDelivered(_sequence: number, roundTrip: number): void {
    this.acknowledged++;
    this.roundTrip = roundTrip;
    this.revision++;
  }

  /** Over MQTT 5.0 only. */
  onRefused(_sequence: number, reasonCode: number): void {
    this.#show(`refused: 0x${reasonCode.toString(16)}`);
  }

  onInterval(milliseconds: number): void {
    this.#show(`interval ${milliseconds}`);
  }

  onCommand(name: string, message: Message): void {
    if (message.offset > 0) return;
    const text = oneLine(message.text(), LONGEST_COMMAND);
    if (name === "led") this.lamp.obey(text);
    this.#show(name === "message" ? text : `${name} ${text}`);
  }

  #show(command: string): void {
    this.command = command;
    this.revision++;
  }
}
