/** Claims of rock, paper, scissors that the contract supports, in a channel of two and in a virtual one. */
import { expect } from "bun:test";
import {
  commitmentOf,
  newRockPaperScissors,
  rockPaperScissorsTwin,
} from "../../contracts/rock-paper-scissors.ts";
import { channelIdOf } from "../../src/channel/channel-id.ts";
import type { FixedPart } from "../../src/channel/fixed-part.ts";
import { decodeMessageLog, type LogMessage } from "../../src/channel/message-log.ts";
import type { Twin } from "../../src/channel/message-log-twin.ts";
import { ALLOCATION_TYPE, type Outcome } from "../../src/channel/outcome.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import type { Address } from "../../src/crypto/address.ts";
import type { EthereumRpc } from "../../src/ports/ethereum-rpc.ts";
import { fromHex } from "../../src/primitives/hex.ts";
import { checkMessageLogSupport, playedState } from "../../src/protocols/message-log-rule.ts";
import type { SupportClaim } from "../../src/protocols/payment-rule.ts";
import { askApp } from "../force-move-app.ts";
import { acceptedOf } from "../reducers.ts";
import { beginningOf, gameChannel, gameMessage, staked } from "../sample-games.ts";

const HUB = `0x${"4b".repeat(20)}` as Address;

/** The second asset of each claim. */
export const TOKEN: Address = `0x${"70".repeat(20)}` as Address;

const SALT = new Uint8Array(32).fill(5);
const OPENING = Uint8Array.of(1, ...SALT);

/** A channel of the two over one in between, who signs no move. */
export function virtualChannel(app: Address): FixedPart {
  const [alice, bob] = gameChannel(app).participants;
  if (alice === undefined || bob === undefined) throw new Error("two players");
  return { ...gameChannel(app), participants: [alice, HUB, bob] };
}

/** Everybody's signature in such a channel, and those of the two who play. */
export const ALL = 0b111n;
const VIRTUAL_BITS = [0b001n, 0b100n] as const;

/** In a virtual channel all that is paid is paid into guarantees. */
function fundingOf({ participants }: FixedPart): Outcome {
  const funding = [staked([7n, 13n]), staked([5n, 0n], TOKEN)];
  const allocationType = participants.length > 2 ? ALLOCATION_TYPE.guarantee : 0;
  return funding.map((exit) => ({
    ...exit,
    allocations: exit.allocations.map((one) => ({ ...one, allocationType })),
  }));
}

/** The states of a round and a half, each played on the one before. */
function statesOf(channel: FixedPart): readonly VariablePart[] {
  const channelId = channelIdOf(channel);
  const states = [beginningOf(newRockPaperScissors(2), fundingOf(channel))];
  for (const message of movesOf(channel)) {
    const before = states.at(-1);
    if (before === undefined) throw new Error("no beginning");
    states.push(acceptedOf(playedState(channelId, before, [message], rockPaperScissorsTwin)));
  }
  return states;
}

/** Both commit to paper in turn; the first wins twice. */
export function movesOf(channel: FixedPart): readonly LogMessage[] {
  const channelId = channelIdOf(channel);
  const commit = (player: number): LogMessage =>
    gameMessage("commit", commitmentOf(channelId, player, OPENING));
  const reveal = gameMessage("reveal", OPENING);
  const plays = [0, 2].map((choice) => gameMessage("play", Uint8Array.of(choice)));
  const [loses, wins] = plays;
  if (loses === undefined || wins === undefined) throw new Error("two choices");
  return [commit(0), loses, reveal, commit(1), wins, reveal];
}

/** A claim that is right: a state signed by its mover, on top of one signed by the other. */
export function rightClaim(channel: FixedPart, place: number): SupportClaim {
  const states = statesOf(channel);
  const at = place % (states.length - 1);
  const [before, after] = states.slice(at, at + 2);
  if (before === undefined || after === undefined) throw new Error("two states");
  const log = acceptedOf(decodeMessageLog(before.appData));
  const mover = rockPaperScissorsTwin.moverOf(fromHex(log.twinState)) ?? 0;
  const isVirtual = channel.participants.length > 2;
  const bits = isVirtual ? VIRTUAL_BITS : [0b01n, 0b10n];
  const candidate = { variablePart: after, signedBy: bits[mover] ?? 0n };
  const on = { variablePart: before, signedBy: bits[1 - mover] ?? 0n };
  if (!isVirtual) return { fixedPart: channel, proof: [on], candidate };
  const postfund = { variablePart: states[0] ?? before, signedBy: ALL };
  const proof = at === 0 ? [postfund] : [postfund, on];
  return { fixedPart: channel, proof, candidate };
}

/** Reasons for which the contract may give up reading, and reverts without a word. */
const UNREADABLE = new Set(["AppDataMalformed", "CountOutOfRange", "TimeOutOfRange"]);

/** Asks both, who must say the same. Gives the reason; empty where the claim is supported. */
export async function judgedAlike(
  rpc: EthereumRpc,
  claim: SupportClaim,
  twin: Twin | undefined,
): Promise<string> {
  const app = claim.fixedPart.appDefinition;
  const ours = checkMessageLogSupport(claim, twin);
  const word = ours.ok ? "" : "by" in ours.reason ? ours.reason.by : ours.reason.code;
  const { reason, reverted, supported } = await askApp(rpc, app, claim);
  expect(supported).toBe(ours.ok);
  if (reverted) expect(UNREADABLE).toContain(word);
  else expect(reason).toBe(word);
  return word;
}
