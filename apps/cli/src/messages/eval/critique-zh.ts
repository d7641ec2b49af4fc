import type { CritiqueMessages } from './critique-types.js'

export const critiqueZh: CritiqueMessages = {
  about: '比较由谁来挑选生成的图片最好：重排模型、模型自评，还是不挑选。',
  options: {
    output: '存放结果和图片的文件夹；再次运行会接着上次继续（默认：“critique”或“critique-different-prompts”）',
    among: '从同一提示词的图片中挑选，或从不同提示词的图片中找出对应的那张',
    prompts: '每类场景的数量，两种语言各画一遍（1 到 10）',
    kinds: '提示词的类别，以逗号分隔（默认：全部）',
    candidates: '每条提示词可供挑选的图片数',
    seed: '第一张图片的随机种子',
    steps: '去噪步数（DPM-Solver++）',
    threads: '每个模型的线程数',
    json: '以 JSON 输出结果',
  },
  running: '正在作画和挑选',
  phases: { paint: '作画', critique: '提示词' },
  heading: (language, prompts, decidable) =>
    `${{ en: '英文', zh: '中文', both: '两种语言' }[language]}：${prompts} 条提示词，其中 ${decidable} 条的候选图有对有错`,
  headingDifferent: (language, prompts) =>
    `${{ en: '英文', zh: '中文', both: '两种语言' }[language]}：${prompts} 条提示词，从不同提示词的图片中找出各自的那张`,
  columns: { chooser: '挑选者', right: '正确 %', gain: '与随机相比', over: '与 clip 相比', ms: '每条毫秒' },
  choosers: {
    first: '第一张',
    random: '随机（期望值）',
    clip: 'Chinese-CLIP 模型',
    information: '自评：information',
    prompt: '自评：prompt',
    caption: '自评：caption',
    yes: '自评：yes',
    oracle: '理想挑选者',
  },
  notes: {
    'same-prompt': '方括号内：按提示词配对自助法的 95 % 区间。评判依据：内置模型世界的图案和命名颜色，不使用任何模型。',
    'different-prompts': '方括号内：按提示词配对自助法的 95 % 区间。为该提示词所画的那张即为正确，不评判图中画了什么。',
  },
  tooFew: '画其他物体的提示词太少：请增大 --scenes 或放宽 --kinds，或减少候选图数',
  kept: file => `结果：${file}`,
}
