/** Takes participants out of single channels: intermediaries of virtual ones, and thirds of direct ones. */
import type { ActorName } from "../actors.ts";
import type { Plan } from "./plan.ts";
import { type Search, type Trial, takeAll } from "./shrink-trial.ts";
import type { Wish } from "./wish.ts";

/** Shortens every route, and makes channels of three or more ones of two. */
export function* shortenRoutes(trial: Trial, plan: Plan): Search {
  const changes = plan.wishes.flatMap(({ id, ...wish }) => {
    if (wish.type === "OpenVirtual") return wish.via.map((name) => changeOf(id, name));
    if (wish.type !== "OpenDirect" || wish.others.length < 2) return [];
    return wish.others.map((name) => changeOf(id, name));
  });
  return yield* takeAll(trial, plan, changes);
}

function changeOf(id: number, name: ActorName): (plan: Plan) => Plan {
  return (plan) => {
    const wishes = plan.wishes.map((wish) => (wish.id === id ? withoutParty(wish, name) : wish));
    return wishes.some((wish, index) => wish !== plan.wishes[index]) ? { ...plan, wishes } : plan;
  };
}

function withoutParty(wish: Wish, name: ActorName): Wish {
  if (wish.type === "OpenVirtual") {
    return { ...wish, via: wish.via.filter((other) => other !== name) };
  }
  const place = wish.type === "OpenDirect" ? wish.others.indexOf(name) : -1;
  if (wish.type !== "OpenDirect" || place < 0 || wish.others.length < 2) return wish;
  const amounts = wish.amounts.map((one) => {
    // The first amount is that of who opens the channel.
    return { ...one, amounts: one.amounts.filter((_, index) => index !== place + 1) };
  });
  return { ...wish, others: wish.others.filter((other) => other !== name), amounts };
}
