import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { Failure } from "./failure.js";

/** The authority's certificate that the simulated device is to trust, as DER in hexadecimal digits. */
export function trustedAuthority(protocol: string): string {
  const file = process.env.NODE_EXTRA_CA_CERTS;
  if (file === undefined || file === "")
    throw new Failure(
      `${protocol}:// in the simulator needs the certificate to trust: NODE_EXTRA_CA_CERTS=<file>; or --host node, which trusts what Node.js does`,
    );
  try {
    return new X509Certificate(readFileSync(file)).raw.toString("hex");
  } catch {
    throw new Failure(`NODE_EXTRA_CA_CERTS: ${file} is no file with a certificate in PEM`);
  }
}
