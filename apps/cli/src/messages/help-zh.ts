import { calibrateExamplesZh, calibrateOptionsZh } from './calibrate-zh.js'
import { modelsOptionsZh } from './models-zh.js'
import { paintOptionsZh } from './paint-zh.js'
import { quantizeOptionsZh } from './quantize-zh.js'
import { reportExamplesZh, reportOptionsZh } from './report-zh.js'
import { safetyOptionsZh } from './safety-zh.js'
import { serveExamplesZh, serveOptionsZh } from './serve-zh.js'
import type { HelpMessages } from './types.js'
import { workerExamplesZh, workerOptionsZh } from './worker-zh.js'

export const helpZh: HelpMessages = {
  headings: {
    usage: '用法：',
    arguments: '参数：',
    options: '选项：',
    globalOptions: '通用选项：',
    commands: '命令：',
    decoding: '解码方式：',
    model: '模型：',
    painting: '作画：',
    safety: '安全：',
    output: '输出：',
  },
  choices: '可选',
  defaultValue: '默认',
  about: '用中文和英文就图片提问、作画。全部在本机运行，不上传任何内容。',
  commands: {
    chat: '就一张图片提问；不写问题则进入对话。',
    ask: '不带图片的文本任务：回答、填空、续写、翻译。',
    paint: '按中文或英文提示词画一张图。',
    replay: '按 PNG 文件所记的方法重画一张图，并比较像素。',
    check: '说明安全检查器对文本和图片的结论；有内容被拦截时退出码为 3。',
    rank: '比较哪些图片最符合提示词。',
    calibrate: '制作用 int8 计算的绘画模型：快两到三倍，大小为四分之一。',
    inspect: '查看检查点是什么、本机内存是否够用；不会执行其中的任何代码。',
    quantize: '把检查点转换为 4 位、8 位或半精度：得到一个可以单独加载的文件夹。',
    verify: '逐字节核对已下载的模型或转换后的文件夹；加上 --source 时还与原检查点比较。',
    download: '下载模型；未完成的会继续。',
    list: '列出有哪些模型，哪些已下载。',
    remove: '删除已下载的模型。',
    report: '测量量化的影响：权重、各层、回答、图片。',
    serve: '提供网页和与 OpenAI 相同的接口，模型在各自的进程中运行。',
    doctor: '检查本机是否具备 viscpm 所需的环境，并预测运行某个模型所需的内存和时间。',
    worker: '计算在 Redis 中排队的任务：可有任意多个，在任意机器上。',
    demo: '演示内置模型：就自带的图片回答问题，并画一张图到 demo-output/。',
    help: '显示某个命令的帮助。',
  },
  arguments: {
    image: 'PNG、JPEG、WebP 或 GIF 文件；- 表示从标准输入读取',
    question: '问题；不写则进入对话',
    task: 'answer（回答）、fill（填空）、continue（续写）或 translate（翻译）',
    text: '任务的文本；不写则从标准输入读取',
    checkpoint: '检查点文件（.pt、.bin、.safetensors）或其所在文件夹',
    converted: '由 viscpm quantize 生成的文件夹，或已下载的模型',
    model: "'viscpm list --all' 列出的模型，或模型库中任意的 OWNER/NAME",
    paintPrompt: "要画的内容；'' 表示任意内容",
    painting: 'viscpm paint 写出的 PNG 文件',
    rankPrompt: '图片应当表现的内容',
    images: 'PNG、JPEG、WebP 或 GIF 文件',
    inputs: '图片文件，或文本；- 表示从标准输入读取文本',
    calibrated: '绘画模型：tiny、文件夹或检查点',
    predicted: 'tiny、文件夹或检查点：预测它在本机上运行所需的内存和时间；只读文件头',
    reported: '由 viscpm quantize 或 viscpm calibrate 生成的文件夹，出自同一模型',
  },
  options: {
    help: '显示帮助',
    version: '显示版本',
    verbose: '显示错误来源和用时',
    quiet: '不在标准错误输出显示进度',
    lang: '界面语言；回答的语言随问题而定',
    model: '“tiny”（内置）、文件夹，或官方发布的检查点文件',
    vocab: '词表文件；不写则在模型旁边查找',
    config: '模型尺寸的配置文件；不写则在模型旁边查找',
    threads: '计算线程数',
    keepHalf: '半精度权重在内存中保持半精度：省内存，但更慢',
    kvCache:
      '生成回答时键和值的存储格式：float32（精确）、float16（一半内存）、int8（四分之一内存，长文本更快）；默认 float32，int4 和 int8 模型默认 int8',
    device: '用什么设备计算；设备不支持的个别算子在 CPU 上运行（默认：$VISCPM_DEVICE，否则 cpu）',
    computeDtype: '与权重相乘时的精度；float16 用于 GPU',
    json: '标准输出的最后一行是一个 JSON 对象，内含回答',
    stream: '边生成边显示（与 --json 同用时也显示）',
    noStream: '全部生成后再显示',
    alpha: '透明像素的底色：white 为白色，drop 为文件中存储的颜色',
    decoding: '选词方法',
    beamSize: '束搜索的束宽（beam）',
    temperature: '小于 1 更保守，大于 1 更多样（beam、sample）',
    topK: '只考虑概率最高的 k 个词；0 为关闭（sample）',
    topP: '只考虑累计概率达到此值的词；1 为关闭（sample）',
    minP: '舍弃概率低于最高者此比例的词；0 为关闭（sample）',
    repetitionPenalty: '大于 1 可减少重复',
    lengthPenalty: '大于 0 偏好较长的回答（beam）',
    seed: '种子相同则回答相同（sample）',
    lookup:
      '根据提示词和已有回答猜测后续词元，一次验证多个：内容重复时更快（greedy、sample）；在回答必然不变时自动开启，即 int4 和 int8 模型除外',
    noLookup: '每步只生成一个词元（greedy、sample）',
    maxNewTokens: '回答的最大词元数',
    context: '问题所针对的文本（answer）',
    prompt: '给模型的指示（continue）',
    to: '目标语言（translate）；不写则译成另一种语言',
    data: 'CPM-Bee 形式的任务：含 <ans> 键的 JSON 对象；- 表示从标准输入读取',
    raw: '--data 中的文本采用 CPM-Bee 自己的语法：<< 表示 <',
    keys: '列出每个键的类型、形状和大小',
    graph: '把 ONNX 图写入 FILE；权重仍留在检查点中',
    ...paintOptionsZh,
    ...safetyOptionsZh,
    ...quantizeOptionsZh,
    ...modelsOptionsZh,
    ...calibrateOptionsZh,
    ...serveOptionsZh,
    ...reportOptionsZh,
    ...workerOptionsZh,
  },
  chatExamples: `示例：
  viscpm chat cat.png
  viscpm chat cat.png 这是什么？
  viscpm chat cat.png "What is it?"
  curl -s https://example.com/cat.jpg | viscpm chat - 它是什么颜色？ --json
  viscpm chat cat.png --model viscpm_chat_balance_checkpoint.pt --vocab bee.txt`,
  askExamples: `示例（需要为文本训练过的模型）：
  viscpm ask answer 长城在哪里？
  viscpm ask fill "法国的首都是<mask>。"
  viscpm ask continue 从前有座山
  viscpm ask translate "Hello, world"
  viscpm ask --data '{"input": "...", "question": "...", "<ans>": ""}'`,
  paintExamples: `示例：
  viscpm paint 一只红色的猫 -o cat.png
  viscpm paint "a red cat" -o cat.png --candidates keep
  viscpm paint 一只红色的猫 --seed 42 --steps 20 --scheduler dpm-solver++ --karras
  viscpm paint 一只红色的猫 --preset fast --candidates 1
  viscpm paint 一只蓝色的猫 --image cat.png --mask fur.png --strength 0.7 -o blue.png
  viscpm paint 一只红色的猫 --model viscpm_paint_balance_checkpoint.pt --vocab bee.txt --vae vae --memory low`,
  replayExamples: `像素相同时退出码为 0，不同时为 1。
示例：
  viscpm replay cat.png
  viscpm replay blue.png --image cat.png --mask fur.png -o again.png`,
  rankExamples: `示例：
  viscpm rank 一只红色的猫 cat-1.png cat-2.png
  viscpm rank 一只红色的猫 *.png --model chinese-clip-vit-base-patch16 --json
  viscpm rank "a red cat" *.png --rank-by self`,
  checkExamples: `示例：
  viscpm check 一只红色的猫 "a red cat" cat.png
  viscpm check --as question 这是什么？ --json
  viscpm check cat.png --image-checker stable-diffusion-safety-checker
  cat letter.txt | viscpm check -`,
  calibrateExamples: calibrateExamplesZh,
  serveExamples: serveExamplesZh,
  inspectExamples: `示例：
  viscpm inspect viscpm_chat_balance_checkpoint.pt
  viscpm inspect model/ --keys
  viscpm inspect model.safetensors --graph model.onnx`,
  quantizeExamples: `停止、被终止或磁盘已满之后：再次运行同一命令即可继续。
示例：
  viscpm quantize viscpm_chat_balance_checkpoint.pt -o chat-int4
  viscpm quantize viscpm_chat_balance_checkpoint.pt -o chat-int4 --block 32 --rounding search
  viscpm quantize viscpm_paint_balance_checkpoint.pt -o paint-int4 --keep 'llm.encoder.layers.0.*'`,
  downloadExamples: `模型存放在 Hugging Face 缓存中。HF_HOME、HF_HUB_CACHE、HF_ENDPOINT、HF_TOKEN、HTTPS_PROXY、NO_PROXY 均有效。

  viscpm download openbmb/VisCPM-Chat
  viscpm download viscpm-paint-zhplus --accept-license
  viscpm chat cat.png --model openbmb/VisCPM-Chat`,
  verifyExamples: `全部与写入时相同，退出码为 0，否则为 1。
示例：
  viscpm verify chat-int4
  viscpm verify openbmb/VisCPM-Chat
  viscpm verify chat-int4 --source viscpm_chat_balance_checkpoint.pt`,
  reportExamples: reportExamplesZh,
  workerExamples: workerExamplesZh,
  exitCodes: '退出码：0 完成，1 出错，2 命令行有误，3 被安全检查拦截，130 被 Ctrl-C 中止。',
}
