import { Duplex } from 'node:stream';

// Two streams with nothing in between: what is written to one is read from the other, a turn later, and not before that
// has room. One that is dropped looks to the other as a socket does whose peer was closed. (`duplexPair` of node:stream does
// the latter in some versions of Node only.)

type Callback = (error?: Error | null) => void;

export class MemoryStream extends Duplex {
  /** Bytes that came here. */
  bytes = 0;
  #far: MemoryStream | undefined;
  /** Tells the far side that what it has written is taken. */
  #taken: Callback | undefined;

  static pair(): readonly [MemoryStream, MemoryStream] {
    const near = new MemoryStream({ allowHalfOpen: true });
    const far = new MemoryStream({ allowHalfOpen: true });
    near.#far = far;
    far.#far = near;
    return [near, far];
  }

  override _read(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }

  override _write(chunk: Buffer, _encoding: string, callback: Callback): void {
    const bytes = Buffer.from(chunk);
    const far = this.#far;
    setImmediate(() => far?.accept(bytes, callback));
  }

  override _writev(chunks: { chunk: Buffer }[], callback: Callback): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), '', callback);
  }

  override _final(callback: Callback): void {
    setImmediate(() => {
      this.#far?.push(null);
      callback();
    });
  }

  override _destroy(error: Error | null, callback: Callback): void {
    const far = this.#far;
    setImmediate(() => {
      if (far !== undefined && !far.destroyed && !this.writableFinished) far.push(null);
      far?._read();
    });
    callback(error);
  }

  /** Takes what the far side has written. */
  accept(bytes: Buffer, callback: Callback): void {
    this.bytes += bytes.length;
    if (this.destroyed) callback(new Error('The other side is gone'));
    else if (this.push(bytes)) callback();
    else this.#taken = callback;
  }
}
