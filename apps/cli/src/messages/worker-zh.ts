import type { WorkerMessages, WorkerOption } from './worker-types.js'

export const workerOptionsZh: Readonly<Record<WorkerOption, string>> = {
  workerQueue: '任务排队之处：redis://主机:端口，或 rediss://用户@主机:端口（TLS）；默认取 VISCPM_QUEUE',
  workerModel: 'tiny、文件夹或检查点；写成 名称=位置 即为其取请求中使用的名称；可写多次',
  workerOnly: '只接一类任务，也不加载其他模型',
  workerConcurrency: '每个模型同时进行的任务数，各占一份模型；默认由处理器核心和空闲内存决定',
  workerName: '在日志和记录中的名称；默认为主机名和进程号',
  workerDrain: '结束时等待进行中任务的秒数，之后交还队列；默认 30',
  workerJson: '就绪时在标准输出写一个 JSON 对象',
}

export const workerZh: WorkerMessages = {
  queueNeeded: '缺少 --queue',
  queueNeededHint: '请指明 Redis：--queue redis://127.0.0.1:6379，或设置 VISCPM_QUEUE。',
  loading: '正在加载',
  kinds: { chat: '对话', paint: '绘画' },
  ready: (name, queue) => `${name} 正从 ${queue} 接任务。按 Ctrl-C 结束。`,
  serves: (model, kinds, concurrency, threads) => `${model}（${kinds}）：同时 ${concurrency} 个，每个线程数 ${threads}`,
  draining: (running, seconds) =>
    `不再接新任务；最多等待 ${seconds} 秒，让进行中的任务（${running} 个）完成。再按 Ctrl-C 立即交还。`,
  stopped: '已结束。未完成的由其他进程继续。',
}

export const workerExamplesZh = `密码可写在 VISCPM_REDIS_PASSWORD 中，进程列表不会显示它。
示例：
  viscpm worker --queue redis://127.0.0.1:6379
  viscpm worker --queue rediss://viscpm@queue.example:6380 --model chat=./chat-int4 --only chat --memory 8g
  viscpm worker --queue redis://10.0.0.5 --model paint=./paint-int8 --concurrency 2 --threads 8`
