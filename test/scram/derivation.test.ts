import { createHmac, pbkdf2Sync } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Derivation, derivedKey, iterate, plainDerivation, platformDerivation } from "../../src/scram/derivation.js";
import { plainMac } from "../../src/scram/hmac.js";
import { hex, utf8 } from "../support/packets.js";

type Derive = (password: Uint8Array, salt: Uint8Array) => Derivation;

const nodeMac = (key: Uint8Array) => (message: Uint8Array) => new Uint8Array(createHmac("sha256", key).update(message).digest());

describe.each<[string, Derive]>([
  ["in JavaScript", plainDerivation],
  ["with the platform's HMAC", (password, salt) => platformDerivation(nodeMac(password), salt)],
  ["with our HMAC in place of the platform's", (password, salt) => platformDerivation(plainMac(password), salt)],
])("PBKDF2 with HMAC-SHA-256, %s,", (_how, begin) => {
  function derived(password: Uint8Array, salt: Uint8Array, iterations: number): Uint8Array {
    const derivation = begin(password, salt);
    iterate(derivation, iterations - 1);
    return derivedKey(derivation);
  }

  // The vector has 64 bytes, of which these are the first block.
  it("begins as RFC 7914 (11) has it for 1 iteration", () => {
    expect(derived(utf8("passwd"), utf8("salt"), 1)).toEqual(hex("55ac046e56e3089fec1691c22544b605 f94185216dde0465e68b9d57c20dacbc"));
  });

  it("begins as RFC 7914 (11) has it for 80,000 iterations", () => {
    const expected = hex("4ddcd8f60b98be21830cee5ef22701f9 641a4418d04c0414aeff08876b34ab56");
    expect(derived(utf8("Password"), utf8("NaCl"), 80_000)).toEqual(expected);
  });

  it("is that of Node.js for any password, salt and count", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ maxLength: 80 }), fc.integer({ min: 1, max: 20 }), (password, salt, count) => {
        expect(derived(password, salt, count)).toEqual(new Uint8Array(pbkdf2Sync(password, salt, count, 32, "sha256")));
      }),
      { numRuns: 50 },
    );
  });

  it("does not depend on how the iterations are divided", () => {
    const derivation = begin(utf8("Password"), utf8("NaCl"));
    for (const count of [0, 1, 16, 7, 75]) iterate(derivation, count);
    expect(derivedKey(derivation)).toEqual(derived(utf8("Password"), utf8("NaCl"), 100));
  });
});
