// SET, DELETE, APPEND and SUBTRACT on a broker's settings, to see what would come of them before the controller is
// asked (KIP-339). The old AlterConfigs names no operation: it sets, on nothing.
import { settingOf } from './broker-config.ts'

const [SET, DELETE, APPEND, SUBTRACT] = [0, 1, 2, 3]

interface Operation {
  readonly name: string
  readonly configOperation?: number
  readonly value: string | null
}

/** The overrides afterwards, or what is wrong. */
export function applyOperations(
  current: ReadonlyMap<string, string>,
  operations: readonly Operation[],
): Map<string, string> | string {
  const after = new Map(current)
  for (const { name, configOperation = SET, value } of operations) {
    if (configOperation === SET) after.set(name, value ?? '')
    else if (configOperation === DELETE) after.delete(name)
    else if (configOperation === APPEND || configOperation === SUBTRACT) {
      const setting = settingOf(name)
      if (setting === undefined) return `Unknown config name: ${name}`
      if (setting.type !== 'LIST')
        return `Config value ${configOperation === APPEND ? 'append' : 'subtract'} is not allowed for config key: ${name}`
      const before = (after.get(name) ?? setting.default ?? '').split(',').filter(element => element !== '')
      const named = (value ?? '').split(',')
      after.set(
        name,
        (configOperation === APPEND
          ? [...before, ...named.filter(element => !before.includes(element))]
          : before.filter(element => !named.includes(element))
        ).join(','),
      )
    } else return `Unknown operations type ${configOperation}`
  }
  return after
}
