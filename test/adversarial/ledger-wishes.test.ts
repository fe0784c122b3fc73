/** A peer misuses top-ups and withdrawals: each message is refused with a code, and leaves no trace. */
import { describe, expect } from "bun:test";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { topUpId, withdrawalId } from "../../src/channel/objective-id.ts";
import { AMOUNT_MAX } from "../../src/channel/outcome.ts";
import { stateHash, TURN } from "../../src/channel/state.ts";
import {
  payoutOutcome,
  successorIdOf,
  successorOutcome,
  type WithdrawnAmount,
} from "../../src/channel/successor.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Signature } from "../../src/crypto/signature.ts";
import { encodeMessage } from "../../src/messages/codec.ts";
import type { Message } from "../../src/messages/message.ts";
import { assert, assertDefined } from "../../src/primitives/assert.ts";
import { adversarial } from "../kind.ts";
import { GO_NITRO_LEDGER_APP, LEDGER_APP, type PureNetwork } from "../pure-network.ts";
import { channelAt, comeToRest, openLedger, statusOf, TOKEN } from "../wishful-ledger.ts";

/** Participant 0 leads and means harm; participant 1 is honest. */
const HONEST = 1;
const UNKNOWN_ASSET = `0x${"99".repeat(20)}` as Address;
const NONCE = 77n;

type Scene = { readonly network: PureNetwork; readonly ledgerId: ChannelId };

const coins = (leader: bigint, follower: bigint): WithdrawnAmount => ({
  asset: ZERO_ADDRESS,
  leader,
  follower,
});

function topUp(channelId: ChannelId, changes: Partial<Message & { type: "TopUpRequest" }> = {}) {
  const objectiveId = topUpId(channelId, 0, NONCE);
  const amount = 5n;
  return {
    type: "TopUpRequest",
    objectiveId,
    channelId,
    asset: TOKEN,
    amount,
    ...changes,
  } as const;
}

function request(channelId: ChannelId, amounts: readonly WithdrawnAmount[], nonce = NONCE) {
  const objectiveId = withdrawalId(channelId, nonce);
  return { type: "WithdrawalRequest", objectiveId, channelId, nonce, amounts } as const;
}

/** The leader's signatures on the ledger that goes on, were it opened with these amounts. */
function successorMessage(
  { ledgerId, network }: Scene,
  amounts: readonly WithdrawnAmount[],
  signed: readonly WithdrawnAmount[] = amounts,
): Message & { readonly type: "SuccessorSignatures" } {
  const ledger = channelAt(network, HONEST, ledgerId);
  const { appData, outcome, turnNum } = assertDefined(ledger.supported, "it").variablePart;
  const next = successorOutcome("enforceable", outcome, signed);
  assert(next.ok, "what is signed can be paid");
  const { sign } = network.node(0).rules.context;
  const signatures = [TURN.prefund, TURN.postfund].map((turn) =>
    sign(
      stateHash(successorIdOf(ledger, NONCE), {
        outcome: next.value,
        appData,
        turnNum: turn,
        isFinal: false,
      }),
    ),
  );
  return {
    type: "SuccessorSignatures",
    objectiveId: withdrawalId(ledgerId, NONCE),
    channelId: ledgerId,
    baseTurnNum: turnNum,
    signatures,
  };
}

/** The leader's signature on the end of the ledger, paying these amounts. */
function finalMessage({ ledgerId, network }: Scene, amounts: readonly WithdrawnAmount[]): Message {
  const ledger = channelAt(network, HONEST, ledgerId);
  const { appData, outcome, turnNum } = assertDefined(ledger.supported, "it").variablePart;
  const variablePart = {
    outcome: payoutOutcome("enforceable", outcome, amounts, successorIdOf(ledger, NONCE)),
    appData,
    turnNum: turnNum + 1,
    isFinal: true,
  };
  return {
    type: "SignedState",
    objectiveId: withdrawalId(ledgerId, NONCE),
    channelId: ledgerId,
    variablePart,
    signature: network.node(0).rules.context.sign(stateHash(ledgerId, variablePart)),
    baseSignatures: [],
    moverSignature: undefined,
  };
}

/** Lets the honest one hear a message, and says what she makes of it. */
function hear({ network }: Scene, message: Message, by = network.node(0).rules.me): string {
  const sequence = (network.node(HONEST).state.peers.get(by)?.lastReceived ?? 0) + 1;
  const payload = encodeMessage(message);
  const verdict = network.decide(HONEST, { type: "Message", from: by, sequence, payload });
  return verdict.ok ? "Accepted" : verdict.reason.code;
}

