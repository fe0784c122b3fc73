/** The parts of the pages about protocols that come from the code: their ladders and their diagrams. */
import { join, resolve } from "node:path";
import { scenario as directDefund } from "../../scenarios/direct-defund.scenario.ts";
import { scenario as directFund } from "../../scenarios/direct-fund.scenario.ts";
import { scenario as dispute } from "../../scenarios/dispute.scenario.ts";
import { scenario as ledger } from "../../scenarios/ledger.scenario.ts";
import { scenario as topUp } from "../../scenarios/top-up.scenario.ts";
import { scenario as update } from "../../scenarios/update.scenario.ts";
import { scenario as virtualDefund } from "../../scenarios/virtual-defund.scenario.ts";
import { scenario as virtualFund } from "../../scenarios/virtual-fund.scenario.ts";
import { scenario as payBothWays } from "../../scenarios/virtual-pay-both-ways.scenario.ts";
import { scenario as withdrawal } from "../../scenarios/withdrawal.scenario.ts";
import type { Scenario } from "../../sim/scenario.ts";
import type { Sequence } from "../../sim/sequence.ts";
import { assert, assertDefined } from "../../src/primitives/assert.ts";
import { ladder as directDefundLadder } from "../../src/protocols/direct-defund.ts";
import { ladder as directFundLadder } from "../../src/protocols/direct-fund.ts";
import { ladder as disputeLadder } from "../../src/protocols/dispute.ts";
import { ladder as topUpLadder } from "../../src/protocols/top-up.ts";
import { ladder as updateLadder } from "../../src/protocols/update.ts";
import { ladder as virtualDefundLadder } from "../../src/protocols/virtual-defund.ts";
import { ladder as virtualFundLadder } from "../../src/protocols/virtual-fund.ts";
import { ladder as withdrawalLadder } from "../../src/protocols/withdrawal.ts";
import { rungWords } from "./protocol-words.ts";

/** A page: the ladder that it explains, and the story that it shows. */
type Page = {
  readonly name: string;
  readonly ladder: readonly { readonly waitingFor: string }[];
  readonly scenario: Scenario;
  /** Groups of arrows at the start of the story that are another page's matter. */
  readonly skip: number;
  /** Groups of arrows to show; all that are left when absent. */
  readonly take?: number;
};

/** Arrow groups of the opening of one ledger channel. */
const LEDGER_OPENING = 7;
/** The same where it has two assets. */
const TWO_ASSETS_OPENING = 11;

/** The same for a ledger in two assets, each of which is deposited and then held. */
const TWO_ASSET_LEDGER_OPENING = 13;

/** Arrow groups of the opening of a virtual channel over one hub. */
const VIRTUAL_OPENING = 4;

const PAGES: readonly Page[] = [
  { name: "direct-fund", ladder: directFundLadder, scenario: directFund, skip: 0 },
  { name: "update", ladder: updateLadder, scenario: update, skip: LEDGER_OPENING },
  {
    name: "direct-defund",
    ladder: directDefundLadder,
    scenario: directDefund,
    skip: LEDGER_OPENING,
  },
  { name: "ledger", ladder: [], scenario: ledger, skip: 0 },
  {
    name: "virtual-fund",
    ladder: virtualFundLadder,
    scenario: virtualFund,
    skip: 2 * LEDGER_OPENING,
  },
  {
    name: "virtual-defund",
    ladder: virtualDefundLadder,
    scenario: virtualDefund,
    skip: 2 * LEDGER_OPENING + VIRTUAL_OPENING,
  },
  {
    name: "payments",
    ladder: [],
    scenario: payBothWays,
    skip: 2 * TWO_ASSET_LEDGER_OPENING + VIRTUAL_OPENING,
    take: 6,
  },
  { name: "top-up", ladder: topUpLadder, scenario: topUp, skip: 2 * TWO_ASSETS_OPENING },
  { name: "withdrawal", ladder: withdrawalLadder, scenario: withdrawal, skip: LEDGER_OPENING },
  { name: "dispute", ladder: disputeLadder, scenario: dispute, skip: LEDGER_OPENING },
];

const ROOT = resolve(import.meta.dir, "../..");

/** Each page with its generated parts as they belong there. The rest of a page is written by hand. */
export async function protocolPages(): Promise<readonly (readonly [string, string])[]> {
  return Promise.all(
    PAGES.map(async (page) => {
      const path = `docs/protocols/${page.name}.md`;
      const text = await Bun.file(join(ROOT, path)).text();
      const withLadder =
        page.ladder.length === 0 ? text : replaced(text, "ladder", ladderTable(page));
      return [path, replaced(withLadder, "diagram", diagramOf(page))] as const;
    }),
  );
}

/** Puts `content` between the two marks of `name`. */
export function replaced(text: string, name: string, content: string): string {
  const begin = `<!-- generated: ${name} -->\n`;
  const end = "\n<!-- end -->";
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  assert(from >= 0 && to >= 0, `the page has a place for its ${name}`);
  return `${text.slice(0, from + begin.length)}\n${content}${text.slice(to)}`;
}

function ladderTable({ ladder, name }: Page): string {
  const rows = ladder.map(({ waitingFor }) => {
    const { does, until } = assertDefined(
      rungWords[`${name} ${waitingFor}`],
      `words for ${waitingFor}`,
    );
    return `| \`${waitingFor}\` | ${does} | ${until} |`;
  });
  return [
    "| waits for | what a node does first | goes on once |",
    "|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function diagramOf({ scenario, skip, take = Number.POSITIVE_INFINITY }: Page): string {
  const { cast, diagram } = scenario;
  const sequence = typeof diagram === "function" ? diagram(scenario.parameters) : diagram;
  const lines = mermaidLines(
    assertDefined(sequence, "the diagram of a story").slice(skip, skip + take),
  );
  const names = [...cast, "chain"].filter((name) => lines.some((line) => line.includes(name)));
  return [
    "```mermaid",
    "sequenceDiagram",
    ...names.map((name) => `  participant ${name}`),
    ...(lines.some((line) => line.includes(">>all:")) ? ["  participant all as everybody"] : []),
    ...lines.map((line) => `  ${line}`),
    "```",
    "",
  ].join("\n");
}

function mermaidLines(sequence: Sequence): readonly string[] {
  return sequence.flatMap((group) =>
    group.length === 1 ? group : ["par in any order", ...group.map((arrow) => `  ${arrow}`), "end"],
  );
}
