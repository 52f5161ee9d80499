import { connect } from 'node:net';
import type { PeerName } from '../peers.ts';
import type { HandshakeScenario } from '../scenarios.ts';
import { type Load, Tally } from './load.ts';
import { RawConnection, upgradeRequest } from './raw-connection.ts';

const ADDRESSES = 100;
const SUCCESS = Buffer.from('HTTP/1.1 101 ');

/** Clients that connect, are upgraded and close TCP, each followed by the next. */
export async function startHandshakes(port: number, peer: PeerName, scenario: HandshakeScenario): Promise<Load> {
  const tally = new Tally();
  // One with all checks first.
  const checked = await RawConnection.open({ port, peer });
  checked.socket.destroy();
  const buffer = Buffer.allocUnsafeSlow(64 * 1024);
  let started = 0;
  const next = () => {
    // Closed connections occupy their ports for a minute: many addresses have enough of them.
    const localAddress = `127.0.1.${1 + (started++ % ADDRESSES)}`;
    const callback = (length: number): boolean => {
      if (length < SUCCESS.length || buffer.compare(SUCCESS, 0, SUCCESS.length, 0, SUCCESS.length) !== 0)
        tally.fail(new Error(`Refused: ${buffer.toString('latin1', 0, length)}`));
      tally.count++;
      socket.destroy();
      return false;
    };
    const socket = connect({ host: '127.0.0.1', port, localAddress, noDelay: true, onread: { buffer, callback } });
    socket.on('error', tally.fail);
    socket.on('close', next);
    socket.write(upgradeRequest({ peer }));
  };
  for (let i = 0; i < scenario.concurrent; i++) next();
  return tally;
}
