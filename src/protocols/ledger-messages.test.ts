/** What leader and follower of a ledger channel take from each other, and what not. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import {
  act,
  addition,
  agree,
  agreed,
  changeOf,
  contextOf,
  hear,
  isFunded,
  messageOf,
  openPair,
  type Proposed,
  propose,
  refused,
  removal,
  targetAt,
  taught,
} from "../../test/ledger-pair.ts";
import { type Channel, ledgerOf, stateAt } from "../channel/channel.ts";
import { FOLLOWER, LEADER } from "../channel/ledger.ts";
import { stateHash } from "../channel/state.ts";
import { assertDefined } from "../primitives/assert.ts";
import {
  agreeToNewest,
  decideCountersignature,
  decideProposal,
  headTurn,
  LEDGER_KNOWN_MAX,
} from "./ledger.ts";

describe("decideProposal", () => {
  const [leader, follower] = agreed(addition(1));
  const [, message] = propose(leader);
  const codeOf = (channel: Channel, said: Proposed): string | undefined => {
    const decided = decideProposal(channel, said, contextOf(FOLLOWER));
    return decided.ok ? undefined : decided.reason.code;
  };

  unit("learns nothing from the same proposal twice", () => {
    const decided = decideProposal(hear(follower, message), message, contextOf(FOLLOWER));

    expect(decided).toEqual({ ok: true, value: [] });
  });

  adversarial(
    "refuses another state for a turn, a turn that is far ahead, and an unknown base; a past one teaches nothing",
    () => {
      const known = hear(follower, message);
      const { signature } = propose(agree(openPair()[0], addition(2)))[1];

      expect(codeOf(known, { ...message, signature })).toBe("ConflictingState");
      expect(codeOf(follower, { ...message, turnNum: 1 })).toBeUndefined();
      expect(codeOf(follower, { ...message, turnNum: 1_000 })).toBe("TurnOutOfOrder");
      expect(codeOf(follower, { ...message, baseTurnNum: 0 })).toBe("UnknownBase");
    },
  );

  adversarial(
    "refuses an empty state without need, a change that does not fit, and a wrong signature",
    () => {
      const misfit = [changeOf(removal(7))];

      expect(codeOf(follower, { ...message, changes: [] })).toBe("NothingProposed");
      expect(codeOf(follower, { ...message, changes: misfit })).toBe("GuaranteeMissing");
      expect(codeOf(follower, { ...message, turnNum: 3 })).toBe("WrongSignature");
    },
  );

  adversarial("refuses to remember states without end", () => {
    let [hostile, victim] = openPair("enforceable", [[1_000n, 1_000n]]);
    for (let number = 0; number < LEDGER_KNOWN_MAX; number++) {
      const [after, next] = propose(agree(hostile, addition(number, [1n, 1n])));
      hostile = refused(after, next.turnNum);
      victim = refused(hear(victim, next), next.turnNum);
    }
    const wanted = changeOf(addition(99, [1n, 1n]));
    const more = { ...message, turnNum: 2 + LEDGER_KNOWN_MAX, changes: [wanted] };

    expect(codeOf(victim, more)).toBe("TooManyProposals");
  });
});

describe("decideCountersignature", () => {
  const [before, hearer] = agreed(addition(1));
  const [leader, message] = propose(before);
  const [, messages] = act(
    hear(hearer, message),
    agreeToNewest(hear(hearer, message), contextOf(FOLLOWER)),
  );
  const countersigned = messageOf(messages, "LedgerCountersignature");
  const decide = (said: typeof countersigned) =>
    decideCountersignature(leader, said, contextOf(LEADER));

  unit("learns nothing of a turn that is supported already", () => {
    expect(decide({ ...countersigned, turnNum: 1 })).toEqual({ ok: true, value: [] });
  });

  adversarial(
    "refuses a turn that nobody proposed, and a signature that is not the follower's",
    () => {
      const own = { ...countersigned, signature: message.signature };

      expect(decide({ ...countersigned, turnNum: 5 })).toMatchObject({
        reason: { code: "TurnOutOfOrder" },
      });
      expect(decide(own)).toMatchObject({ reason: { code: "WrongSignature" } });
    },
  );

  adversarial(
    "a guarantee that the follower refused and signs after all is not relied on before the next state has it, too",
    () => {
      const [skipped] = propose(refused(leader, 2));
      const late = taught(
        skipped,
        decideCountersignature(skipped, countersigned, contextOf(LEADER)),
      );
      const [proposed, next] = propose(agree(late, addition(1)));
      const hash = stateHash(
        late.id,
        assertDefined(stateAt(proposed, next.turnNum), "it").variablePart,
      );
      const signature = contextOf(FOLLOWER).sign(hash);
      const said = { ...countersigned, turnNum: next.turnNum, signature };
      const end = taught(proposed, decideCountersignature(proposed, said, contextOf(LEADER)));

      expect([isFunded(late, 1), headTurn(late)]).toEqual([true, 3]);
      expect([...ledgerOf(late).agreed.keys()]).toEqual([targetAt(1)]);
      expect(next).toMatchObject({ baseTurnNum: 3, changes: [changeOf(addition(1))] });
      expect([isFunded(end, 1), ledgerOf(end).agreed.size]).toEqual([true, 0]);
    },
  );
});
