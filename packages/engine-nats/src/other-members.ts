import { decodeClientInfo, EngineError, type Left, type Member } from '@tidewire/hub';
import { asEngineError, isNobodyThere, isTimeout } from './failures.ts';
import type { Link } from './link.ts';
import type { MemberEntries } from './member-entries.ts';
import type { Subjects } from './subjects.ts';

// The members of other nodes, which are asked. What a dead one cannot answer stands in its entries, until its lease has run out and
// somebody has taken them out.

/** Milliseconds. */
const PATIENCE = 3000;

export class OtherMembers {
  readonly #link: Link;
  readonly #subjects: Subjects;
  readonly #entries: MemberEntries;

  constructor(link: Link, subjects: Subjects, entries: MemberEntries) {
    this.#link = link;
    this.#subjects = subjects;
    this.#entries = entries;
  }

  async of(seat: string, channel: string): Promise<Member[]> {
    const members: Member[] = [];
    for (let from = '0'; ; ) {
      const answer = await this.#ask(seat, ['page', channel, from]);
      if (answer === undefined) return this.#kept(seat, channel);
      const [next = '', node = '', ...lines] = answer.split('\n');
      for (const line of lines) {
        const info = decodeClientInfo(line);
        if (info !== undefined) members.push({ info, node });
      }
      if (next === '') return members;
      from = next;
    }
  }

  /** @returns `undefined` if that node has no such member */
  async leave(seat: string, channel: string, client: string): Promise<Left | undefined> {
    const answer = await this.#ask(seat, ['leave', channel, client]);
    const [flags = '', node = '', line = ''] = answer?.split('\n') ?? [];
    const info = decodeClientInfo(line);
    return info && { member: { info, node }, isLast: flags[0] === '1', isLastOfUser: flags[1] === '1' };
  }

  /** Of a node that does not answer. */
  async #kept(seat: string, channel: string): Promise<Member[]> {
    const entries = await this.#entries.ofSeatIn(seat, channel);
    const node = entries.length === 0 ? '' : await this.#entries.nodeOf(seat);
    return entries.map(({ info }) => ({ info, node }));
  }

  /** @returns `undefined` if the node is gone, or as good as gone */
  async #ask(seat: string, request: readonly string[]): Promise<string | undefined> {
    this.#link.check();
    try {
      const subject = this.#subjects.memberRequests(seat);
      const answer = (await this.#link.nats.request(subject, JSON.stringify(request), { timeout: PATIENCE })).string();
      if (answer[0] === 'k') return answer.slice(1);
      throw new EngineError('UNAVAILABLE', answer.slice(1));
    } catch (error) {
      if (isNobodyThere(error) || isTimeout(error)) return undefined;
      throw asEngineError(error);
    }
  }
}
