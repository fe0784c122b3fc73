/** Strategies of players: moves that are none, moves of the other one, and moves that only the chain hears of. */
import { type Claim, type ContractCall, challengeCall } from "../../src/chain/adjudicator.ts";
import type { Channel } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import {
  appendMessages,
  decodeMessageLog,
  encodeMessageLog,
  type MessageLog,
} from "../../src/channel/message-log.ts";
import { directDefundId, updateId } from "../../src/channel/objective-id.ts";
import type { SignedState } from "../../src/channel/signed-state.ts";
import { stateHash, TURN, type VariablePart } from "../../src/channel/state.ts";
import { challengeHash } from "../../src/channel/state-challenge.ts";
import type { Message } from "../../src/messages/message.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { toHex } from "../../src/primitives/hex.ts";
import { playedState } from "../../src/protocols/message-log-rule.ts";
import { FORGERIES, type Said } from "../games.ts";
import { gameIn, legalMoves, type StandingGame } from "../search/game-moves.ts";
import type { Adversary } from "./adversary.ts";
import type { Strategy } from "./strategy.ts";

type StateMessage = Message & { readonly type: "SignedState" };

/** Moves that one move of hers shows to the chain at most. */
const CALLS_MAX = 6;

export const FALSE_MOVE: Strategy = {
  summary:
    "signs what is no move: a game that she has won at once, all the money, a log with a hole, a move too many, or one of the other player's",
  attack: "S10",
  role: "Player",
  settings: { kind: [0, 4], every: [1, 3] },
  play: (adversary) => {
    let moves = 0;
    return {
      says: (_, message) => {
        const channel = playedBy(adversary, message);
        if (channel === undefined || message.type !== "SignedState") return [message];
        moves += 1;
        if (moves % adversary.setting("every") !== 0) return [message];
        const variablePart = falsified(adversary, channel, message);
        if (variablePart === undefined) return [message];
        adversary.did("signs a false move");
        const signature = adversary.signState(channel.id, variablePart);
        return [{ ...message, variablePart, signature }];
      },
    };
  },
};

export const FORGED_ASKING: Strategy = {
  summary: "says that the other player has asked her for a move, and signs it in that one's name",
  attack: "S10",
  role: "Player",
  settings: { update: [0, 4], choice: [0, 99], everyMs: [5_000, 60_000], times: [1, 8] },
  play: (adversary) => ({
    begins: () =>
      repeat(adversary, (channel) => {
        const base = newestOf(channel);
        const moves = movesOn(adversary, channel, base);
        const peer = 1 - channel.myIndex;
        if (base === undefined || moves?.mover !== peer) return;
        const part = playedOn(
          channel,
          moves.standing,
          base.variablePart,
          chosen(adversary, moves.legal),
        );
        if (part === undefined) return;
        const objectiveId = updateId(channel.id, peer, adversary.setting("update"));
        tellState(adversary, channel, { objectiveId, variablePart: part });
        adversary.did("forges a move of the other player");
      }),
  }),
};

export const END_AND_MOVE: Strategy = {
  summary:
    "asks to close, when it would pay her or when it would not, and moves on the chain once the other one has signed the end",
  attack: "S8",
  role: "Player",
  settings: { when: [0, 2], choice: [0, 99], afterMs: [0, 120_000], times: [1, 4] },
  play: (adversary) => {
    let times = 0;
    const moveLater = (channelId: ChannelId): void => {
      adversary.after(adversary.setting("afterMs"), () => {
        void showMove(adversary, channelId, 0, "moves behind the end");
      });
    };
    return {
      // The end that her own node would sign stays with her.
      says: (_, message) => (isEndOfGame(adversary, message) ? [] : [message]),
      hears: (_, message) => {
        if (isEndOfGame(adversary, message) && "channelId" in message) moveLater(message.channelId);
      },
      records: (event) => {
        if (event.type !== "SupportedStateAdvanced" || event.turnNum < TURN.postfund) return;
        const { channelId } = event;
        adversary.after(0, () => {
          const channel = adversary.evidence.channel(channelId);
          const moves = channel && movesOn(adversary, channel, channel.supported);
          if (channel === undefined || moves === undefined || times >= adversary.setting("times"))
            return;
          const isMine = moves.mover === channel.myIndex;
          if (adversary.setting("when") !== 2 && isMine !== (adversary.setting("when") === 0))
            return;
          times += 1;
          adversary.did("asks for the end of a game");
          adversary.tellAll({
            type: "DefundRequest",
            objectiveId: directDefundId(channelId),
            channelId,
          });
          moveLater(channelId);
        });
      },
    };
  },
};

