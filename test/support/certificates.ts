import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate authority, made for one test run, and a server certificate that it signed. */
export interface Certificates {
  /** The authority's certificate, PEM. */
  readonly ca: string;
  /** The server's certificate for `localhost` and 127.0.0.1, PEM. */
  readonly cert: string;
  /** The server's private key, PEM. */
  readonly key: string;
  /** Where the same are as files: `ca.pem`, `server.pem`, `server.key`. */
  readonly directory: string;
  /** Deletes the files. */
  remove(): void;
}

const KEY_OPTIONS = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Makes them with the `openssl` binary, which must be installed. Takes about 50 ms. */
export function makeCertificates(): Certificates {
  const directory = mkdtempSync(join(tmpdir(), "mqtt-xs-certificates-"));
  const openssl = (...args: string[]): void => {
    execFileSync("openssl", args, { cwd: directory, stdio: "pipe" });
  };
  const read = (name: string): string => readFileSync(join(directory, name), "utf8");
  openssl("req", "-x509", "-days", "2", ...KEY_OPTIONS, "-subj", "/CN=mqtt-xs test CA", "-keyout", "ca.key", "-out", "ca.pem");
  openssl("req", ...KEY_OPTIONS, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr");
  writeFileSync(join(directory, "names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  const signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names"];
  openssl("x509", "-req", "-in", "server.csr", ...signing, "-out", "server.pem");
  return {
    ca: read("ca.pem"),
    cert: read("server.pem"),
    key: read("server.key"),
    directory,
    remove: () => {
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
