import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { WebSocket } from "ws";
import { describeAddress, type BrokerAddress } from "./broker-address.js";
import { connectFailure } from "./connect-failure.js";
import type { WitnessEvent } from "./events.js";
import type { Names } from "./names.js";
import type { ProtocolVersion } from "./protocol-version.js";
import { describeProperties, findFault, type ReceivedProperties } from "./reading-properties.js";
import { Sequence } from "./sequence.js";

const CONNECT_OPTIONS = {
  connectTimeout: 10_000,
  /** Short, to be back before the firmware is: what comes in between is lost to the witness. */
  reconnectPeriod: 100,
} as const;

/** What the witness has to know of the readings. */
export interface Expectations {
  readonly protocol: ProtocolVersion;
  readonly qos: 0 | 1 | 2;
  /** Bytes that every payload must have; 0: any number. */
  readonly payloadSize: number;
}

/** An independent client, MQTT.js, that subscribes to the readings and checks every one. */
export class Witness {
  readonly #client: MqttClient;
  readonly #address: BrokerAddress;
  readonly #protocol: ProtocolVersion;

  private constructor(client: MqttClient, address: BrokerAddress, protocol: ProtocolVersion) {
    this.#client = client;
    this.#address = address;
    this.#protocol = protocol;
  }

  /** Resolves when it is subscribed; rejects with a `Failure` when there is no way to. */
  static async connect(
    address: BrokerAddress,
    names: Names,
    expectations: Expectations,
    tell: (event: WitnessEvent) => void,
  ): Promise<Witness> {
    const { protocol, qos, payloadSize } = expectations;
    const client = await connect(address, protocol, { clientId: `${names.clientId}-w` });
    const sequence = new Sequence();
    client.on("message", (_topic, payload, { properties = {} }) => {
      tell(judge(payload, payloadSize, sequence, protocol === "5.0" ? properties : undefined));
    });
    await client.subscribeAsync(`${names.base}/reading`, { qos }).catch(async (error: unknown) => {
      await client.endAsync(true);
      throw connectFailure(describeAddress(address), error, protocol);
    });
    return new Witness(client, address, protocol);
  }

  /** Disconnects, and removes what the firmware leaves on the broker: its retained status and its session. */
  async leave(names: Names): Promise<void> {
    const isReachable = this.#client.connected;
    await this.#client.endAsync(!isReachable);
    if (isReachable) await tidyUp(this.#address, this.#protocol, names);
  }
}

async function tidyUp(address: BrokerAddress, protocol: ProtocolVersion, names: Names): Promise<void> {
  const client = await connect(address, protocol, { clientId: names.clientId, clean: true });
  await client.publishAsync(`${names.base}/status`, "", { retain: true, qos: 1 });
  await client.endAsync();
}

/** What a payload is worth, and with MQTT 5.0 what came with it. */
export function judge(
  payload: Uint8Array,
  payloadSize: number,
  sequence: Sequence,
  properties?: ReceivedProperties,
): WitnessEvent {
  if (payloadSize > 0 && payload.length !== payloadSize)
    return { type: "corrupted", reason: `a reading of ${payload.length} bytes instead of ${payloadSize}` };
  const number = sequenceNumber(new TextDecoder().decode(payload));
  if (number === undefined) return { type: "corrupted", reason: "a reading that is not the JSON it should be" };
  const fault = properties && findFault(properties);
  if (fault !== undefined) return { type: "corrupted", reason: `a reading with ${fault}` };
  if (!sequence.isNew(number)) return { type: "repeated", sequence: number };
  return { type: "received", sequence: number, properties: properties && describeProperties(properties) };
}

function sequenceNumber(text: string): number | undefined {
  try {
    const reading: unknown = JSON.parse(text);
    return typeof reading === "object" && reading !== null && isComplete(reading) ? reading.sequence : undefined;
  } catch {
    return undefined;
  }
}

function isComplete(reading: object): reading is { sequence: number } {
  return ["sequence", "temperature", "humidity", "battery"].every((name) => Number.isFinite(Reflect.get(reading, name)));
}

async function connect(address: BrokerAddress, protocol: ProtocolVersion, options: IClientOptions): Promise<MqttClient> {
  const place = describeAddress(address);
  const { username, password } = address;
  const credentials = { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
  const protocolVersion = protocol === "5.0" ? 5 : 4;
  let failure: unknown;
  const createWebsocket = webSocketsTo(place, (error) => (failure ??= error));
  try {
    return await connectAsync(place, { ...CONNECT_OPTIONS, protocolVersion, ...credentials, createWebsocket, ...options }, false);
  } catch (error) {
    throw connectFailure(place, failure ?? error, protocol);
  }
}

/** MQTT.js keeps to itself why a server refused a WebSocket, and makes a wrong URL of an address of IPv6. */
function webSocketsTo(url: string, onError: (error: Error) => void): (theirUrl: string, subprotocols: string[]) => WebSocket {
  return (_theirUrl, subprotocols) => {
    const socket = new WebSocket(url, subprotocols);
    socket.once("error", onError);
    return socket;
  };
}
