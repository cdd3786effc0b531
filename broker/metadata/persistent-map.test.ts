import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PersistentMap } from './persistent-map.ts'

test('behaves as a Map does, and no version ever changes', () => {
  const change = fc.oneof(
    fc.record({ key: fc.integer({ min: 0, max: 300 }), value: fc.integer() }),
    fc.record({ key: fc.integer({ min: 0, max: 300 }), value: fc.constant(undefined) }),
  )
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 60 }), { maxLength: 12 }), rounds => {
      const versions: [PersistentMap<string, number>, Map<string, number>][] = []
      let map = PersistentMap.empty<string, number>()
      const model = new Map<string, number>()
      for (const changes of rounds) {
        const editor = map.edit()
        for (const { key, value } of changes) {
          if (value === undefined) {
            editor.delete(`key-${key}`)
            model.delete(`key-${key}`)
          } else {
            editor.set(`key-${key}`, value)
            model.set(`key-${key}`, value)
          }
        }
        map = editor.done()
        versions.push([map, new Map(model)])
      }
      for (const [version, expected] of versions) {
        expect(new Map(version)).toEqual(expected)
        expect(version.size).toBe(expected.size)
        for (const [key, value] of expected) expect(version.get(key)).toBe(value)
      }
    }),
  )
})

test('an edit that changes nothing gives back the same map', () => {
  const map = PersistentMap.from<string, number>([['a', 1]])
  expect(map.edit().delete('b').done()).toBe(map)
  expect(map.without('b')).toBe(map)
})
