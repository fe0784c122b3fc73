/** Apps of message logs: the contracts support exactly the claims that the rule off chain does, for the same reasons. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import fc from "fast-check";
import { encodeAbiParameters, parseAbiParameters } from "viem";
import { AGREED_LOG } from "../../contracts/message-log-app.ts";
import { ROCK_PAPER_SCISSORS, rockPaperScissorsTwin } from "../../contracts/rock-paper-scissors.ts";
import { startEvm } from "../../sim/chain/evm.ts";
import type { LocalChain } from "../../sim/chain/local-chain.ts";
import { channelIdOf } from "../../src/channel/channel-id.ts";
import {
  appendMessages,
  decodeMessageLog,
  encodeMessageLog,
  type LogMessage,
  type MessageLog,
} from "../../src/channel/message-log.ts";
import type { Twin } from "../../src/channel/message-log-twin.ts";
import { AMOUNT_MAX, type Outcome } from "../../src/channel/outcome.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import type { Address } from "../../src/crypto/address.ts";
import type { Hash } from "../../src/crypto/signature.ts";
import { fromHex, type Hex, toHex } from "../../src/primitives/hex.ts";
import type { RecoveredState, SupportClaim } from "../../src/protocols/payment-rule.ts";
import { appCases, appCasesTimeoutMs } from "../app-cases.ts";
import { adversarial, property, unit } from "../kind.ts";
import { gameChannel, gameMessage } from "../sample-games.ts";
import { ALL, judgedAlike, movesOf, rightClaim, TOKEN, virtualChannel } from "./log-claims.ts";

const CASES = appCases(400);
const TIMEOUT_MS = appCasesTimeoutMs(CASES);
const ROCK_APP = `0x${"a1".repeat(20)}` as Address;
const AGREED_APP = `0x${"a3".repeat(20)}` as Address;

let chain: LocalChain;

beforeAll(async () => {
  chain = await startEvm({ accounts: [] });
  await chain.rpc.request("hardhat_setCode", [ROCK_APP, ROCK_PAPER_SCISSORS.deployedBytecode]);
  await chain.rpc.request("hardhat_setCode", [AGREED_APP, AGREED_LOG.deployedBytecode]);
});
afterAll(() => chain.stop());

const judge = (claim: SupportClaim, twin: Twin | undefined): Promise<string> =>
  judgedAlike(chain.rpc, claim, twin);

type Bend = (claim: SupportClaim, by: number) => SupportClaim;

const candidate = (claim: SupportClaim, change: Partial<VariablePart>): SupportClaim => ({
  ...claim,
  candidate: { ...claim.candidate, variablePart: { ...claim.candidate.variablePart, ...change } },
});

const proven = (claim: SupportClaim, change: Partial<RecoveredState>): SupportClaim => ({
  ...claim,
  proof: claim.proof.map((state) => ({ ...state, ...change })),
});

const provenState = (claim: SupportClaim, change: Partial<VariablePart>): SupportClaim => ({
  ...claim,
  proof: claim.proof.map((state) => ({
    ...state,
    variablePart: { ...state.variablePart, ...change },
  })),
});

function logOf({ appData }: VariablePart): MessageLog | undefined {
  const read = decodeMessageLog(appData);
  return read.ok ? read.value : undefined;
}

/** Bends what the candidate's app data says. */
function relogged(claim: SupportClaim, bend: (log: MessageLog) => MessageLog): SupportClaim {
  const log = logOf(claim.candidate.variablePart);
  if (log === undefined) return claim;
  return candidate(claim, { appData: encodeMessageLog(bend(log)) });
}

/** A candidate with other messages, hashed as they must be. */
function resaid(
  claim: SupportClaim,
  messages: readonly LogMessage[],
  sender?: number,
): SupportClaim {
  const proof = claim.proof.at(-1);
  const before = proof === undefined ? undefined : logOf(proof.variablePart);
  if (before === undefined) return claim;
  const mover = rockPaperScissorsTwin.moverOf(fromHex(before.twinState)) ?? 0;
  const channelId = channelIdOf(claim.fixedPart);
  const { appData, turnNum } = claim.candidate.variablePart;
  const twinState = logOf(claim.candidate.variablePart)?.twinState ?? "0x";
  const place = { channelId, turnNum };
  const log = appendMessages(before, place, sender ?? mover, messages, twinState);
  return candidate(claim, { appData: log.ok ? encodeMessageLog(log.value) : appData });
}

const changedByte = (data: Hex, by: number): Hex => {
  const bytes = fromHex(data);
  const at = (by * 37) % Math.max(bytes.length, 1);
  bytes[at] = (bytes[at] ?? 0) ^ (1 + (by % 255));
  return toHex(bytes);
};

