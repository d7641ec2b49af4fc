// CPM-Bee's text tasks, without a picture: node dist/text-tasks.js CHECKPOINT [VOCABULARY]
// The embedded model runs them as well, but was trained for pictures: its texts make no sense.
import { loadCpmBee } from '@viscpm/chat/node'
import { mask, text } from '@viscpm/cpm-bee'

const [where = 'tiny', vocabulary] = process.argv.slice(2)
const bee = await loadCpmBee(where, vocabulary === undefined ? {} : { vocabulary })
const options = { maxLength: 24 }

console.log('answer   ', await bee.answer('长城始建于春秋战国时期。', '长城是什么时候开始建的？', options))
console.log('translate', await bee.translate('你好，世界', 'en', options))
console.log('fill     ', await bee.fill(text`法国的首都是${mask(0)}，英国的首都是${mask(1)}。`, options))

// Named values in an order that counts; several answers at once.
const { answer } = await bee.run({ input: '猫', question: '它是什么？', '<ans>': { kind: '', english: '' } }, options)
console.log('answers  ', answer)
await bee.dispose()
