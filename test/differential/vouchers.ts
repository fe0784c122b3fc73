/** Redemptions of a differential run: what the ends of a virtual channel show when they claim by vouchers. */
import { array, BYTES32, tuple, uint } from "../../sim/chain/model/abi.ts";
import type { ContractSignature } from "../../sim/chain/model/ecrecover.ts";
import type { ShownState } from "../../sim/chain/model/force-move.ts";
import {
  type Exit,
  SIGNATURE,
  type SignedVariablePart,
  type VariablePart,
  ZERO_HASH,
} from "../../sim/chain/model/structs.ts";
import { hashOf, wordOf } from "../../sim/chain/model/words.ts";
import type { TestAccount } from "../../sim/chain/test-account.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import type { Chance } from "./chance.ts";
import type { Channel } from "./channels.ts";
import { CAST } from "./stage.ts";
import { drawOutcome, signedBy, signState } from "./states.ts";

type Voucher = {
  readonly counter: bigint;
  readonly amounts: readonly bigint[];
  readonly signature: ContractSignature;
  readonly receipt: ContractSignature;
};

const VOUCHER = tuple<Voucher>({
  counter: uint(32),
  amounts: array(uint(256)),
  signature: SIGNATURE,
  receipt: SIGNATURE,
});

const VOUCHERS = tuple<{ readonly left: Voucher; readonly right: Voucher }>({
  left: VOUCHER,
  right: VOUCHER,
});

const CLAIM = tuple<{
  readonly channelId: Hex;
  readonly counter: bigint;
  readonly amounts: readonly bigint[];
}>({ channelId: BYTES32, counter: uint(32), amounts: array(uint(256)) });

const RECEIPT = "receipt";

/** The order of the curve. Source: SEC 2, secp256k1. */
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const NO_SIGNATURE: ContractSignature = { v: 0n, r: ZERO_HASH, s: ZERO_HASH };

function postfundOf(chance: Chance, channel: Channel): SignedVariablePart {
  const drawn = drawOutcome(chance, channel, []);
  // More than any sum can hold, of one asset and all.
  const outcome = chance.isOneIn(25) ? withAmounts(drawn, () => 2n ** 255n) : drawn;
  const variablePart = {
    outcome,
    appData: "0x",
    turnNum: 1n,
    isFinal: chance.isOneIn(25),
  } as const;
  return signState(channel, variablePart, channel.signers);
}

function withAmounts(
  outcome: readonly Exit[],
  amountOf: (before: bigint, place: number) => bigint,
): readonly Exit[] {
  return outcome.map((exit) => ({
    ...exit,
    allocations: exit.allocations.map((one, place) => ({
      ...one,
      amount: amountOf(one.amount, place),
    })),
  }));
}

/** What a liar changes in a redemption before she signs it. */
const LIES: readonly ((part: VariablePart) => VariablePart)[] = [
  (part) => ({ ...part, outcome: withAmounts(part.outcome, (before) => before + 1n) }),
  (part) => ({
    ...part,
    outcome: withAmounts(part.outcome, (before, place) => (place === 1 ? before : before + 1n)),
  }),
  (part) => ({ ...part, turnNum: part.turnNum + 1n }),
  (part) => ({ ...part, isFinal: true }),
  (part) => ({ ...part, outcome: part.outcome.map(withOtherOwner) }),
  (part) => ({
    ...part,
    outcome: part.outcome.map((exit) => ({
      ...exit,
      assetMetadata: { ...exit.assetMetadata, metadata: "0xff" as const },
    })),
  }),
  (part) => ({
    ...part,
    outcome: part.outcome.map((exit) => ({
      ...exit,
      allocations: exit.allocations.map((one) => ({ ...one, allocationType: 1n })),
    })),
  }),
];

function withOtherOwner(exit: Exit): Exit {
  const [first, ...others] = exit.allocations;
  return { ...exit, allocations: others.concat(first ?? []) };
}

function lied(chance: Chance, part: VariablePart): VariablePart {
  return chance.isOneIn(3) ? chance.pick(LIES)(part) : part;
}