type Row = {
  readonly name: string;
  readonly code: string;
  readonly message: (scene: Scene) => Message;
  readonly before?: (scene: Scene) => void;
  readonly app?: Address;
};

const heard =
  (message: (scene: Scene) => Message) =>
  (scene: Scene): void =>
    expect(hear(scene, message(scene))).toBe("Accepted");

const closing = ({ ledgerId, network }: Scene): void => {
  network.ask(HONEST, { type: "DefundDirectly", channelId: ledgerId });
};
const AMOUNTS = [coins(3n, 4n)];
const asked = heard(({ ledgerId }) => request(ledgerId, AMOUNTS));
const signedNext = (scene: Scene): void => {
  asked(scene);
  heard((one) => successorMessage(one, AMOUNTS))(scene);
};
const otherChannel = `0x${"c9".repeat(32)}` as ChannelId;

const TOP_UPS: readonly Row[] = [
  {
    name: "a top-up of a channel that nobody knows",
    code: "UnknownChannel",
    message: () => topUp(otherChannel),
  },
  {
    name: "a top-up in the name of the other participant",
    code: "UnknownObjective",
    message: ({ ledgerId }) => topUp(ledgerId, { objectiveId: topUpId(ledgerId, 1, NONCE) }),
  },
  {
    name: "a top-up of nothing",
    code: "AmountOutOfRange",
    message: ({ ledgerId }) => topUp(ledgerId, { amount: 0n }),
  },
  {
    name: "a top-up that no contract could add up",
    code: "AmountOutOfRange",
    message: ({ ledgerId }) => topUp(ledgerId, { amount: AMOUNT_MAX }),
  },
  {
    name: "a top-up of an asset that the ledger does not hold",
    code: "AssetMismatch",
    message: ({ ledgerId }) => topUp(ledgerId, { asset: UNKNOWN_ASSET }),
  },
  {
    name: "a top-up while the ledger closes",
    code: "ChannelNotRunning",
    before: closing,
    message: ({ ledgerId }) => topUp(ledgerId),
  },
  {
    name: "a second top-up of one asset",
    code: "TopUpRunning",
    before: heard(({ ledgerId }) => topUp(ledgerId)),
    message: ({ ledgerId }) => topUp(ledgerId, { objectiveId: topUpId(ledgerId, 0, 78n) }),
  },
  {
    name: "a top-up beside a withdrawal",
    code: "WithdrawalRunning",
    before: asked,
    message: ({ ledgerId }) => topUp(ledgerId),
  },
  {
    name: "a top-up of a ledger of go-nitro's",
    code: "NotEnforceable",
    app: GO_NITRO_LEDGER_APP,
    message: ({ ledgerId }) => topUp(ledgerId),
  },
];

const WITHDRAWALS: readonly Row[] = [
  {
    name: "a withdrawal under another name than its own",
    code: "UnknownObjective",
    message: ({ ledgerId }) => ({
      ...request(ledgerId, AMOUNTS),
      objectiveId: withdrawalId(ledgerId, 78n),
    }),
  },
  {
    name: "a withdrawal into the ledger itself",
    code: "ChannelIdUsed",
    message: ({ ledgerId, network }) => {
      const { channelNonce } = channelAt(network, HONEST, ledgerId).fixedPart;
      return request(ledgerId, AMOUNTS, channelNonce);
    },
  },
  {
    name: "a withdrawal of more than there is",
    code: "InsufficientFunds",
    message: ({ ledgerId }) => request(ledgerId, [coins(101n, 0n)]),
  },
  {
    name: "a withdrawal of an asset that the ledger does not hold",
    code: "AssetMismatch",
    message: ({ ledgerId }) => request(ledgerId, [{ ...coins(1n, 0n), asset: UNKNOWN_ASSET }]),
  },
  {
    name: "a withdrawal of one asset twice",
    code: "SharesMalformed",
    message: ({ ledgerId }) => request(ledgerId, [coins(1n, 0n), coins(0n, 1n)]),
  },
  {
    name: "a withdrawal of nothing",
    code: "SharesMalformed",
    message: ({ ledgerId }) => request(ledgerId, [coins(0n, 0n)]),
  },
  {
    name: "a withdrawal of everything",
    code: "NothingToFund",
    message: ({ ledgerId }) =>
      request(ledgerId, [coins(100n, 100n), { ...coins(100n, 100n), asset: TOKEN }]),
  },
  {
    name: "a withdrawal while the ledger closes",
    code: "ChannelNotRunning",
    before: closing,
    message: ({ ledgerId }) => request(ledgerId, AMOUNTS),
  },
  {
    name: "a withdrawal beside a top-up",
    code: "TopUpRunning",
    before: heard(({ ledgerId }) => topUp(ledgerId)),
    message: ({ ledgerId }) => request(ledgerId, AMOUNTS),
  },
  {
    name: "a second withdrawal",
    code: "WithdrawalRunning",
    before: asked,
    message: ({ ledgerId }) => request(ledgerId, AMOUNTS, 78n),
  },
  {
    name: "a withdrawal from a ledger of go-nitro's",
    code: "NotEnforceable",
    app: GO_NITRO_LEDGER_APP,
    message: ({ ledgerId }) => request(ledgerId, AMOUNTS),
  },
];

