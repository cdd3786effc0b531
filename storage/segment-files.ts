// Names of the files in a partition's directory: twenty digits of base offset and what the file is.
//
//   00000000000000000000.log  .index  .timeindex  .txnindex  .snapshot      live
//   ….log.deleted                                                           to be removed after file.delete.delay.ms
//   ….log.cleaned                                                           the cleaner is writing it: worthless
//   ….log.swap                                                              complete: replaces what it covers

export const LOG_SUFFIX = '.log'
export const OFFSET_INDEX_SUFFIX = '.index'
export const TIME_INDEX_SUFFIX = '.timeindex'
export const TXN_INDEX_SUFFIX = '.txnindex'
export const DELETED_SUFFIX = '.deleted'
export const CLEANED_SUFFIX = '.cleaned'
export const SWAP_SUFFIX = '.swap'

export function fileName(baseOffset: number, suffix: string): string {
  return baseOffset.toString().padStart(20, '0') + suffix
}

/** The number a file's name begins with, or undefined for the files that have none. */
export function offsetOfFile(name: string): number | undefined {
  const dot = name.indexOf('.')
  const digits = dot < 0 ? name : name.slice(0, dot)
  return /^\d{1,20}$/.test(digits) ? Number(digits) : undefined
}

export function isLogFile(name: string): boolean {
  return name.endsWith(LOG_SUFFIX) && offsetOfFile(name) !== undefined
}

export function isIndexFile(name: string): boolean {
  const isIndex =
    name.endsWith(OFFSET_INDEX_SUFFIX) || name.endsWith(TIME_INDEX_SUFFIX) || name.endsWith(TXN_INDEX_SUFFIX)
  return isIndex && offsetOfFile(name) !== undefined
}