const changedOutcome = (outcome: Outcome, by: number): Outcome => {
  const [first, ...others] = outcome;
  if (first === undefined) return outcome;
  const [left, right] = first.allocations;
  if (left === undefined || right === undefined) return outcome;
  const bent = [
    [{ ...left, amount: left.amount + 1n }, right],
    [
      { ...left, amount: right.amount },
      { ...right, amount: left.amount },
    ],
    [left],
    [{ ...left, allocationType: 2 }, right],
    [left, { ...right, destination: left.destination }],
    [{ ...left, metadata: "0x01" as const }, right],
    [left, right, { ...right, amount: 0n }],
    [
      { ...left, amount: AMOUNT_MAX },
      { ...right, amount: AMOUNT_MAX },
    ],
  ][by % 8];
  return [{ ...first, allocations: bent ?? [] }, ...others];
};

const BENDS: readonly Bend[] = [
  (claim, by) => candidate(claim, { turnNum: by % 9 }),
  (claim, by) => provenState(claim, { turnNum: by % 9 }),
  (claim, by) => ({
    ...candidate(provenState(claim, { turnNum: by % 2 }), { turnNum: 1 + (by % 2) }),
    candidate: {
      signedBy: BigInt(by % 4),
      variablePart: { ...claim.candidate.variablePart, turnNum: 1 + (by % 2) },
    },
  }),
  (claim, by) => ({ ...claim, candidate: { ...claim.candidate, signedBy: BigInt(by % 8) } }),
  (claim, by) => proven(claim, { signedBy: BigInt(by % 8) }),
  (claim) => ({ ...claim, proof: [...claim.proof, ...claim.proof] }),
  (claim) => ({ ...claim, proof: [] }),
  (claim) => ({ ...claim, proof: claim.proof.slice(1) }),
  (claim) => candidate(claim, { outcome: [] }),
  (claim, by) => ({
    ...claim,
    fixedPart: {
      ...claim.fixedPart,
      participants: [...claim.fixedPart.participants, TOKEN].slice(0, 1 + (by % 3)),
    },
  }),
  (claim) => candidate(claim, { isFinal: true }),
  (claim) => provenState(claim, { isFinal: true }),
  (claim, by) =>
    candidate(claim, { outcome: changedOutcome(claim.candidate.variablePart.outcome, by) }),
  (claim, by) => {
    const before = changedOutcome(claim.proof[0]?.variablePart.outcome ?? [], by);
    const after = changedOutcome(claim.candidate.variablePart.outcome, by);
    return candidate(provenState(claim, { outcome: before }), { outcome: after });
  },
  (claim) => candidate(claim, { outcome: changedOutcome(claim.candidate.variablePart.outcome, 1) }),
  (claim) => {
    const before = changedOutcome(claim.proof[0]?.variablePart.outcome ?? [], 6);
    const after = changedOutcome(claim.candidate.variablePart.outcome, 6);
    return candidate(provenState(claim, { outcome: before }), { outcome: after });
  },
  (claim) => {
    const said = logOf(claim.candidate.variablePart)?.messages ?? [];
    return resaid(candidate(provenState(claim, { turnNum: 0 }), { turnNum: 1 }), said);
  },
  (claim) => candidate(claim, { outcome: claim.candidate.variablePart.outcome.slice(1) }),
  (claim, by) =>
    candidate(claim, { appData: changedByte(claim.candidate.variablePart.appData, by) }),
  (claim, by) =>
    provenState(claim, { appData: changedByte(claim.proof[0]?.variablePart.appData ?? "0x", by) }),
  (claim, by) => candidate(claim, { appData: `0x${"00".repeat(by * 50)}` }),
  (claim) => relogged(claim, (log) => ({ ...log, count: log.count + 1 })),
  (claim) => relogged(claim, (log) => ({ ...log, runningHash: `0x${"77".repeat(32)}` as Hash })),
  (claim) => relogged(claim, (log) => ({ ...log, reducerId: `0x${"77".repeat(32)}` as Hash })),
  (claim, by) => relogged(claim, (log) => ({ ...log, twinState: changedByte(log.twinState, by) })),
  (claim) => relogged(claim, (log) => ({ ...log, messages: [] })),
  (claim) => {
    const appData = (state: VariablePart): Hex => {
      const log = logOf(state);
      const twinState: Hex = log === undefined ? "0x" : `${log.twinState}00`;
      return log === undefined ? state.appData : encodeMessageLog({ ...log, twinState });
    };
    const [proof] = claim.proof;
    return proof === undefined
      ? claim
      : provenState(claim, { appData: appData(proof.variablePart) });
  },
  (claim) => resaid(claim, []),
  (claim) => resaid(claim, movesOf(claim.fixedPart), 1),
  (claim, by) => {
    const message = movesOf(claim.fixedPart)[by % 6];
    return resaid(claim, message === undefined ? [] : [message]);
  },
  (claim, by) => {
    const said = logOf(claim.candidate.variablePart)?.messages ?? [];
    return resaid(claim, [...said, ...movesOf(claim.fixedPart).slice(by % 6)]);
  },
  (claim) => resaid(claim, [gameMessage("", new Uint8Array(0))]),
];