const SUCCESSORS: readonly Row[] = [
  {
    name: "signatures on a next ledger that nobody asked for",
    code: "UnknownObjective",
    message: (scene) => successorMessage(scene, AMOUNTS),
  },
  {
    name: "signatures on a next ledger with other sums",
    code: "WrongSignature",
    before: asked,
    message: (scene) => successorMessage(scene, AMOUNTS, [coins(2n, 4n)]),
  },
  {
    name: "one signature on the next ledger instead of two",
    code: "WrongSignature",
    before: asked,
    message: (scene) => {
      const message = successorMessage(scene, AMOUNTS);
      return { ...message, signatures: message.signatures.slice(0, 1) };
    },
  },
  {
    name: "signatures that are nobody's",
    code: "WrongSignature",
    before: asked,
    message: (scene) => {
      const none = `0x${"51".repeat(65)}` as Signature;
      return { ...successorMessage(scene, AMOUNTS), signatures: [none, none] };
    },
  },
  {
    name: "signatures that rest on another state of the ledger",
    code: "TurnOutOfOrder",
    before: asked,
    message: (scene) => ({ ...successorMessage(scene, AMOUNTS), baseTurnNum: 0 }),
  },
  {
    name: "the end of a ledger before the next one is signed",
    code: "SuccessorUnsigned",
    before: asked,
    message: (scene) => finalMessage(scene, AMOUNTS),
  },
  {
    name: "an end that pays other sums",
    code: "FinalOutcomeMismatch",
    before: signedNext,
    message: (scene) => finalMessage(scene, [coins(4n, 3n)]),
  },
];

describe("a leader who means harm", () => {
  for (const row of [...TOP_UPS, ...WITHDRAWALS, ...SUCCESSORS]) {
    const { app = LEDGER_APP, before, code, message, name } = row;
    adversarial(`who sends ${name} hears ${code}, and nothing is stored`, () => {
      const scene = openLedger(app);
      before?.(scene);
      const { log } = scene.network.node(HONEST);
      const { length } = log;

      expect(hear(scene, message(scene))).toBe(code);

      expect(log.length).toBe(length);
    });
  }

  adversarial("who sends a ledger state after the next ledger is signed is refused", () => {
    const scene = openLedger();
    const { ledgerId, network } = scene;
    signedNext(scene);
    const ledger = channelAt(network, HONEST, ledgerId);
    const { turnNum } = assertDefined(ledger.supported, "it").variablePart;

    const code = hear(scene, {
      type: "LedgerProposal",
      channelId: ledgerId,
      turnNum: turnNum + 1,
      baseTurnNum: turnNum,
      changes: [],
      evidence: [],
      signature: `0x${"51".repeat(65)}` as Signature,
    });

    expect(code).toBe("WithdrawalRunning");
  });

  adversarial("leaves the ledger fit for honest wishes, whatever was refused", () => {
    const scene = openLedger();
    const { ledgerId, network } = scene;
    const rows = [...TOP_UPS, ...WITHDRAWALS, ...SUCCESSORS];
    const refused = rows.filter(({ app, before }) => app === undefined && before === undefined);
    for (const { code, message } of refused) expect(hear(scene, message(scene))).toBe(code);

    const id = network.ask(HONEST, { type: "Withdraw", channelId: ledgerId, amounts: AMOUNTS });
    comeToRest(network);

    expect(statusOf(network, HONEST, id)).toBe("Completed");
  });
});

describe("a stranger", () => {
  adversarial("neither tops up nor withdraws in a ledger of others", () => {
    const scene = openLedger();
    const { ledgerId } = scene;
    const eve = `0x${"ee".repeat(20)}` as Address;

    expect(hear(scene, topUp(ledgerId), eve)).toBe("NotAParticipant");
    expect(hear(scene, request(ledgerId, AMOUNTS), eve)).toBe("NotAParticipant");
  });
});
