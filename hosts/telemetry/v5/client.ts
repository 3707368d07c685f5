import type { MqttError, PayloadSource, QoS, Topic } from "mqtt-xs";
import { Client, type ClientOptions, type Properties } from "mqtt-xs/v5";
import type { FirmwareClient } from "../firmware.js";

/** The reason code of what is too large. */
const PACKET_TOO_LARGE = 0x95;

/** A client that gives messages the properties of their kind. */
export class TelemetryClient extends Client implements FirmwareClient {
  private readonly ofReadings: Properties;
  private readonly ofStatuses: Properties;

  /**
   * @param ofReadings properties of what is not retained.
   * @param ofStatuses properties of what is.
   */
  constructor(options: ClientOptions, ofReadings: Properties, ofStatuses: Properties) {
    super(options);
    this.ofReadings = ofReadings;
    this.ofStatuses = ofStatuses;
  }

  /** {@inheritDoc FirmwareClient.publish} Throws `ERR_ARGUMENT` only, the firmware's caller being wrong. */
  override publish(topic: Topic, payload: Uint8Array | PayloadSource, qos: QoS, retain = false): number {
    try {
      return super.publish(topic, payload, qos, retain, retain ? this.ofStatuses : this.ofReadings);
    } catch (cause) {
      // What this server does not take, or what does not fit: known only when it is at hand, far from who could catch it.
      const { code, reasonCode } = cause as MqttError;
      if (code === "ERR_NOT_SUPPORTED") return -reasonCode;
      if (code === "ERR_PACKET_SIZE") return -PACKET_TOO_LARGE;
      throw cause;
    }
  }
}
