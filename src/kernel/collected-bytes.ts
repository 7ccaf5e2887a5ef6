/** How much may be collected from one sender. */
export type CollectionLimits = { readonly bytes: number; readonly pieces: number };

/**
 * Collects bytes that arrive in pieces. The memory is at most twice their sum, however they are cut (HT-5a).
 * Each piece is copied, because it would keep alive everything that was read from the socket with it, and the
 * object of a piece takes a hundred times the memory of one byte.
 */
export class CollectedBytes {
  readonly #limits: CollectionLimits;
  readonly #announced: number | null;
  #held: Buffer<ArrayBuffer> = Buffer.allocUnsafe(0);
  #size = 0;
  #pieces = 0;

  /** @param announced the number of bytes that the sender announced */
  constructor(limits: CollectionLimits, announced: number | null = null) {
    this.#limits = limits;
    this.#announced = announced;
  }

  /** @returns why a piece was rejected; null if it was accepted */
  add(piece: Uint8Array): 'too many pieces' | 'too many bytes' | null {
    this.#pieces += 1;
    if (this.#pieces > this.#limits.pieces) return 'too many pieces';
    if (this.#size + piece.length > this.#limits.bytes) return 'too many bytes';
    this.#makeRoom(piece.length);
    this.#held.set(piece, this.#size);
    this.#size += piece.length;
    return null;
  }

  /** The allocated memory. */
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
      // All bytes arrived at once, as they nearly always do, and will be released soon, so the memory comes
      // from Node's pool. Bytes that arrive in pieces may be held for long, and in the pool they would keep
      // alive everything else that was cut from it.
      this.#held = Buffer.allocUnsafe(needed);
      return;
    }
    const room = Math.min(Math.max(2 * this.#size, needed), this.#limits.bytes);
    const larger = Buffer.allocUnsafeSlow(room);
    larger.set(this.#held.subarray(0, this.#size));
    this.#held = larger;
  }
}
