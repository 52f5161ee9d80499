import { parentPort, workerData } from 'node:worker_threads';
import { Agent } from './agent.ts';
import type { Command, WorkerStart } from './messages.ts';

// The beginning of a worker thread. What it is started with comes from this package: `WorkerStart`.

const port = parentPort;
if (port === null) throw new Error('This is for a worker thread');
const start: WorkerStart = workerData;
const agent = new Agent(start, (answer) => port.postMessage(answer));
port.on('message', (command: Command) => {
  agent.take(command).catch((error: unknown) => {
    // Ends the thread, which whoever has started it is told of.
    setImmediate(() => {
      throw error;
    });
  });
});
