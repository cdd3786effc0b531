// Node's own text conversions of a Buffer by encoding. They are what `toString` and `write` call after sorting
// out their arguments; calling them directly saves a third of the cost of a short string. Undocumented, but
// on the prototype in every Node we run on; `native-text.test.ts` holds them to the documented calls.

declare global {
  interface Buffer<TArrayBuffer extends ArrayBufferLike = ArrayBufferLike> extends Uint8Array<TArrayBuffer> {
    utf8Slice(start: number, end: number): string
    base64urlSlice(start: number, end: number): string
    utf8Write(text: string, start: number, length: number): number
    base64urlWrite(text: string, start: number, length: number): number
  }
}

export {}
