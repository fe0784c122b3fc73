/** What the caller of a challenge lists beside the signatures of participants is left out. */
import { describe, expect } from "bun:test";
import { testAccount } from "../../sim/chain/test-account.ts";
import { adversarial, unit } from "../../test/kind.ts";
import { payers } from "../../test/paying-ends.ts";
import { ALICE, BOB, IRENE, postfundOf, virtualCoins } from "../../test/sample-payments.ts";
import { stateHash, TURN_NUM_MAX } from "../channel/state.ts";
import type { Hex } from "../primitives/hex.ts";
import { challengeStates } from "./challenge-states.ts";

const { channel, context } = payers(virtualCoins(9n, 4n)).alice;
const postfund = postfundOf(virtualCoins(9n, 4n));
const hash = stateHash(channel.id, postfund);
const signatures = [ALICE, IRENE, BOB].map(({ signHash }) => signHash(hash));

describe("challengeStates", () => {
  unit("gives the candidate and its proof", () => {
    const candidate = { variablePart: { ...postfund, turnNum: 5 }, signatures: [] };

    expect(
      challengeStates(channel, [candidate, { variablePart: postfund, signatures }], context),
    ).toEqual({ candidate, proof: [{ variablePart: postfund, signatures }] });
  });

  adversarial("leaves out strangers, repeated signatures and those of another state", () => {
    const [first] = signatures;
    const stranger = testAccount(9).signHash(hash);
    const other = ALICE.signHash(stateHash(channel.id, { ...postfund, turnNum: 2 }));
    const listed: readonly Hex[] = [stranger, ...signatures, first ?? "0x", other, "0x1234"];

    const shown = challengeStates(
      channel,
      [{ variablePart: postfund, signatures: listed }],
      context,
    );

    expect(shown?.candidate.signatures).toEqual(signatures);
  });

  adversarial("gives nothing where a state could never have been signed here", () => {
    const variablePart = { ...postfund, turnNum: TURN_NUM_MAX + 1 };
    const good = { variablePart: postfund, signatures };

    expect(challengeStates(channel, [{ variablePart, signatures }], context)).toBe(undefined);
    expect(challengeStates(channel, [good, { variablePart, signatures }], context)).toBe(undefined);
  });
});
