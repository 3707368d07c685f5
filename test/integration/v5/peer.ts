import type { IClientOptions } from "mqtt";
import type { Place } from "../any-device.js";
import { type Peer, startPeer as startAnyPeer } from "../peer.js";

/** MQTT.js, speaking MQTT 5.0; connected, and gone when the test is over. */
export function startPeer(place: Place, options: IClientOptions = {}): Promise<Peer> {
  return startAnyPeer(place, { protocolVersion: 5, ...options });
}
