/** The cast is who its addresses say it is. */
import { describe, expect } from "bun:test";
import { signatureBackend } from "../src/crypto/signatures.ts";
import { golden, unit } from "../test/kind.ts";
import { ACTOR_NAMES, type ActorName, keyOf } from "./actors.ts";

const BEGINNINGS: Readonly<Record<ActorName, string>> = {
  alice: "0xa11ce",
  bob: "0xb0b",
  irene: "0x12e4e",
  ivan: "0x17a4",
  isaac: "0x15aac",
  iris: "0x1215",
  igor: "0x1902",
  eve: "0xe7e",
};

describe("keyOf", () => {
  for (const name of ACTOR_NAMES) {
    golden(`gives ${name} an address that begins with ${BEGINNINGS[name]}`, () => {
      expect(signatureBackend.addressOf(keyOf(name))).toStartWith(BEGINNINGS[name]);
    });
  }
});

describe("ACTOR_NAMES", () => {
  unit("has everybody once, and enough hubs for five hops", () => {
    expect([...new Set(ACTOR_NAMES)].sort()).toEqual(Object.keys(BEGINNINGS).sort() as ActorName[]);
    expect(ACTOR_NAMES.filter((name) => name.startsWith("i"))).toHaveLength(5);
  });
});
