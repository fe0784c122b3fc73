/** What is true of ledger and virtual channels once nothing is on its way. */
import { ledgerOf, supportedState } from "../src/channel/channel.ts";
import { feeOfHop } from "../src/channel/channel-use.ts";
import { freeBalance, guaranteeCount } from "../src/channel/ledger-outcome.ts";
import { stateHash } from "../src/channel/state.ts";
import { checkCapacity } from "../src/engine/ledger-capacity.ts";
import { isActive } from "../src/protocols/objective.ts";
import { law } from "./ledger-laws.ts";
import { assetAt } from "./ledger-story.ts";
import type { Asked, Telling } from "./ledger-telling.ts";

/** Both ends agree, and nobody waits for anything. */
export function checkRest(telling: Telling): void {
  const { ledgers, network, told } = telling;
  for (const [index, { state }] of network.nodes.entries()) {
    const open = [...state.objectives.values()].filter(isActive).map(({ id }) => id);
    law(open.length === 0, `node ${index} rests: ${open}`);
    const again = network.eventsOfSecondCrank(index).map(({ type }) => type);
    law(again.length === 0, `node ${index} has nothing to do: ${again}`);
  }
  for (const [place, ledgerId] of ledgers.entries()) {
    const ends = (told.town.ledgers[place] ?? []).map((index) => telling.ledgerAt(index, ledgerId));
    const hashes = ends.map((end) => stateHash(ledgerId, supportedState(end).variablePart));
    law(new Set(hashes).size === 1, "both ends have the same supported state");
    for (const end of ends) {
      const { agreed, reserved, waiting } = ledgerOf(end);
      const quiet = agreed.size + reserved.size + waiting.size + end.pending.size;
      law(quiet === 0, `ledger ${place} rests: ${[...agreed.keys()]} ${[...reserved.keys()]}`);
    }
  }
}

/** Nothing is locked up any more, and everybody has what the channels that opened left her. */
export function checkFreed(telling: Telling): void {
  const {
    told: { assets, deposit, profile, town },
    ledgers,
    network,
  } = telling;
  const money = network.nodes.map(() => Array.from({ length: assets }, () => 0n));
  for (const [place, ledgerId] of ledgers.entries()) {
    for (const [side, index] of (town.ledgers[place] ?? []).entries()) {
      const ledger = telling.ledgerAt(index, ledgerId);
      const { outcome } = supportedState(ledger).variablePart;
      law(guaranteeCount(outcome) === 0, "no guarantee stays");
      for (let asset = 0; asset < assets; asset++) {
        const free = freeBalance(profile, outcome, side, assetAt(asset)) ?? 0n;
        const amounts = money[index] ?? [];
        amounts[asset] = (amounts[asset] ?? 0n) + free - deposit;
        const { state } = telling.network.node(index);
        const all = checkCapacity(state, ledger, [{ asset: assetAt(asset), amount: free }]);
        law(all.ok, "all that is free can be used");
      }
    }
  }
  const due = network.nodes.map(() => Array.from({ length: assets }, () => 0n));
  for (const asked of telling.asked) payFees(telling, asked, due);
  law(`${money}` === `${due}`, `everybody has what she is due: ${money} is not ${due}`);
}

/** The fees of a channel that everybody had signed the postfund of. */
function payFees(telling: Telling, asked: Asked, due: bigint[][]): void {
  const sides = telling.sidesOf(asked);
  const opened = sides.filter(({ wasOpen }) => wasOpen);
  law(opened.length === 0 || opened.length === asked.route.length, "all know whether it was open");
  for (const { myIndex, use } of opened) {
    const amounts = due[asked.route[myIndex] ?? 0];
    if (use.type !== "Virtual" || amounts === undefined) continue;
    const taken = myIndex === 0 ? 0n : feeOfHop(use.fees, myIndex - 1);
    const isLast = myIndex === opened.length - 1;
    amounts[0] = (amounts[0] ?? 0n) + taken - (isLast ? 0n : feeOfHop(use.fees, myIndex));
  }
}
