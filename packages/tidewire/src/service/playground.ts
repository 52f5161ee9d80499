import { createEcho } from './echo.ts';
import type { Handshakes } from './handshakes.ts';
import { text } from './http.ts';
import type { ServiceOptions } from './options.ts';
import { Race } from './race/race.ts';
import { type Part, place } from './site.ts';

// What there is to try a WebSocket with, beside the chat: the echo and the race, and what their pages ask for.

export function playground(options: ServiceOptions, handshakes: Handshakes): readonly Part[] {
  const { origins, ...others } = options;
  // The race measures its connections: nothing stands in between.
  const race = new Race({ ...options, tap: undefined });
  return [
    { resources: [handshakes.resource] },
    { places: [place('echo', '/echo', createEcho(others))] },
    {
      places: [
        place('race', '/race/control', race.control, false),
        place('race-lane', '/race/socket', race.socketLane, false),
      ],
      live: [race.serve],
      watch: race.watch,
    },
  ];
}

/** An echo on every path, and nothing else. */
export function echoAlone(options: ServiceOptions): readonly Part[] {
  const upgrade = { Upgrade: 'websocket', Connection: 'Upgrade, close' };
  return [
    {
      places: [place('echo', undefined, createEcho(options))],
      // RFC 9110, 15.5.22
      resources: [() => text(426, 'This is a WebSocket echo server: connect with a WebSocket client.', upgrade)],
    },
  ];
}
