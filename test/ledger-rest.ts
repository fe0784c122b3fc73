/** What is true of ledger and virtual channels once nothing is on its way. */
import { ledgerOf, supportedState } from "../src/channel/channel.ts";
import { feeOfHop } from "../src/channel/channel-use.ts";
import { freeBalance, guaranteeCount } from "../src/channel/ledger-outcome.ts";
import { stateHash } from "../src/channel/state.ts";
import { checkCapacity } from "../src/engine/ledger-capacity.ts";
import { isActive } from "../src/protocols/objective.ts";
import { law } from "./broken-law.ts";
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
        addTo(money[index], asset, free - deposit);
        const { state } = telling.network.node(index);
        const all = checkCapacity(state, ledger, [{ asset: assetAt(asset), amount: free }]);
        law(all.ok, "all that is free can be used");
      }
    }
  }
  const due = network.nodes.map(() => Array.from({ length: assets }, () => 0n));
  for (const asked of telling.asked) {
    payFees(telling, asked, due);
    checkPaid(telling, asked);
  }
  for (const { amount, asset, payee, payer } of telling.payments.made) {
    addTo(due[payer], asset, -amount);
    addTo(due[payee], asset, amount);
  }
  law(`${money}` === `${due}`, `everybody has what she is due: ${money} is not ${due}`);
}

/** The fees of a channel that everybody had signed the postfund of. */
function payFees(telling: Telling, asked: Asked, due: bigint[][]): void {
  const sides = telling.sidesOf(asked);
  const opened = sides.filter(({ wasOpen }) => wasOpen);
  law(opened.length === 0 || opened.length === asked.route.length, "all know whether it was open");
  for (const { myIndex, use } of opened) {
    if (use.type !== "Virtual") continue;
    const taken = myIndex === 0 ? 0n : feeOfHop(use.fees, myIndex - 1);
    const isLast = myIndex === opened.length - 1;
    const given = isLast ? 0n : feeOfHop(use.fees, myIndex);
    addTo(due[asked.route[myIndex] ?? 0], 0, taken - given);
  }
}

/**
 * Both ends know the same vouchers, and the final state pays them to the smallest unit. In go-nitro's profile
 * a voucher may come too early; then the payee learns of the payment by the next one, or by the final state.
 */
function checkPaid(telling: Telling, asked: Asked): void {
  const sides = telling.sidesOf(asked);
  const [left, right] = [sides[0], sides.at(-1)];
  if (left?.wasOpen !== true || right === undefined) return;
  const { issued, received } = left.vouchers;
  const isLossy = telling.told.profile === "go-nitro";
  const arrived = right.vouchers.received;
  law(isLossy || `${issued?.amounts}` === `${arrived?.amounts}`, "every payment arrives");
  law(`${received?.amounts}` === `${right.vouchers.issued?.amounts}`, "every payment arrives");
  const due = left.fundingOutcome.map(({ allocations }, asset) => {
    const gain = (received?.amounts[asset] ?? 0n) - (issued?.amounts[asset] ?? 0n);
    return allocations.map(({ amount }, place) => amount + (place === 0 ? gain : -gain));
  });
  for (const side of sides) {
    const { isFinal, outcome } = supportedState(side).variablePart;
    const paid = outcome.map(({ allocations }) => allocations.map(({ amount }) => amount));
    law(isFinal && `${paid}` === `${due}`, `what is paid out was paid: ${paid} is not ${due}`);
  }
}

function addTo(amounts: bigint[] | undefined, asset: number, amount: bigint): void {
  if (amounts !== undefined) amounts[asset] = (amounts[asset] ?? 0n) + amount;
}