/** A claim that is right in all but a few things. */
type Recipe = {
  readonly place: number;
  readonly agreed: boolean;
  readonly isVirtual: boolean;
  readonly bends: readonly (readonly [kind: number, by: number])[];
};

const recipes: fc.Arbitrary<Recipe> = fc.record({
  place: fc.nat(5),
  agreed: fc.boolean(),
  isVirtual: fc.boolean(),
  bends: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 6, arbitrary: fc.array(fc.tuple(fc.nat(99), fc.nat(99)), { maxLength: 2 }) },
  ),
});

describe("any claim", () => {
  property(
    "is judged alike off chain and by the contracts, for the same reason",
    async () => {
      const reasons = new Map<string, number>();
      const run = fc.asyncProperty(recipes, async ({ agreed, bends, isVirtual, place }) => {
        const app = agreed ? AGREED_APP : ROCK_APP;
        const claim = bends.reduce(
          (one, [kind, by]) => (BENDS[kind % BENDS.length] ?? ((same) => same))(one, by),
          rightClaim(isVirtual ? virtualChannel(app) : gameChannel(app), place),
        );
        const reason = await judge(claim, agreed ? undefined : rockPaperScissorsTwin);
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      });
      await fc.assert(run, { numRuns: CASES });

      expect(reasons.get("") ?? 0).toBeGreaterThan(CASES / 20);
      const seen = [...reasons.keys()];
      const all = [
        "ParticipantCountOutOfRange",
        "ProofTooLong",
        "NotUnanimous",
        "TurnWrong",
        "ProofFinal",
      ];
      const kept = [
        "OutcomeChanged",
        "SumTooLarge",
        "SumChanged",
        "AppDataMalformed",
        "AmountWrong",
      ];
      const grown = [
        "ReducerChanged",
        "CountWrong",
        "HashWrong",
        "TwinStateMalformed",
        "NotTwoAllocations",
      ];
      const signed = ["ProofBeforePostfund", "MoveFinal", "NotSignedByMover", "ProofNotSigned"];
      const played = ["NothingPlayed", "TwinStateWrong", "NotYourTurn", "NotNow"];
      const shown = ["ProofNotPostfund", "ProofNotUnanimous", "ProofTooEarly", "StepFinal"];
      const shaped = ["NoAsset", "NotGuarantees"];
      const apart = [...shown, ...shaped];
      for (const reason of [...all, ...kept, ...grown, ...signed, ...played, ...apart]) {
        expect(seen).toContain(reason);
      }
    },
    TIMEOUT_MS,
  );
});

const LAYOUT = parseAbiParameters(
  "uint64, bytes32, bytes32, bytes, (string messageType, bytes payload, uint64 timeMs)[]",
);
const WORD = `0x${"00".repeat(32)}` as const;

/** App data that keeps to the layout and breaks a limit: no encoder of ours writes it. */
function rawAppData(count: bigint, twinBytes: number, said: readonly RawMessage[]): Hex {
  const twinState: Hex = `0x${"00".repeat(twinBytes)}`;
  return encodeAbiParameters(LAYOUT, [count, WORD, WORD, twinState, said]);
}

type RawMessage = {
  readonly messageType: string;
  readonly payload: Hex;
  readonly timeMs: bigint;
};

