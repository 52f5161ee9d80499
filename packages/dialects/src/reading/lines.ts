/** The lines of a message that are not empty, one by one: who has had enough reads no further. */
export function* linesOf(message: string): Generator<string> {
  let start = 0;
  while (start < message.length) {
    const newline = message.indexOf('\n', start);
    const end = newline === -1 ? message.length : newline;
    const line = message.slice(start, end);
    start = end + 1;
    if (line.trim() !== '') yield line;
  }
}
