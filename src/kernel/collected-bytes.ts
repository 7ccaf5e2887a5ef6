/** What may be collected of one sender. */
export type CollectionLimits = { readonly bytes: number; readonly pieces: number };

/**
 * Bytes that come in pieces, in twice their sum of memory at most, however they are cut (HT-5a). Each
 * piece is copied: it would hold on to everything that was read from the socket with it, and its
 * object is a hundred times one byte.
 */
export class CollectedBytes {
  readonly #limits: CollectionLimits;
  readonly #announced: number | null;
  #held: Buffer<ArrayBuffer> = Buffer.allocUnsafe(0);
  #size = 0;
  #pieces = 0;

  /** @param announced how many bytes there are going to be, according to their sender */
  constructor(limits: CollectionLimits, announced: number | null = null) {
    this.#limits = limits;
    this.#announced = announced;
  }

  /** @returns why a piece was not taken; null if it was */
  add(piece: Uint8Array): 'too many pieces' | 'too many bytes' | null {
    this.#pieces += 1;
    if (this.#pieces > this.#limits.pieces) return 'too many pieces';
    if (this.#size + piece.length > this.#limits.bytes) return 'too many bytes';
    this.#makeRoom(piece.length);
    this.#held.set(piece, this.#size);
    this.#size += piece.length;
    return null;
  }

  /** The memory it has. */
  get room(): number {
    return this.#held.length;
  }

  bytes(): Buffer<ArrayBuffer> {
    return this.#held.subarray(0, this.#size);
  }

  #makeRoom(more: number): void {
    const needed = this.#size + more;
    if (needed <= this.#held.length) return;
    if (this.#size === 0 && needed === this.#announced) {
      // All of it at once, as nearly always, and soon gone: it is cut from Node's pool. Bytes that come
      // in pieces may be held for long, and in the pool would hold what was cut from it beside.
      this.#held = Buffer.allocUnsafe(needed);
      return;
    }
    const room = Math.min(Math.max(2 * this.#size, needed), this.#limits.bytes);
    const larger = Buffer.allocUnsafeSlow(room);
    larger.set(this.#held.subarray(0, this.#size));
    this.#held = larger;
  }
}
