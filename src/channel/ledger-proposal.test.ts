/** When two proposals compete, and when they are the same. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import {
  addition,
  FOLLOWERS_ACCOUNT,
  LEADERS_ACCOUNT,
  removal,
  TOKEN,
  targetAt,
} from "../../test/ledger-pair.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import { isSameProposal, type LedgerProposal, proposalKey } from "./ledger-proposal.ts";

const topUp = { type: "TopUp", by: 0, asset: ZERO_ADDRESS, amount: 9n } as const;
const merge = { type: "Merge", by: 0, asset: ZERO_ADDRESS } as const;

describe("proposalKey", () => {
  unit("is the target, or the asset of money of the participants' own", () => {
    expect(proposalKey(addition(1))).toBe(proposalKey(removal(1)));
    expect(proposalKey(addition(1))).toBe(targetAt(1));
    expect([proposalKey(topUp), proposalKey(merge)]).toEqual([ZERO_ADDRESS, ZERO_ADDRESS]);
  });
});

describe("isSameProposal", () => {
  const different: readonly LedgerProposal[] = [
    addition(1),
    addition(2),
    addition(1, [5n, 4n]),
    addition(1, [4n, 3n]),
    addition(1, [5n, 3n], 1n),
    { ...addition(1), guarantee: { left: FOLLOWERS_ACCOUNT, right: LEADERS_ACCOUNT } },
    { ...addition(1), shares: [{ asset: TOKEN, left: 5n, right: 3n }] },
    { ...addition(1), shares: [...addition(1).shares, { asset: TOKEN, left: 5n, right: 3n }] },
    removal(1),
    removal(2),
    removal(1, [3n, 5n]),
    removal(1, [5n, 3n], 1n),
    topUp,
    { ...topUp, by: 1 },
    { ...topUp, amount: 8n },
    { ...topUp, asset: TOKEN },
    merge,
    { ...merge, by: 1 },
    { ...merge, asset: TOKEN },
  ];

  unit("is true of a proposal and its copy, and false as soon as anything differs", () => {
    for (const [place, one] of different.entries()) {
      for (const [other, two] of different.entries()) {
        expect(isSameProposal(one, structuredClone(two))).toBe(place === other);
      }
    }
  });
});
