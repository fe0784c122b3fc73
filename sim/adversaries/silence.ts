/** Strategies of those who stop, withhold or refuse: everybody else must get out without them. */

import { channelIdOf } from "../../src/channel/channel-id.ts";
import { directFundId, virtualFundId } from "../../src/channel/objective-id.ts";
import type { Message } from "../../src/messages/message.ts";
import type { ActorName } from "../actors.ts";
import type { Adversary } from "./adversary.ts";
import { isEnding, isSigned } from "./altering.ts";
import type { Strategy } from "./strategy.ts";

/** Messages after which a conversation of the longest usual run is over. */
const MESSAGES_MAX = 40;

export const SILENT: Strategy = {
  summary: "says nothing any more from her n-th message on, and acknowledges nothing",
  attack: "S7",
  role: "Any",
  settings: { afterMessages: [0, MESSAGES_MAX] },
  play: (adversary) => {
    const isLate = lateCounter(adversary);
    let isSilent = false;
    return {
      begins: () => {
        isSilent = adversary.setting("afterMessages") === 0;
      },
      says: (_, message) => {
        isSilent ||= isLate();
        return [message];
      },
      sends: (_, frame) => {
        if (!isSilent) return frame;
        adversary.did("falls silent");
        return undefined;
      },
    };
  },
};

export const WITHHELD_SIGNATURE: Strategy = {
  summary: "hears and acknowledges everything, but gives no signature from her n-th message on",
  attack: "S7",
  role: "Any",
  settings: { afterMessages: [0, MESSAGES_MAX] },
  play: (adversary) => {
    const isLate = lateCounter(adversary);
    return {
      says: (_, message) =>
        isLate() ? withheld(adversary, message, isSigned(message)) : [message],
    };
  },
};

export const CLOSE_REFUSED: Strategy = {
  summary:
    "signs no final state and takes no guarantee out: nothing that she is in ends by agreement",
  attack: "S8",
  role: "Any",
  settings: {},
  play: (adversary) => ({
    says: (_, message) => withheld(adversary, message, isEnding(message)),
  }),
};

export const ONE_SIDED: Strategy = {
  summary:
    "as an intermediary works with one neighbour, and gives the other one nothing of a ledger",
  attack: "L1",
  role: "Intermediary",
  settings: { side: [0, 1], afterMessages: [0, 10] },
  play: (adversary) => {
    const isLate = lateCounter(adversary);
    const met: ActorName[] = [];
    return {
      says: (to, message) => {
        if (!message.type.startsWith("Ledger")) return [message];
        if (!met.includes(to)) met.push(to);
        const isHit = met.indexOf(to) % 2 === adversary.setting("side") && isLate();
        return withheld(adversary, message, isHit);
      },
    };
  },
};

export const REFUSAL: Strategy = {
  summary: "refuses everything: a refusal goes out in the place of each signature",
  attack: "S7",
  role: "Any",
  settings: { afterMessages: [0, MESSAGES_MAX] },
  play: (adversary) => {
    const isLate = lateCounter(adversary);
    return {
      says: (_, message) => {
        const refusal = isLate() ? refusalOf(message) : undefined;
        if (refusal === undefined) return [message];
        adversary.did("refuses");
        return [refusal];
      },
    };
  },
};

/** Counts messages, and says whether this one comes after those that are let through. */
function lateCounter(adversary: Adversary): () => boolean {
  let said = 0;
  return () => {
    said += 1;
    return said > adversary.setting("afterMessages");
  };
}

function withheld(adversary: Adversary, message: Message, isHit: boolean): readonly Message[] {
  if (!isHit) return [message];
  adversary.did("withholds a signature");
  return [];
}

function refusalOf(message: Message): Message | undefined {
  const code = "NotToday";
  switch (message.type) {
    case "Prefund": {
      const channelId = channelIdOf(message.fixedPart);
      const objectiveId = directFundId(channelId);
      return { type: "ObjectiveRejection", objectiveId, channelId, code };
    }
    case "VirtualPrefund": {
      const channelId = channelIdOf(message.fixedPart);
      const objectiveId = virtualFundId(channelId);
      return { type: "ObjectiveRejection", objectiveId, channelId, code };
    }
    case "SignedState":
    case "CompletePrefund":
    case "SuccessorSignatures": {
      const { channelId, objectiveId } = message;
      return { type: "ObjectiveRejection", objectiveId, channelId, code };
    }
    case "LedgerCountersignature": {
      const { channelId, turnNum } = message;
      return { type: "LedgerRefusal", channelId, turnNum, code };
    }
    default:
      return undefined;
  }
}
