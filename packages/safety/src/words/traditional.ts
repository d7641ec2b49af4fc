import { traditionalTable } from './traditional-table.js'

/** Traditional characters and variants, to the simplified character that the word list is written in. */
export const simplified: ReadonlyMap<number, number> = new Map(
  traditionalTable.split(' ').flatMap(group => {
    const [to, ...from] = [...group].map(character => character.codePointAt(0)!)
    return from.map(code => [code, to!] as const)
  }),
)
