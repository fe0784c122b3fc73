/** Identities of libp2p for tests: real keys, drawn from small numbers. */

import type { Libp2pIdentity } from "../src/adapters/libp2p-identity.ts";
import type { Address } from "../src/crypto/address.ts";
import { nobleBackend } from "../src/crypto/noble-secp256k1.ts";
import type { PrivateKey } from "../src/crypto/signature.ts";
import { libp2pIdentity } from "../src/node/daemon/open-wires.ts";

/** An identity, and the address that it proves. */
export type TestIdentity = Libp2pIdentity & { readonly address: Address };

/** The identity of a number from 1 to 255. */
export function testIdentity(number: number): TestIdentity {
  const key = `0x${number.toString(16).padStart(64, "0")}` as PrivateKey;
  return { address: nobleBackend.addressOf(key), ...libp2pIdentity(key) };
}
