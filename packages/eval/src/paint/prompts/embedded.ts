import type { PromptLanguage } from './parse-prompts.js'

/** Captions from the embedded painter's world, the same in both languages. */
export const embeddedPrompts: readonly Readonly<Record<PromptLanguage, string>>[] = [
  { en: 'a pair of jeans', zh: '一条牛仔裤' },
  { en: 'a kite', zh: '一只风筝' },
  { en: 'a candle', zh: '一根蜡烛' },
  { en: 'a camera', zh: '一台相机' },
  { en: 'a shark', zh: '一条鲨鱼' },
  { en: 'a purple truck', zh: '一辆紫色的卡车' },
  { en: 'a white knife and fork', zh: '一副白色的刀叉' },
  { en: 'a blue sunflower', zh: '一朵蓝色的向日葵' },
  { en: 'a green floppy disk', zh: '一张绿色的软盘' },
  { en: 'a black factory', zh: '一座黑色的工厂' },
  { en: 'a blue banana', zh: '一根蓝色的香蕉' },
  { en: 'a brown planet', zh: '一颗棕色的行星' },
  { en: 'a white piano', zh: '一架白色的钢琴' },
  { en: 'a red swan', zh: '一只红色的天鹅' },
  { en: 'a green office building', zh: '一座绿色的办公楼' },
  { en: 'a blue helicopter on a brown background', zh: '棕色背景上的一架蓝色的直升机' },
]
