/** Runs calls and transactions on the model's contracts. */
import type { Hex } from "../../../src/primitives/hex.ts";
import { NodeError } from "../../../src/primitives/node-error.ts";
import { balanceCell, type CellName, codeCell, nonceCell } from "./cells.ts";
import { codeByCreation, codeByNumber } from "./codes.ts";
import type { Frame } from "./contract.ts";
import * as gas from "./gas.ts";
import { type BlockView, Machine, type ModelLog } from "./machine.ts";
import { emptyRevert, Revert } from "./revert.ts";
import { encodeList, encodeNumber } from "./rlp.ts";
import { hashOf } from "./words.ts";

/** Who calls what, with which coins. */
export type Call = {
  readonly from: Hex;
  readonly to: Hex;
  readonly data: Hex;
  readonly valueWei: bigint;
};

/** A transaction without what only its signature needs. To nobody: it makes a contract. */
export type ModelTransaction = {
  readonly from: Hex;
  readonly to: Hex | undefined;
  readonly data: Hex;
  readonly valueWei: bigint;
  readonly nonce: bigint;
  readonly gasLimit: bigint;
  readonly maxFeeWei: bigint;
  readonly maxTipWei: bigint;
};

/** The block in which a transaction runs. */
export type BlockRules = {
  readonly baseFeeWei: bigint;
  readonly coinbase: Hex;
};

/** What a transaction did. */
export type Outcome = {
  readonly succeeded: boolean;
  /** What the call returned, or what it was refused with. */
  readonly answer: Hex;
  readonly logs: readonly ModelLog[];
  readonly gasUsed: bigint;
  readonly gasPriceWei: bigint;
  readonly contractAddress: Hex | undefined;
  readonly changes: ReadonlyMap<CellName, bigint>;
};

/** Built-in contracts that refuse to be called without data. Source: EIP-152, EIP-4844. */
const REFUSING_BUILT_INS: readonly Hex[] = [
  `0x${"9".padStart(40, "0")}`,
  `0x${"a".padStart(40, "0")}`,
];

/** Runs one call. Throws `Revert`; then the machine is spoilt. `work` is gas by the table. */
export function runCall(
  machine: Machine,
  { data, from, to, valueWei }: Call,
  work: bigint = gas.workOf(data.length / 2 - 1),
): Hex {
  if (!machine.pay(from, to, valueWei)) throw emptyRevert();
  const code = codeByNumber(machine.peek(codeCell(to)));
  if (code === undefined) {
    if (REFUSING_BUILT_INS.includes(to)) throw emptyRevert();
    return "0x";
  }
  const frame: Frame = {
    machine,
    self: to,
    caller: from,
    valueWei,
    data,
    call: (next, question, coins = 0n) => {
      machine.gasUsed += callCost(machine, next, coins);
      const call = { from: to, to: next, data: question, valueWei: coins };
      return runCall(machine, call, gas.innerWorkOf(question.length / 2 - 1));
    },
    create: (address, creation, coins) => {
      machine.gasUsed += gas.CREATION;
      create(machine, to, address, { creation, coins });
    },
    hasCode: (address) => machine.peek(codeCell(address)) !== 0n,
  };
  machine.gasUsed += work;
  return machine.contractOf(code)(frame);
}

/** What a contract pays to call another account; what calls it from outside has paid already. */
function callCost(machine: Machine, to: Hex, coins: bigint): bigint {
  if (coins === 0n) return gas.COLD_ACCOUNT;
  return gas.COLD_ACCOUNT + gas.VALUE_SENT + (machine.isEmpty(to) ? gas.NEW_ACCOUNT : 0n);
}

