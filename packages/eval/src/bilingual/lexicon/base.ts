import type { LexiconEntry } from './entry.js'

const entry = (facts: string, en: string, zh: string): LexiconEntry => ({
  facts: facts.split(' '),
  en: en.split('|'),
  zh: zh.split('|'),
})

/** What any answer may say: yes and no, not knowing, numbers, colours, places. */
export const baseLexicon: readonly LexiconEntry[] = [
  entry('yes', 'yes|yeah|correct', '是的|对的|没错'),
  entry(
    'no',
    "no|not|nothing|none|never|neither|don't|doesn't|isn't|aren't|cannot|can't",
    '不是|没有|不对|并非|没|不能|不会|不在',
  ),
  entry(
    'unknown',
    "i don't know|don't know|can't tell|cannot tell|not sure|i can't say",
    '不知道|看不出|不认识|不确定|不清楚',
  ),
  entry('number:2', 'two|2|both', '两|二|2|俩'),
  entry('number:3', 'three|3', '三|3'),
  entry('number:4', 'four|4', '四|4'),
  entry('number:5', 'five|5', '五|5'),
  entry('number:6', 'six|6', '六|6'),
  entry('number:7', 'seven|7', '七|7'),
  entry('number:8', 'eight|8', '八|8'),
  entry('number:9', 'nine|9', '九|9'),
  entry('number:10', 'ten|10', '十|10'),
  entry('several', 'several|many|various', '好几|多种|几种|许多|很多'),
  entry('colour:red', 'red', '红色|红'),
  entry('colour:orange', 'orange', '橙色|橘色|橘黄色'),
  entry('colour:yellow', 'yellow', '黄色|黄'),
  entry('colour:green', 'green', '绿色|绿'),
  entry('colour:blue', 'blue', '蓝色|蓝'),
  entry('colour:purple', 'purple|violet', '紫色|紫'),
  entry('colour:pink', 'pink', '粉色|粉红色|粉红'),
  entry('colour:brown', 'brown', '棕色|褐色|咖啡色'),
  entry('colour:black', 'black', '黑色|黑'),
  entry('colour:white', 'white', '白色|白'),
  entry('colour:grey', 'grey|gray', '灰色|灰'),
  entry('place:left', 'left', '左边|左侧|左面|左'),
  entry('place:right', 'right', '右边|右侧|右面|右'),
  entry('place:top', 'top|above|over', '上边|上面|上方|上部|顶部'),
  entry('place:bottom', 'bottom|below|under|underneath', '下边|下面|下方|下部|底部'),
  entry('place:top place:left', 'top left|upper left', '左上角|左上'),
  entry('place:top place:right', 'top right|upper right', '右上角|右上'),
  entry('place:bottom place:left', 'bottom left|lower left', '左下角|左下'),
  entry('place:bottom place:right', 'bottom right|lower right', '右下角|右下'),
  entry('place:middle', 'middle|center|centre', '中间|中央|中心|正中'),
]
