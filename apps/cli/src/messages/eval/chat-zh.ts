import type { EvalChatMessages } from './chat-types.js'

export const evalChatZh: EvalChatMessages = {
  about: '按 LLaVA QA-90 的方法，以参考答案为准给看图回答打分。',
  headings: { testSet: '测试集', judge: '评审' },
  options: {
    questions: '问题文件，每行一个 JSON 对象；默认是两种语言的小样本',
    references: '参考答案文件，每行一个 JSON 对象',
    contexts: '图片的描述和边界框，每行一个 JSON 对象',
    rules: '各类问题的评审说明，JSON 文件',
    pictures: '图片所在的文件夹',
    output: '存放回答、评审和汇总的文件夹；再次运行同一命令即可接着做',
    answers: '已有的回答文件，可出自本系统或其他系统：不加载模型',
    against: '不用评审，与此文件中的回答比较',
    judge: '由谁评审：接口、统计共有词语的规则，或不评审',
    judgeUrl: '兼容 OpenAI 的接口地址，如 http://localhost:8000/v1',
    judgeModel: '评审模型的确切名称',
    judgeKeyEnv: '存有接口密钥的环境变量',
    judgeTemperature: '评审的温度；默认 0.2',
    judgeMaxTokens: '每次评审的最多词元数；默认 1024',
    judgeTimeout: '等待一次评审的秒数；默认 120',
    judgeRetries: '接口出错时的重试次数；默认 6',
    judgeConcurrency: '同时进行的请求数；默认 4',
    orders: '回答相对参考答案的位置：second 为原版的后置，first 为前置，both 取两者平均',
    markdown: '以 Markdown 格式输出表格',
    json: '标准输出的最后一行是一个 JSON 对象，含全部数值',
  },
  examples: `不给文件时，内置模型回答一个小样本，由规则评分。
示例：
  viscpm eval chat
  viscpm eval chat --questions q.jsonl --references r.jsonl --contexts c.jsonl --rules rule.json --pictures val2014 \\
    --model viscpm_chat_balance_checkpoint.pt -o run --judge-url http://localhost:8000/v1 --judge-model NAME
  viscpm eval chat --answers run/answers.jsonl --against int4/answers.jsonl`,
  usage: {
    needs: (option, missing) => `${option} 需要同时给出 ${missing}`,
    together: '这些选项须一起使用。',
    outputNeeded: '使用自己的问题时，回答和评审需要存放的文件夹：--output',
    outputHint: '已完成的部分保存在其中，再次运行同一命令即可接着做。',
    judgeNeeded: '由谁评审？',
    judgeHint: '请给出 --judge-url 和 --judge-model，或 --judge word-overlap（仅供试用的规则），或 --judge none。',
  },
  answering: '正在回答',
  judging: '正在评审',
  answered: (count, seconds) => `回答了 ${count} 个问题，用时 ${seconds} 秒`,
  judged: (count, seconds) => `完成 ${count} 次评审，用时 ${seconds} 秒`,
  phases: { answers: '个问题', judge: '次评审' },
  columns: { conv: '对话', detail: '细节描述', complex: '复杂推理', all: '总分', questions: '问题数' },
  languages: { en: '英文', zh: '中文' },
  title: (language, model) => `看图回答，${language}：${model}`,
  judgedBy: judge => `评审：${judge}`,
  rule: 'word-overlap（只是规则，不是评审）',
  orders: { 'candidate-second': '回答在后', 'candidate-first': '回答在前' },
  published: (source, judge) => `已发表（${source}），评审：${judge}`,
  notes: {
    score: '得分：一列所有问题中，100 × 回答的平均分 / 参考答案的平均分；可以超过 100。',
    intervals: (resamples, seed) => `方括号内：95 % 区间，按问题成对自助抽样（${resamples} 次，种子 ${seed}）。`,
    orders: '每个回答在前、在后各评一次并取平均；其下两行显示位置的影响。',
    otherJudge: judge =>
      `已发表的各行是 ${judge} 对 LLaVA QA-90 的评审。上面的评审者不同，小样本的问题也不同：两者不可比较。`,
    unparsable: (unparsable, reviews, left) =>
      `${reviews} 次评审中有 ${unparsable} 次的首行不是两个分数；它们不计入任何平均，因此有 ${left} 个问题未计入。`,
    blocked: count => `有 ${count} 个回答被安全检查中止，按已说出的部分评审。`,
    unjudged: '没有评审：只有回答，没有分数。',
    kept: folder => `已保存到 ${folder}`,
  },
  agreement: {
    title: (first, second) => `${first} 与 ${second} 的一致程度`,
    compared: '比较的回答',
    identical: '完全相同',
    similarity: '字符相似度',
    onlyOne: (first, second) => `有 ${first} 个问题只在前者中，${second} 个只在后者中`,
    difference: (question, place) => `问题 ${question}，从第 ${place} 个字符起不同：`,
    more: count => `另有 ${count} 个`,
  },
}
