/** Has `act` done in a task of its own: what the standard queues, so that between two events promises can go on. */
export const inTask: (act: () => void) => void =
  typeof setImmediate === 'function' ? (act) => void setImmediate(act) : byChannel();

/** Unlike a timer's, a message's task comes without a delay. */
function byChannel(): (act: () => void) => void {
  const acts: (() => void)[] = [];
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener('message', () => acts.shift()?.());
  port1.start();
  return (act) => {
    acts.push(act);
    port2.postMessage(0);
  };
}
