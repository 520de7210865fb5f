// Calls one client: reads {options, calls: [[method, ...given], ...]} from stdin, and writes what
// came of each, {value} or the client's own {error}.
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'

const makers = {
  akismet: async options => {
    const client = (await import('akismet')).default.client(options)
    const names = ['verifyKey', 'checkComment', 'submitSpam', 'submitHam']
    return Object.fromEntries(names.map(name => [name, promisify(client[name].bind(client))]))
  },
  'akismet-api': async options => new (await import('akismet-api')).default.AkismetClient(options),
  'googleapis-common': async ({ url, key }) => {
    const { Discovery } = (await import('googleapis-common')).default
    const make = await new Discovery().discoverAPI(url)
    const { comments } = make({ params: { key } })
    const read = name => async body => (await comments[name]({ requestBody: body })).data
    return { analyze: read('analyze'), suggestscore: read('suggestscore') }
  },
  'perspectiveapi-js-client': async key =>
    new (await import('@conversationai/perspectiveapi-js-client')).default.Client(key),
  'perspective-api-client': async options => new (await import('perspective-api-client')).default(options),
  openai: async options => new (await import('openai')).default(options),
  'openai-fetch': async options => new (await import('openai-fetch')).OpenAIClient(options)
}

function describe (error) {
  const { name, message, status, code, param, type, response } = error
  const kind = error.constructor.name
  return { name: kind === 'Error' ? name : kind, message, status, code, param, type, data: response?.data }
}

async function answer (client, [path, ...given]) {
  try {
    const names = path.split('.')
    const last = names.pop()
    const holder = names.reduce((found, name) => found[name], client)
    return { value: simple(await holder[last](...given)) }
  } catch (error) {
    return { error: describe(error) }
  }
}

// A whole answer of superagent's leads to sockets; its text is what a program looks at.
function simple (value) {
  return typeof value?.text === 'string' ? value.text : value
}

const { options, calls } = JSON.parse(await text(process.stdin))
let outcomes
try {
  const client = await makers[process.argv[2]](options)
  outcomes = []
  for (const one of calls) outcomes.push(await answer(client, one))
} catch (error) {
  outcomes = [{ error: describe(error) }]
}
process.stdout.write(JSON.stringify(outcomes), () => process.exit())
