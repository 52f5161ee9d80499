import { dialogueKind } from '../client/kinds.ts';
import { Template, TemplateError } from '../message/template.ts';
import type { KeyPath, Problem } from './problems.ts';
import type { Phase, Scenario, Target } from './schema.ts';

// What has to be right of several keys together.

export function checkScenario({ target, phases }: Scenario): readonly Problem[] {
  return [
    ...checkTarget(target),
    ...phases.flatMap((phase, i) => checkPhase(phase, target, ['phases', i])),
    ...sameNames(phases),
  ];
}

function checkTarget({ protocol, user, subprotocols = [] }: Target): readonly Problem[] {
  const problems: Problem[] = [];
  if (user !== undefined && protocol !== 'stomp')
    problems.push({ path: ['target', 'user'], text: 'is for stomp only' });
  if (subprotocols.some((name) => !/^[!#$%&'*+.^_`|~\w-]+$/.test(name)))
    problems.push({ path: ['target', 'subprotocols'], text: 'must be names without spaces and separators' });
  return problems;
}

function checkPhase(phase: Phase, target: Target, path: KeyPath): readonly Problem[] {
  const { activities } = dialogueKind(target.protocol);
  if (!activities.includes(phase.do)) {
    const text = `${target.protocol} cannot do ${phase.do}; it can do ${activities.join(', ')}`;
    return [{ path: [...path, 'do'], text }];
  }
  if (phase.do === 'idle' || phase.do === 'storm') return [];
  const problems = [...checkMessage(phase, path)];
  if (phase.as === 'binary' && target.protocol !== 'plain')
    problems.push({ path: [...path, 'as'], text: 'binary is for plain only' });
  if (phase.do === 'pubsub') problems.push(...checkPubSub(phase, target, path));
  return problems;
}

/** What a message has to say of itself, for what is measured by it. */
const needed = { echo: ['seq'], request: ['seq'], pubsub: ['connection', 'seq', 'time'] } as const;

function checkMessage(phase: Extract<Phase, { readonly message: string }>, path: KeyPath): readonly Problem[] {
  const at = [...path, 'message'];
  try {
    const template = new Template(phase.message);
    const missing = needed[phase.do].filter((name) => !template.has(name));
    if (missing.length === 0) return [];
    const all = missing.map((name) => `{{${name}}}`).join(', ');
    const whole = phase.do === 'request' ? '' : ', or {{stamp}}, which has all in one';
    return [{ path: at, text: `must have ${all} in it for ${phase.do}${whole}` }];
  } catch (error) {
    if (error instanceof TemplateError) return [{ path: at, text: error.message }];
    throw error;
  }
}

function checkPubSub(
  phase: Extract<Phase, { readonly do: 'pubsub' }>,
  { protocol }: Target,
  path: KeyPath,
): readonly Problem[] {
  const problems: Problem[] = [];
  if (phase.publishers >= phase.connections) {
    const text = `must be less than connections (${phase.connections}), so that somebody subscribes`;
    problems.push({ path: [...path, 'publishers'], text });
  }
  if (phase.channels > 1 && phase.channel !== undefined && !/\{\{\s*channel\s*\}\}/.test(phase.channel))
    problems.push({ path: [...path, 'channel'], text: 'must have {{channel}} in it if there are several channels' });
  if (phase.subscribe !== undefined && protocol !== 'plain' && protocol !== 'socket.io')
    problems.push({
      path: [...path, 'subscribe'],
      text: `is for plain and socket.io: ${protocol} has its own way to subscribe`,
    });
  if (phase.channels > 1 && protocol === 'plain' && phase.subscribe === undefined)
    problems.push({ path: [...path, 'subscribe'], text: 'is missing: plain needs it if there are several channels' });
  if (protocol === 'pusher' && phase.channel !== undefined && !/^(?:private|presence)-/.test(phase.channel))
    problems.push({
      path: [...path, 'channel'],
      text: 'must begin with private- or presence-: pusher lets clients publish there only',
    });
  return problems;
}

function sameNames(phases: readonly Phase[]): readonly Problem[] {
  const names = phases.map((phase) => phase.name);
  return names.flatMap((name, i) =>
    name !== undefined && names.indexOf(name) < i
      ? [{ path: ['phases', i, 'name'], text: 'must be another one: an earlier phase has it' }]
      : [],
  );
}
