/** Accounts and channels as destinations, and which is which. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property, unit } from "../../test/kind.ts";
import { repeated, SAMPLE_CHANNEL_ID } from "../../test/sample-messages.ts";
import type { Address } from "../crypto/address.ts";
import { toHex } from "../primitives/hex.ts";
import {
  addressOfDestination,
  channelDestination,
  externalDestination,
  isExternal,
} from "./destination.ts";

describe("a destination", () => {
  property("of an account is external, and gives the account back", () => {
    const accounts = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(toHex);
    fc.assert(
      fc.property(accounts as fc.Arbitrary<Address>, (account) => {
        const destination = externalDestination(account);

        expect(destination).toHaveLength(66);
        expect(isExternal(destination)).toBe(true);
        expect(addressOfDestination(destination)).toBe(account);
      }),
    );
  });

  unit("of a channel is its id, and no account", () => {
    const destination = channelDestination(SAMPLE_CHANNEL_ID);

    expect<string>(destination).toBe(SAMPLE_CHANNEL_ID);
    expect(isExternal(destination)).toBe(false);
    expect(() => addressOfDestination(destination)).toThrow("only an external");
  });

  unit("is external when its first twelve bytes are zero, and only then", () => {
    const account = "a1".repeat(20);
    const others = Array.from({ length: 12 }, (_, at) => {
      const prefix = new Uint8Array(12).with(at, 1);
      return isExternal(`${toHex(prefix)}${account}`);
    });

    expect(others).toEqual(others.map(() => false));
    expect(isExternal(repeated("00", 32))).toBe(true);
  });
});
