import type { Transport } from "mqtt-xs";
import { TlsTransport, type SecureOptions } from "mqtt-xs/device/tls";
import Resource from "Resource";
import { SystemResolver } from "../app/resolver.js";
import { text, type BrokerSettings } from "../app/settings.js";

/** Certificates are valid from one date to another. */
export const NEEDS_TIME: boolean = true;

/** The way to the broker, encrypted, in the place of app/transport.ts. */
export function transportTo({ host, port }: BrokerSettings): Transport {
  return new TlsTransport({ host, port, resolver: { io: SystemResolver }, secure: trust(text("certificate")) });
}

/** @param certificate the name of the resource with the authority's certificate; "": those that the firmware has. */
function trust(certificate: string): SecureOptions {
  return certificate === "" ? {} : { certificate: new Resource(certificate) };
}
