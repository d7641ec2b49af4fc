import type { ServeMessages, ServeOption } from './serve-types.js'

export const serveOptionsZh: Readonly<Record<ServeOption, string>> = {
  serveHost: '监听的地址；除本机以外都需要 --api-key-file',
  servePort: '监听的端口；0 表示任选空闲端口',
  serveModel: '提供的模型：tiny、文件夹、检查点，或带名字：id=位置；可写多次',
  serveQueue: '工作进程（viscpm worker）领取任务的 Redis，如 redis://HOST:6379；此时这里不加载模型',
  serveKeys: 'API 密钥文件，每行一个：NAME KEY，或 NAME KEY until=YYYY-MM-DD',
  serveRemote: '允许从请求里的 https 地址取图片；默认只接受 data URL',
  serveAllowHost: '请求可以用来称呼本服务器的主机名；可写多次',
  serveAllowOrigin: '可以使用本服务器的其他网页来源，如 https://app.example；可写多次',
  serveMaxQueued: '最多排队的请求数；更多的请求会被告知稍后再来（429）',
  serveRateLimit:
    '每个 API 密钥可以提交的任务数，如 60/min 或 paint=20/h（s、min、h），超出的会被告知稍后再来（429）；可写多次',
  serveOpen: '在浏览器中打开页面',
}

export const serveZh: ServeMessages = {
  page: url => `请在浏览器中打开 ${url}。按 Ctrl-C 结束服务。`,
  api: url => `服务器在 ${url}（网页尚未构建）。按 Ctrl-C 结束。`,
  loading: '正在加载；期间的请求会等待。',
  ready: models => `就绪：${models}`,
  queued: queue => `任务在 ${queue} 中等待工作进程。`,
  stopping: '正在结束进行中的任务；再按一次 Ctrl-C 立即结束。',
  stopped: '已结束。',
  badModel: given => `--model ${given} 的名字不可用`,
  badModelHint: '名字由字母、数字和 . _ : / - 组成，写作 id=位置。',
  badRateHint: '速率写作 60/min、2/s 或 500/h，只限一种任务时写作 chat=60/min 或 paint=6/min；最多 1000/s。',
  portTaken: port => `端口 ${port} 已被其他程序占用`,
  portTakenHint: '请用 --port 指定另一个端口；0 表示任选空闲端口。',
}

export const serveExamplesZh = `接口与 OpenAI 相同：/v1/chat/completions、/v1/images/generations、/v1/images/edits，其余见 /openapi.json。
示例：
  viscpm serve --open
  viscpm serve --model chat=VisCPM-Chat/ --model paint=VisCPM-Paint/ --port 9000
  viscpm serve --host 0.0.0.0 --api-key-file keys.txt --allow-host ai.example
  viscpm serve --queue redis://127.0.0.1:6379 --rate-limit chat=60/min --rate-limit paint=6/min`
