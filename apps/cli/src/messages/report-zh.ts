import type { ReportMessages, ReportOption } from './report-types.js'

export const reportOptionsZh: Readonly<Record<ReportOption, string>> = {
  reportOutput: '同时写出 HTML 报告：单个文件，含图表',
  reportSource: '各文件夹由之转换而来的检查点；默认按清单所记的名称和大小查找',
  reportQuick: '只比较权重，不运行模型',
  reportQuestions: '提问数；默认为整个测试集，大模型为 8',
  reportPaintings: '所画提示词的数目，每条用两个种子；默认 8，大模型为 1；0 表示不画',
  reportJson: '标准输出的最后一行是一个 JSON 对象，含全部数值',
}

export const reportZh: ReportMessages = {
  measuring: source => `正在测量 ${source}`,
  measured: seconds => `测量用时 ${seconds} 秒`,
  phases: {
    convert: '转换',
    compare: '权重',
    vision: '看图',
    answers: '回答',
    layers: '逐层比较',
    paintings: '作画',
  },
  title: source => `量化对 ${source} 的影响`,
  written: file => `已写入 ${file}`,
  sourceDiffers: name => `${name}：来源的大小与清单所记不同`,
  parts: { layers: '各层状态', logits: '词元分布', answers: '回答', paintings: '图片' },
  skipped: (part, reason) => `未测量：${part}（${reason}）`,
  reasons: { quick: '未要求', memory: '内存放不下模型', parts: '缺少模型的某一部分或测试集' },
  rows: {
    original: '原模型',
    size: '大小',
    bits: '每个已转换权重的位数',
    weightError: '权重：相对误差',
    largestWeight: '权重：最大误差',
    cosine: '权重：余弦',
    lastLayer: '最后一层：相对误差',
    kl: '散度（KL），每词元奈特',
    kl95: '散度：95 % 低于',
    top1: '最可能的词元相同',
    sameGreedy: '词元处处相同的回答',
    perplexity: '回答的困惑度',
    same: '回答相同',
    similarity: '词元相似度',
    expected: '与测试集答案一致',
    distance: '图片距离',
    psnr: '图片峰值信噪比',
  },
  notes: {
    weights: '相对误差：误差均方根除以权重均方根。最大误差：除以最大的权重。均对全部已转换的权重计算。',
    layers: (prompts, tokens) =>
      `两个模型读同样的 ${prompts} 条提示（共 ${tokens} 个词元）后各层的状态：相对误差含义同上。`,
    logits: tokens => `两个模型读同样的贪心回答，在 ${tokens} 处比较下一词元的分布。散度：相对原模型的 KL 散度。`,
    answersOfConverted: '内存放不下原模型：所用的是转换后模型的回答。',
    answers: asked => `各自贪心回答 ${asked} 个问题。词元相似度：1 - 编辑距离除以长度，取平均。`,
    paintings: pictures =>
      `提示词和种子相同的 ${pictures} 张图片。距离：内置图像塔所见的 1 - 余弦；原模型一栏是两个种子之间的距离。`,
  },
  otherSeeds: '不同种子',
  worst: '误差最大者',
  columns: {
    name: '权重',
    format: '格式',
    tensors: '张量数',
    bits: '位数',
    relative: '相对误差',
    largest: '最大误差',
    cosine: '余弦',
    question: '问题',
    original: '原模型',
    prompt: '提示词',
    seed: '种子',
  },
  kinds: '各类权重',
  tensors: '全部张量',
  different: '不相同的回答',
  more: count => `另有 ${count} 个`,
  charts: {
    weights: { title: '各层权重的误差', description: '条形：每层已转换权重的相对误差。', x: '层', y: '相对误差' },
    layers: {
      title: '各层输出的误差',
      description: '曲线：语言模型每一层之后隐藏状态的相对误差，对数刻度。',
      x: '已运行的层数',
      y: '相对误差',
    },
    kl: {
      title: '沿回答的散度',
      description: '曲线：回答每一处的平均 KL 散度，对数刻度。',
      x: '回答的第几个词元',
      y: '奈特',
    },
    largest: {
      title: '沿回答的最大 logit 差',
      description: '曲线：回答每一处、所有提示中单个 logit 的最大差。',
      x: '回答的第几个词元',
      y: '差值',
    },
  },
}

export const reportExamplesZh = `不写文件夹时，把内置模型在临时文件夹中转换为 int8 和 int4 并测量。
示例：
  viscpm report
  viscpm report chat-int4 -o report.html
  viscpm report chat-int8 chat-int4 --source viscpm_chat_balance_checkpoint.pt --vocab bee.txt --quick
  viscpm report paint-int8 --source viscpm_paint_balance_checkpoint.pt --json`
