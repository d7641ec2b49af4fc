import apple from '@viscpm/tiny/pictures/apple.png'
import busAndTree from '@viscpm/tiny/pictures/bus-and-tree.png'
import guitar from '@viscpm/tiny/pictures/guitar.png'
import house from '@viscpm/tiny/pictures/house.png'
import type { Messages } from '../i18n/index.js'

/** Pictures that even the embedded model names rightly, in both languages. */
export const samples: readonly { readonly name: keyof Messages['chat']['samples']; readonly url: string }[] = [
  { name: 'house', url: house },
  { name: 'bus', url: busAndTree },
  { name: 'guitar', url: guitar },
  { name: 'apple', url: apple },
]