function create(
  machine: Machine,
  maker: Hex,
  address: Hex,
  { coins, creation }: { readonly creation: Hex; readonly coins: bigint },
): void {
  const code = codeByCreation(creation);
  if (code === undefined) {
    const message = "the model does not know this code; use the chain anvil or evm";
    throw new NodeError("RpcRefused", message, { data: { sizeBytes: creation.length / 2 - 1 } });
  }
  const isTaken = machine.peek(codeCell(address)) !== 0n || machine.peek(nonceCell(address)) !== 0n;
  // The coins of a contract that is made are spent on it: none of these takes any.
  if (isTaken || coins > 0n || !machine.pay(maker, address, coins)) throw emptyRevert();
  machine.gasUsed += gas.creationCost(creation.length / 2 - 1, code.deployed.length / 2 - 1);
  machine.poke(codeCell(address), code.number);
  machine.poke(nonceCell(address), 1n);
}

/** True when the account can pay for the transaction at the fee that it offers at most. */
export function canPay(view: BlockView, transaction: ModelTransaction): boolean {
  const { from, gasLimit, maxFeeWei, valueWei } = transaction;
  return view.read(balanceCell(from)) >= gasLimit * maxFeeWei + valueWei;
}

/** Price of a unit of gas, of which the base fee is burnt. */
export function gasPriceOf({ maxFeeWei, maxTipWei }: ModelTransaction, baseFeeWei: bigint): bigint {
  const offered = baseFeeWei + maxTipWei;
  return offered < maxFeeWei ? offered : maxFeeWei;
}

/**
 * Runs a transaction that has the sender's nonce and can be paid. `known` is what it used on another chain,
 * and whether that was too little; otherwise the table says both.
 */
export function runTransaction(
  view: BlockView,
  transaction: ModelTransaction,
  rules: BlockRules,
  known?: { readonly gasUsed: bigint; readonly ranOut: boolean },
): Outcome {
  const { data, from, gasLimit, nonce, to } = transaction;
  const machine = new Machine(view);
  machine.gasUsed = gas.intrinsicGas(data.slice(2), to === undefined);
  const target = to ?? contractAddressOf(from, nonce);
  const done = attempt(() => act(machine, transaction, target));
  const counted = gas.afterRefund(machine.gasUsed, done.succeeded ? machine.gasRefund : 0n);
  const ranOut = known?.ranOut ?? machine.gasUsed > gasLimit;
  const gasUsed = known?.gasUsed ?? (ranOut ? gasLimit : counted);
  const succeeded = done.succeeded && !ranOut;
  const gasPriceWei = gasPriceOf(transaction, rules.baseFeeWei);
  const settled = new Machine(view);
  if (succeeded) for (const [name, value] of machine.changes) settled.poke(name, value);
  settled.poke(nonceCell(from), nonce + 1n);
  settled.burn(from, gasUsed * rules.baseFeeWei);
  settled.pay(from, rules.coinbase, gasUsed * (gasPriceWei - rules.baseFeeWei));
  return {
    succeeded,
    answer: ranOut ? "0x" : done.answer,
    logs: succeeded ? machine.logs : [],
    gasUsed,
    gasPriceWei,
    contractAddress: to === undefined ? target : undefined,
    changes: settled.changes,
  };
}

function act(machine: Machine, { data, from, to, valueWei }: ModelTransaction, target: Hex): Hex {
  if (to !== undefined) return runCall(machine, { from, to, data, valueWei });
  create(machine, from, target, { creation: data, coins: valueWei });
  return "0x";
}

/** A call that was answered or refused. */
export function attempt(run: () => Hex): { readonly succeeded: boolean; readonly answer: Hex } {
  try {
    return { succeeded: true, answer: run() };
  } catch (error) {
    if (!(error instanceof Revert)) throw error;
    return { succeeded: false, answer: error.data };
  }
}

/** The address of a contract that an account makes. Source: Yellow Paper. */
function contractAddressOf(maker: Hex, nonce: bigint): Hex {
  return `0x${hashOf(encodeList([`94${maker.slice(2)}`, encodeNumber(nonce)])).slice(26)}`;
}
