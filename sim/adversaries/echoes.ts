/** The strategy of somebody who says again what was said: hers or another one's, late, and to whom it was not meant. */
import type { Message } from "../../src/messages/message.ts";
import type { Strategy } from "./strategy.ts";

/** Messages of which one is chosen: newer ones push the oldest out. */
const KEPT_MAX = 100;

export const ECHO: Strategy = {
  summary: "says again what she or others said before, later, to the same peer or to any other",
  attack: "W12",
  role: "Any",
  settings: { every: [1, 6], afterMs: [0, 120_000], to: [0, 1] },
  play: (adversary) => {
    const kept: Message[] = [];
    const keep = (message: Message): void => {
      kept.push(message);
      if (kept.length > KEPT_MAX) kept.shift();
    };
    let said = 0;
    return {
      hears: (_, message) => keep(message),
      says: (to, message) => {
        keep(message);
        said += 1;
        if (said % adversary.setting("every") !== 0) return [message];
        const old = kept[adversary.draw("old", [0, kept.length - 1])];
        const { peers } = adversary;
        const other = peers[adversary.draw("peer", [0, peers.length - 1])];
        const heard = adversary.setting("to") === 0 ? to : (other ?? to);
        adversary.after(adversary.setting("afterMs"), () => {
          if (old === undefined) return;
          adversary.did("says it again");
          adversary.tell(heard, old);
        });
        return [message];
      },
    };
  },
};
