import type { Disguise } from './disguise.js'

/** How one word is written otherwise, where no rule gives it. */
interface Spellings {
  readonly traditional: string
  readonly pinyin: string
  /** The last character in Latin letters. */
  readonly half: string
  readonly homophone: string
  /** A character as its parts. */
  readonly apart: string
}

const s = (traditional: string, pinyin: string, half: string, homophone: string, apart: string): Spellings => ({
  traditional,
  pinyin,
  half,
  homophone,
  apart,
})

const spellings: Readonly<Record<string, Spellings>> = {
  做爱: s('做愛', 'zuo ai', '做ai', '坐爱', '亻故爱'),
  强奸: s('強姦', 'qiang jian', '强jian', '墙尖', '强女干'),
  乱伦: s('亂倫', 'luan lun', '乱lun', '乱轮', '乱亻仑'),
  嗑药: s('嗑藥', 'ke yao', '嗑yao', '磕要', '口盍药'),
  阴茎: s('陰莖', 'yin jing', '阴jing', '音经', '阝月茎'),
  鸡巴: s('雞巴', 'ji ba', '鸡ba', '及巴', '又鸟巴'),
  贩毒: s('販毒', 'fan du', '贩du', '饭毒', '贝反毒'),
  自杀: s('自殺', 'zi sha', '自sha', '自沙', '自乂木'),
  轮奸: s('輪姦', 'lun jian', '轮jian', '论尖', '车仑奸'),
  骚货: s('騷貨', 'sao huo', '骚huo', '扫货', '马蚤货'),
  阴道: s('陰道', 'yin dao', '阴dao', '音道', '阝月道'),
  鸦片: s('鴉片', 'ya pian', '鸦pian', '牙片', '牙鸟片'),
}

/** Words to be disguised: on the list, and no slurs. */
export const chineseBases: readonly string[] = Object.keys(spellings)

const joined = (by: string) => (word: string) => [...word].join(by)

/** How Chinese words are hidden. */
export const chineseDisguises: readonly Disguise[] = [
  { kind: 'as it is', hide: word => word },
  { kind: 'traditional characters', hide: word => spellings[word]!.traditional },
  { kind: 'zero-width characters', hide: joined('\u200b') },
  { kind: 'space inside', hide: joined(' ') },
  { kind: 'full-width space inside', hide: joined('\u3000') },
  { kind: 'line break inside', hide: joined('\n') },
  { kind: 'dot inside', hide: joined('.') },
  { kind: 'star inside', hide: joined('*') },
  { kind: 'emoji inside', hide: joined('🙂') },
  { kind: 'Latin letter inside', hide: joined('x') },
  { kind: 'characters doubled', hide: word => [...word].map(character => character.repeat(2)).join('') },
  { kind: 'reversed', hide: word => [...word].reverse().join('') },
  { kind: 'pinyin', hide: word => spellings[word]!.pinyin },
  { kind: 'half pinyin', hide: word => spellings[word]!.half },
  { kind: 'homophones', hide: word => spellings[word]!.homophone },
  { kind: 'characters taken apart', hide: word => spellings[word]!.apart },
]
