/** Diagrams that are too long to be drawn by hand: of channels over any line of participants. */
import type { ActorName } from "./actors.ts";
import type { Arrow, Sequence } from "./sequence.ts";

/** Two open a ledger channel: the leader first. Amounts as a diagram shows them. */
export function ledgerOpening(
  leader: ActorName,
  follower: ActorName,
  amounts: readonly [string, string, string],
): Sequence {
  const [byLeader, byFollower, both] = amounts;
  return [
    [`${leader}->>${follower}: prefund`],
    [`${follower}->>${leader}: prefund`],
    [`${leader}->>chain: deposit ${byLeader}`],
    [`chain-->>all: holds ${byLeader}`],
    [`${follower}->>chain: deposit ${byFollower}`],
    [`chain-->>all: holds ${both}`],
    [`${leader}->>${follower}: postfund`, `${follower}->>${leader}: postfund`],
  ];
}

/** The first of a line opens a virtual channel with the last. In each hop the left one leads the ledger. */
export function virtualOpening(line: readonly ActorName[]): Sequence {
  const last = line.at(-1);
  const prefunds = hopsOf(line).map(([left, right]) => [`${left}->>${right}: prefund`]);
  const complete = line
    .filter((one) => one !== last)
    .map((one) => `${last}->>${one}: complete prefund`);
  const guarantees = hopsOf(line).flatMap(([left, right]) => [
    `${left}->>${right}: propose guarantee`,
    `${right}->>${left}: agree`,
  ]);
  return [...prefunds, complete, [...guarantees, ...toAllOthers(line, "postfund")]];
}

/** The last of a line closes its virtual channel. */
export function virtualClosing(line: readonly ActorName[]): Sequence {
  const [first, ...others] = line;
  const last = line.at(-1);
  const requests = line
    .filter((one) => one !== last)
    .map((one) => `${last}->>${one}: ask to close`);
  const finals = others.map((one) => `${first}->>${one}: final state`);
  const releases = hopsOf(line).flatMap(([left, right]) => [
    `${left}->>${right}: propose release`,
    `${right}->>${left}: agree`,
  ]);
  const answers = toAllOthers(line, "final state").filter((arrow) => !finals.includes(arrow));
  return [requests, finals, [...answers, ...releases]];
}

/** Two close a ledger channel, the leader asking. */
export function ledgerClosing(leader: ActorName, follower: ActorName, amount: string): Sequence {
  return [
    [`${leader}->>${follower}: final state`],
    [`${follower}->>${leader}: final state`],
    [`${leader}->>chain: conclude and pay out`],
    ["chain-->>all: concluded"],
    [`chain-->>all: pays out ${amount}`],
  ];
}

/** Everybody in a line beside the one after her. */
export function hopsOf<Item>(line: readonly Item[]): readonly (readonly [Item, Item])[] {
  return line.slice(1).flatMap((right, index) => {
    const left = line[index];
    return left === undefined ? [] : [[left, right] as const];
  });
}

function toAllOthers(line: readonly ActorName[], label: string): Arrow[] {
  return line.flatMap((from) =>
    line.filter((to) => to !== from).map((to) => `${from}->>${to}: ${label}`),
  );
}
