/** Rules that need to see the whole repository: files that nobody uses, links, stories untold. */
import { dirname, posix } from "node:path";
import { isTest } from "./tidy-rooms.ts";
import { importsOf, withoutComments } from "./tidy-text.ts";

/** All text files of the repository, from path to text. */
export type Repository = ReadonlyMap<string, string>;

/** Gives the places that break a rule; none when it holds. */
export type RepositoryRule = (files: Repository) => readonly string[];

/** True for the files whose use is checked. */
const isChecked = (path: string): boolean =>
  /^(?:src|sim)\/.*\.ts$/.test(path) && !isTest(path) && !path.endsWith(".d.ts");

/**
 * A file that only its own test knows is dead. It lives when another file imports it or names it in a
 * text, as for a worker, and when `package.json` or `bunfig.toml` start it.
 */
export const noDeadFiles: RepositoryRule = (files) => {
  const used = new Set([...files].flatMap(([path, text]) => usesOf(path, text)));
  const named = [...files].filter(([path]) => /^(?:package\.json|bunfig\.toml)$/.test(path));
  return [...files.keys()].filter(
    (path) =>
      isChecked(path) && !used.has(path) && !named.some(([, text]) => text.includes(`./${path}"`)),
  );
};

function usesOf(path: string, text: string): readonly string[] {
  if (!path.endsWith(".ts")) return [];
  const named = [...withoutComments(text).matchAll(/"(\.[^"\n]*\.ts)"/g)].map(([, target = ""]) =>
    posix.join(dirname(path), target),
  );
  return [...importsOf(path, text), ...named].filter(
    (target) => target !== path && target !== path.replace(".test.ts", ".ts"),
  );
}

/** A protocol is a ladder; its story is the scenario of the same name. Holds once there is a story. */
export const protocolsHaveScenarios: RepositoryRule = (files) => {
  const stories = [...files.keys()].filter((path) => /^scenarios\/.*\.scenario\.ts$/.test(path));
  if (stories.length === 0) return [];
  return [...files]
    .filter(([path, text]) => isProtocol(path, text))
    .map(([path]) => path.replace("src/protocols/", "scenarios/").replace(".ts", ".scenario.ts"))
    .filter((story) => !files.has(story));
};

function isProtocol(path: string, text: string): boolean {
  return (
    path.startsWith("src/protocols/") &&
    !isTest(path) &&
    /\breadonly Rung<[^=;(){}]*>\[\] = \[/.test(text)
  );
}

const LINK = /\]\((?!https?:|mailto:|#)([^)\s#]+)(?:#[^)]*)?\)/g;

/** A link inside the repository leads somewhere. Folders count as the files in them. */
export const linksLeadSomewhere: RepositoryRule = (files) => {
  const paths = [...files.keys()];
  return paths
    .filter((path) => path.endsWith(".md"))
    .flatMap((path) =>
      [...(files.get(path) ?? "").matchAll(LINK)]
        .map(([, link = ""]) => posix.join(dirname(path), link))
        .filter((target) => !files.has(target))
        .filter(
          (target) => !paths.some((other) => other.startsWith(`${target.replace(/\/$/, "")}/`)),
        )
        .map((target) => `${path} -> ${target}`),
    );
};
