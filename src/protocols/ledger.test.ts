/** Leader and follower of a ledger channel, honest and hostile. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import {
  act,
  addition,
  agree,
  agreed,
  changeOf,
  contextOf,
  countersign,
  hear,
  isFunded,
  learn,
  messageOf,
  openPair,
  propose,
  refused,
  removal,
  turnOf,
} from "../../test/ledger-pair.ts";
import { ledgerOf, stateAt } from "../channel/channel.ts";
import { FOLLOWER, LEADER } from "../channel/ledger.ts";
import { LEDGER_CHANGES_MAX } from "../channel/ledger-proposal.ts";
import {
  agreeToNewest,
  type ChangeVerdict,
  headTurn,
  isAgreed,
  isIdleLedger,
  LEDGER_KNOWN_MAX,
  LEDGER_WAITING_MAX,
  proposeNext,
  refuseOldest,
} from "./ledger.ts";

describe("proposeNext", () => {
  unit("puts all that was agreed to into one state, in which the follower sees the same", () => {
    const [before, follower] = agreed(addition(1), addition(2));

    const [leader, message] = propose(before);
    const heard = hear(follower, message);

    expect(message).toMatchObject({ turnNum: 2, baseTurnNum: 1 });
    expect(message.changes).toEqual([addition(1), addition(2)].map(changeOf));
    expect(stateAt(heard, 2)?.variablePart).toEqual(stateAt(leader, 2)?.variablePart as never);
  });

  unit(
    "asks for nothing a second time, nor as the follower, nor when nothing was agreed to",
    () => {
      const [leader, follower] = agreed(addition(1));
      const [proposed] = propose(leader);

      for (const channel of [proposed, follower, openPair()[0]]) {
        expect(proposeNext(channel, () => [], contextOf(LEADER)).events).toEqual([]);
      }
    },
  );

  unit("leaves out what does not fit, and proposes it once it does", () => {
    const [before, follower] = agreed(addition(1, [60n, 0n]), addition(2, [1n, 0n]));
    const [leader, message] = propose(before);
    const [open, other] = countersign(leader, hear(follower, message));
    const [freed, next] = propose(agree(open, removal(1, [60n, 0n])));

    expect(message.changes).toHaveLength(1);
    expect(isFunded(other, 1)).toBe(true);
    expect(next.changes).toEqual([changeOf(removal(1, [60n, 0n]))]);
    expect(propose(freed)[1].changes).toEqual([changeOf(addition(2, [1n, 0n]))]);
  });

  unit(
    "stops when as many states wait as may, and makes no more changes in one than it may",
    () => {
      let [leader] = openPair("enforceable", [[1_000n, 1_000n]]);
      for (let number = 0; number <= LEDGER_WAITING_MAX; number++) {
        leader = agree(leader, addition(number, [1n, 1n]));
        [leader] = act(
          leader,
          proposeNext(leader, () => [], contextOf(LEADER)),
        );
      }
      const [full] = openPair("enforceable", [[1_000n, 1_000n]]);
      const many = Array.from({ length: LEDGER_CHANGES_MAX + 1 }, (_, at) =>
        addition(at, [1n, 1n]),
      );

      expect(ledgerOf(leader).waiting.size).toBe(LEDGER_WAITING_MAX);
      expect(propose(agree(full, ...many))[1].changes).toHaveLength(LEDGER_CHANGES_MAX);
    },
  );

  unit("makes one change at a time in the go-nitro profile", () => {
    const [leader] = openPair("go-nitro");

    expect(propose(agree(leader, addition(1), addition(2)))[1].changes).toHaveLength(1);
  });

  unit("signs nothing after a final state", () => {
    const [leader] = agreed(addition(1));
    const closed = { ...leader, finalSignedByMe: true };

    expect(proposeNext(closed, () => [], contextOf(LEADER)).events).toEqual([]);
  });

  unit("replaces a refused state that nothing replaces by an empty one, once for each base", () => {
    const [before] = agreed(addition(1));
    const [proposed] = propose(before);

    const [skipped, skip] = propose(refused(proposed, 2));
    const again = refused(skipped, 3);

    expect(skip).toMatchObject({ turnNum: 3, baseTurnNum: 1, changes: [] });
    expect(proposeNext(again, () => [], contextOf(LEADER)).events).toEqual([]);
  });

  unit("tries each change of a refused batch alone, and one that was refused alone no more", () => {
    const [before] = agreed(addition(1), addition(2));
    const [batch] = propose(before);

    const [first, one] = propose(refused(batch, 2));
    const [, other] = propose(refused(first, 3));

    expect(one.changes).toEqual([changeOf(addition(1))]);
    expect(other.changes).toEqual([changeOf(addition(2))]);
  });

  adversarial("a follower who refuses everything cannot make the leader sign without end", () => {
    let [leader] = openPair("enforceable", [[1_000n, 1_000n]]);
    for (let number = 0; number < 3 * LEDGER_KNOWN_MAX; number++) {
      leader = agree(leader, addition(number, [1n, 1n]));
      [leader] = act(
        leader,
        proposeNext(leader, () => [], contextOf(LEADER)),
      );
      for (const turnNum of ledgerOf(leader).waiting.keys()) leader = refused(leader, turnNum);
    }
    const last = [...ledgerOf(leader).waiting.values()].at(-1);

    expect(ledgerOf(leader).waiting.size).toBe(LEDGER_KNOWN_MAX);
    expect(last?.changes).toEqual([]);
  });
});

describe("agreeToNewest", () => {
  unit(
    "signs the newest state that is made of what she agreed to; the leader takes all below",
    () => {
      const [before, hearer] = agreed(addition(1));
      const [one, first] = propose(before);
      const [two, second] = propose(agree(one, addition(2)));
      const follower = agree(hear(hear(hearer, first), second), addition(2));

      const [leader, after] = countersign(two, follower);

      expect([turnOf(leader), turnOf(after)]).toEqual([3, 3]);
      expect([isFunded(leader, 1), isFunded(leader, 2)]).toEqual([true, true]);
      expect(isIdleLedger(leader)).toBe(false);
      expect(ledgerOf(leader).agreed.size).toBe(0);
    },
  );

  unit("agrees to the oldest in the go-nitro profile, whose leaders count each turn", () => {
    const [leader, other] = openPair("go-nitro");
    const [proposed, first] = propose(agree(agree(leader, addition(1)), addition(2)));
    const [, second] = propose(proposed);
    const waiting = hear(hear(agree(agree(other, addition(1)), addition(2)), first), second);

    const action = agreeToNewest(waiting, contextOf(FOLLOWER));
    expect(action.events[0]).toMatchObject({ type: "ProposalSigned", turnNum: first.turnNum });
    const out = learn(waiting, action.events);
    expect(agreeToNewest(out, contextOf(FOLLOWER)).events[0]).toMatchObject({
      turnNum: second.turnNum,
    });
  });

  unit("signs the older one where she did not agree to the newer one's change", () => {
    const [before, hearer] = agreed(addition(1));
    const [one, first] = propose(before);
    const [two, second] = propose(agree(one, addition(2)));

    const [leader] = countersign(two, hear(hear(hearer, first), second));

    expect([turnOf(leader), headTurn(leader)]).toEqual([2, 3]);
  });

  unit("signs a state in which an addition was undone before she ever saw it", () => {
    const [before, hearer] = openPair();
    const [one, first] = propose(agree(before, addition(1)));
    const [two, second] = propose(agree(one, removal(1)));

    const [leader, follower] = countersign(two, hear(hear(hearer, first), second));

    expect([turnOf(leader), isIdleLedger(leader), isIdleLedger(follower)]).toEqual([3, true, true]);
  });

  unit(
    "signs nothing as the leader, after a final state, of a refused state, or with other amounts",
    () => {
      const [before, hearer] = agreed(addition(1));
      const [leader, message] = propose(before);
      const follower = hear(hearer, message);
      const other = hear(agree(openPair()[1], addition(1, [5n, 2n])), message);
      const final = { ...follower, finalSignedByMe: true };

      for (const channel of [leader, final, refused(follower, 2), other]) {
        expect(agreeToNewest(channel, contextOf(FOLLOWER)).events).toEqual([]);
      }
    },
  );
});

describe("refuseOldest", () => {
  const refuse = (): ChangeVerdict => ({ code: "NotMine" });

  unit("refuses the oldest state with the reason, and what rests on it", () => {
    const [one, first] = propose(agree(openPair()[0], addition(1)));
    const [, second] = propose(agree(one, addition(2)));
    const follower = hear(hear(openPair()[1], first), second);

    const [after, messages] = act(follower, refuseOldest(follower, refuse));

    expect(messageOf(messages, "LedgerRefusal")).toMatchObject({ turnNum: 2, code: "NotMine" });
    expect([...ledgerOf(after).waiting.values()].map(({ isRefused }) => isRefused)).toEqual([
      true,
      true,
    ]);
    expect(refuseOldest(after, refuse).events).toEqual([]);
  });

  unit(
    "waits where one change may still be agreed to, as the leader, and in the go-nitro profile",
    () => {
      const [leader, message] = propose(agree(openPair()[0], addition(1)));
      const follower = hear(openPair()[1], message);
      const [, said] = propose(agree(openPair("go-nitro")[0], addition(1)));
      const goNitro = hear(openPair("go-nitro")[1], said);

      expect(refuseOldest(follower, () => "Wait").events).toEqual([]);
      expect(refuseOldest(leader, refuse).events).toEqual([]);
      expect(refuseOldest(goNitro, refuse).events).toEqual([]);
    },
  );

  unit("says so when each change is right and the sum of them is not", () => {
    const [, message] = propose(agree(openPair()[0], addition(1)));
    const follower = hear(openPair()[1], message);
    const { events } = refuseOldest(follower, () => "Agreed");

    expect(events).toMatchObject([{ type: "ProposalRefused", code: "NotWhatWasAgreed" }]);
  });
});

describe("isAgreed and isIdleLedger", () => {
  unit("a change is agreed to with its very amounts", () => {
    const [leader] = agreed(addition(1));

    expect(isAgreed(leader, changeOf(addition(1)))).toBe(true);
    expect(isAgreed(leader, changeOf(addition(1, [5n, 4n])))).toBe(false);
    expect(isAgreed(leader, changeOf(removal(1)))).toBe(false);
  });

  unit(
    "a ledger is idle without agreements, without money set aside, without states that wait",
    () => {
      const [leader, follower] = agreed(addition(1));
      const [idle] = openPair();
      const { objectiveId } = changeOf(addition(1));
      const about = { channelId: idle.id, objectiveId, amounts: [] };

      expect(isIdleLedger(idle)).toBe(true);
      expect(isIdleLedger(leader)).toBe(false);
      expect(isIdleLedger(hear(openPair()[1], propose(leader)[1]))).toBe(false);
      expect(isIdleLedger(learn(idle, [{ type: "CapacityReserved", ...about }]))).toBe(false);
      expect(
        isIdleLedger(countersign(propose(leader)[0], hear(follower, propose(leader)[1]))[0]),
      ).toBe(false);
    },
  );
});
