/** The oracle of guarantees sees a voucher that was taken with the signature of another one. */
import { describe, expect } from "bun:test";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { Signature } from "../../src/crypto/signature.ts";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { adversarial } from "../../test/kind.ts";
import { findingsOf, forge } from "../../test/planted-fault.ts";
import { ETH } from "../assets.ts";

const chain = chainOfFile("model");
const signatureOf = (digits: string): Signature => `0x${digits.repeat(65)}` as Signature;

/** What is found when Bob's log takes two vouchers of Alice's, the second with this signature. */
function findings(signature: Signature): Promise<readonly string[]> {
  return findingsOf(chain(), {
    cast: ["alice", "irene", "bob"],
    story: async (watched) => {
      const { alice, bob, irene } = watched.actors;
      await alice.openLedger(irene, [{ asset: ETH, amounts: [60n, 40n] }]);
      await irene.openLedger(bob, [{ asset: ETH, amounts: [50n, 50n] }]);
      const deposits = [{ asset: ETH, amounts: [6n, 4n] }];
      const channelId: ChannelId = await alice.openVirtual(bob, deposits, { via: [irene] });
      const about = { type: "VoucherReceived", channelId, by: 0, counted: undefined } as const;
      const first = { ...about, counter: 1, amounts: [1n], signature: signatureOf("11") };
      forge(watched, "bob", first, {
        ...about,
        counter: 2,
        amounts: [2n],
        signature,
      });
    },
  });
}

describe("a voucher", () => {
  adversarial("has a signature of its own", async () => {
    const found = await findings(signatureOf("11"));

    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(
      /^guarantees: bob's log at offset \d+: voucher 2 of 0x\w+ has the signature of voucher 1/,
    );
    expect(await findings(signatureOf("22"))).toEqual([]);
  });
});
