// binary-parser's own types are out of reach behind its exports map. The part we use.
declare module 'binary-parser' {
  export class Parser {
    int8(name: string): this
    int16be(name: string): this
    int32be(name: string): this
    int64be(name: string): this
    uint32be(name: string): this
    parse(bytes: Buffer): object
  }
}
