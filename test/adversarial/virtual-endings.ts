/** Hostile messages while a virtual channel is open. */
import { directDefundId, updateId, virtualDefundId } from "../../src/channel/objective-id.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import { stateOf } from "./puppet.ts";
import {
  changing,
  ledgerState,
  proposing,
  type VirtualRow,
  virtualRowsAt,
} from "./virtual-messages.ts";
import { removal, virtualFinal, virtualOutcome, virtualPrefund } from "./virtual-scene.ts";

/** What Eve may not do once the guarantee is there and the channel is open. */
export const WHILE_OPEN: readonly VirtualRow[] = virtualRowsAt("open", [
  {
    name: "the guarantee a second time",
    code: "GuaranteeExists",
    message: proposing(() => ({})),
  },
  {
    name: "the guarantee in a second ledger",
    code: "WrongLedger",
    message: proposing(({ ledgers }) => ({ channelId: ledgers.second })),
  },
  {
    name: "the way out with other sums",
    code: "SharesDoNotAddUp",
    message: changing((_, scene) => removal(scene, 7n, 4n)),
  },
  {
    name: "the way out before anybody closes",
    code: "UnknownObjective",
    message: changing(
      (_, scene) => removal(scene),
      ({ channelId }) => virtualDefundId(channelId),
    ),
  },
  {
    name: "the channel anew, with other shares",
    code: "ConflictingState",
    message: (scene) => virtualPrefund(scene, { outcome: virtualOutcome(scene.world, [5n, 4n]) }),
  },
  {
    name: "a final state that pays more than there is",
    code: "FinalOutcomeMismatch",
    message: (scene) => virtualFinal(scene, { outcome: virtualOutcome(scene.world, [7n, 4n]) }),
  },
  {
    name: "a final state that pays less than there is",
    code: "FinalOutcomeMismatch",
    message: (scene) => virtualFinal(scene, { outcome: virtualOutcome(scene.world, [5n, 4n]) }),
  },
  {
    name: "a final state of another shape",
    code: "FinalOutcomeMismatch",
    message: (scene) => virtualFinal(scene, { outcome: [...scene.outcome, ...scene.outcome] }),
  },
  {
    name: "a final state with other data",
    code: "FinalOutcomeMismatch",
    message: (scene) => virtualFinal(scene, { appData: "0x01" }),
  },
  {
    name: "a state at the turn of the final one that is not final",
    code: "UnknownObjective",
    message: (scene) => virtualFinal(scene, { isFinal: false }),
  },
  {
    name: "a wish for an update of a channel that pays by vouchers",
    code: "TurnOutOfOrder",
    message: ({ channelId }) => ({
      type: "UpdateRequest",
      objectiveId: updateId(channelId, 0, 0),
      channelId,
      turnNum: 2,
      change: { type: "Pay", asset: ZERO_ADDRESS, to: 1, amount: 1n },
    }),
  },
  {
    name: "an update of a ledger",
    code: "AppNotAllowed",
    message: (scene) => {
      const { own } = scene.ledgers;
      const state = { ...ledgerState(scene), turnNum: ledgerState(scene).turnNum + 1 };
      return stateOf(scene.eve, own, state, updateId(own, 0, 0));
    },
  },
  {
    name: "a wish to close a ledger that funds the channel",
    code: "LedgerNotEmpty",
    message: ({ ledgers }) => ({
      type: "DefundRequest",
      objectiveId: directDefundId(ledgers.own),
      channelId: ledgers.own,
    }),
  },
  {
    name: "a final state of a ledger that funds the channel",
    code: "LedgerNotEmpty",
    message: (scene) => {
      const { own } = scene.ledgers;
      const { turnNum } = ledgerState(scene);
      const state = { ...ledgerState(scene), turnNum: turnNum + 1, isFinal: true };
      return stateOf(scene.eve, own, state, directDefundId(own));
    },
  },
]);
