/** Games as a player names them: by the channel, or by the other player. */
import type { ChannelView } from "../api/api-types.ts";
import type { NodeClient } from "../client/node-client.ts";
import { wrongUsage } from "./command-shell.ts";
import { allChannels, channelNamed, namesOf, peerNamed } from "./node-names.ts";

/** What a command says of its argument. */
export const GAME_ARGUMENT =
  "the first digits of the game's channel; or the other player, where one game with him is open";

/** The channel of a game: by its first digits, or by the other player, where one game with him is not over. */
export async function gameNamed(client: NodeClient, text: string): Promise<string> {
  if (text.toLowerCase().startsWith("0x")) return (await channelNamed(client, text)).channelId;
  const peer = peerNamed(await namesOf(client), text);
  const games = (await allChannels(client)).filter(
    ({ participants, use }) => use === "MessageLog" && participants.includes(peer),
  );
  const open: ChannelView[] = [];
  for (const game of games) if (await isOpen(client, game)) open.push(game);
  const [only] = open;
  if (only !== undefined && open.length === 1) return only.channelId;
  const ids = open.map(({ channelId }) => channelId.slice(0, 10)).join(", ");
  throw wrongUsage(
    open.length === 0
      ? `no game with ${text} is open; name the channel of one that is over`
      : `${open.length} games with ${text} are open: name one of ${ids}`,
  );
}

async function isOpen(client: NodeClient, { channelId, phase }: ChannelView): Promise<boolean> {
  if (phase !== "Disputed") return phase !== "Concluded";
  const { dispute } = await client.call("games_get", { channelId, limit: 0 });
  return dispute?.isFinal !== true;
}
