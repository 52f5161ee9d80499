// What the process spends on each lane, though all lanes run side by side on one thread. A lane's work is short and
// uninterrupted: from the moment at which a request of its has been read, or a message is due, to when what was written
// has been handed to the system, nothing else runs. The CPU time of the process is read at both ends.
//
// What lies before is not in it: that the system wakes the process, and that Node reads and parses the request. So a
// lane comes off the better the more requests it makes.

/** What CPU time is booked to, in microseconds. */
export interface CpuAccount {
  cpu: number;
}

let open: { readonly account: CpuAccount; readonly since: NodeJS.CpuUsage } | undefined;

/** Does the work on this account. What it puts off to the end of the turn, as writes are, belongs to it. */
export function charge(account: CpuAccount, work: () => void): void {
  settle();
  const mine = { account, since: process.cpuUsage() };
  open = mine;
  work();
  // Node and the endpoint write in a process.nextTick that they have asked for by now; this comes after those.
  process.nextTick(() => {
    process.nextTick(() => {
      if (open === mine) settle();
    });
  });
}

function settle(): void {
  if (open === undefined) return;
  const { user, system } = process.cpuUsage(open.since);
  open.account.cpu += user + system;
  open = undefined;
}
