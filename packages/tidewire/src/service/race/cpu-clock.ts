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

interface Bracket {
  readonly account: CpuAccount;
  readonly since: NodeJS.CpuUsage;
}

let open: Bracket | undefined;

/**
 * From here on time goes to this account, until another is opened, or what is returned is called. No time is booked
 * twice.
 */
export function openAccount(account: CpuAccount): () => void {
  settle();
  const mine = { account, since: process.cpuUsage() };
  open = mine;
  return () => {
    if (open === mine) settle();
  };
}

/** Does the work on this account. What it puts off to the end of the turn, as writes are, belongs to it. */
export function charge(account: CpuAccount, work: () => void): void {
  const close = openAccount(account);
  work();
  // Node and the endpoint write in a process.nextTick that they have asked for by now; this comes after those.
  process.nextTick(() => process.nextTick(close));
}

function settle(): void {
  if (open === undefined) return;
  const { user, system } = process.cpuUsage(open.since);
  open.account.cpu += user + system;
  open = undefined;
}
