/** What the facts about a token mean for money in channels: one verdict for each thing that can be wrong. */
import type { Address } from "../crypto/address.ts";
import type { AdjudicatorKind } from "./deployment-plan.ts";
import { amountOf, answerOf, reasonOf } from "./token-check-answers.ts";
import type { StepOutcome } from "./token-check-probe.ts";
import { type ChannelStep, type DirectStep, depositsOf } from "./token-check-story.ts";

/** What is looked at, in the order in which it is shown. */
export type TokenCheckCode =
  | "Code"
  | "Decimals"
  | "Upgradable"
  | "SenderHook"
  | "TransferFee"
  | "Rebase"
  | "ReturnValue"
  | "FailureReverts"
  | "Deposit"
  | "Payout"
  | "ZeroAmount"
  | "Blocklist"
  | "Approval";

/** One thing that was looked at. */
export type TokenCheck = {
  readonly code: TokenCheckCode;
  /** `failed`: money would be at risk. `warned`: whoever allows the token should know. */
  readonly outcome: "passed" | "warned" | "failed";
  /** What happened. */
  readonly found: string;
  /** What follows from it for channels; empty where nothing does. */
  readonly follows: string;
};

/** All that the trials have shown. */
export type TokenFacts = {
  readonly adjudicator: AdjudicatorKind;
  readonly codeBytes: number;
  readonly decimals: bigint | undefined;
  /** The code behind the token that somebody may exchange. */
  readonly implementation: Address | undefined;
  /** What the holder owns at the beginning of each trial. */
  readonly owned: bigint;
  readonly direct: Readonly<Record<DirectStep, StepOutcome>>;
  readonly channel: Readonly<Record<ChannelStep, StepOutcome>>;
  /** What besides transfers changes a balance, in words. Undefined when the balance's word was not found. */
  readonly rebases: readonly string[] | undefined;
  /** Who can be refused by a word of the token's storage. Undefined when the balance's word was not found. */
  readonly refusable: readonly string[] | undefined;
};

type Verdict = (facts: TokenFacts) => TokenCheck;

/** All verdicts about a token that has code. */
export function verdictsOf(facts: TokenFacts): readonly TokenCheck[] {
  return VERDICTS.map((verdict) => verdict(facts));
}

const passed = (code: TokenCheckCode, found: string): TokenCheck => ({
  code,
  outcome: "passed",
  found,
  follows: "",
});

const failed = (code: TokenCheckCode, found: string, follows: string): TokenCheck => ({
  code,
  outcome: "failed",
  found,
  follows,
});

const warned = (code: TokenCheckCode, found: string, follows: string): TokenCheck => ({
  code,
  outcome: "warned",
  found,
  follows,
});

const decimals: Verdict = (facts) => {
  if (facts.decimals !== undefined && facts.decimals < 256n) {
    return passed("Decimals", `it has ${facts.decimals} decimals`);
  }
  const follows =
    "nodes count its smallest units; nobody can show its amounts as people write them";
  return warned("Decimals", "it does not say how many decimals it has", follows);
};

const upgradable: Verdict = ({ implementation }) =>
  implementation === undefined
    ? passed("Upgradable", "no proxy of a known kind")
    : warned(
        "Upgradable",
        `a proxy of the code at ${implementation}`,
        "whoever may exchange that code can make all that is said here untrue",
      );

const senderHook: Verdict = ({ channel }) => {
  const { depositFirst, depositRest } = channel;
  const count = depositFirst.callsBack + depositRest.callsBack;
  if (count === 0) return passed("SenderHook", "a deposit calls nobody who deposits");
  const follows =
    "a deposit reads what the channel holds before it calls the token: who is called in between can be paid out, and the old amount is written back; others' tokens pay for it";
  return failed("SenderHook", `two deposits called the sender ${count} times`, follows);
};

const transferFee: Verdict = ({ channel, owned }) => {
  const [first] = depositsOf(owned);
  const got = amountOf(channel.adjudicatorOwnsFirst);
  const paid = amountOf(channel.newcomerOwnsFirst);
  const left = amountOf(channel.holderOwnsRest);
  if (!channel.depositFirst.succeeded)
    return passed("TransferFee", "nothing was moved: see Deposit");
  const follows =
    "the adjudicator books what was said and owns less: the last to be paid are not paid";
  if (got !== first) {
    return failed("TransferFee", `a deposit of ${first} brought the adjudicator ${got}`, follows);
  }
  if (channel.depositRest.succeeded && left !== 0n) {
    return failed("TransferFee", `who deposited all that was owned still owns ${left}`, follows);
  }
  if (channel.payNewcomer.succeeded && paid !== 0n && paid !== first) {
    return failed("TransferFee", `a payout of ${first} brought the recipient ${paid}`, follows);
  }
  return passed("TransferFee", `a deposit of ${first} moved ${first}`);
};

const rebase: Verdict = ({ rebases }) => {
  if (rebases === undefined) {
    const found = "the word that holds a balance was not found, so it was not tried";
    return warned(
      "Rebase",
      found,
      "read the token's documents: may balances change by themselves?",
    );
  }
  const [how] = rebases;
  if (how === undefined)
    return passed("Rebase", "a balance is one word, and nothing else changes it");
  const follows =
    "what the adjudicator owns can become less than what it has booked: the last to be paid are not paid; or more, which nobody can claim";
  return failed("Rebase", how, follows);
};

