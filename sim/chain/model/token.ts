/** The test token, and tokens that answer otherwise than careful users expect. Source: contracts/TestToken.sol, ERC-20. */
import type { Hex } from "../../../src/primitives/hex.ts";
import { ADDRESS, BOOL, BYTES, type Codec, tuple, uint } from "./abi.ts";
import {
  type Contract,
  contractOf,
  type Frame,
  type Method,
  mappingSlot,
  method,
  NO_ANSWER,
  numberAnswer,
  topicOf,
} from "./contract.ts";
import { PANIC, panic, require } from "./revert.ts";
import { WORD_VALUES, wordOf } from "./words.ts";

/** Where the token keeps its numbers, in the order of its source. */
const SLOT = {
  totalSupply: `0x${wordOf(0n)}` as Hex,
  balanceOf: 1n,
  allowance: 2n,
  stopped: `0x${wordOf(3n)}` as Hex,
} as const;

const TOPIC = {
  transfer: topicOf("Transfer(address,address,uint256)"),
  approval: topicOf("Approval(address,address,uint256)"),
} as const;

const NOBODY: Hex = `0x${"00".repeat(20)}`;

type Giving = { readonly to: Hex; readonly amount: bigint };
const GIVING: Codec<Giving> = tuple<Giving>({ to: ADDRESS, amount: uint(256) });

const TAKING = tuple<Giving & { readonly from: Hex }>({
  from: ADDRESS,
  to: ADDRESS,
  amount: uint(256),
});
const OWNER = tuple<{ readonly owner: Hex }>({ owner: ADDRESS });
const ALLOWANCE = tuple<{ readonly owner: Hex; readonly spender: Hex }>({
  owner: ADDRESS,
  spender: ADDRESS,
});
const NOTHING: Codec<Record<string, never>> = tuple<Record<string, never>>({});
const STOPPING = tuple<{ readonly isStopped: boolean }>({ isStopped: BOOL });
const TEXT = tuple<{ readonly text: Hex }>({ text: BYTES });

/** Where `totalSupply` is stored. */
export const TOTAL_SUPPLY_SLOT: Hex = SLOT.totalSupply;

/** Where `balanceOf[owner]` is stored. */
export function tokenBalanceSlot(owner: Hex): Hex {
  return mappingSlot(owner, SLOT.balanceOf);
}

/** Where `allowance[owner][spender]` is stored. */
export function allowanceSlot(owner: Hex, spender: Hex): Hex {
  return mappingSlot(spender, mappingSlot(owner, SLOT.allowance));
}

/** What every token of ours does, where it has no fault. */
const PLAIN: readonly Method[] = [
  method("mint(address,uint256)", GIVING, mint),
  method("approve(address,uint256)", GIVING, approve),
  method("transfer(address,uint256)", GIVING, (frame, { amount, to }) =>
    move(frame, frame.caller, to, amount),
  ),
  method("transferFrom(address,address,uint256)", TAKING, (frame, { amount, from, to }) => {
    change(frame, allowanceSlot(from, frame.caller), -amount);
    return move(frame, from, to, amount);
  }),
  method("balanceOf(address)", OWNER, ({ machine, self }, { owner }) =>
    numberAnswer(machine.load(self, tokenBalanceSlot(owner))),
  ),
  method("allowance(address,address)", ALLOWANCE, ({ machine, self }, { owner, spender }) =>
    numberAnswer(machine.load(self, allowanceSlot(owner, spender))),
  ),
  method("totalSupply()", NOTHING, ({ machine, self }) =>
    numberAnswer(machine.load(self, SLOT.totalSupply)),
  ),
  method("decimals()", NOTHING, () => numberAnswer(18n)),
];

/** The test token: it does what careful users of tokens expect. */
export const testToken: Contract = contractOf(
  ...PLAIN,
  method("name()", NOTHING, () => textAnswer("Test Token")),
  method("symbol()", NOTHING, () => textAnswer("TEST")),
);

/** Takes deposits and never pays: a transfer gives false. Source: contracts/test-tokens/FalsePayoutToken.sol. */
export const falsePayoutToken: Contract = contractOf(
  ...PLAIN,
  method("transfer(address,uint256)", GIVING, () => numberAnswer(0n)),
);

