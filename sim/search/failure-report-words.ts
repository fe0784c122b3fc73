/** What a plan says, in words: each wish, fault and move is one line. */
import type { ActorName } from "../actors.ts";
import type { Move } from "../adversaries/move.ts";
import { type Asset, ETH, formatAmount, testToken } from "../assets.ts";
import type { ChainFault, Fault } from "../faults/fault.ts";
import type { AssetAmounts, AssetName, Wish } from "./wish.ts";

const ASSETS: Readonly<Record<AssetName, Asset>> = { eth: ETH, token: testToken(ETH.address) };

/** What is asked for: `alice pays bob 3 wei in channel 1`. Channels are named by the id of the wish that opens them. */
export function wishWords(wish: Wish): string {
  const { by } = wish;
  switch (wish.type) {
    case "OpenDirect": {
      const { amounts, others } = wish;
      return `${by} opens a channel with ${listed(others)}: ${depositWords([by, ...others], amounts)}`;
    }
    case "OpenLedger": {
      const { amounts, other } = wish;
      return `${by} opens a ledger channel with ${other}: ${depositWords([by, other], amounts)}`;
    }
    case "OpenVirtual": {
      const { amounts, payee, via } = wish;
      const route = via.length === 0 ? "" : ` over ${listed(via)}`;
      return `${by} opens a virtual channel with ${payee}${route}: ${depositWords([by, payee], amounts)}`;
    }
    case "OpenGame": {
      const { amounts, game, other } = wish;
      return `${by} opens a game of ${game} with ${other}: ${depositWords([by, other], amounts)}`;
    }
    case "Pay":
      return `${by} pays ${wish.to} ${amountWords(wish)} in channel ${wish.channel}`;
    case "PayVirtually":
      return `${by} pays ${amountWords(wish)} by a voucher in channel ${wish.channel}`;
    case "TopUp":
      return `${by} puts ${amountWords(wish)} more into channel ${wish.channel}`;
    case "Withdraw": {
      const parts = wish.amounts.map((part) => formatAll(part).join(" to the one and "));
      return `${by} takes out of channel ${wish.channel}: ${parts.join("; ")} to the other`;
    }
    case "Play":
      return `${by} makes ${wish.move === "Legal" ? "a move" : "what is no move"} in channel ${wish.channel} (choice ${wish.choice})`;
    case "Close":
      return `${by} closes channel ${wish.channel}`;
    case "Dispute":
      return `${by} lets the chain decide about channel ${wish.channel}`;
  }
}

function depositWords(names: readonly ActorName[], amounts: readonly AssetAmounts[]): string {
  return names
    .map((name, index) => {
      const parts = amounts.map((one) => formatAll(one)[index] ?? "nothing");
      return `${name} puts in ${parts.join(" and ")}`;
    })
    .join(", ");
}

function formatAll({ amounts, asset }: AssetAmounts): readonly string[] {
  return amounts.map((amount) => formatAmount(ASSETS[asset], amount));
}

function amountWords({
  amount,
  asset,
}: {
  readonly asset: AssetName;
  readonly amount: bigint;
}): string {
  return formatAmount(ASSETS[asset], amount);
}