export const UNSENT_MOVE: Strategy = {
  summary:
    "shows the chain a move that she has not sent, or another one than she has sent, on a state that the other player has signed",
  attack: "S1",
  role: "Player",
  isLate: true,
  settings: { back: [0, 3], choice: [0, 99], everyMs: [5_000, 300_000], times: [1, CALLS_MAX] },
  play: (adversary) => ({
    begins: () =>
      repeat(adversary, ({ id }) => {
        void showMove(
          adversary,
          id,
          adversary.setting("back"),
          "shows a move that she has not sent",
        );
      }),
  }),
};

export const SORE_LOSER: Strategy = {
  summary: "says nothing any more once the other player has moved so many times",
  attack: "W1",
  role: "Player",
  settings: { afterMoves: [1, 4], forMs: [10_000, 900_000] },
  play: (adversary) => {
    let heard = 0;
    let isSilent = false;
    return {
      hears: (_, message) => {
        if (message.type !== "SignedState" || !isMoveIn(adversary, message)) return;
        heard += 1;
        if (heard !== adversary.setting("afterMoves")) return;
        adversary.did("stops to play");
        isSilent = true;
        adversary.after(adversary.setting("forMs"), () => {
          isSilent = false;
        });
      },
      sends: (_, frame) => (isSilent ? undefined : frame),
    };
  },
};

/** Comes again for each game that is open then. */
function repeat(
  adversary: Adversary,
  act: (channel: Channel) => void,
  left: number = adversary.setting("times"),
): void {
  for (const channel of adversary.evidence.channels()) {
    if (channel.use.type === "MessageLog") act(channel);
  }
  if (left > 1)
    adversary.after(adversary.setting("everyMs"), () => repeat(adversary, act, left - 1));
}

/** The channel of a game in which a message of hers makes a move. */
function playedBy(adversary: Adversary, message: Message): Channel | undefined {
  if (message.type !== "SignedState" || !isMoveIn(adversary, message)) return undefined;
  return adversary.evidence.channel(message.channelId);
}

function isMoveIn({ evidence }: Adversary, { channelId, variablePart }: StateMessage): boolean {
  const isGame = evidence.channel(channelId)?.use.type === "MessageLog";
  return isGame && !variablePart.isFinal && variablePart.turnNum > TURN.postfund;
}

function isEndOfGame({ evidence }: Adversary, message: Message): boolean {
  if (message.type !== "SignedState" || !message.variablePart.isFinal) return false;
  return evidence.channel(message.channelId)?.use.type === "MessageLog";
}

function falsified(
  adversary: Adversary,
  channel: Channel,
  { variablePart }: StateMessage,
): VariablePart | undefined {
  const read = decodeMessageLog(variablePart.appData);
  if (!read.ok) return undefined;
  const log = read.value;
  const forged = (changes: Partial<MessageLog>): VariablePart => {
    return { ...variablePart, appData: encodeMessageLog({ ...log, ...changes }) };
  };
  switch (adversary.setting("kind")) {
    case 0: {
      const standing = standingIn(adversary, channel, variablePart);
      if (standing === undefined) return undefined;
      const won = FORGERIES[standing.name](standing.game, channel.myIndex);
      return allTo(channel.myIndex, forged({ twinState: toHex(won) }));
    }
    case 1:
      return allTo(channel.myIndex, variablePart);
    case 2:
      return forged({ count: log.count + 1 });
    case 3:
      return forged({ messages: [...log.messages, ...log.messages].slice(0, 8) });
    default:
      return inOthersName(channel, log, variablePart);
  }
}

function allTo(winner: number, part: VariablePart): VariablePart {
  const outcome = part.outcome.map((exit) => {
    const total = exit.allocations.reduce((sum, { amount }) => sum + amount, 0n);
    const allocations = exit.allocations.map((one, place) => {
      return { ...one, amount: place === winner ? total : 0n };
    });
    return { ...exit, allocations };
  });
  return { ...part, outcome };
}

