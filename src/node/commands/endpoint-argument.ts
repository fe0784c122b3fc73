/** How a user names a chain's endpoint on the command line. */
import { InvalidArgumentError } from "commander";

/** Takes an http or https URL as it is. Throws commander's error, which ends as wrong usage. */
export function parseEndpoint(text: string): string {
  const { protocol } = URL.canParse(text) ? new URL(text) : { protocol: "" };
  if (/^https?:$/.test(protocol)) return text;
  throw new InvalidArgumentError("Write it as http://host:port or https://host/path.");
}
