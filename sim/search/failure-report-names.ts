/** Names instead of hex: who an address is, and which channel an id is, as a run shows it. */
import { ACTOR_NAMES } from "../actors.ts";
import { addressOf } from "../simulated-chain.ts";
import type { TraceEntry } from "../trace.ts";
import { listed } from "./failure-report-words.ts";
import type { Plan } from "./plan.ts";
import type { Wish } from "./wish.ts";

/** Gives a text with the names in it. */
export type Naming = (text: string) => string;

/** What a record of a new channel says, as far as a name needs it. */
type Created = {
  readonly type: string;
  readonly channelId: string;
  readonly fixedPart: { readonly participants: readonly string[] };
  readonly use: { readonly type: string };
};

const KINDS: Readonly<Record<string, string>> = {
  Ledger: "ledger channel",
  Virtual: "virtual channel",
  MessageLog: "game",
};

/** Puts names into texts about a run: of actors, of channels, and a short sign for any other hex. */
export function namingOf({ wishes }: Plan, trace: readonly TraceEntry[]): Naming {
  const actors = new Map(ACTOR_NAMES.map((name) => [addressOf(name).toLowerCase(), name]));
  const nameAt = (address: string): string => actors.get(address.toLowerCase()) ?? "a stranger";
  const channels = new Map<string, string>();
  for (const { channelId, fixedPart, use } of createdIn(trace)) {
    if (channels.has(channelId)) continue;
    const participants = fixedPart.participants.map(nameAt);
    const opening = openingOf(wishes, participants);
    const kind = KINDS[use.type] ?? "channel";
    const number = opening === undefined ? "" : ` (channel ${opening.id})`;
    channels.set(channelId, `the ${kind} of ${listed(participants)}${number}`);
  }
  return (text) =>
    text.replace(/\b0x[0-9a-fA-F]{6,}/g, (hex) => {
      const name = channels.get(hex.toLowerCase()) ?? actors.get(hex.toLowerCase());
      return name ?? `${hex.slice(0, SHORT_CHARS)}..`;
    });
}

/** Characters of a hex text that nobody has a name for: 0x and four digits. */
const SHORT_CHARS = 6;

function createdIn(trace: readonly TraceEntry[]): readonly Created[] {
  return trace.flatMap((entry) => {
    const isOne = entry.type === "Event" && entry.event.includes('"ChannelCreated"');
    const event = isOne ? (JSON.parse(entry.event) as Created) : undefined;
    return event?.type === "ChannelCreated" ? [event] : [];
  });
}

/** The wish that opens a channel of these; undefined where several might. */
function openingOf(wishes: readonly Wish[], participants: readonly string[]): Wish | undefined {
  const wanted = participants.join();
  const found = wishes.filter((wish) => peopleOf(wish).join() === wanted);
  return found.length === 1 ? found[0] : undefined;
}

/** Who takes part in what a wish opens, in participant order; nobody for wishes that open nothing. */
function peopleOf(wish: Wish): readonly string[] {
  switch (wish.type) {
    case "OpenDirect":
      return [wish.by, ...wish.others];
    case "OpenLedger":
    case "OpenGame":
      return [wish.by, wish.other];
    case "OpenVirtual":
      return [wish.by, ...wish.via, wish.payee];
    default:
      return [];
  }
}