const returnValue: Verdict = ({ adjudicator, direct }) => {
  const answers = [answerOf(direct.transfer), answerOf(direct.transferFrom)] as const;
  const found = `transfer answers ${answers[0]}, transferFrom ${answers[1]}`;
  if (answers.every((answer) => answer === "true")) return passed("ReturnValue", found);
  if (answers.every((answer) => answer === "true" || answer === "nothing")) {
    if (adjudicator === "hardened") return passed("ReturnValue", `${found}, which counts as true`);
    const follows =
      "the published adjudicator takes deposits and can never pay them out; the hardened one can";
    return failed("ReturnValue", found, follows);
  }
  return failed("ReturnValue", found, "ERC-20 wants true: what else it means nobody can know");
};

const failureReverts: Verdict = ({ adjudicator, direct }) => {
  const answer = answerOf(direct.tooMuch);
  const found = `a transfer of more than is owned answers ${answer}`;
  if (answer === "a revert") return passed("FailureReverts", found);
  if (answer === "false" && adjudicator === "hardened") {
    return passed("FailureReverts", `${found}, which the hardened adjudicator takes for a revert`);
  }
  const follows =
    answer === "false"
      ? "a payout that fails is booked as paid by the published adjudicator, and the money is lost; the hardened one keeps it"
      : "a payout that fails is booked as paid, and the money is lost";
  return failed("FailureReverts", found, follows);
};

const deposit: Verdict = ({ channel, owned }) => {
  const [first, rest] = depositsOf(owned);
  const steps = [
    channel.approveFirst,
    channel.depositFirst,
    channel.approveRest,
    channel.depositRest,
  ];
  const refused = steps.find(({ succeeded }) => !succeeded);
  const follows = "no channel can be funded with it";
  if (refused !== undefined) {
    return failed("Deposit", `a deposit was refused: ${reasonOf(refused)}`, follows);
  }
  return passed("Deposit", `${first} and the remaining ${rest} were deposited`);
};

const payout: Verdict = ({ channel, owned }) => {
  const [first, rest] = depositsOf(owned);
  const follows = "money that was deposited would stay in the adjudicator";
  const to = ["one who had none", "one who had some"];
  const refused = [channel.payNewcomer, channel.payAgain].findIndex(({ succeeded }) => !succeeded);
  if (refused >= 0) {
    const step = refused === 0 ? channel.payNewcomer : channel.payAgain;
    return failed("Payout", `a payout to ${to[refused]} was refused: ${reasonOf(step)}`, follows);
  }
  const owns = [amountOf(channel.newcomerOwnsFirst), amountOf(channel.newcomerOwnsAll)];
  const wrong = [first, first + rest].findIndex((amount, index) => owns[index] !== amount);
  if (wrong < 0) return passed("Payout", `${first} and ${rest} were paid to ${to.join(", then ")}`);
  const due = wrong === 0 ? first : first + rest;
  const found = `a payout was booked, and the recipient owns ${owns[wrong]} instead of ${due}`;
  return failed("Payout", found, follows);
};

const zeroAmount: Verdict = ({ channel }) => {
  const { depositNothing, payNothing } = channel;
  if (!payNothing.succeeded) {
    const follows =
      "channels keep an allocation even when it is empty: one empty allocation and nobody is paid";
    return failed(
      "ZeroAmount",
      `a payout of nothing was refused: ${reasonOf(payNothing)}`,
      follows,
    );
  }
  return depositNothing.succeeded
    ? passed("ZeroAmount", "a deposit and a payout of nothing were taken")
    : passed(
        "ZeroAmount",
        "a payout of nothing was taken; a deposit of nothing, which nobody needs, not",
      );
};

const blocklist: Verdict = ({ refusable }) => {
  if (refusable === undefined) {
    const found = "the word that holds a balance was not found, so it was not tried";
    return warned("Blocklist", found, "read the token's documents: may somebody be refused?");
  }
  if (refusable.length === 0) return passed("Blocklist", "no word was found that refuses somebody");
  const follows =
    "who keeps the list can lock a recipient's share, or all that the adjudicator owns; a refused recipient is left out by transfer by index";
  return warned("Blocklist", `a word about ${refusable.join(" or ")} refuses transfers`, follows);
};

const approval: Verdict = ({ channel, direct }) => {
  const answer = answerOf(direct.approve);
  if (answer === "a revert" || answer === "false") {
    return failed("Approval", `approve answers ${answer}`, "no channel can be funded with it");
  }
  if (channel.approveFive.succeeded && !channel.approveSeven.succeeded) {
    const follows = "an approval that was not used up must be set to zero before the next deposit";
    return warned("Approval", "an allowance that is not zero cannot be changed", follows);
  }
  return passed("Approval", "an allowance can be set and changed");
};

/** In the order in which they are shown. */
const VERDICTS: readonly Verdict[] = [
  ({ codeBytes }) => passed("Code", `${codeBytes} bytes`),
  decimals,
  upgradable,
  senderHook,
  transferFee,
  rebase,
  returnValue,
  failureReverts,
  deposit,
  payout,
  zeroAmount,
  blocklist,
  approval,
];
