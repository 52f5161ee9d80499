import { subprotocolsOf } from '@tidewire/gateway';
import type { GatewaySettings } from './settings.ts';

/** What is said on stdout once it listens: where clients connect to, and whom they get. */
export function announcement({ config, gateway }: GatewaySettings, url: string): string {
  const rows = gateway.targets.map((target) => {
    const { name, path = `/${name}` } = target;
    return [`${url}${path}`, config.targets[name]?.to ?? '', subprotocolsOf(target).join(', ')] as const;
  });
  const width = (index: 0 | 1) => Math.max(...rows.map((row) => row[index].length));
  const lines = rows.map(([from, to, spoken]) => `  ${from.padEnd(width(0))}  ${to.padEnd(width(1))}  ${spoken}`);
  const isOpen = gateway.tokens === undefined && gateway.keys?.length === 0;
  const open = isOpen ? ['  Whoever gets here may connect: there are neither tokens nor keys.'] : [];
  return ['The gateway is ready. Ctrl-C stops it.', ...lines, ...open, ''].join('\n');
}