/** Says nothing where others say true, as USDT does. Source: contracts/test-tokens/NoReturnToken.sol. */
export const noReturnToken: Contract = contractOf(
  ...PLAIN,
  method("approve(address,uint256)", GIVING, ({ caller, machine, self }, { amount, to }) => {
    const slot = allowanceSlot(caller, to);
    const isFresh = amount === 0n || machine.load(self, slot) === 0n;
    require(isFresh, "set the allowance to zero first");
    machine.store(self, slot, amount);
    return NO_ANSWER;
  }),
  method("transfer(address,uint256)", GIVING, (frame, { amount, to }) => {
    move(frame, frame.caller, to, amount);
    return NO_ANSWER;
  }),
  method("transferFrom(address,address,uint256)", TAKING, (frame, { amount, from, to }) => {
    change(frame, allowanceSlot(from, frame.caller), -amount);
    move(frame, from, to, amount);
    return NO_ANSWER;
  }),
);

/** Gives false where others refuse, and always once it is stopped. Source: contracts/test-tokens/FalseToken.sol. */
export const falseToken: Contract = contractOf(
  ...PLAIN,
  method("transfer(address,uint256)", GIVING, (frame, { amount, to }) =>
    canMove(frame, frame.caller, amount) ? move(frame, frame.caller, to, amount) : numberAnswer(0n),
  ),
  method("transferFrom(address,address,uint256)", TAKING, (frame, { amount, from, to }) => {
    const slot = allowanceSlot(from, frame.caller);
    const isAllowed = frame.machine.load(frame.self, slot) >= amount;
    if (!isAllowed || !canMove(frame, from, amount)) return numberAnswer(0n);
    move(frame, from, to, amount);
    change(frame, slot, -amount);
    return numberAnswer(1n);
  }),
  method("stop(bool)", STOPPING, ({ machine, self }, { isStopped }) => {
    machine.store(self, SLOT.stopped, isStopped ? 1n : 0n);
    return NO_ANSWER;
  }),
  method("stopped()", NOTHING, ({ machine, self }) =>
    numberAnswer(machine.load(self, SLOT.stopped)),
  ),
);

function canMove({ machine, self }: Frame, from: Hex, amount: bigint): boolean {
  const isStopped = machine.load(self, SLOT.stopped) !== 0n;
  return !isStopped && machine.load(self, tokenBalanceSlot(from)) >= amount;
}

function approve(frame: Frame, { amount, to: spender }: Giving): Hex {
  const { caller, machine, self } = frame;
  machine.store(self, allowanceSlot(caller, spender), amount);
  tell(frame, TOPIC.approval, [caller, spender], amount);
  return numberAnswer(1n);
}

function mint(frame: Frame, { amount, to }: Giving): Hex {
  change(frame, SLOT.totalSupply, amount);
  change(frame, tokenBalanceSlot(to), amount);
  tell(frame, TOPIC.transfer, [NOBODY, to], amount);
  return numberAnswer(1n);
}

function move(frame: Frame, from: Hex, to: Hex, amount: bigint): Hex {
  change(frame, tokenBalanceSlot(from), -amount);
  change(frame, tokenBalanceSlot(to), amount);
  tell(frame, TOPIC.transfer, [from, to], amount);
  return numberAnswer(1n);
}

function change({ machine, self }: Frame, slot: Hex, by: bigint): void {
  const after = machine.load(self, slot) + by;
  if (after < 0n || after >= WORD_VALUES) throw panic(PANIC.arithmetic);
  machine.store(self, slot, after);
}

function tell({ machine, self }: Frame, topic: Hex, parties: readonly Hex[], amount: bigint): void {
  const topics = parties.map((party): Hex => `0x${party.slice(2).padStart(64, "0")}`);
  machine.tell({ address: self, topics: [topic, ...topics], data: `0x${wordOf(amount)}` });
}

function textAnswer(text: string): Hex {
  return `0x${TEXT.encode({ text: `0x${Buffer.from(text).toString("hex")}` })}`;
}