/** What goes wrong: `bob's node crashes at once, and is away for 60 s`. */
export function faultWords(fault: Fault): string {
  switch (fault.type) {
    case "Partition": {
      const what = { Both: "from and to", Sent: "from", Heard: "to" }[fault.lost];
      return `all frames ${what} ${listed(fault.group)} are lost for ${span(fault.forMs)}`;
    }
    case "LossyLink":
      return `${percent(fault.fraction)} of what ${fault.from} sends ${fault.to} is lost for ${span(fault.forMs)}`;
    case "DoublingLink":
      return `${percent(fault.fraction)} of what ${fault.from} sends ${fault.to} comes twice for ${span(fault.forMs)}`;
    case "SlowLink":
      return `frames from ${fault.from} to ${fault.to} take ${fault.latencyMs.map(span).join(" to ")} for ${span(fault.forMs)}`;
    case "NarrowLink":
      return `the link from ${fault.from} to ${fault.to} takes ${fault.bytesPerSec} bytes a second for ${span(fault.forMs)}`;
    case "StalledLink":
      return `frames from ${fault.from} to ${fault.to} are held back for ${span(fault.forMs)}`;
    case "Crash":
      return `${fault.node}'s node stops ${momentWords(fault.moment)}, and ${awayWords(fault.awayMs)}`;
    case "Freeze":
      return `${fault.node}'s node stands still for ${span(fault.forMs)}`;
    case "SkewedClock":
      return `${fault.node}'s clock is ${span(Math.abs(fault.skewMs))} ${fault.skewMs < 0 ? "behind" : "ahead"} for ${span(fault.forMs)}`;
    case "LostTail":
      return `${fault.node}'s disk loses the last ${fault.appends} appends; the node ${awayWords(fault.awayMs)}`;
    case "TornAppend":
      return `${fault.node}'s next append is half written; the node ${awayWords(fault.awayMs)}`;
    case "FlippedBit":
      return `a bit on ${fault.node}'s disk flips, at ${percent(fault.place)} of what is stored; the node ${awayWords(fault.awayMs)}`;
    case "FullDisk":
      return `${fault.node}'s disk is full for ${span(fault.forMs)}`;
    case "OldBackup":
      return `${fault.node} gets back a disk of ${span(fault.ageMs)} before; the node ${awayWords(fault.awayMs)}`;
    default:
      return chainFaultWords(fault);
  }
}

function chainFaultWords(fault: ChainFault): string {
  switch (fault.type) {
    case "Reorg":
      return `the newest ${fault.depth} blocks are taken back, and ${fault.remade ?? fault.depth} made anew`;
    case "Censorship":
      return `no miner takes ${fault.function ?? "any transaction"} of ${fault.sender ?? "anybody"} for ${fault.blocks} blocks`;
    case "FeeSpike":
      return `gas costs ${fault.baseFeeWei} wei for ${fault.blocks} blocks`;
    case "RpcTrouble":
      return `${fault.node}'s endpoint of the chain is unreliable for ${span(fault.forMs)}: ${Object.keys(fault.conditions).join(", ")}`;
    case "RpcOutage":
      return `${fault.node}'s endpoint of the chain does not answer for ${span(fault.forMs)}`;
  }
}

type CrashMoment = (Fault & { readonly type: "Crash" })["moment"];

function momentWords(moment: CrashMoment): string {
  if (moment.type === "Now") return "at once";
  const side = moment.side === "Before" ? "before" : "right behind";
  return `${side} its append ${moment.append} from then`;
}

function awayWords(awayMs: number | undefined): string {
  return awayMs === undefined ? "never comes back" : `is away for ${span(awayMs)}`;
}

/** What an adversary does: `eve: equivocates (turn 3)`. */
export function moveWords({ by, settings, strategy }: Move): string {
  const named = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  return `${by} follows the strategy "${strategy}"${named.length === 0 ? "" : ` (${named.join(", ")})`}`;
}

/** A duration: `250 ms`, `12 s`, `5 min`, `2 h`. Exact. */
export function span(ms: number): string {
  const units: readonly (readonly [string, number])[] = [
    ["h", 3_600_000],
    ["min", 60_000],
    ["s", 1_000],
  ];
  const [unit, size] = units.find(([, one]) => ms >= one && ms % one === 0) ?? ["ms", 1];
  return ms > 60_000 && unit === "ms" ? `${ms / 1_000} s` : `${ms / size} ${unit}`;
}

function percent(fraction: number): string {
  return `${Math.round(fraction * 1_000) / 10} %`;
}

/** `alice`, `alice and bob`, `alice, bob and irene`. */
export function listed(names: readonly string[]): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
