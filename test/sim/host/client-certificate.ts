import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Certificates } from "../../support/certificates.js";

const KEYS = {
  rsa: ["-newkey", "rsa:2048"],
  elliptic: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
};

/** Has the authority sign a certificate for the name "client". @returns it and its key, PKCS #8, both in PEM. */
export function makeClientCertificate({ directory }: Certificates, key: keyof typeof KEYS): [certificate: string, key: string] {
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { cwd: directory, stdio: "pipe" });
  openssl("req", ...KEYS[key], "-nodes", "-subj", "/CN=client", "-keyout", `${key}.key`, "-out", `${key}.csr`);
  openssl("x509", "-req", "-in", `${key}.csr`, "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-out", `${key}.pem`);
  return [readFileSync(join(directory, `${key}.pem`), "utf8"), readFileSync(join(directory, `${key}.key`), "utf8")];
}
