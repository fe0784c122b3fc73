/** Places of addresses: the newest first, and no more than there is room for. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import type { Hex } from "../primitives/hex.ts";
import { KnownPeers } from "./libp2p-known-peers.ts";

const ALICE: Hex = "0xa1";

describe("KnownPeers", () => {
  unit("gives the newest places first, and each once", () => {
    const known = new KnownPeers();
    known.learn(ALICE, ["one", "two"]);
    known.learn(ALICE, []);
    known.learn(ALICE, ["three", "one"]);

    expect(known.placesOf(ALICE)).toEqual(["three", "one", "two"]);
    expect(known.placesOf("0xb0")).toEqual([]);
  });

  adversarial(
    "keeps what is asked for while strangers fill it, and stays as large as it is",
    () => {
      const known = new KnownPeers();
      known.learn(ALICE, ["true"]);
      for (let n = 0; n < 5_000; n++) {
        known.learn(`0x${n}`, [`place ${n}`]);
        known.placesOf(ALICE);
      }
      for (let n = 0; n < 5; n++) known.learn(ALICE, [`false ${n}`]);

      expect(known.size).toBe(1_024);
      expect(known.placesOf(ALICE)).toContain("true");
      for (let n = 0; n < 50; n++) known.learn(ALICE, [`false ${n}`]);
      expect(known.placesOf(ALICE).length).toBe(8);
    },
  );
});
