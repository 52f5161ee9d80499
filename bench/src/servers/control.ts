// What every server process of the benchmark tells the one that measures, over the channel that `fork` opens.

/** Tells the port, and answers each further message with the CPU time used so far and the memory held. */
export function report(port: number): void {
  const send = (message: object) => process.send?.(message);
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    send({ cpuSeconds: (user + system) / 1e6, residentBytes: process.memoryUsage().rss });
  });
  process.on('disconnect', () => process.exit(0));
  send({ port });
}
