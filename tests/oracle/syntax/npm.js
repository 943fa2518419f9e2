// What the npm package `dotenv` makes of the inputs of generate.py. Argument: its folder.
const dotenv = require(require('path').resolve(process.argv[2]))
const text = (s) => Buffer.from(s, 'utf8').toString('hex')
for (const line of require('fs').readFileSync(0, 'latin1').split('\n')) {
  if (line === '') continue
  const values = dotenv.parse(Buffer.from(line, 'hex'))
  const pairs = Object.keys(values).map((key) => text(key) + '=' + text(values[key])).sort()
  console.log(['ok', ...pairs].join(' '))
}
