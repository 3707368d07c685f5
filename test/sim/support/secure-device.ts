import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { type Bundle, bundle, run, type RunReport } from "../../../hosts/sim/runner.js";
import type { Certificates } from "../../support/certificates.js";
import { until } from "../../support/waiting.js";
import type { SecureEchoOptions } from "../programs/secure-echo.js";
import { program } from "./program.js";

/** The program that sends back what comes to it over TLS, as it runs. */
export interface SecureDevice {
  /** Resolves when it has reported this so many times. */
  reported(name: string, times?: number): Promise<void>;
  /** Resolves when it has ended. */
  readonly ended: Promise<RunReport>;
}

/** Bytes of heap for messages of 50 kB, there and back. */
const HEAP = 600_000;

let bundled: Bundle | undefined;

/** Bundles the program before the tests of a file, once for all of them. */
export function useSecureDevice(): void {
  beforeAll(async () => {
    bundled = await bundle(program("secure-echo"));
  });
  afterAll(() => bundled?.remove());
}

/** Starts it; it is gone when the test is over. */
export function startSecureDevice(options: Omit<SecureEchoOptions, "reconnectPeriod"> & Partial<SecureEchoOptions>): SecureDevice {
  const reports: string[] = [];
  const controller = new AbortController();
  if (!bundled) throw new Error("useSecureDevice was not called");
  const ended = run(bundled, {
    arguments: [JSON.stringify({ reconnectPeriod: 0, ...options })],
    heap: HEAP,
    signal: controller.signal,
    timeout: 50_000,
    onReport: (name) => reports.push(name),
  });
  onTestFinished(async () => {
    controller.abort();
    await ended;
  });
  const count = (name: string): number => reports.filter((each) => each === name).length;
  return { ended, reported: (name, times = 1) => until(`${name} of the device`, () => count(name) >= times) };
}

/** PEM to DER, in hexadecimal digits. */
export function digitsOf(pem: string): string {
  return Buffer.from(pem.replace(/-----.*-----/g, ""), "base64").toString("hex");
}

/** The same with the authority's certificate behind the server's, as the SDK demands, in the files too. */
export function chained(certificates: Certificates): Certificates {
  const { cert, ca, directory } = certificates;
  appendFileSync(join(directory, "server.pem"), ca);
  return { ...certificates, cert: `${cert}${ca}` };
}
