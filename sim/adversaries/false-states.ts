/** Strategies of those who sign what they should not: badly, twice, for another turn, for another outcome. */
import { TURN, TURN_NUM_MAX } from "../../src/channel/state.ts";
import type { Hash, Signature } from "../../src/crypto/signature.ts";
import type { Message } from "../../src/messages/message.ts";
import { toHex } from "../../src/primitives/hex.ts";
import type { ActorName } from "../actors.ts";
import type { Adversary } from "./adversary.ts";
import { isSigned, malleated, resigned, tilted } from "./altering.ts";
import type { Strategy } from "./strategy.ts";

type StateMessage = Message & { readonly type: "SignedState" };

export const BAD_SIGNATURE: Strategy = {
  summary: "every n-th signature is over something else, by nobody, malleated, or nothing at all",
  attack: "V6",
  role: "Any",
  settings: { every: [1, 10], kind: [0, 3] },
  play: (adversary) => {
    let signed = 0;
    return {
      says: (_, message) => {
        if (isSigned(message)) signed += 1;
        const isHit = isSigned(message) && signed % adversary.setting("every") === 0;
        const changed = isHit ? resigned(message, (own) => spoiled(adversary, own)) : message;
        if (changed !== message) adversary.did("signs badly");
        return [changed];
      },
    };
  },
};

export const EQUIVOCATION: Strategy = {
  summary:
    "signs two states for one turn, the second in her favour: one behind the other, or to different peers",
  attack: "S6",
  role: "Any",
  settings: { order: [0, 2], amount: [1, 10] },
  play: (adversary) => ({
    says: (to, message) => {
      if (message.type !== "SignedState" || message.variablePart.isFinal) return [message];
      const other = inMyFavour(adversary, message);
      if (other === undefined) return [message];
      adversary.did("signs two states for one turn");
      return equivocal(adversary, to, [message, other]);
    },
  }),
};

export const WRONG_FINAL: Strategy = {
  summary: "signs final states that pay her more than what was agreed",
  attack: "S8",
  role: "Any",
  settings: { amount: [1, 10] },
  play: (adversary) => ({
    says: (_, message) => {
      if (message.type !== "SignedState" || !message.variablePart.isFinal) return [message];
      const other = inMyFavour(adversary, message);
      if (other === undefined) return [message];
      adversary.did("signs a wrong end");
      return [other];
    },
  }),
};

export const TURN_JUMP: Strategy = {
  summary: "signs her states for turns that are ahead, the last one of all included",
  attack: "S5",
  role: "Any",
  // Of who jumps already as a channel opens, nothing is taken: `open` lets her wait until it is.
  settings: { jump: [0, 6], every: [1, 2], open: [0, 1] },
  play: (adversary) => {
    let signed = 0;
    return {
      says: (_, message) => {
        const isState =
          message.type === "SignedState" &&
          message.variablePart.turnNum >
            (adversary.setting("open") === 1 ? TURN.postfund : TURN.prefund);
        if (!isState) return [message];
        signed += 1;
        if (signed % adversary.setting("every") !== 0) return [message];
        adversary.did("jumps ahead");
        return [restated(adversary, message, { turnNum: jumped(adversary, message) })];
      },
    };
  },
};

/** Gives up the order of `settings.jump`: 0 is the last turn of all. */
function jumped(adversary: Adversary, { variablePart }: StateMessage): number {
  const jump = adversary.setting("jump");
  return jump === 0 ? TURN_NUM_MAX : variablePart.turnNum + jump;
}

function equivocal(
  adversary: Adversary,
  to: ActorName,
  [honest, other]: readonly [honest: Message, other: Message],
): readonly Message[] {
  const order = adversary.setting("order");
  if (order === 0) return [honest, other];
  if (order === 1) return [other, honest];
  return adversary.peers.indexOf(to) % 2 === 0 ? [honest] : [other];
}

function inMyFavour(adversary: Adversary, message: StateMessage): StateMessage | undefined {
  const amount = BigInt(adversary.setting("amount"));
  const outcome = tilted(message.variablePart.outcome, adversary.address, amount);
  return outcome && restated(adversary, message, { outcome });
}

function restated(
  adversary: Adversary,
  message: StateMessage,
  changes: Partial<StateMessage["variablePart"]>,
): StateMessage {
  const variablePart = { ...message.variablePart, ...changes };
  return {
    ...message,
    variablePart,
    signature: adversary.signState(message.channelId, variablePart),
  };
}

function spoiled(adversary: Adversary, own: Signature): Signature {
  const drawn = adversary.drawBytes("bad signature");
  switch (adversary.setting("kind")) {
    case 0:
      return adversary.sign(toHex(drawn) as Hash);
    case 1:
      return `${toHex(drawn)}${toHex(adversary.drawBytes("bad signature")).slice(2)}1b` as Signature;
    case 2:
      return malleated(own);
    default:
      return `0x${"00".repeat(65)}` as Signature;
  }
}