/** By the payment app: the postfund, and the outcome that both ends' newest vouchers give. */
export function paymentRedemption(chance: Chance, channel: Channel): ShownState {
  const { fixedPart, signers } = channel;
  const postfund = postfundOf(chance, channel);
  const funding = postfund.variablePart.outcome;
  const [first, last] = endAccounts(signers);
  const isOverdrawn = chance.isOneIn(12);
  const drawn = funding.map(({ allocations }) => {
    const [left = 0n, right = 0n] = allocations.map(({ amount }) => amount);
    if (isOverdrawn) return { byLeft: BigInt.asUintN(256, left + 1n), byRight: 0n };
    return { byLeft: below(chance, left), byRight: below(chance, right) };
  });
  const left = drawVoucher(
    chance,
    channel,
    [first, last],
    drawn.map(({ byLeft }) => byLeft),
  );
  const right = drawVoucher(
    chance,
    channel,
    [last, first],
    drawn.map(({ byRight }) => byRight),
  );
  const paid = drawn.map((_, index) => (left.amounts[index] ?? 0n) - (right.amounts[index] ?? 0n));
  const variablePart = {
    outcome: funding.map((exit, index) => moved(exit, paid[index] ?? 0n)),
    appData: `0x${VOUCHERS.encode({ left, right })}` as Hex,
    turnNum: 1n + left.counter + right.counter,
    isFinal: false,
  };
  const signer = chance.pick([first, last]);
  const candidate = signState(channel, lied(chance, variablePart), [signer]);
  return { fixedPart, proof: [postfund], candidate };
}

function endAccounts(signers: readonly TestAccount[]): readonly [TestAccount, TestAccount] {
  const stranger = assertDefined(CAST.at(-1), "the stranger");
  return [signers[0] ?? stranger, signers.at(-1) ?? stranger];
}

function below(chance: Chance, amount: bigint): bigint {
  return BigInt(chance.below(Number(amount % 1_000n) + 1));
}

function drawVoucher(
  chance: Chance,
  { channelId }: Channel,
  [payer, payee]: readonly [TestAccount, TestAccount],
  amounts: readonly bigint[],
): Voucher {
  if (chance.isOneIn(4)) {
    const none = amounts.map(() => 0n);
    return { counter: 0n, amounts: none, signature: NO_SIGNATURE, receipt: NO_SIGNATURE };
  }
  const counter = BigInt(1 + chance.below(5));
  const hash = hashOf(CLAIM.encode({ channelId, counter, amounts }));
  const receiptHash = hashOf(hash.slice(2) + receiptSuffix());
  const [signer, receiver] = chance.weigh<readonly [TestAccount, TestAccount]>([
    [8, [payer, payee]],
    [1, [payer, payer]],
    [1, [payee, payee]],
    [1, [payer, chance.pick(CAST)]],
  ]);
  const signature = signedBy(signer, hash);
  const receipt = signedBy(receiver, receiptHash);
  if (!chance.isOneIn(8)) return { counter, amounts, signature, receipt };
  return {
    counter,
    amounts,
    signature,
    receipt: chance.pick([NO_SIGNATURE, signature, malleated(receipt)]),
  };
}

/** The other signature of the same signer: with the other `s`. */
function malleated({ r, s, v }: ContractSignature): ContractSignature {
  return { r, s: `0x${wordOf(CURVE_ORDER - BigInt(s))}`, v: 55n - v };
}

/** As `abi.encode(hash, "receipt")` ends. */
function receiptSuffix(): string {
  const digits = Buffer.from(RECEIPT).toString("hex").padEnd(64, "0");
  const offset = (64).toString(16).padStart(64, "0");
  return offset + RECEIPT.length.toString(16).padStart(64, "0") + digits;
}

/** What the left end paid more than it was paid goes to the right. */
function moved(exit: Exit, paid: bigint): Exit {
  const shift = [-paid, paid];
  return {
    ...exit,
    allocations: exit.allocations.map((one, index) => ({
      ...one,
      amount: positive(one.amount + (shift[index] ?? 0n)),
    })),
  };
}

/** As a word can hold it. */
function positive(amount: bigint): bigint {
  return amount < 0n ? 0n : BigInt.asUintN(256, amount);
}

const ONE_WAY_VOUCHER = tuple<{ readonly amount: bigint; readonly signature: ContractSignature }>({
  amount: uint(256),
  signature: SIGNATURE,
});

/** By the published app: the postfund, and what the payee has by the payer's newest voucher. */
export function oneWayRedemption(chance: Chance, channel: Channel): ShownState {
  const { channelId, fixedPart, signers } = channel;
  const postfund = postfundOf(chance, channel);
  const funding = postfund.variablePart.outcome;
  const [payer, payee] = endAccounts(signers);
  const amount = below(chance, funding[0]?.allocations[0]?.amount ?? 0n);
  const hash = hashOf(channelId.slice(2) + amount.toString(16).padStart(64, "0"));
  const signature = signedBy(chance.isOneIn(8) ? payee : payer, hash);
  const variablePart = {
    outcome: funding.map((exit) => moved(exit, amount)),
    appData: `0x${ONE_WAY_VOUCHER.encode({ amount, signature })}` as Hex,
    turnNum: 2n,
    isFinal: false,
  };
  const candidate = signState(channel, lied(chance, variablePart), [payee]);
  return { fixedPart, proof: [postfund], candidate };
}