describe("app data beyond a limit", () => {
  adversarial("is refused alike off chain and by the contract", async () => {
    const raw = (messageType: string, size: number, timeMs = 1n): RawMessage => {
      return { messageType, payload: `0x${"00".repeat(size)}`, timeMs };
    };
    const cases = [
      ["CountOutOfRange", rawAppData(2n ** 53n, 0, [])],
      ["TwinStateTooLarge", rawAppData(1n, 1_025, [])],
      ["TooManyMessages", rawAppData(9n, 0, new Array<RawMessage>(9).fill(raw("m", 0)))],
      ["MessageTypeInvalid", rawAppData(1n, 0, [raw("", 0)])],
      ["MessageTypeInvalid", rawAppData(1n, 0, [raw("a".repeat(65), 0)])],
      ["MessageTypeInvalid", rawAppData(1n, 0, [raw("tab\t", 0)])],
      ["MessageTypeInvalid", rawAppData(1n, 0, [raw("\u007f", 0)])],
      ["PayloadTooLarge", rawAppData(1n, 0, [raw("m", 1_025)])],
      ["TimeOutOfRange", rawAppData(1n, 0, [raw("m", 0, 2n ** 53n)])],
      ["AppDataTooLarge", rawAppData(4n, 0, new Array<RawMessage>(4).fill(raw("m", 1_000)))],
    ] as const;

    for (const [code, appData] of cases) {
      const claim = candidate(rightClaim(gameChannel(ROCK_APP), 1), { appData });
      expect(await judge(claim, rockPaperScissorsTwin)).toBe(code);
    }
  });
});

describe("a state of its mover alone", () => {
  unit("is supported on each step of a game, and on top of what both have signed", async () => {
    for (let place = 0; place < 6; place += 1) {
      const claim = rightClaim(gameChannel(ROCK_APP), place);
      expect(await judge(claim, rockPaperScissorsTwin)).toBe("");
      expect(await judge(proven(claim, { signedBy: 3n }), rockPaperScissorsTwin)).toBe("");
    }
  });

  adversarial("is never supported by an app that does not know the game", async () => {
    expect(await judge(rightClaim(gameChannel(AGREED_APP), 1), undefined)).not.toBe("");
  });

  adversarial("is not supported when it pays its own mover", async () => {
    const claim = rightClaim(gameChannel(ROCK_APP), 1);
    const outcome = changedOutcome(claim.candidate.variablePart.outcome, 1);
    expect(await judge(candidate(claim, { outcome }), rockPaperScissorsTwin)).toBe("AmountWrong");
  });

  adversarial("is not supported on top of a state that the mover alone has signed", async () => {
    const claim = rightClaim(gameChannel(ROCK_APP), 1);
    const alone = proven(claim, { signedBy: claim.candidate.signedBy });
    expect(await judge(alone, rockPaperScissorsTwin)).toBe("ProofNotSigned");
  });
});

describe("a step of a virtual channel", () => {
  unit(
    "is supported behind the postfund of all, by its mover alone or by the two who play",
    async () => {
      for (let place = 0; place < 6; place += 1) {
        const claim = rightClaim(virtualChannel(ROCK_APP), place);
        expect(claim.proof.length).toBe(place === 0 ? 1 : 2);
        expect(await judge(claim, rockPaperScissorsTwin)).toBe("");
        const ends = { ...claim.candidate, signedBy: 0b101n };
        expect(await judge({ ...claim, candidate: ends }, rockPaperScissorsTwin)).toBe("");
      }
    },
  );

  adversarial("keeps the sums of the postfund, whatever the two who play have signed", async () => {
    const claim = rightClaim(virtualChannel(ROCK_APP), 2);
    const more = changedOutcome(claim.candidate.variablePart.outcome, 0);
    const [postfund, on] = claim.proof;
    if (postfund === undefined || on === undefined) throw new Error("two states");
    const raised = { variablePart: { ...on.variablePart, outcome: more }, signedBy: 0b101n };
    const step = { ...claim.candidate, signedBy: 0b101n };
    const shown = candidate({ ...claim, candidate: step }, { outcome: more });

    expect(await judge({ ...shown, proof: [postfund, raised] }, rockPaperScissorsTwin)).toBe(
      "SumChanged",
    );
    const forged = { variablePart: { ...postfund.variablePart, outcome: more }, signedBy: 0b101n };
    expect(await judge({ ...shown, proof: [forged, raised] }, rockPaperScissorsTwin)).toBe(
      "ProofNotUnanimous",
    );
  });

  adversarial("is not made by who stands between the two", async () => {
    const claim = rightClaim(virtualChannel(ROCK_APP), 0);
    const byHub = { ...claim.candidate, signedBy: 0b010n };
    expect(await judge({ ...claim, candidate: byHub }, rockPaperScissorsTwin)).toBe(
      "NotSignedByMover",
    );
  });

  unit("is final only where all have signed it", async () => {
    const claim = rightClaim(virtualChannel(ROCK_APP), 5);
    const final = candidate(claim, { isFinal: true });
    expect(await judge(final, rockPaperScissorsTwin)).toBe("StepFinal");
    const all = { ...final.candidate, signedBy: ALL };
    expect(await judge({ ...final, candidate: all, proof: [] }, rockPaperScissorsTwin)).toBe("");
  });
});
