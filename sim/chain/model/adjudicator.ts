/** The adjudicator, published and hardened, as the rules of this project know it. Source: NitroAdjudicator. */
import type { Hex } from "../../../src/primitives/hex.ts";
import {
  ADJUDICATOR,
  ALLOCATIONS_ALONE,
  type FunctionForm,
  SHARED,
} from "./adjudicator-interface.ts";
import {
  deposit,
  type PayoutRules,
  reclaim,
  reclaimEffects,
  transfer,
  transferAllAssets,
  transferEffects,
} from "./asset-holder.ts";
import {
  type Contract,
  contractOf,
  type Frame,
  type Method,
  method,
  NO_ANSWER,
  numberAnswer,
} from "./contract.ts";
import { askApp, challenge, checkpoint, conclude, SUPPORT } from "./force-move.ts";
import { payChecked, payUnchecked, readHoldings } from "./purses.ts";
import { readStatus, readStatusWord } from "./status.ts";
import { ZERO_HASH } from "./structs.ts";
import { wordOf } from "./words.ts";

/** A function that changes something and answers nothing. */
function act<Arguments>(
  { codec, signature }: FunctionForm<Arguments>,
  run: (frame: Frame, given: Arguments) => void,
  options?: Parameters<typeof method>[3],
): Method {
  const answer = (frame: Frame, given: Arguments): Hex => {
    run(frame, given);
    return NO_ANSWER;
  };
  return method(signature, codec, answer, options);
}

/** A function that answers and changes nothing. */
function tell<Arguments>(
  { codec, signature }: FunctionForm<Arguments>,
  run: (frame: Frame, given: Arguments) => Hex,
): Method {
  return method(signature, codec, run);
}

/** What both adjudicators do alike. */
const COMMON: readonly Method[] = [
  act(ADJUDICATOR.deposit, deposit, { isPayable: true }),
  act(ADJUDICATOR.challenge, (frame, { signature, ...shown }) =>
    challenge(frame, shown, signature),
  ),
  act(ADJUDICATOR.checkpoint, checkpoint),
  act(ADJUDICATOR.conclude, (frame, { candidate, fixedPart }) => {
    conclude(frame, fixedPart, candidate);
  }),
  act(ADJUDICATOR.reclaim, (frame, { call }) => reclaim(frame, call)),
  tell(ADJUDICATOR.stateIsSupported, (frame, shown) => `0x${SUPPORT.encode(askApp(frame, shown))}`),
  tell(ADJUDICATOR.holdings, (frame, { asset, channelId }) =>
    numberAnswer(readHoldings(frame, asset, channelId)),
  ),
  tell(ADJUDICATOR.statusOf, (frame, { channelId }) =>
    numberAnswer(readStatusWord(frame, channelId)),
  ),
  tell(ADJUDICATOR.unpackStatus, (frame, { channelId }) => {
    const { finalizesAt, fingerprint, turnNumRecord } = readStatus(frame, channelId);
    return `0x${wordOf(turnNumRecord)}${wordOf(finalizesAt)}${wordOf(fingerprint)}`;
  }),
  tell(ADJUDICATOR.computeTransfer, (_, { allocations, held, indices }) => {
    const { exits, left, paid } = transferEffects(held, allocations, indices);
    const areZeros = left.every(({ amount }) => amount === 0n) ? 1n : 0n;
    return `0x${SHARED.encode({ left, areZeros, exits, paid })}`;
  }),
  tell(ADJUDICATOR.computeReclaim, (_, { index, source, target }) => {
    const allocations = reclaimEffects(source, target, index);
    return `0x${ALLOCATIONS_ALONE.encode({ allocations })}`;
  }),
];

/** An adjudicator by these rules. */
export function adjudicatorOf(rules: PayoutRules): Contract {
  return contractOf(
    ...COMMON,
    act(ADJUDICATOR.concludeAndTransferAllAssets, (frame, { candidate, fixedPart }) => {
      const channelId = conclude(frame, fixedPart, candidate);
      const { outcome } = candidate.variablePart;
      transferAllAssets(frame, { channelId, outcome, stateHash: ZERO_HASH }, rules);
    }),
    act(ADJUDICATOR.transfer, (frame, call) => transfer(frame, call, rules)),
    act(ADJUDICATOR.transferAllAssets, (frame, call) => transferAllAssets(frame, call, rules)),
  );
}

/** The published adjudicator, which pays tokens without a look at what they answer. */
export const adjudicator: Contract = adjudicatorOf({
  payTokens: payUnchecked,
  share: transferEffects,
});

/** The adjudicator that undoes a payout which a token refuses. Source: ADR 0026. */
export const hardenedAdjudicator: Contract = adjudicatorOf({
  payTokens: payChecked,
  share: transferEffects,
});