/** Her own messages, chained as if the other player had written them. */
function inOthersName(
  channel: Channel,
  { messages, twinState }: MessageLog,
  part: VariablePart,
): VariablePart | undefined {
  const { appData } = assertDefined(channel.supported, "what both signed").variablePart;
  const before = decodeMessageLog(appData);
  if (!before.ok) return undefined;
  const place = { channelId: channel.id, turnNum: part.turnNum };
  const log = appendMessages(before.value, place, 1 - channel.myIndex, messages, twinState);
  return log.ok ? { ...part, appData: encodeMessageLog(log.value) } : undefined;
}

type Moves = {
  readonly standing: StandingGame;
  readonly mover: number;
  readonly legal: readonly Said[];
};

/** What can be played on a state; undefined where the game is over, or there is none. */
function movesOn(
  adversary: Adversary,
  channel: Channel,
  on: SignedState | undefined,
): Moves | undefined {
  const standing = on && standingIn(adversary, channel, on.variablePart);
  const mover = standing?.twin.moverOf(standing.game);
  if (standing === undefined || mover === undefined) return undefined;
  return { standing, mover, legal: legalMoves(standing) };
}

function standingIn(
  { world }: Adversary,
  { fixedPart, id }: Channel,
  part: VariablePart,
): StandingGame | undefined {
  return gameIn(world.options.chain.deployment, id, fixedPart, part);
}

function chosen(adversary: Adversary, legal: readonly Said[]): Said | undefined {
  return legal[adversary.setting("choice") % Math.max(1, legal.length)];
}

function playedOn(
  { id }: Channel,
  { twin }: StandingGame,
  on: VariablePart,
  said: Said | undefined,
): VariablePart | undefined {
  if (said === undefined) return undefined;
  const message = { messageType: said.type, payload: toHex(said.payload), timeMs: 0 };
  const played = playedState(id, on, [message], twin);
  return played.ok ? played.value : undefined;
}

function newestOf({ pending, supported }: Channel): SignedState | undefined {
  return [...pending.values()].at(-1) ?? supported;
}

function tellState(
  adversary: Adversary,
  channel: Channel,
  { objectiveId, variablePart }: Pick<StateMessage, "objectiveId" | "variablePart">,
): void {
  const signed = { signature: adversary.signState(channel.id, variablePart) };
  const about = { objectiveId, channelId: channel.id, variablePart };
  const rest = { baseSignatures: [], moverSignature: undefined };
  const peer = adversary.nameAt(
    assertDefined(channel.fixedPart.participants[1 - channel.myIndex], "the peer"),
  );
  if (peer !== undefined)
    adversary.tell(peer, { type: "SignedState", ...about, ...signed, ...rest });
}

/** Plays on the newest state but `back` that the other player has signed and on which it is her turn, and shows that. */
async function showMove(
  adversary: Adversary,
  channelId: ChannelId,
  back: number,
  label: string,
): Promise<void> {
  const channel = adversary.evidence.channel(channelId);
  if (channel === undefined) return;
  const bases = adversary.evidence.statesOf(channelId).flatMap((one) => {
    const moves =
      one.variablePart.turnNum < TURN.postfund ? undefined : movesOn(adversary, channel, one);
    return moves?.mover === channel.myIndex && !one.variablePart.isFinal
      ? [{ moves, on: one }]
      : [];
  });
  const base = bases.at(-1 - (back % Math.max(1, bases.length)));
  if (base === undefined) return;
  const { moves, on } = base;
  const part = playedOn(channel, moves.standing, on.variablePart, chosen(adversary, moves.legal));
  if (part !== undefined) await adversary.send(challengeBy(adversary, channel, on, part), label);
}

function challengeBy(
  adversary: Adversary,
  { fixedPart, id, myIndex }: Channel,
  on: SignedState,
  move: VariablePart,
): ContractCall {
  const theirs = assertDefined(on.signatures[1 - myIndex], "the other player's");
  const claim: Claim = {
    fixedPart,
    proof: [{ variablePart: on.variablePart, signatures: [theirs] }],
    candidate: { variablePart: move, signatures: [adversary.signState(id, move)] },
  };
  const challengerSignature = adversary.sign(challengeHash(stateHash(id, move)));
  return challengeCall(adversary.adjudicator, claim, challengerSignature);
}
