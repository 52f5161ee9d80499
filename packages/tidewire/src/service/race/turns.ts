// A connection of HTTP/2 carries many lanes, and Node writes what all of them have produced at once, later in the turn of
// the event loop. So that the bytes of one lane can be told from another's on the connection's socket, whoever writes to
// such a connection takes a turn: nobody else's begins before what was written is with the socket.

interface Turn {
  readonly work: () => void;
  readonly done: () => void;
}

const waiting: Turn[] = [];
let isTaken = false;

/** Calls `work` when it is its turn, and `done` when what it has written is with the sockets. */
export function takeTurn(work: () => void, done: () => void = () => {}): void {
  waiting.push({ work, done });
  if (!isTaken) next();
}

function next(): void {
  const turn = waiting.shift();
  isTaken = turn !== undefined;
  if (turn === undefined) return;
  turn.work();
  // Node flushes a connection in an immediate of its own, before this one; what that gives rise to, such as the end of
  // a stream, in the one after.
  setImmediate(() => {
    setImmediate(() => {
      turn.done();
      next();
    });
  });
}
