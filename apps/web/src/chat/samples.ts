import catAboveFish from '@viscpm/tiny/pictures/cat-above-fish.png'
import dog from '@viscpm/tiny/pictures/dog.png'
import guitar from '@viscpm/tiny/pictures/guitar.png'
import house from '@viscpm/tiny/pictures/house.png'
import type { Messages } from '../i18n/index.js'

/** Pictures that even the embedded model knows. */
export const samples: readonly { readonly name: keyof Messages['chat']['samples']; readonly url: string }[] = [
  { name: 'dog', url: dog },
  { name: 'fish', url: catAboveFish },
  { name: 'house', url: house },
  { name: 'guitar', url: guitar },
]
