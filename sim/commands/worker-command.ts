/** `channels worker`: plays seeds of campaigns that `channels fuzz --queue` shares, on this machine. */
import { availableParallelism } from "node:os";
import { type Command, Option } from "commander";
import type { OpenedDatabase } from "../campaign/queue-database.ts";
import type { QueuePlayer } from "../campaign/queue-player.ts";
import type { SharedCampaign } from "../campaign/store.ts";
import { placeName } from "../campaign/store-address.ts";
import { realWorld } from "../real-world.ts";
import { serverAt } from "./fuzz-queue.ts";
import { parseCount } from "./run-options.ts";
import { EXIT, failure, type Shell, wrongUsage } from "./shell.ts";

/** Milliseconds between two looks for a campaign. */
const LOOK_INTERVAL_MS = 500;

type WorkerOptions = { readonly queue: string; readonly workers: number };

/** Adds the command. */
export function addWorkerCommand(program: Command, shell: Shell): void {
  program
    .command("worker")
    .description("play seeds for `channels fuzz --queue` on another machine; Ctrl-C ends it")
    .requiredOption("--queue <url>", "the PostgreSQL database that the campaign was given")
    .addOption(
      new Option("--workers <number>", "processes that play")
        .default(availableParallelism(), "one for each core")
        .argParser(parseCount),
    )
    .action((options: WorkerOptions) => work(options, shell));
}

async function work({ queue, workers }: WorkerOptions, shell: Shell): Promise<void> {
  const place = serverAt(queue);
  const { openShared } = await import("../campaign/queue-database.ts");
  const shared = await openShared(place);
  let player: QueuePlayer | undefined;
  // Whoever ends it gives back at once what it has not played.
  shell.onEnd(async () => {
    await player?.stop();
    await shared.close();
  });
  for (;;) {
    shell.progress(`waits for a campaign in ${placeName(place)}`);
    const campaign = await nextCampaign(shared);
    player = await joinCampaign(campaign, shared, workers, shell);
    const problem = await player.run();
    if (problem !== undefined) {
      throw failure(problem.isOutside ? EXIT.outsideFailed : EXIT.checkFailed, problem.message);
    }
    shell.err(`the campaign is over; played ${player.kept} seeds of it`);
  }
}

/** The oldest campaign that this program can play, once there is one. */
async function nextCampaign({ store }: OpenedDatabase): Promise<SharedCampaign> {
  const { presentProgram } = await import("../campaign/queue-program.ts");
  const own = presentProgram();
  for (;;) {
    const campaigns = await store.underWay();
    const campaign = campaigns.find(({ program }) => program === own);
    if (campaign !== undefined) return campaign;
    const [other] = campaigns;
    if (other !== undefined) throw anotherProgram(other.program, own);
    await new Promise((resolve) => {
      realWorld.setTimeout(resolve, LOOK_INTERVAL_MS);
    });
  }
}

/** The same seed would be another run. */
function anotherProgram(theirs: string, own: string): Error {
  const advice = "bring both machines to the same commit";
  return wrongUsage(`the campaign is played by ${theirs}, and this is ${own}: ${advice}`);
}

async function joinCampaign(
  campaign: SharedCampaign,
  shared: OpenedDatabase,
  processes: number,
  shell: Shell,
): Promise<QueuePlayer> {
  const { QueuePlayer: Player, playerName } = await import("../campaign/queue-player.ts");
  shell.err(`plays on ${campaign.settings.chain} with ${processes} processes`);
  const player: QueuePlayer = new Player({
    shared,
    campaign,
    name: playerName(),
    processes,
    onKept: () => shell.progress(`${player.kept} seeds played`),
  });
  return player;
}
